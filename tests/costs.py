"""What each tool costs: a row each, with arguments to call it with, the requests it may send, the size of its text."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import httpx2
from mcp import Client
from mcp.server import MCPServer

import tools
from server.context import Deps
from tests.benchmarks.tokens import tokens
from tests.world import World, told

A_READ, A_WRITE = 1, 2  # requests
A_LINE = 150  # tokens: what a write answers
MOST_LISTED, LEAST_LISTED = 4_500, 35  # tokens and number of the default tools: names, descriptions, input schemas

Arguments = Mapping[str, Any]
Make = Callable[[httpx2.AsyncClient], Awaitable[Arguments]]


async def _nothing(_: httpx2.AsyncClient) -> Arguments:
    return {}


@dataclass(frozen=True, kw_only=True)
class Sample:
    """`make` does at the site what must be there, and returns further arguments; `first` are calls made before, which
    are not counted: what the agent must have read, or what fills a cache. `requests`, `most_tokens`: where a tool may
    take other than a read's or a write's."""

    tool: str
    arguments: Arguments = field(default_factory=dict[str, Any])
    make: Make = _nothing
    first: Sequence[tuple[str, Arguments]] = ()
    requests: int | None = None
    most_tokens: int | None = None

    @property
    def most_requests(self) -> int:
        return self.requests or (A_WRITE if self._writes else A_READ)

    @property
    def text_budget(self) -> int | None:
        return self.most_tokens or (A_LINE if self._writes else None)

    @property
    def _writes(self) -> bool:
        return next(tool.changes for tool in tools.all_tools() if tool.name == self.tool)


class Cost(NamedTuple):
    requests: int
    tokens: int


async def cost(sample: Sample, world: World, server: MCPServer[Deps]) -> Cost:
    """On a server with all tools."""
    async with world.http() as http:
        made = await sample.make(http)
    async with Client(server) as agent:
        for tool, arguments in sample.first:
            await told(agent, tool, arguments)
        before = len(await world.requests())
        text = await told(agent, sample.tool, {**sample.arguments, **made})
        return Cost(len(await world.requests()) - before, tokens(text))


ISSUE, PAGE = "DEMO-11", "131074"
NEW_ISSUE = {"project_key": "DEMO", "issue_type": "Task", "summary": "Made here", "assignee": "sam.carter@example.com"}

LINK = {"link_type": "Blocks", "inward_issue_key": ISSUE, "outward_issue_key": "DEMO-12"}
UPLOAD = {"filename": "notes.txt", "content_base64": "bm90ZXM="}


async def _file_of_issue(http: httpx2.AsyncClient) -> Arguments:
    await _uploaded(http, f"/rest/api/3/issue/{ISSUE}/attachments")
    return {}


async def _file_of_page(http: httpx2.AsyncClient) -> Arguments:
    answer = await _uploaded(http, f"/wiki/rest/api/content/{PAGE}/child/attachment")
    return {"attachment_id": answer["results"][0]["id"]}


async def _link(http: httpx2.AsyncClient) -> Arguments:
    body = {"type": {"name": "Blocks"}, "inwardIssue": {"key": ISSUE}, "outwardIssue": {"key": "DEMO-12"}}
    (await http.post("/rest/api/3/issueLink", json=body)).raise_for_status()
    fields = (await http.get(f"/rest/api/3/issue/{ISSUE}", params={"fields": "issuelinks"})).json()["fields"]
    return {"link_id": fields["issuelinks"][-1]["id"]}


async def _uploaded(http: httpx2.AsyncClient, path: str) -> Any:
    files, headers = {"file": ("notes.txt", b"notes", "text/plain")}, {"X-Atlassian-Token": "no-check"}
    response = await http.post(path, files=files, headers=headers)
    response.raise_for_status()
    return response.json()


SAMPLES = (
    # One for each product; a word that is a key is looked for twice in Jira.
    Sample(tool="search", arguments={"query": "checkout"}, requests=2),
    Sample(tool="jira_search", arguments={"jql": "project in (DEMO, HELP)", "limit": 50}, most_tokens=2_000),
    Sample(tool="jira_get_issue", arguments={"issue_key": "DEMO-7"}, most_tokens=1_100),
    Sample(tool="jira_create_issue", arguments=NEW_ISSUE),
    Sample(tool="jira_update_issue", arguments={"issue_key": ISSUE, "description": "As it is now.", "priority": "Low"}),
    Sample(tool="jira_delete_issue", arguments={"issue_key": ISSUE, "confirm": True}),
    Sample(tool="jira_add_comment", arguments={"issue_key": ISSUE, "body": "It is so."}),
    Sample(tool="jira_get_transitions", arguments={"issue_key": ISSUE}),
    Sample(tool="jira_transition_issue", arguments={"issue_key": ISSUE, "transition_id": "In Progress"}),
    Sample(tool="jira_get_worklog", arguments={"issue_key": ISSUE}),
    Sample(tool="jira_add_worklog", arguments={"issue_key": ISSUE, "time_spent": "2h 30m", "comment": "Looked."}),
    Sample(tool="jira_get_link_types"),
    Sample(tool="jira_create_issue_link", arguments=LINK, first=[("jira_get_link_types", {})]),
    Sample(tool="jira_remove_issue_link", arguments={"confirm": True}, make=_link),
    Sample(tool="jira_get_agile_boards"),
    Sample(tool="jira_get_board_issues", arguments={"board_id": "1"}, most_tokens=2_000),
    Sample(tool="jira_get_sprints_from_board", arguments={"board_id": "1"}),
    Sample(tool="jira_get_sprint_issues", arguments={"sprint_id": "2"}),
    Sample(tool="jira_create_sprint", arguments={"board_id": "1", "name": "Sprint 14"}),
    Sample(tool="jira_update_sprint", arguments={"sprint_id": "3", "goal": "Carts stay."}),
    Sample(tool="jira_add_issues_to_sprint", arguments={"sprint_id": "2", "issue_keys": ISSUE, "confirm": True}),
    Sample(tool="jira_move_issues_to_backlog", arguments={"issue_keys": "DEMO-7", "confirm": True}),
    # Which files there are, then each.
    Sample(
        tool="jira_download_attachments",
        arguments={"issue_key": ISSUE},
        make=_file_of_issue,
        requests=2,
    ),
    Sample(tool="jira_upload_attachment", arguments={"issue_key": ISSUE, **UPLOAD}),
    Sample(tool="confluence_search", arguments={"query": "onboarding"}),
    Sample(tool="confluence_get_page", arguments={"page_id": PAGE}),
    Sample(
        tool="confluence_create_page",
        arguments={"space_key": "ENG", "title": "Costs", "content": "None."},
    ),
    Sample(
        tool="confluence_update_page",
        arguments={"page_id": PAGE, "title": "Onboarding", "content": "Changed.", "allow_loss": True},
        first=[("confluence_get_page", {"page_id": PAGE})],
    ),
    Sample(tool="confluence_list_spaces"),
    Sample(tool="confluence_get_attachments", arguments={"content_id": PAGE}),
    # What it is, then where it is, then its bytes.
    Sample(tool="confluence_download_attachment", make=_file_of_page, requests=3),
    Sample(tool="confluence_upload_attachment", arguments={"content_id": PAGE, **UPLOAD}),
)
