"""The only HTTP to Atlassian."""

from server.client.answers import stale
from server.client.confluence import SEARCH, ConfluenceApiClient, Cursor
from server.client.connection import Connection, Pace, Pool
from server.client.jira import JiraApiClient
from server.client.limits import BACKFILL, INTERACTIVE, SYNC, Lane
from server.client.pacing import steadily

__all__ = [
    "BACKFILL",
    "INTERACTIVE",
    "SEARCH",
    "SYNC",
    "ConfluenceApiClient",
    "Connection",
    "Cursor",
    "JiraApiClient",
    "Lane",
    "Pace",
    "Pool",
    "stale",
    "steadily",
]
