"""Jira's fields from a tool's arguments: by name or id, and from plain values as people write them."""

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import date
from math import isfinite
from typing import Any, cast

from server.client import JiraApiClient
from server.content import ContentError, refuse_long_description
from server.errors import Refused
from tools.jira_setup import SYSTEM, TAKES, field_named
from tools.moments import day, is_plain_day, moment
from tools.rewrites import new_document
from tools.sprints import open_sprint

CUSTOM = re.compile(r"customfield_\d+")
_ELSEWHERE = {
    "comment": "jira_add_comment",
    "worklog": "jira_add_worklog",
    "issuelinks": "jira_create_issue_link",
    "attachment": "jira_upload_attachment",
    "status": "jira_transition_issue",
}
_NOBODY = ("none", "")


async def as_jira_takes(
    jira: JiraApiClient,
    arguments: Mapping[str, Any],
    raw: Mapping[str, Any] | None,
    *,
    document: Callable[[str], Any] = new_document,
) -> dict[str, Any]:
    """The fields of one create, edit or transition by id: `arguments` that were given, and `raw` ones by name or id.

    A value that is JSON already passes as it is, the text of a document through `document`. Raises Refused where a
    field is set twice or a value is of the wrong type, Invalid where a field or a person is unknown, ContentError
    where a document is none.
    """
    kinds: dict[str, tuple[str, str, Any]] = {}  # by id: how it was named, its kind, its value
    given = {name: value for name, value in arguments.items() if value is not None}
    twice: list[str] = []
    for name, value in [*given.items(), *(raw or {}).items()]:
        field_id, kind = await _field(jira, name, value)
        if field_id in kinds:
            twice.append(name)
        if field_id in _ELSEWHERE:
            raise Refused(f"`{name}` is no field that is set here.").then(f"Use {_ELSEWHERE[field_id]}.")
        kinds[field_id] = (name, kind, value)
    if twice:
        raise Refused(f"{', '.join(twice)}: set in two places. Pass each field once.")
    return {field_id: await _value(jira, *known, document) for field_id, known in kinds.items()}


async def sets(jira: JiraApiClient, raw: Mapping[str, Any] | None, field_id: str) -> bool:
    """Whether one of these, by name or id, is that field."""
    return any([(await _field(jira, name, value))[0] == field_id for name, value in (raw or {}).items()])


async def _field(jira: JiraApiClient, name: str, value: Any) -> tuple[str, str]:
    """Its id and kind; the site's fields are asked for only where neither the name nor the value tells them."""
    if name in SYSTEM:
        return name, SYSTEM[name]
    if name in _ELSEWHERE or (CUSTOM.fullmatch(name) and _is_jiras(value)):
        return name, "any"
    field = await field_named(jira, name)
    return field.id, field.kind


def _is_jiras(value: Any) -> bool:
    """Whether a value can be meant in one way only: JSON, a number, nothing."""
    if isinstance(value, list):
        return all(isinstance(each, Mapping) for each in cast("list[Any]", value))
    return not isinstance(value, str)


async def _value(jira: JiraApiClient, name: str, kind: str, value: Any, document: Callable[[str], Any]) -> Any:
    """Raises Refused where it is of the wrong type, ContentError where a document is none."""
    one = kind.removesuffix(" list")
    read = _plainly(document) if one == "document" else _READERS.get(one)
    if read is None or value is None:
        return value
    if one == "document":
        _refuse_no_document(value)
    try:
        if one == kind:
            return await _single(jira, read, value)
        listed = cast("list[Any]", value) if isinstance(value, list) else str(value).split(",")
        return [await _single(jira, read, each.strip() if isinstance(each, str) else each) for each in listed]
    except ContentError:
        raise  # it says where the text is broken
    except (ValueError, TypeError) as error:
        wanted = TAKES[one] + ("" if one == kind else ", a list of such")
        why = f" ({error})" if type(error) is ValueError and one in ("date", "datetime") else ""
        raise Refused(
            f"Nothing was written: `{name}` takes {wanted}; got {ascii(cast('object', value))[:80]}{why}."
        ) from error


def _refuse_no_document(value: object) -> None:
    if isinstance(value, Mapping):
        refuse_long_description(cast("Mapping[str, Any]", value))


Reader = Callable[[JiraApiClient, Any], Awaitable[Any]]


async def _single(jira: JiraApiClient, read: Reader, value: Any) -> Any:
    if isinstance(value, Mapping):
        return cast("Mapping[str, Any]", value)
    if isinstance(value, list):
        raise TypeError
    return await read(jira, value)


def _plainly(make: Callable[[str], Any]) -> Reader:
    async def read(_: JiraApiClient, value: Any) -> Any:
        if isinstance(value, bool):
            raise TypeError
        return make(str(value).strip() if not isinstance(value, str) else value)

    return read


def _keyed_by(key: str) -> Reader:
    return _plainly(lambda text: {key: text.strip()})


def _number(text: str) -> float | int:
    number = float(text.strip())
    if not isfinite(number):
        raise ValueError
    return int(number) if number.is_integer() else number


def _cascade(text: str) -> dict[str, Any]:
    above, _, below = (part.strip() for part in text.partition(">"))
    return {"value": above} | ({"child": {"value": below}} if below else {})


def _estimate(text: str) -> dict[str, str]:
    estimate = " ".join(text.split())
    if not re.fullmatch(r"(\d+(\.\d+)?[wdhm] ?)+", estimate):
        raise ValueError
    return {"originalEstimate": estimate}


def _project(text: str) -> dict[str, str]:
    name = text.strip()
    return {"id": name} if name.isdigit() else {"key": name.upper()}


async def _person(jira: JiraApiClient, value: Any) -> dict[str, str] | None:
    if not isinstance(value, str):
        raise TypeError
    return None if value.strip().casefold() in _NOBODY else {"accountId": await jira.account_id(value)}


async def _day(jira: JiraApiClient, value: Any) -> str:
    text = str(value)
    if is_plain_day(text):
        return day(text, date.min).isoformat()
    return day(text, (await jira.local_now()).date()).isoformat()


async def _moment(jira: JiraApiClient, value: Any) -> str:
    return f"{moment(str(value), await jira.local_now()):%Y-%m-%dT%H:%M:%S.000%z}"


async def _sprint(jira: JiraApiClient, value: Any) -> int:
    name = str(value).strip()
    return int(name) if name.isdigit() else await open_sprint(jira, name)


_READERS: dict[str, Reader] = {
    "text": _plainly(str),
    "number": _plainly(_number),
    "date": _day,
    "datetime": _moment,
    "option": _keyed_by("value"),
    "option-with-child": _plainly(_cascade),
    "user": _person,
    "group": _keyed_by("name"),
    "project": _plainly(_project),
    "version": _keyed_by("name"),
    "component": _keyed_by("name"),
    "priority": _keyed_by("name"),
    "resolution": _keyed_by("name"),
    "issuetype": _keyed_by("name"),
    "securitylevel": _keyed_by("name"),
    "issuelink": _plainly(lambda text: {"key": text.strip().upper()}),
    "timetracking": _plainly(_estimate),
    "sprint": _sprint,
}
