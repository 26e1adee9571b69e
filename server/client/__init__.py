"""The only HTTP to Atlassian."""

from server.client.answers import stale
from server.client.confluence import SEARCH, ConfluenceApiClient, Cursor
from server.client.connection import Connection
from server.client.jira import JiraApiClient
from server.client.limits import BACKFILL, INTERACTIVE, SYNC, Lane
from server.client.marks import Absence, Mark
from server.client.pace import Pace
from server.client.pacing import steadily
from server.client.pool import Pool
from server.client.wiki_people import Group, WikiPerson

__all__ = [
    "BACKFILL",
    "INTERACTIVE",
    "SEARCH",
    "SYNC",
    "Absence",
    "ConfluenceApiClient",
    "Connection",
    "Cursor",
    "Group",
    "JiraApiClient",
    "Lane",
    "Mark",
    "Pace",
    "Pool",
    "WikiPerson",
    "stale",
    "steadily",
]
