"""Values of custom fields on their way in: moments, people, groups, versions, projects."""

import re
from datetime import UTC, datetime
from typing import Any, cast

from server.sandbox import adf, groups
from server.sandbox.catalog import Field, Option
from server.sandbox.reading import NO_OBJECT, Desk, Invalid, Reader, array, cascade, named

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,3}[+-]\d{4}", re.ASCII)
MOMENT_FORMAT = "%Y-%m-%dT%H:%M:%S.%f%z"


def _moment(_: Desk, __: Field, raw: Any) -> datetime | None:
    if raw is None:
        return None
    if not isinstance(raw, str):
        raise Invalid("Operation value must be a string")
    try:
        if MOMENT.fullmatch(raw):
            return datetime.strptime(raw, MOMENT_FORMAT).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Invalid(f"Error parsing time: {raw}")


def _object(raw: Any) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise Invalid(NO_OBJECT)
    return adf.as_dict(cast(object, raw))


def _people(desk: Desk, _: Field, raw: Any) -> list[str]:
    found: list[str] = []
    for item in array(raw):
        given = _object(item)
        wanted = str(given.get("accountId", given.get("id")))
        if wanted not in desk.site.people:
            raise Invalid(f"User '{wanted}' does not exist.")
        found.append(wanted)
    return list(dict.fromkeys(found))


def _group(desk: Desk, _: Field, raw: Any) -> str | None:
    if raw is None:
        return None
    given = _object(raw)
    wanted = str(given.get("name", given.get("groupId")))
    name = wanted if "name" in given else groups.found(desk.site, wanted)
    if name is None or name not in groups.names(desk.site):
        raise Invalid(f"Could not find groupnames: {wanted}")
    return name


def _groups(desk: Desk, field: Field, raw: Any) -> list[str]:
    found = [name for item in array(raw) if (name := _group(desk, field, item))]
    return list(dict.fromkeys(found))


def _version(desk: Desk, _: Field, raw: Any) -> str | None:
    rows = {row.id: Option(row.id, row.name) for row in desk.site.versions_of(desk.project)}
    return None if raw is None else named(rows, raw, "Version")


def _project(desk: Desk, _: Field, raw: Any) -> str | None:
    if raw is None:
        return None
    given = _object(raw)
    wanted = str(given.get("id") or given.get("key") or "")
    found = desk.site.project_for(desk.person, wanted)
    if found is None:
        raise Invalid("Specify a valid project ID or key")
    return found.id


CUSTOM_READERS: dict[str, Reader] = {
    "datetime": _moment,
    "cascade": cascade,
    "people": _people,
    "group": _group,
    "groups": _groups,
    "version": _version,
    "projectpicker": _project,
}
