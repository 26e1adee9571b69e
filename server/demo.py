"""The scripted tour: an agent's conversation with our server over real stdio, on a sandbox that misbehaves on cue."""

import os
import shutil
import sys
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.types import CallToolResult, TextContent, TextResourceContents
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from server.settings import demo_environment

COMMAND = shutil.which("isthmus", path=str(Path(sys.executable).parent)) or "isthmus"
LINES = 7  # of an answer that are shown

Check = Callable[[str, dict[str, Any]], bool]


async def converse(url: str) -> bool:
    """Whether each step of the tour did what it says; what the agent sees is printed."""
    async with _agent(url) as agent, httpx2.AsyncClient(base_url=url, trust_env=False) as colleague:
        tour = Tour(agent, colleague)
        try:
            for scene in (_arrive, _triage, _report, _brief, _document, _collide, _delete, _throttle):
                await scene(tour)
            tour.say_goodbye()
        except NobodyReads:
            return False
        except WentWrong as wrong:
            tour.console.print(Text(f"\n{wrong}", style="bold red"))
            return False
        return True


class WentWrong(Exception):
    """A step of the tour did not do what it says."""


class NobodyReads(Exception):
    """Whoever watched has gone, as `head` does."""


class _Console(Console):
    def on_broken_pipe(self) -> None:
        # What is left in the stream would be written, in vain and loudly, at the end of the process.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise NobodyReads


@dataclass
class Tour:
    agent: Client
    colleague: httpx2.AsyncClient
    console: Console = field(default_factory=lambda: _Console(highlight=False))
    steps: int = 0

    async def call(
        self, purpose: str, tool: str, arguments: dict[str, Any], check: Check, *, refused: bool = False
    ) -> dict[str, Any]:
        """One call; its structured answer. `check` looks at the text and at the answer."""
        result = await self.agent.call_tool(tool, arguments)
        text, answer = _text(result), dict(result.structured_content or {})
        as_said = bool(result.is_error) == refused and check(text, answer)
        self.show(purpose, f"{tool}({_shown(arguments)})", text, as_said=as_said, refused=refused)
        return answer

    def show(self, purpose: str, what: str, text: str, *, as_said: bool, refused: bool = False) -> None:
        self.steps += 1
        mark = Text("refused, as it should be" if refused else "ok", style="green")
        if not as_said:
            mark = Text("NOT AS IT SHOULD BE", style="bold red")
        self.console.print(Text.assemble((f"\n{self.steps}. {purpose}  ", "bold"), mark))
        self._print(what, indent=3, style="cyan")
        self._print(_cut(text), indent=6, style="yellow" if refused else "")
        if not as_said:
            raise WentWrong(f"Step {self.steps} did not do what it says: {purpose}.")

    def _print(self, text: str, *, indent: int, style: str) -> None:
        self.console.print(Padding(Text(text, style=style), (0, 0, 0, indent), expand=False))

    def note(self, text: str) -> None:
        self.console.print(Text(f"\n   {text}", style="magenta"))

    def say_goodbye(self) -> None:
        self.console.print(
            Text.assemble(
                (f"\n{self.steps} steps, each as it should be.", "bold green"),
                " Next: put it in your agent's mcp.json (see mcp.json.example), or try: .venv/bin/isthmus serve --demo",
            )
        )


async def _arrive(tour: Tour) -> None:
    tools = (await tour.agent.list_tools()).tools
    size = len("".join(tool.model_dump_json(exclude_none=True) for tool in tools))
    tour.console.print(Text("An agent at work in Jira and Confluence", style="bold"))
    tour.console.print(
        f"{len(tools)} tools, about {size // 4} tokens; further toolsets are a setting away. "
        "The site is a sandbox in this process's memory."
    )


async def _triage(tour: Tour) -> None:
    found = await tour.call(
        "Find the open bugs",
        "jira_search",
        {"jql": "project = DEMO AND issuetype = Bug AND statusCategory != Done ORDER BY created", "limit": 5},
        lambda text, answer: "DEMO-" in text and bool(answer["issues"]),
    )
    key = found["issues"][0]["key"]
    await tour.call(
        "Read the first one",
        "jira_get_issue",
        {"issue_key": key, "comment_limit": 2},
        lambda text, _: text.startswith(f"# {key}: "),
    )


async def _report(tour: Tour) -> None:
    created = await tour.call(
        "Report another",
        "jira_create_issue",
        {
            "project_key": "DEMO",
            "issue_type": "Bug",
            "summary": "Export to CSV drops the last row",
            "description": "Steps:\n\n1. Open **Reports**\n2. Choose `Export`\n\nThe last row is missing.",
            "priority": "High",
            "labels": ["export"],
            "assignee": "me",
        },
        lambda text, answer: answer["key"] in text,
    )
    key = created["key"]
    await tour.call(
        "Comment on it",
        "jira_add_comment",
        {"issue_key": key, "body": "I can reproduce this with *two* rows."},
        lambda text, _: key in text,
    )
    await tour.call(
        "Start work on it, naming the status",
        "jira_transition_issue",
        {"issue_key": key, "transition_id": "In Progress"},
        lambda _, answer: answer["status"] == "In Progress",
    )
    await tour.call(
        "Ask for a status that its workflow does not have",
        "jira_transition_issue",
        {"issue_key": key, "transition_id": "Shipped"},
        lambda text, _: "Possible: " in text,
        refused=True,
    )


async def _brief(tour: Tour) -> None:
    """What a person may ask for by name, and what a host reads by address."""
    prompt = await tour.agent.get_prompt("sprint_review", {"board": "DEMO board"})
    told = [message.content for message in prompt.messages]
    task = next((part.text for part in told if isinstance(part, TextContent)), "")
    tour.show(
        "Ask for a sprint review by name: it comes with the sprint and its issues",
        "prompt sprint_review(board='DEMO board')",
        task,
        as_said=task.startswith("Write a review of the sprint") and len(told) > 1,
    )
    [read] = (await tour.agent.read_resource("jira://issue/DEMO-7/comments")).contents
    text = read.text if isinstance(read, TextResourceContents) else ""
    tour.show(
        "Read what people said on an issue, by its address",
        "jira://issue/DEMO-7/comments",
        text,
        as_said=" comments" in text.partition("\n")[0],
    )


async def _document(tour: Tour) -> None:
    found = await tour.call(
        "Look in both products at once",
        "search",
        {"query": "onboarding", "limit": 3},
        lambda text, answer: bool(answer["pages"]),
    )
    await tour.call(
        "Read the page",
        "confluence_get_page",
        {"page_id": found["pages"][0]["id"]},
        lambda text, answer: f"version {answer['version']}" in text,
    )


async def _collide(tour: Tour) -> None:
    page = await tour.call(
        "Write a page",
        "confluence_create_page",
        {"space_key": "ENG", "title": "CSV export", "content": "# Known limits\n\n- the last row is dropped"},
        lambda _, answer: answer["version"] == 1,
    )
    edit = {"page_id": page["id"], "title": "CSV export", "content": "# Known limits\n\n- none since today"}
    await tour.call("Update it", "confluence_update_page", edit, lambda _, answer: answer["version"] == 2)
    await _somebody_else_edits(tour, page["id"], 3, "none since today", more="<p>Ask us before you rely on it.</p>")
    tour.note("Meanwhile somebody else adds a line to the same page in the browser.")
    await tour.call(
        "Update it again, on what the agent knows: both edits are kept",
        "confluence_update_page",
        {**edit, "content": "# Known limits\n\n- none since Monday"},
        lambda text, answer: answer["version"] == 4 and "Merged with what changed since version 2" in text,
    )
    await _somebody_else_edits(tour, page["id"], 5, "some, on Sundays")
    tour.note("Somebody else changes the very words that the agent is about to change.")
    await tour.call(
        "Update it once more: nothing is overwritten",
        "confluence_update_page",
        {**edit, "content": "# Known limits\n\n- none at all"},
        lambda text, _: "Both edits changed the same words" in text and "on Sundays" in text,
        refused=True,
    )


async def _delete(tour: Tour) -> None:
    delete = {"issue_key": "DEMO-11"}
    await tour.call(
        "Delete an issue: nothing goes before the person agreed",
        "jira_delete_issue",
        delete,
        lambda text, _: "Delete DEMO-11" in text and "confirm=true" in text,
        refused=True,
    )
    tour.note("The agent asks its person, who says yes.")
    confirmed = {**delete, "confirm": True}
    await tour.call("Delete it", "jira_delete_issue", confirmed, lambda text, _: text == "Deleted DEMO-11")


async def _throttle(tour: Tour) -> None:
    fault = {"method": "GET", "path": "/rest/api/3/issue/DEMO-1", "status": 429, "headers": {"Retry-After": "1"}}
    await tour.colleague.post("/__sandbox__/faults", json=fault)
    tour.note("Atlassian answers the next request with 429: slow down for a second.")
    await tour.call(
        "Read on: the server waits and asks again",
        "jira_get_issue",
        {"issue_key": "DEMO-1", "fields": "summary,status"},
        lambda text, _: text.startswith("# DEMO-1: "),
    )
    log = (await tour.colleague.get("/__sandbox__/requests")).json()
    statuses = [entry["status"] for entry in log if entry["path"] == "/rest/api/3/issue/DEMO-1"][-2:]
    tour.note(f"The site answered {statuses[0]}, then {statuses[1]}: one call, two requests, a second apart.")
    if statuses != [429, 200]:
        raise WentWrong(f"Step {tour.steps}: the sandbox answered {statuses}, not [429, 200].")


async def _somebody_else_edits(tour: Tour, page_id: str, version: int, words: str, *, more: str = "") -> None:
    body = f"<h1>Known limits</h1><ul><li><p>{words}</p></li></ul>{more}"
    edit = {
        "id": page_id,
        "status": "current",
        "title": "CSV export",
        "body": {"representation": "storage", "value": body},
        "version": {"number": version},
    }
    account = demo_environment()
    auth = (account["CONFLUENCE_USERNAME"], account["CONFLUENCE_API_TOKEN"])
    (await tour.colleague.put(f"/wiki/api/v2/pages/{page_id}", json=edit, auth=auth)).raise_for_status()


@asynccontextmanager
async def _agent(url: str) -> AsyncGenerator[Client]:
    server = StdioServerParameters(command=COMMAND, args=["stdio"], env={**os.environ, **demo_environment(url)})
    async with Client(stdio_client(server)) as agent:
        yield agent


def _text(result: CallToolResult) -> str:
    return "\n".join(part.text for part in result.content if isinstance(part, TextContent))


def _shown(arguments: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in arguments.items())


def _cut(text: str) -> str:
    lines = text.splitlines()
    more = [f"... {len(lines) - LINES} more lines"] if len(lines) > LINES else []
    return "\n".join([*lines[:LINES], *more])
