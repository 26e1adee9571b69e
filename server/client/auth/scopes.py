"""Which OAuth scopes the operations take that our tools call."""

import json
from collections.abc import Iterable
from pathlib import Path

OFFLINE = "offline_access"  # the scope that brings tokens which can be renewed

Alternatives = list[list[str]]


# Each operation, such as "GET /rest/api/3/issue/{}", and the sets of scopes of which one is enough.
TABLE: dict[str, Alternatives] = json.loads(Path(__file__).with_name("scopes.json").read_text(encoding="utf-8"))


def alternatives(method: str, path: str) -> Alternatives:
    """Of a request by its path; none where it is unknown."""
    asked = f"{method} {path}".split("/")
    found = [name for name in TABLE if _matches(name.split("/"), asked)]
    return TABLE[max(found, key=lambda name: -name.count("{}"))] if found else []


def asked_for(operations: Iterable[str]) -> list[str]:
    """Scopes with which all these operations may be called and their tokens renewed, none of which could be left out.
    Where there is a choice, they are the classic ones, as Atlassian advises, but none that lets administer a site."""
    wanted = [TABLE[operation] for operation in sorted(operations) if TABLE[operation]]
    chosen: set[str] = set()
    for sets in sorted(wanted, key=len):
        if not _enough(chosen, sets):
            chosen.update(min(sets, key=_weight))
    for scope in sorted(chosen):
        if all(_enough(chosen - {scope}, sets) for sets in wanted):
            chosen.remove(scope)
    return [*sorted(chosen), OFFLINE]


def _enough(granted: set[str], sets: Alternatives) -> bool:
    return any(granted.issuperset(each) for each in sets)


def _weight(scopes: list[str]) -> tuple[bool, int, list[str]]:
    """A granular scope names an object, such as `read:issue:jira`."""
    return any(scope.startswith("manage:") for scope in scopes), sum(scope.count(":") > 1 for scope in scopes), scopes


def _matches(name: list[str], asked: list[str]) -> bool:
    return len(name) == len(asked) and all(part in ("{}", given) for part, given in zip(name, asked, strict=True))
