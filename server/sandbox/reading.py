"""What the readers of values have in common: where they stand, how they refuse, arrays and options."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from server.sandbox import adf
from server.sandbox.catalog import Choice, Field, Option
from server.sandbox.records import Person
from server.sandbox.site import Site

NO_OPTION = "Could not find valid 'id' or 'value' in the Parent Option object."
NO_OBJECT = "data was not an object"


class Invalid(ValueError):
    """The message that goes to `errors` under the field's id."""


@dataclass(frozen=True)
class Desk:
    """Where a value is read: the site, the person who writes, the id of the issue's project."""

    site: Site
    person: Person
    project: str


Reader = Callable[[Desk, Field, Any], Any]


def array(raw: Any) -> list[Any]:
    if raw is None:
        return []
    if not isinstance(raw, list):
        raise Invalid("data was not an array")
    return cast(list[Any], raw)


def named(rows: Mapping[str, Option], raw: Any, what: str) -> str:
    given = adf.as_dict(raw)
    if not isinstance(raw, dict):
        raise Invalid(f"Specify a valid 'id' or 'name' for {what}")
    if "id" in given:
        if str(given["id"]) in rows:
            return str(given["id"])
        raise Invalid(f"{what} id '{given['id']}' is not valid")
    wanted = str(given.get("name", given.get("value", ""))).casefold()
    for row in rows.values():
        if row.name.casefold() == wanted:
            return row.id
    if wanted:
        raise Invalid(f"{what} name '{given.get('name', given.get('value'))}' is not valid")
    raise Invalid(f"Specify a valid 'id' or 'name' for {what}")


def _among(rows: Iterable[Option], raw: Any, words: str) -> Option:
    given = adf.as_dict(raw)
    if "id" in given:
        found = next((row for row in rows if row.id == str(given["id"])), None)
        wanted, kind = given["id"], "id"
    elif "value" in given:
        found = next((row for row in rows if row.name == str(given["value"])), None)
        wanted, kind = given["value"], "value"
    else:
        raise Invalid(words)
    if found is None:
        raise Invalid(f"Option {kind} '{'null' if wanted is None else wanted}' is not valid")
    return found


def option(_: Desk, field: Field, raw: Any) -> str | None:
    return None if raw is None else _among(field.options, raw, NO_OPTION).id


def options(_: Desk, field: Field, raw: Any) -> list[str]:
    found = [_among(field.options, item, "Option id 'null' is not valid").id for item in array(raw)]
    return list(dict.fromkeys(found))


def cascade(_: Desk, field: Field, raw: Any) -> list[str] | None:
    """The option, and the one below it where one is chosen."""
    if raw is None:
        return None
    above = _among(field.options, raw, NO_OPTION)
    child = adf.as_dict(raw).get("child")
    if child is None:
        return [above.id]
    below = above.children if isinstance(above, Choice) else ()
    given = adf.as_dict(child)
    wanted = str(given.get("id", given.get("value")))
    for row in below:
        if wanted == (row.id if "id" in given else row.name):
            return [above.id, row.id]
    raise Invalid(f"The option '{wanted}' is invalid for parent option '{above.name}'")
