"""Field values on their way in: what Jira accepts for each kind of field, and what it says otherwise."""

from datetime import date
from typing import Any, cast

from server.sandbox import adf, catalog, refusals, shapes
from server.sandbox.catalog import Field, Option
from server.sandbox.custom_values import CUSTOM_READERS
from server.sandbox.reading import Desk, Invalid, Reader, array, named, option, options
from server.sandbox.records import Json

SUMMARY_LIMIT = TEXT_LIMIT = 255
TOO_LONG = f"The entered text is too long. It exceeds the allowed limit of {TEXT_LIMIT} characters."


OFF_SCREEN = "Field '{}' cannot be set. It is not on the appropriate screen, or unknown."


def _text(_: Desk, field: Field, raw: Any) -> str | None:
    if raw is None:
        return None
    if not isinstance(raw, str):
        raise Invalid("Operation value must be a string")
    if field.id == "summary":
        _check_summary(raw)
    elif len(raw) > TEXT_LIMIT:
        raise Invalid(TOO_LONG)
    return raw or None


def _check_summary(raw: str) -> None:
    if not raw.strip():
        raise Invalid("You must specify a summary of the issue.")
    if "\n" in raw or "\r" in raw:
        raise Invalid("The summary is invalid because it contains newline characters.")
    if len(raw) > SUMMARY_LIMIT:
        raise Invalid("Summary can't exceed 255 characters.")


def check_document(raw: Any) -> Json:
    """The document itself; Invalid in Jira's words where it is none, too long, or malformed."""
    if not adf.is_document(raw):
        raise Invalid(refusals.ADF_WANTED)
    doc = adf.as_dict(raw)
    if not adf.is_valid(doc):
        raise Invalid("INVALID_INPUT")
    if adf.length(doc) > adf.LIMIT:
        raise Invalid("CONTENT_LIMIT_EXCEEDED")
    return doc


def _adf(_: Desk, __: Field, raw: Any) -> Json | None:
    return None if raw is None else check_document(raw)


def _priority(_: Desk, __: Field, raw: Any) -> str:
    return named(catalog.PRIORITIES, raw, "Priority")


def _resolution(_: Desk, __: Field, raw: Any) -> str | None:
    return None if raw is None else named(catalog.RESOLUTIONS, raw, "Resolution")


def _issuetype(_: Desk, __: Field, raw: Any) -> str:
    try:
        return named(catalog.ISSUE_TYPES, raw, "Issue Type")
    except Invalid:
        raise Invalid("Specify a valid issue type") from None


def _labels(_: Desk, __: Field, raw: Any) -> list[str]:
    labels: list[str] = []
    for item in array(raw):
        if not isinstance(item, str) or not item:
            raise Invalid("Operation value must be a string")
        if " " in item:
            raise Invalid(f"The label '{item}' contains spaces which is invalid.")
        if item not in labels:
            labels.append(item)
    return labels


def _person(desk: Desk, field: Field, raw: Any) -> str | None:
    if raw is None:
        return None
    given = adf.as_dict(raw)
    account_id = given.get("accountId", given.get("id"))
    if account_id is None and "accountId" in given:
        return None
    person = desk.site.people.get(str(account_id))
    if person is None:
        raise Invalid(f"User '{account_id}' does not exist.")
    if field.id == "assignee" and (not person.active or person.account_type == "app"):
        raise Invalid(f"User '{account_id}' cannot be assigned issues.")
    return person.account_id


def _date(_: Desk, __: Field, raw: Any) -> str | None:
    if raw is None:
        return None
    try:
        return date.fromisoformat(str(raw)).isoformat()
    except ValueError:
        raise Invalid(f"Error parsing date string: {raw}") from None


def _number(_: Desk, __: Field, raw: Any) -> float | None:
    if raw is None:
        return None
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise Invalid("Operation value must be a number")
    return float(raw)


def _url(_: Desk, __: Field, raw: Any) -> str | None:
    if raw is None:
        return None
    if not isinstance(raw, str) or "://" not in raw:
        raise Invalid("The entered URL is not valid.")
    return raw


def _parent(desk: Desk, _: Field, raw: Any) -> str | None:
    if raw is None:
        return None
    given = adf.as_dict(raw)
    wanted = given.get("key") or given.get("id")
    found = desk.site.issue_for(desk.person, str(wanted or ""))
    if found is None:
        raise Invalid("Could not find issue by id or key.")
    return found.id


def _sprint(desk: Desk, _: Field, raw: Any) -> list[str]:
    if raw is None:
        return []
    sprint = desk.site.sprints.get(str(raw))
    if sprint is None:
        raise Invalid("Number value expected as the Sprint id.")
    if sprint.state == "closed":
        raise Invalid("Issue can be assigned only active or future sprints.")
    return [sprint.id]


def _versions(desk: Desk, _: Field, raw: Any) -> list[str]:
    rows = {row.id: Option(row.id, row.name) for row in desk.site.versions_of(desk.project)}
    return [named(rows, item, "Version") for item in array(raw)]


def _components(desk: Desk, _: Field, raw: Any) -> list[str]:
    rows = {row.id: Option(row.id, row.name) for row in desk.site.components_of(desk.project)}
    return [named(rows, item, "Component") for item in array(raw)]


READERS: dict[str, Reader] = {
    "text": _text,
    "adf": _adf,
    "priority": _priority,
    "resolution": _resolution,
    "issuetype": _issuetype,
    "option": option,
    "options": options,
    "labels": _labels,
    "person": _person,
    "date": _date,
    "number": _number,
    "url": _url,
    "parent": _parent,
    "sprint": _sprint,
    "versions": _versions,
    "components": _components,
    **CUSTOM_READERS,
}
REQUIRED = {"summary": "You must specify a summary of the issue.", "priority": "Priority is required."}


def read(desk: Desk, field_id: str, raw: Any) -> Any:
    """The stored form of one value."""
    field = catalog.FIELDS.get(field_id)
    if field is None or not field.editable or field.kind not in READERS:
        raise Invalid(OFF_SCREEN.format(field_id))
    if raw is None and field_id in REQUIRED:
        raise Invalid(REQUIRED[field_id])
    return READERS[field.kind](desk, field, raw)


def _verbs(desk: Desk, field: Field, current: Any, operation: Json) -> Any:
    if len(operation) != 1:
        raise Invalid("An operation has exactly one verb.")
    ((verb, raw),) = operation.items()
    if verb == "set":
        return read(desk, field.id, raw)
    if field.kind not in shapes.LISTS or verb not in {"add", "remove"}:
        raise Invalid(f"Field with id '{field.id}' and name '{field.name}' does not support operation '{verb}'")
    items = cast(list[str], list(current or []))
    for item in read(desk, field.id, [raw]):
        if verb == "remove":
            items = [other for other in items if other != item]
        elif item not in items:
            items.append(item)
    return items


def update(desk: Desk, field_id: str, current: Any, operations: Any) -> Any:
    """The stored form after the verbs of `update`: set, add, remove."""
    field = catalog.FIELDS.get(field_id)
    if field is None or not field.editable:
        raise Invalid(OFF_SCREEN.format(field_id))
    for operation in array(operations):
        current = _verbs(desk, field, current, adf.as_dict(operation))
    return current
