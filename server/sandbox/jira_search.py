"""Search: /search/jql with its page tokens, the approximate count, and what is left of the removed /search."""

import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from starlette.responses import Response

from server.sandbox import jql, paging, refusals, wire
from server.sandbox.adf import as_list
from server.sandbox.call import Call, Operation, Table, answer
from server.sandbox.catalog import Field
from server.sandbox.jql_fields import Asker
from server.sandbox.records import Issue, Json
from server.sandbox.shapes import View, schema

MOST = 5_000
MOST_RECONCILED = 50
MOST_WITH_FIELDS = 100
MOST_PROPERTIES = 5
GONE = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. "
    "A full migration guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)


def view_of(call: Call) -> View:
    return View(call.site, call.person, call.base)


def asker_of(call: Call) -> Asker:
    return Asker(call.site, call.person, call.site.now())


def _start(token: Any, text: str, now: datetime) -> int:
    if not token:
        return 0
    query, start = (paging.position(str(token), name, now) for name in ("query", "start"))
    if start is None or query != zlib.crc32(text.encode()):
        raise refusals.jira(400, "The provided nextPageToken is invalid or does not belong to this query.")
    return start


def _limit(raw: Any, fields: list[Field]) -> int:
    try:
        wanted = 50 if raw is None else int(raw)
    except (TypeError, ValueError, OverflowError):
        raise refusals.jira(400, "The maxResults parameter must be a number.") from None
    if wanted < 0:
        raise refusals.jira(400, "The maxResults parameter cannot be negative.")
    return min(wanted or 50, MOST_WITH_FIELDS if fields else MOST)


def _fresh(asked: Mapping[str, Any]) -> Collection[str]:
    """The ids in `reconcileIssues`, whose writes this search must see."""
    raw = asked.get("reconcileIssues")
    given = raw.split(",") if isinstance(raw, str) else as_list(raw)
    ids = {str(each).strip() for each in given}
    if len(ids) > MOST_RECONCILED:
        raise refusals.jira(400, f"The reconcileIssues parameter accepts at most {MOST_RECONCILED} issue ids.")
    if not all(each.isascii() and each.isdigit() for each in ids):
        raise refusals.jira(400, "The reconcileIssues parameter takes issue ids, which are whole numbers.")
    return ids


@dataclass(frozen=True)
class _Wanted:
    """What each issue found is to show."""

    names: list[str]
    fields: list[Field]
    expand: list[str]
    properties: list[str]

    def shown(self, view: View, issue: Issue) -> Json:
        bare = self.names == ["id"]
        shown: Json = {"id": issue.id} if bare else wire.issue(view, issue, self.fields, self.expand)
        if self.properties:
            kept = issue.properties
            shown["properties"] = {name: kept[name] for name in self.properties if name in kept}
        return shown


def _properties(raw: Any) -> list[str]:
    given = raw.split(",") if isinstance(raw, str) else as_list(raw)
    names = [str(each).strip() for each in given]
    if len(names) > MOST_PROPERTIES:
        raise refusals.jira(400, f"The properties parameter accepts at most {MOST_PROPERTIES} property keys.")
    return names


def _answer(call: Call, asked: Mapping[str, Any], names: list[str], expand: list[str]) -> Response:
    text = str(asked.get("jql") or "")
    fields = wire.chosen(names) if names else []
    found = jql.search(text, asker_of(call), _fresh(asked))
    start = _start(asked.get("nextPageToken"), text, call.site.now())
    limit = _limit(asked.get("maxResults"), fields)
    wanted = _Wanted(names, fields, expand, _properties(asked.get("properties")))
    page = list(islice(found, start, start + limit + 1))
    last, page = len(page) <= limit, page[:limit]
    view = view_of(call)
    body: Json = {"issues": [wanted.shown(view, issue) for issue in page]}
    body["isLast"] = last
    if not last:
        body["nextPageToken"] = paging.seal(
            {"start": start + limit, "query": zlib.crc32(text.encode())}, call.site.now()
        )
    if "names" in expand:
        body["names"] = wire.names(fields)
    if "schema" in expand:
        body["schema"] = {field.id: schema(field) for field in fields}
    return answer(body)


def search_get(call: Call) -> Response:
    return _answer(call, call.query, call.names("fields") or ["id"], call.names("expand"))


def search_post(call: Call) -> Response:
    names = [str(name) for name in as_list(call.json.get("fields"))] or ["id"]
    expand = str(call.json.get("expand") or "").split(",")
    return _answer(call, call.json, names, expand)


def count(call: Call) -> Response:
    return answer({"count": sum(1 for _ in jql.search(str(call.json.get("jql") or ""), asker_of(call)))})


def gone(_: Call) -> Response:
    raise refusals.jira(410, GONE)


TABLE: Table = (
    Operation("GET", "/rest/api/3/search/jql", search_get, errors=(400,)),
    Operation("POST", "/rest/api/3/search/jql", search_post, errors=(400,)),
    Operation("POST", "/rest/api/3/search/approximate-count", count, errors=(400,)),
    Operation("GET", "/rest/api/3/search", gone, errors=(410,), only_errors=True),
    Operation("POST", "/rest/api/3/search", gone, errors=(410,), only_errors=True),
    Operation("GET", "/rest/api/2/search", gone, errors=(410,), only_errors=True),
    Operation("POST", "/rest/api/2/search", gone, errors=(410,), only_errors=True),
)
