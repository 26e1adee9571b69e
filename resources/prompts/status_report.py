"""What has happened in a project."""

import re
from collections.abc import Sequence
from datetime import date

from mcp.types import ContentBlock

from resources import choices
from resources.prompts import declare
from resources.prompts.declare import Argument, Asked, Prompt
from server.client import quote
from server.entities import PROJECT
from server.errors import Invalid

_AGO = re.compile(r"[1-9][0-9]{0,3}[dwhm]")


def _since(said: str) -> str:
    """As JQL has it: "7d" ago, or a day."""
    if _AGO.fullmatch(said):
        return f"-{said}"
    try:
        return f'"{date.fromisoformat(said):%Y-%m-%d}"'
    except ValueError:
        raise Invalid(f"since={said!a} is no time. Say 7d, 2w or a day such as 2026-05-31.") from None


async def _write(asked: Asked) -> Sequence[str | ContentBlock]:
    key, since = asked.values["project"].upper(), _since(asked.values["since"])
    whose = asked.values["assignee"]
    who = f", on the work of {whose}" if whose else ""
    scope = f"project = {quote(key)}"
    if whose:
        scope += f" AND assignee = {quote(await asked.jira.account_id(whose))}"
    project = await asked.shown(PROJECT, key)
    task = asked.instructed(
        f"Write a status report of {key}{who} for somebody who has one minute: "
        "three sentences in sum, then what is done, what goes on, what is at risk, what needs a decision.",
        (
            "jira_get_issue",
            "Read with jira_get_issue what the tables leave unclear, first what is late.",
        ),
        ("", "Give numbers and issue keys; leave out what did not move."),
        ("", "Show me the report, and wait for my word before you publish anything."),
        declare.PUBLISH,
    )
    moved = f"{scope} AND updated >= {since}"
    columns = ("status", "priority", "assignee", "duedate", "summary")
    return [
        task,
        project,
        await asked.issues("Done", f"{scope} AND resolved >= {since} ORDER BY resolved DESC", "assignee", "summary"),
        await asked.issues("Moved", f"{moved} AND statusCategory != Done ORDER BY priority DESC", *columns),
        await asked.issues("Late", f"{scope} AND due < now() AND statusCategory != Done ORDER BY due", *columns),
    ]


STATUS_REPORT = Prompt(
    name="status_report",
    title="Report on a project",
    about="What has happened in a project: done, going on, at risk, to be decided",
    arguments=(
        declare.PROJECT,
        Argument(name="since", about="how long back: 7d, 2w, or a day such as 2026-05-31", default="7d"),
        Argument(name="assignee", about="only what this person does", default="", choices=choices.USERS),
    ),
    tools=frozenset({"jira_search"}),
    write=_write,
)
