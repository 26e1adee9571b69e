"""Jira's refusal of fields, with what it would have taken."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from server.client import JiraApiClient
from server.errors import AtlassianError, Invalid
from tools.jira_setup import ALL_OPTIONS, FIND_FIELD, MOST_SHOWN, Screen, fields

_ALSO = {"parentId": "parent"}  # as Jira calls it where it refuses one
AskScreen = Callable[[], Awaitable[Screen]]


class Hint(NamedTuple):
    words: str
    step: str = ""


async def with_choices(jira: JiraApiClient, error: Invalid, project_key: str, screen: AskScreen) -> Invalid:
    """`screen` is what was to be filled in; asked for only where a field is at fault."""
    try:
        hints = await _hints(jira, error, project_key, screen)
    except AtlassianError:
        return error
    return error.saying(*(hint.words for hint in hints)).then(*(hint.step for hint in hints))


async def _hints(jira: JiraApiClient, error: Invalid, project_key: str, screen: AskScreen) -> list[Hint]:
    if "project" in error.fields:
        return [Hint(f"Possible projects: {', '.join(await jira.project_keys())}.")]
    choices: list[str] = []
    if "issuetype" in error.fields:
        choices.append("issue types: " + ", ".join(await jira.issue_types(project_key)))
    if "priority" in error.fields:
        choices.append("priorities: " + ", ".join(await jira.priorities()))
    hints = [Hint(f"Possible {'; '.join(choices)}.")] if choices else []
    others = [name for name in error.fields if name not in ("issuetype", "priority")]
    if not others or "issuetype" in error.fields:
        return hints
    shown = await screen()
    return hints + [await _about(jira, shown, name) for name in others]


async def _about(jira: JiraApiClient, screen: Screen, field_id: str) -> Hint:
    field_id = _ALSO.get(field_id, field_id)
    field = screen.fields.get(field_id)
    if field:
        more = ALL_OPTIONS if len(field.allowed) > MOST_SHOWN else ""
        return Hint(f"{field.name} ({field_id}) takes: {field.takes}.", more)
    name = next((each.name for each in await fields(jira) if each.id == field_id), "")
    if not name:
        return Hint(f"{field_id} is no field of this site.", FIND_FIELD)
    shown = ", ".join(each.name for each in screen.fields.values())
    return Hint(f"{name} ({field_id}) is not on this screen; it shows: {shown}.")
