"""The only HTTP to Atlassian."""

from server.client.answers import absent, stale
from server.client.confluence import SEARCH, ConfluenceApiClient, Cursor
from server.client.connection import Connection
from server.client.gate import Admitted, Asked, Gate, LookUp
from server.client.jira import MOST_AT_ONCE, JiraApiClient
from server.client.limits import BACKFILL, INTERACTIVE, SYNC, TYPING, Lane
from server.client.marks import Absence, Mark
from server.client.memory import Memory
from server.client.pace import Pace
from server.client.pacing import steadily
from server.client.pool import Pool
from server.client.quoting import quote
from server.client.transfers import Buffer, Sink, Upload
from server.client.wiki_people import Group, WikiPerson
from server.client.witness import witnessed

__all__ = [
    "BACKFILL",
    "INTERACTIVE",
    "MOST_AT_ONCE",
    "SEARCH",
    "SYNC",
    "TYPING",
    "Absence",
    "Admitted",
    "Asked",
    "Buffer",
    "ConfluenceApiClient",
    "Connection",
    "Cursor",
    "Gate",
    "Group",
    "JiraApiClient",
    "Lane",
    "LookUp",
    "Mark",
    "Memory",
    "Pace",
    "Pool",
    "Sink",
    "Upload",
    "WikiPerson",
    "absent",
    "quote",
    "stale",
    "steadily",
    "witnessed",
]
