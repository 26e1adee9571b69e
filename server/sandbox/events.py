"""What happens on the site, told to whoever listens: webhooks, search indexes, limits."""

from dataclasses import dataclass, field
from datetime import datetime

from server.sandbox.records import Json


@dataclass(frozen=True)
class Event:
    """`name` is as webhooks name it: jira:issue_updated, comment_created, page_updated. `subject`: the id of the issue
    or the content; `detail` holds the records that it is about (in Jira: issue, comment, history, sprint ...), as they
    still are where they have been deleted. `secondary`: the fallout of another write, or one of many."""

    name: str
    at: datetime
    actor: str
    subject: str
    detail: Json = field(default_factory=dict[str, object])
    secondary: bool = False
