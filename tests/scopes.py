"""The OAuth scopes of every operation in Atlassian's documents beside the repository."""

import json
import re
from collections.abc import Container, Iterator
from pathlib import Path
from typing import Any

SPECS = Path(__file__).parents[2] / "shared" / "specs"
DOCUMENTS = {
    "jira-platform-v3": "",
    "jira-platform-v2": "",
    "jira-software": "",
    "jira-service-desk": "",
    "confluence-v1": "",
    "confluence-v2": "/wiki/api/v2",
}
METHODS = ("get", "post", "put", "delete", "patch")
OAUTH = ("OAuth2", "oAuthDefinitions")
Alternatives = list[list[str]]


def documented() -> dict[str, Alternatives]:
    """Each operation, such as "GET /rest/api/3/issue/{}", and the sets of scopes of which one is enough."""
    return dict(sorted(row for name, prefix in DOCUMENTS.items() for row in _rows(name, prefix)))


def text(only: Container[str] | None = None) -> str:
    """One operation a line."""
    kept = {name: sets for name, sets in documented().items() if only is None or name in only}
    rows = (f"{json.dumps(name)}: {json.dumps(sets)}" for name, sets in kept.items())
    return "{\n" + ",\n".join(rows) + "\n}\n"


def _rows(name: str, prefix: str) -> Iterator[tuple[str, Alternatives]]:
    document = json.loads((SPECS / f"{name}.json").read_text(encoding="utf-8"))
    for path, operations in document["paths"].items():
        for method in METHODS:
            if method in operations:
                yield f"{method.upper()} {prefix}{re.sub('{[^}]*}', '{}', path)}", _alternatives(operations[method])


def _alternatives(operation: dict[str, Any]) -> Alternatives:
    secured = [scopes for way in operation.get("security", []) for kind, scopes in way.items() if kind in OAUTH]
    stated = [each["scopes"] for each in operation.get("x-atlassian-oauth2-scopes", []) if each["scheme"] in OAUTH]
    sets = {tuple(sorted(scopes)) for scopes in [*secured, *stated]}
    return [list(scopes) for scopes in sorted(sets) if scopes or len(sets) == 1]
