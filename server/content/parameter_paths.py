"""Parameters within parameters, each on its own: `.guestParams.zoom:=100` by its path, `:=` where it is no string."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

_NAME = re.compile(r"[A-Za-z_][\w-]*")
_NO_STRING = re.compile(r"null|true|false|\{\}|\[\]|-?\d{1,300}(?:\.\d{1,300})?(?:[eE][+-]?\d{1,3})?")
_DEEPEST = 20


def flattened(parameters: Mapping[str, Any]) -> dict[str, str] | None:
    """Every value by its path; None where a name is no word, or a value is a document of its own."""
    try:
        return dict(_each("", parameters, _DEEPEST)) if parameters else {}
    except ValueError:
        return None


def _each(path: str, value: object, depth: int) -> Iterator[tuple[str, str]]:
    inside = _items(value)
    if inside:
        for name, each in inside:
            if not depth:
                raise ValueError(path)
            yield from _each(f"{path}.{name}", each, depth - 1)
    elif isinstance(value, str):
        if value.startswith("{"):
            raise ValueError(path)
        yield path, value
    else:
        yield f"{path}:", json.dumps(value)


def _items(value: object) -> list[tuple[str, object]]:
    if isinstance(value, list):
        return [(str(at), each) for at, each in enumerate(cast("list[object]", value))]
    items = list(cast("dict[str, object]", value).items()) if isinstance(value, dict) else []
    if any(not _NAME.fullmatch(name) for name, _ in items):
        raise ValueError(items)
    return items


def nested(pairs: Mapping[str, str]) -> dict[str, Any]:
    """The parameters that these paths say.

    Raises ValueError where a path or a value is none.
    """
    tree: dict[str, Any] = {}
    for path, value in pairs.items():
        *above, last = path.removesuffix(":").split(".")[1:]
        at = tree
        for name in above[:_DEEPEST]:
            at = at.setdefault(name, _Branch())
            if not isinstance(at, _Branch):
                raise ValueError(path)  # noqa: TRY004  # the words are wrong, not the code
        if last in at or len(above) >= _DEEPEST or (path.endswith(":") and not _NO_STRING.fullmatch(value)):
            raise ValueError(path)
        at[last] = json.loads(value) if path.endswith(":") else value
    return {name: _listed(value) for name, value in tree.items()}


class _Branch(dict[str, Any]):
    """What paths go through, as opposed to an empty object that is a value."""


def _listed(value: Any) -> Any:
    """What has numbers for its names is a list."""
    if not isinstance(value, _Branch):
        return value
    inside = {name: _listed(each) for name, each in value.items()}
    return list(inside.values()) if all(name.isdecimal() for name in inside) else inside
