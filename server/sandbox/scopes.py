"""Which OAuth scopes each documented operation needs."""

import json
import re
from pathlib import Path

PARAMETER = re.compile(r"\{[^}]*\}")
TABLE: dict[str, list[list[str]]] = json.loads(Path(__file__).with_name("scopes.json").read_text(encoding="utf-8"))
OFFLINE = "offline_access"
IDENTITY = frozenset({OFFLINE, "read:me", "read:account", "report:personal-data"})
KNOWN = IDENTITY.union(*(scopes for sets in TABLE.values() for scopes in sets))
PRODUCTS = ("jira", "confluence")


def row(method: str, path: str) -> str:
    """The name of an operation in TABLE, whatever its parameters are called."""
    return f"{method} {PARAMETER.sub('{}', path)}"


def enough(method: str, path: str, granted: frozenset[str]) -> bool:
    """Whether these scopes hold one of the sets that the operation accepts; what is undocumented accepts none."""
    return any(granted.issuperset(wanted) for wanted in TABLE.get(row(method, path), []))


def of_product(product: str, granted: frozenset[str]) -> list[str]:
    """The scopes that are about one product."""
    confluence = product == "confluence"
    return sorted(scope for scope in granted - IDENTITY if ("confluence" in scope) is confluence)
