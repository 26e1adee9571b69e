"""Stored values as the changelog writes them: (id, text)."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, cast

from server.sandbox import adf, catalog
from server.sandbox.catalog import Field, Option
from server.sandbox.site import Site

Written = tuple[str | None, str | None]
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _day(when: date) -> str:
    return f"{when.day}/{MONTHS[when.month - 1]}/{when.year % 100:02}"


def _date(_: Site, field: Field, value: str) -> Written:
    return (value, _day(date.fromisoformat(value))) if field.custom else (None, value)


def _moment(_: Site, __: Field, value: datetime) -> Written:
    local = value.astimezone(UTC)
    clock = f"{local.hour % 12 or 12}:{local.minute:02} {'AM' if local.hour < 12 else 'PM'}"
    return local.strftime("%Y-%m-%dT%H:%M:%S%z"), f"{_day(local)} {clock}"


def _number(_: Site, __: Field, value: float) -> Written:
    return None, str(int(value)) if value.is_integer() else str(value)


def _from(rows: Mapping[str, Option]) -> Callable[[Site, Field, str], Written]:
    return lambda _, __, value: (value, rows[value].name)


def _option(_: Site, field: Field, value: str) -> Written:
    return value, field.option(value).name


def _options(_: Site, field: Field, value: list[str]) -> Written:
    return f"[{', '.join(value)}]", ",".join(field.option(item).name for item in value)


def _cascade(_: Site, field: Field, value: list[str]) -> Written:
    labels = ("Parent values", "Level 1 values")
    chosen = [f"{label}: {field.option(each).name}({each})" for label, each in zip(labels, value, strict=False)]
    return None, "".join(chosen)


def _people(site: Site, _: Field, value: list[str]) -> Written:
    return f"[{', '.join(value)}]", f"[{', '.join(site.person(each).name for each in value)}]"


def _groups(_: Site, __: Field, value: list[str]) -> Written:
    return None, f"[{', '.join(value)}]"


def _versions(site: Site, _: Field, value: list[str]) -> Written:
    return ", ".join(value), ", ".join(site.versions[each].name for each in value)


def _components(site: Site, _: Field, value: list[str]) -> Written:
    return ", ".join(value), ", ".join(site.components[each].name for each in value)


def _project(site: Site, _: Field, value: str) -> Written:
    found = site.projects.get(value)
    return value, found.name if found else None


def _plain(_: Site, __: Field, value: Any) -> Written:
    items = cast(list[object], value if isinstance(value, list) else [value])
    return None, " ".join(str(item) for item in items)


WRITTEN: dict[str, Callable[[Site, Field, Any], Written]] = {
    "priority": _from(catalog.PRIORITIES),
    "resolution": _from(catalog.RESOLUTIONS),
    "issuetype": _from(catalog.ISSUE_TYPES),
    "status": _from(catalog.STATUSES),
    "person": lambda site, _, value: (value, site.person(value).name),
    "parent": lambda site, _, value: (value, site.issues[value].key),
    "adf": lambda _, __, value: (None, adf.text(value)),
    "date": _date,
    "datetime": _moment,
    "number": _number,
    "option": _option,
    "options": _options,
    "cascade": _cascade,
    "people": _people,
    "group": lambda _, __, value: (None, f"[{value}]"),
    "groups": _groups,
    "version": lambda site, field, value: _versions(site, field, [value]),
    "versions": _versions,
    "components": _components,
    "projectpicker": _project,
}


def shown(site: Site, field: Field, value: Any) -> Written:
    if value is None or value == []:
        return None, None
    return WRITTEN.get(field.kind, _plain)(site, field, value)
