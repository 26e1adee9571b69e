"""Jira's refusal of fields, with what it would have taken."""

from collections.abc import Awaitable, Callable

from server.client import JiraApiClient
from server.errors import AtlassianError, Invalid
from tools.jira_setup import SYSTEM, Screen, fields

MOST = 20  # values that a refusal lists of one field

AskScreen = Callable[[], Awaitable[Screen]]


async def with_choices(jira: JiraApiClient, error: Invalid, project_key: str, screen: AskScreen) -> Invalid:
    """`screen` is what was to be filled in; asked for only where a field is at fault."""
    try:
        hints = await _hints(jira, error, project_key, screen)
    except AtlassianError:
        return error
    return Invalid(" ".join([str(error), *hints]), error.fields)


async def _hints(jira: JiraApiClient, error: Invalid, project_key: str, screen: AskScreen) -> list[str]:
    if "project" in error.fields:
        return [f"Possible projects: {', '.join(await jira.project_keys())}."]
    choices: list[str] = []
    if "issuetype" in error.fields:
        choices.append("issue types: " + ", ".join(await jira.issue_types(project_key)))
    if "priority" in error.fields:
        choices.append("priorities: " + ", ".join(await jira.priorities()))
    hints = [f"Possible {'; '.join(choices)}."] if choices else []
    others = [name for name in error.fields if name not in ("issuetype", "priority")]
    if not others or "issuetype" in error.fields:
        return hints
    shown = await screen()
    return hints + [await _about(jira, shown, name) for name in others]


async def _about(jira: JiraApiClient, screen: Screen, field_id: str) -> str:
    field = screen.fields.get(field_id)
    if field:
        return f"{field.name} ({field_id}) takes: {field.takes(MOST)}."
    name = (
        field_id if field_id in SYSTEM else next((each.name for each in await fields(jira) if each.id == field_id), "")
    )
    if not name:
        return f"{field_id} is no field of this site."
    shown = ", ".join(each.name for each in screen.fields.values())
    return f"{name} ({field_id}) is not on this screen; it shows: {shown}."
