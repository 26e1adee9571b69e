"""An issue, written up as a page."""

from collections.abc import Sequence

from mcp.types import ContentBlock

from resources import choices
from resources.prompts.declare import Argument, Asked, Prompt
from server.entities import ISSUE, SPACE


async def _write(asked: Asked) -> Sequence[str | ContentBlock]:
    key, space = asked.values["issue_key"].upper(), asked.values["space_key"]
    issue, target = await asked.shown(ISSUE, key), await asked.shown(SPACE, space)
    task = asked.instructed(
        f"Write a page in the space {space} on what {key} is about, for readers who do not know the issue: what was "
        "wanted or wrong, what was decided and why, what follows. No history, no names of who said what.",
        ("jira_get_issue", "Read the issues that it links to with jira_get_issue where they matter."),
        ("confluence_search", f'Look with confluence_search (space = "{space}") for a page that already says it.'),
        ("", "Show me title and text, and wait for my word."),
        ("confluence_create_page", f"Create it with confluence_create_page, space_key={space}; link {key} in it."),
        ("confluence_update_page", "Where a page is there already, change that one with confluence_update_page."),
        ("jira_add_comment", f"Tell of the page in a comment on {key} with jira_add_comment."),
    )
    return [task, issue, target]


PAGE_FROM_ISSUE = Prompt(
    name="page_from_issue",
    title="Write an issue up as a page",
    about="Write a Confluence page on what an issue is about, for readers who do not know it",
    arguments=(
        Argument(name="issue_key", about="the issue's key, such as PROJ-123", choices=choices.ISSUES),
        Argument(name="space_key", about="the key of the space for the page, such as ENG", choices=choices.SPACES),
    ),
    tools=frozenset({"jira_get_issue", "confluence_create_page"}),
    write=_write,
)
