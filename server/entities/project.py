"""A Jira project."""

from pydantic import AliasPath, Field

from server.entities.entity import Entity
from server.entities.issue import Text
from server.entities.jira_mirrors import PROJECT_MIRROR
from server.entities.model import Model, line


class IssueType(Model):
    id: str
    name: str
    subtask: bool = False


class Project(Model):
    key: str
    name: str
    id: str
    type: str | None = Field(None, validation_alias="projectTypeKey")
    lead: str | None = Field(None, validation_alias=AliasPath("lead", "displayName"))
    description: Text | None = None
    issue_types: list[IssueType] = Field([], validation_alias="issueTypes")

    def text(self) -> str:
        facts = line(self.type, self.lead and f"lead {self.lead}", by=" · ")
        types = ", ".join(kind.name for kind in self.issue_types)
        head = line(f"# {self.key}: {self.name}", facts, by="\n")
        return line(head, self.description, types and f"Issue types: {types}", by="\n\n")


PROJECT = Entity(
    name="project",
    product="jira",
    key="key",
    pattern="[A-Z][A-Z0-9_]*",
    model=Project,
    read_path="project/{id}",
    hint="The issues you know begin with their project's key.",
    finder="jira_get_all_projects lists the projects.",
    mirror=PROJECT_MIRROR,
)
