"""What a person may ask an agent for by name. One module is one prompt, with its row here."""

from collections.abc import Collection

from mcp.server import MCPServer

from resources.choices import Source
from resources.prompts.declare import Prompt, offered
from resources.prompts.page_from_issue import PAGE_FROM_ISSUE
from resources.prompts.sprint_review import SPRINT_REVIEW
from resources.prompts.status_report import STATUS_REPORT
from resources.prompts.triage import TRIAGE
from server.context import Deps

PROMPTS = (TRIAGE, SPRINT_REVIEW, STATUS_REPORT, PAGE_FROM_ISSUE)


def register(mcp: MCPServer[Deps], on: Collection[str]) -> None:
    for prompt in admitted(on):
        mcp.add_prompt(offered(prompt, on))


def admitted(on: Collection[str]) -> list[Prompt]:
    """The prompts whose tools are `on`."""
    return [prompt for prompt in PROMPTS if prompt.tools <= set(on)]


def sources(on: Collection[str]) -> dict[tuple[str, str], Source]:
    """Where the values of the prompts' arguments come from."""
    return {
        (prompt.name, argument.name): argument.choices
        for prompt in admitted(on)
        for argument in prompt.arguments
        if argument.choices
    }
