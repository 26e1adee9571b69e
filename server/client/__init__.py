"""The only HTTP to Atlassian."""

from server.client.answers import stale
from server.client.confluence import SEARCH, ConfluenceApiClient, Cursor
from server.client.connection import Connection, Pace, Pool
from server.client.jira import JiraApiClient
from server.client.pacing import steadily

__all__ = [
    "SEARCH",
    "ConfluenceApiClient",
    "Connection",
    "Cursor",
    "JiraApiClient",
    "Pace",
    "Pool",
    "stale",
    "steadily",
]
