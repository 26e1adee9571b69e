"""What is below a Jira issue: its comments, its worklogs, its files."""

from datetime import datetime

from pydantic import Field

from server.entities.attachment import Attachment
from server.entities.entity import Content, Entity
from server.entities.issue import ISSUE, Comment, Text
from server.entities.jira_mirrors import COMMENT_MIRROR, ISSUE_ATTACHMENT_MIRROR, WORKLOG_MIRROR
from server.entities.listing import Listing
from server.entities.model import Model, line, minute

NUMBER = "[0-9]+"


class Worklog(Model):
    id: str
    author: Text = "unknown"
    started: datetime
    spent: str = Field(validation_alias="timeSpent")
    comment: Text = ""

    def text(self) -> str:
        return line(
            f"**{self.author}**, {minute(self.started)}: {self.spent} (worklog {self.id})", self.comment, by="\n"
        )


COMMENT = Entity(
    name="comment",
    product="jira",
    parent=ISSUE,
    key="id",
    pattern=NUMBER,
    model=Comment,
    read_path="issue/{parent}/comment/{id}",
    finder="jira_get_issue shows the comments of an issue.",
    listing=Listing(name="comments", path="issue/{parent}/comment", held=("comments",), query={"orderBy": "-created"}),
    mirror=COMMENT_MIRROR,
)

WORKLOG = Entity(
    name="worklog",
    product="jira",
    parent=ISSUE,
    key="id",
    pattern=NUMBER,
    model=Worklog,
    read_path="issue/{parent}/worklog/{id}",
    finder="jira_get_worklog lists the worklogs of an issue.",
    listing=Listing(name="worklogs", path="issue/{parent}/worklog", held=("worklogs",)),
    mirror=WORKLOG_MIRROR,
)

ISSUE_ATTACHMENT = Entity(
    name="attachment",
    product="jira",
    parent=ISSUE,
    key="id",
    pattern=NUMBER,
    model=Attachment,
    read_path="issue/{parent}",
    read_query={"fields": "attachment"},
    from_list=True,  # read alone, a file does not tell its issue
    finder="jira_get_issue shows the files of an issue with fields=attachment.",
    listing=Listing(
        name="attachments",
        path="issue/{parent}",
        held=("fields", "attachment"),
        query={"fields": "attachment"},
        whole=True,
    ),
    content=Content(path="attachment/content/{id}", query={"redirect": "false"}),
    mirror=ISSUE_ATTACHMENT_MIRROR,
)
