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
from tests.world import World, text, told

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
        arguments = {**sample.arguments, **made}
        if arguments.get("confirm"):  # what it would have been told to ask the person
            await agent.call_tool(sample.tool, {**arguments, "confirm": False})
        before = len(await world.requests())
        result = await agent.call_tool(sample.tool, arguments)
        assert not result.is_error, text(result)
        return Cost(len(await world.requests()) - before, tokens(text(result)))


ISSUE, PAGE = "DEMO-11", "131074"
NEW_ISSUE = {"project_key": "DEMO", "issue_type": "Task", "summary": "Made here", "assignee": "sam.carter@example.com"}

MANY = [{"project_key": "DEMO", "issue_type": "Task", "summary": f"Made with others {number}"} for number in range(500)]
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


async def _comment_of_issue(http: httpx2.AsyncClient) -> Arguments:
    words = {"type": "paragraph", "content": [{"type": "text", "text": "As it was."}]}
    body = {"body": {"type": "doc", "version": 1, "content": [words]}}
    answer = await http.post(f"/rest/api/3/issue/{ISSUE}/comment", json=body)
    return {"comment_id": answer.raise_for_status().json()["id"]}


async def _comment_of_page(http: httpx2.AsyncClient) -> Arguments:
    body = {"pageId": PAGE, "body": {"representation": "storage", "value": "<p>Is it so?</p>"}}
    answer = await http.post("/wiki/api/v2/footer-comments", json=body)
    return {"comment_id": answer.raise_for_status().json()["id"]}


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
    Sample(tool="jira_get_project_issues", arguments={"project_key": "DEMO", "limit": 50}, most_tokens=2_000),
    # 50 in a request.
    Sample(tool="jira_batch_create_issues", arguments={"issues": MANY, "confirm": True}, requests=10),
    # Atlassian's lists of changes name issues by id: which they are, then their changes.
    Sample(tool="jira_batch_get_changelogs", arguments={"issue_ids_or_keys": "DEMO-7,DEMO-8"}, requests=2),
    Sample(tool="jira_batch_get_changelogs", arguments={"issue_ids_or_keys": "DEMO-7"}),
    Sample(tool="jira_assign_issue", arguments={"issue_key": ISSUE, "assignee": "sam.carter@example.com"}),
    # A task of Jira's own, which names the type there: what the issue is, the task, whether it is done (which takes no
    # less than a look at it), and the new key, which Jira tells of the issue alone.
    Sample(
        tool="jira_move_issue",
        arguments={"issue_key": ISSUE, "target_project_key": "HELP", "confirm": True},
        first=[("jira_get_field_options", {"field_id": "priority", "project_key": "HELP"})],
        requests=7,
    ),
    # Where the issue is by now says who may read it.
    Sample(
        tool="jira_edit_comment",
        arguments={"issue_key": ISSUE, "body": "As it is."},
        make=_comment_of_issue,
        first=[("jira_add_comment", {"issue_key": ISSUE, "body": "As it was.", "public": True})],
        requests=3,
    ),
    Sample(tool="jira_search_fields", arguments={"keyword": "points"}),
    Sample(
        tool="jira_get_field_options",
        arguments={"field_id": "priority", "project_key": "DEMO", "issue_type": "Task"},
        first=[("jira_get_create_fields", {"project_key": "DEMO", "issue_type_id": "Task"})],
    ),
    Sample(tool="jira_get_all_projects", most_tokens=1_500),
    Sample(tool="jira_get_project_issue_types", arguments={"project_key": "DEMO"}),
    # By its name a type is looked up first.
    Sample(tool="jira_get_create_fields", arguments={"project_key": "DEMO", "issue_type_id": "Task"}, requests=2),
    Sample(tool="jira_get_project_versions", arguments={"project_key": "DEMO"}),
    Sample(tool="jira_get_project_components", arguments={"project_key": "DEMO"}),
    Sample(tool="jira_search_assignable_users", arguments={"query": "", "project_key": "DEMO"}),
    Sample(tool="jira_get_user_profile", arguments={"user_identifier": "me"}),
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
    Sample(tool="confluence_get_page_children", arguments={"parent_id": PAGE}),
    # By its key a space is looked up first, once.
    Sample(tool="confluence_get_space_page_tree", arguments={"space_key": "ENG"}, requests=2),
    # Before what the person agreed to is done, whether it is still that.
    Sample(tool="confluence_delete_page", arguments={"page_id": PAGE, "confirm": True}, requests=3),
    Sample(
        tool="confluence_move_page",
        arguments={"page_id": PAGE, "target_parent_id": "131073", "confirm": True},
        requests=3,
    ),
    Sample(
        tool="confluence_copy_page",
        arguments={"source_page_id": PAGE, "destination_space_key": "ENG", "new_title": "Another"},
    ),
    # Comments, the replies to each (there are two), and who wrote them. Confluence tells of no comment whether it has
    # replies, and has no list of a page's comments with them: the old one that had is gone, a search for them is late.
    Sample(tool="confluence_get_comments", arguments={"page_id": PAGE}, requests=4),
    Sample(tool="confluence_get_inline_comments", arguments={"page_id": PAGE}, requests=3),
    Sample(tool="confluence_add_comment", arguments={"page_id": PAGE, "body": "It is so."}),
    Sample(tool="confluence_reply_to_comment", arguments={"body": "It is."}, make=_comment_of_page),
    Sample(
        tool="confluence_add_inline_comment",
        arguments={"page_id": PAGE, "body": "Is it?", "text_selection": "your first week"},
    ),
    Sample(tool="confluence_get_labels", arguments={"page_id": PAGE}),
    Sample(tool="confluence_add_label", arguments={"page_id": PAGE, "name": "costs"}),
    Sample(tool="confluence_search_user", arguments={"query": "Sam"}),
    Sample(
        tool="confluence_update_page_section",
        arguments={"page_id": PAGE, "heading_text": "The first build", "new_content": "Ask somebody."},
    ),
    Sample(tool="confluence_edit_page", arguments={"page_id": PAGE, "action": "append", "content": "The end."}),
    Sample(tool="jira_edit_description", arguments={"issue_key": ISSUE, "action": "append", "content": "Seen again."}),
    Sample(tool="confluence_get_page_restrictions", arguments={"page_id": PAGE}),
    # Who one is oneself is asked for once; who may see the page by now, before the person is asked.
    Sample(
        tool="confluence_set_page_restrictions",
        arguments={"page_id": PAGE, "edit_users": "me", "confirm": True},
        requests=3,
        first=[("confluence_set_page_restrictions", {"page_id": PAGE, "read_users": "me", "confirm": True})],
    ),
    # The versions, then the names of their authors.
    Sample(tool="confluence_get_page_history", arguments={"page_id": PAGE}, requests=2),
    # Each of the two versions.
    Sample(
        tool="confluence_get_page_diff",
        arguments={"page_id": PAGE, "from_version": 1, "to_version": 2},
        requests=2,
    ),
    Sample(tool="confluence_list_spaces"),
    Sample(tool="confluence_get_attachments", arguments={"content_id": PAGE}),
    # What it is, then where it is, then its bytes.
    Sample(tool="confluence_download_attachment", make=_file_of_page, requests=3),
    Sample(tool="confluence_upload_attachment", arguments={"content_id": PAGE, **UPLOAD}),
)
