"""What Isthmus knows of Atlassian's things: one declaration per type. To add one, add its module and its row here."""

from typing import Any

from server.entities.issue import ISSUE, SHOWN, Comment, Issue, absent, plain
from server.entities.model import Entity, Model, Person, line, minute
from server.entities.page import PAGE, Page, StoredPage
from server.entities.project import PROJECT, Project
from server.entities.space import SPACE, Space

ENTITIES: tuple[Entity[Any], ...] = (ISSUE, PROJECT, PAGE, SPACE)

__all__ = [
    "ENTITIES",
    "ISSUE",
    "PAGE",
    "PROJECT",
    "SHOWN",
    "SPACE",
    "Comment",
    "Entity",
    "Issue",
    "Model",
    "Page",
    "Person",
    "Project",
    "Space",
    "StoredPage",
    "absent",
    "line",
    "minute",
    "plain",
]
