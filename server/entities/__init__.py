"""What Isthmus knows of Atlassian's things: one declaration per type. To add one, add its module and its row here."""

from typing import Any

from server.entities.agile import AGILE, BOARD, SPRINT, Board, Sprint
from server.entities.attachment import Attachment, sized
from server.entities.entity import CURSOR, Entity
from server.entities.finding import Finders
from server.entities.issue import ISSUE, SHOWN, Comment, Issue, absent, plain
from server.entities.issue_parts import COMMENT, ISSUE_ATTACHMENT, WORKLOG, Worklog
from server.entities.listing import Listing, Many, heading, next_cursor
from server.entities.model import Model, Person, line, minute
from server.entities.page import PAGE, Page, StoredPage
from server.entities.page_parts import INLINE_COMMENT, PAGE_ATTACHMENT, PAGE_COMMENT, PageComment
from server.entities.project import PROJECT, Project
from server.entities.space import SPACE, Space

ENTITIES: tuple[Entity[Any], ...] = (
    ISSUE,
    COMMENT,
    WORKLOG,
    ISSUE_ATTACHMENT,
    PROJECT,
    BOARD,
    SPRINT,
    PAGE,
    PAGE_COMMENT,
    INLINE_COMMENT,
    PAGE_ATTACHMENT,
    SPACE,
)
FINDERS = Finders(ENTITIES)

MIRRORED: dict[str, Entity[Any]] = {entity.full_name: entity for entity in ENTITIES if entity.mirror}
"""What is kept here too, by its full name."""

__all__ = [
    "AGILE",
    "BOARD",
    "COMMENT",
    "CURSOR",
    "ENTITIES",
    "FINDERS",
    "INLINE_COMMENT",
    "ISSUE",
    "ISSUE_ATTACHMENT",
    "MIRRORED",
    "PAGE",
    "PAGE_ATTACHMENT",
    "PAGE_COMMENT",
    "PROJECT",
    "SHOWN",
    "SPACE",
    "SPRINT",
    "WORKLOG",
    "Attachment",
    "Board",
    "Comment",
    "Entity",
    "Issue",
    "Listing",
    "Many",
    "Model",
    "Page",
    "PageComment",
    "Person",
    "Project",
    "Space",
    "Sprint",
    "StoredPage",
    "Worklog",
    "absent",
    "heading",
    "line",
    "minute",
    "next_cursor",
    "plain",
    "sized",
]
