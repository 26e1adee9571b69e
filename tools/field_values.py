"""Jira's fields from a tool's arguments, and what a rewrite of a document would lose."""

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import AliasPath, Field

from server.client import JiraApiClient
from server.content import adf_losses, markdown_to_adf
from server.entities import ISSUE, Model
from server.errors import AtlassianError, Invalid, Refused


class Described(Model):
    """An issue's description as Jira keeps it."""

    key: str
    description: dict[str, Any] | None = Field(None, validation_alias=AliasPath("fields", "description"))


EMPTY: dict[str, Any] = {"type": "doc", "version": 1, "content": []}


async def as_jira_takes(
    jira: JiraApiClient, arguments: Mapping[str, Any], raw: Mapping[str, Any] | None
) -> dict[str, Any]:
    """The fields of one create, edit or transition: `arguments` that were given, and `raw` ones by id.

    Raises Refused where both set the same field.
    """
    given = {name: value for name, value in arguments.items() if value is not None}
    twice = [name for name in given if name in (raw or {})]
    if twice:
        raise Refused(f"{', '.join(twice)}: set in two places. Pass each field once.")
    fields = {**given, **(raw or {})}
    for name, take in _TAKES.items():
        if isinstance(fields.get(name), str):
            fields[name] = take(fields[name])
    if isinstance(fields.get("assignee"), str):
        fields["assignee"] = await _assignee(jira, fields["assignee"])
    return fields


def _named(name: str) -> dict[str, str]:
    return {"name": name}


def _keyed(key: str) -> dict[str, str]:
    return {"key": key}


_TAKES: dict[str, Callable[[str], dict[str, Any]]] = {
    "description": markdown_to_adf,
    "priority": _named,
    "issuetype": _named,
    "resolution": _named,
    "parent": _keyed,
    "project": _keyed,
}


async def _assignee(jira: JiraApiClient, person: str) -> dict[str, str] | None:
    nobody = person.strip().casefold() in ("none", "")
    return None if nobody else {"accountId": await jira.account_id(person)}


async def refuse_losses(jira: JiraApiClient, issue_key: str, description: Any) -> None:
    """A description is replaced only where that loses nothing that its text could not say."""
    query = {"fields": "description"}
    current = await jira.get(Described, ISSUE.path(issue_key), query, named=ISSUE.named(issue_key))
    lost = missing(adf_losses(current.description or EMPTY), adf_losses(description or EMPTY))
    if lost:
        raise Refused(
            f"Nothing was written: the description of {issue_key} would lose what Markdown can't carry: "
            f"{'; '.join(lost)}. Leave the description and add a comment, or pass allow_loss=true to lose them."
        )


def missing(before: list[str], after: list[str]) -> list[str]:
    return [loss for loss in before if loss not in after]


async def with_choices(jira: JiraApiClient, error: Invalid, project_key: str) -> Invalid:
    """Jira's refusal, with the values that it would have taken, where they can be had."""
    choices: list[str] = []
    try:
        if "issuetype" in error.fields and "project" not in error.fields:
            choices.append("issue types: " + ", ".join(await jira.issue_types(project_key)))
        if "project" in error.fields:
            choices.append("projects: " + ", ".join(await jira.project_keys()))
        if "priority" in error.fields:
            choices.append("priorities: " + ", ".join(await jira.priorities()))
    except AtlassianError:
        return error
    hint = f" Possible {'; '.join(choices)}." if choices else ""
    return Invalid(f"{error}{hint}", error.fields)
