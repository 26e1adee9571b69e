"""JSON as Atlassian reads it: not nested too deeply, and without the numbers that JSON does not have."""

import json
from itertools import chain
from typing import Any, cast

NESTING = 500
TOO_DEEP = f"nested deeper than {NESTING} levels"


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _inside(value: object) -> list[Any]:
    if isinstance(value, dict):
        return list(cast(dict[str, Any], value).values())
    return cast(list[Any], value) if isinstance(value, list) else []


def _too_deep(value: object) -> bool:
    level: list[Any] = [value]
    for _ in range(NESTING + 1):
        level = list(chain.from_iterable(_inside(one) for one in level))
        if not level:
            return False
    return True


def parse(raw: str | bytes) -> Any:
    """The value; ValueError says why there is none."""
    try:
        found = json.loads(raw, parse_constant=_no_number)
    except RecursionError:
        raise ValueError(TOO_DEEP) from None
    if _too_deep(found):
        raise ValueError(TOO_DEEP)
    # Half of a character outside the basic plane is JSON to Python, and no text to anybody.
    json.dumps(found, ensure_ascii=False).encode()
    return found
