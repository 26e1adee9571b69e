"""Boards and their sprints."""

from datetime import datetime

from pydantic import AliasPath, Field

from server.entities.entity import Entity
from server.entities.issue_parts import NUMBER
from server.entities.model import Model, line, minute

AGILE = "/rest/agile/1.0"


class Board(Model):
    id: int
    name: str
    type: str = ""
    project: str | None = Field(None, validation_alias=AliasPath("location", "projectKey"))

    def text(self) -> str:
        return line(f"# {self.name}\nboard {self.id}", self.type, self.project and f"project {self.project}")


class Sprint(Model):
    id: int
    name: str
    state: str
    start: datetime | None = Field(None, validation_alias="startDate")
    end: datetime | None = Field(None, validation_alias="endDate")
    board_id: int | None = Field(None, validation_alias="originBoardId")
    goal: str = ""

    def text(self) -> str:
        facts = line(
            f"sprint {self.id}",
            self.state,
            f"board {self.board_id}" if self.board_id else None,
            self.start and f"from {minute(self.start)}",
            self.end and f"to {minute(self.end)}",
        )
        return line(f"# {self.name}\n{facts}", self.goal and f"Goal: {self.goal}", by="\n\n")


BOARD = Entity(
    name="board",
    product="jira",
    key="id",
    pattern=NUMBER,
    model=Board,
    read_path=f"{AGILE}/board/{{id}}",
    finder="Find its id with jira_get_agile_boards.",
)

SPRINT = Entity(
    name="sprint",
    product="jira",
    key="id",
    pattern=NUMBER,
    model=Sprint,
    read_path=f"{AGILE}/sprint/{{id}}",
    finder="Find its id with jira_get_sprints_from_board.",
)
