"""The only HTTP to Atlassian."""

from server.client.answers import stale
from server.client.confluence import SEARCH, ConfluenceApiClient, Cursor
from server.client.connection import Connection, Pace
from server.client.jira import JiraApiClient
from server.client.limits import BACKFILL, INTERACTIVE, SYNC, Lane
from server.client.pacing import steadily
from server.client.pool import Pool

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
