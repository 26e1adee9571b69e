"""The only HTTP to Atlassian."""

from server.client.answers import absent, stale
from server.client.confluence import SEARCH, ConfluenceApiClient, Cursor
from server.client.connection import Connection
from server.client.gate import Admitted, Asked, Gate, LookUp
from server.client.jira import JiraApiClient
from server.client.limits import BACKFILL, INTERACTIVE, SYNC, Lane
from server.client.marks import Absence, Mark
from server.client.memory import Memory
from server.client.pace import Pace
from server.client.pacing import steadily
from server.client.pool import Pool

__all__ = [
    "BACKFILL",
    "INTERACTIVE",
    "SEARCH",
    "SYNC",
    "Absence",
    "Admitted",
    "Asked",
    "ConfluenceApiClient",
    "Connection",
    "Cursor",
    "Gate",
    "JiraApiClient",
    "Lane",
    "LookUp",
    "Mark",
    "Memory",
    "Pace",
    "Pool",
    "absent",
    "stale",
    "steadily",
]
