"""A Jira site as the engine asks it."""

from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Any, Self
from urllib.parse import quote

from server.client import SYNC, JiraApiClient, Lane
from server.content import ContentError, edit_adf, markdown_to_adf
from server.entities import MIRRORED
from server.entities.canonical import markdown
from server.entities.mirror import ByJql, Json, Within, at
from server.entities.synced import Value
from server.errors import Forbidden, Invalid, NotFound
from server.store.rows import Intent, Scope
from server.sync.backfilling import Filled
from server.sync.observing import Recent, below, entries, listed, marked, marker, mirror_of, seen, settled
from server.sync.remote import Found, Listing, Made, Marker, Page, Seen, Target

MARKER = "isthmus"  # the property that tells our own writes
MOST_IDS = 5_000  # in one page of a search
MOST_WHOLE = 100
CREATED_BEFORE = 600_000  # milliseconds that the site's clock may be behind ours, when a new issue is looked for
EARLIEST = 10**9
_EXPANDED = "changelog,transitions"


class JiraRemote:
    """`lane` is how urgent its requests are."""

    def __init__(self, jira: JiraApiClient, *, lane: Lane = SYNC) -> None:
        self._jira = jira.on(lane)
        self._answers = Recent[Json]()
        self._markers = Recent[tuple[Marker | None]](10_000)

    def on(self, lane: Lane) -> Self:
        """The same for work of another lane."""
        other = copy(self)
        other._jira = self._jira.on(lane)  # noqa: SLF001 - a copy of ourselves
        return other

    # Reading

    async def read(self, kind: str, remote_id: str, after: int) -> Found:
        mirror = mirror_of(kind)
        path, named = mirror.path.format(id=quote(remote_id)), f"{MIRRORED[kind].name} {remote_id}"
        if not isinstance(mirror.found, ByJql):
            return Found(root=seen(kind, await self._get(path, named=named), me=await self._me()))
        query = {"fields": ",".join(mirror.found.fields), "expand": _EXPANDED, "properties": MARKER}
        return await self._found(kind, await self._get(path, query, named=named), after)

    async def _found(self, kind: str, answer: Json, after: int, *, marks: bool = True) -> Found:
        me = await self._me()
        self._answers.put(answer, kind, str(answer["id"]))
        changelog = entries(kind, await self._histories(answer, after), after, me=me)
        root = seen(kind, answer, me=me, marker=marker(at(answer, ("properties", MARKER))), paths=_paths(answer))
        told = settled(kind, changelog, root.fields)
        parts = [part for each in below(kind) for part in await self._parts(each.full_name, answer, me, marks=marks)]
        return Found(root=replace(root, changelog=told), parts=tuple(parts))

    async def _histories(self, answer: Json, after: int) -> Sequence[Json]:
        """The newest come with the issue."""
        log: Mapping[str, Any] = answer.get("changelog") or {}
        there: list[Json] = list(log.get("histories") or ())
        if not there or int(log.get("total") or 0) <= len(there) or min(int(each["id"]) for each in there) <= after:
            return there
        query = {"maxResults": 100}
        return await self._all(f"issue/{answer['id']}/changelog", ("values",), query)

    async def _parts(self, kind: str, answer: Json, me: str, *, marks: bool) -> list[Seen]:
        mirror = mirror_of(kind)
        if not isinstance(mirror.found, Within):
            return []
        rows = mirror.found.items(answer)
        listing = MIRRORED[kind].listing
        if listing and not mirror.found.whole(answer):
            rows = await self._all(listing.path.format(parent=answer["id"]), listing.held, listing.query)
        markers = await self._markers_of(kind, rows, me) if marks else {}
        for row in rows:
            self._answers.put(row, kind, str(row["id"]))
        return [seen(kind, row, me=me, marker=markers.get(str(row["id"]))) for row in rows]

    async def _markers_of(self, kind: str, rows: Sequence[Json], me: str) -> dict[str, Marker | None]:
        """Only what our account made can have one, and it stays as it is."""
        mirror = mirror_of(kind)
        ours = [str(row["id"]) for row in rows if mirror.marked and mirror.made_by(row) == me]
        unknown = [each for each in ours if self._markers.get(kind, each) is None]
        if unknown:
            for row in await self._marked(kind, unknown):
                held = {each["key"]: each.get("value") for each in row.get("properties") or ()}
                self._markers.put((marker(held.get(MARKER)),), kind, str(row["id"]))
        return {each: known[0] for each in ours if (known := self._markers.get(kind, each))}

    async def _marked(self, kind: str, ids: Sequence[str]) -> Sequence[Json]:
        path = f"{MIRRORED[kind].name}/list"
        body = {"ids": [int(each) for each in ids[:1_000]]}
        answer = await self._jira.send(
            "POST", path, query={"expand": "properties"}, body=body, named="our marks", repeatable=True
        )
        return answer if isinstance(answer, list) else answer["values"]  # pyright: ignore[reportUnknownVariableType]

    async def visible(self, scope: Scope) -> bool:
        try:
            if scope.form == "project":
                await self._get(f"project/{quote(scope.value)}", named=f"project {scope.value}")
            else:
                await self.count(scope)
        except (NotFound, Forbidden, Invalid):
            return False
        return True

    async def count(self, scope: Scope) -> int | None:
        """About how many issues it has."""
        answer = await self._post("search/approximate-count", {"jql": _within(scope)}, named=scope.value)
        return int(answer["count"])

    # Lists

    async def listed(self, scope: Scope, what: Listing, *, since: int, page: str | None) -> Page:
        jql = _changed(scope, since) if what == "changed" else f"{_within(scope)} ORDER BY created ASC"
        answer = await self._search(jql, ("updated",), page, MOST_IDS)
        rows = tuple(listed("issue", each) for each in answer["issues"])
        return Page(items=rows, following=answer.get("nextPageToken"))

    async def filled(self, scope: Scope, *, since: int, page: str | None) -> Filled:
        """Those first that changed first, so that what changes meanwhile comes once more."""
        found = mirror_of("issue").found
        assert isinstance(found, ByJql)  # noqa: S101 - for the type checker
        answer = await self._search(_changed(scope, since), found.fields, page, MOST_WHOLE)
        rows = [await self._found("issue", each, 0, marks=False) for each in answer["issues"]]
        newest = max((listed("issue", each).changed for each in answer["issues"]), default=0)
        return Filled(found=tuple(rows), following=answer.get("nextPageToken"), newest=newest)

    async def look_up(self, target: Target, intent: Intent) -> tuple[Seen, ...]:
        found = mirror_of(target.kind).found
        assert isinstance(found, ByJql)  # noqa: S101 - only what a search finds is made at the top
        since = intent.sent_at - CREATED_BEFORE
        jql = f"{_within(target.scope)} AND creator = currentUser() AND created >= {since} ORDER BY created ASC"
        answer = await self._search(jql, found.fields, None, MOST_WHOLE, properties=[MARKER])
        me = await self._me()
        return tuple(
            seen(target.kind, each, me=me, marker=marker(at(each, ("properties", MARKER)))) for each in answer["issues"]
        )

    async def _search(self, jql: str, fields: Sequence[str], page: str | None, most: int, **more: Any) -> Json:
        body: dict[str, object] = {"jql": jql, "fields": list(fields), "maxResults": most, **more}
        if page:
            body["nextPageToken"] = page
        return await self._post("search/jql", body, named="what changed")

    # Writing

    async def create(self, target: Target, intent: Intent) -> Made:
        kind = target.kind
        fields = self._written(kind, intent.fields, {})
        mark = Marker(entity=intent.entity, attempt=intent.attempt)
        body: dict[str, object] = {"properties": [{"key": MARKER, "value": marked(mark)}]}
        entity = MIRRORED[kind]
        if not entity.parent:
            place = {"project": {"key": target.scope.value}} if target.scope.form == "project" else {}
            body["fields"] = {**place, **fields}
            path = entity.name
        elif mirror_of(kind).marked:
            body |= fields
            path = f"issue/{target.root_id}/{entity.name}"
        else:
            raise Invalid(f"An {entity.name} is not made by way of a record yet: upload it to its issue.")
        answer = await self._jira.send("POST", path, body=body, named=f"a new {entity.name}")
        self._markers.put((mark,), kind, str(answer["id"]))
        return Made(remote_id=str(answer["id"]))

    async def update(self, target: Target, intent: Intent) -> Found | None:
        kind, entity = target.kind, MIRRORED[target.kind]
        named = f"{entity.name} {intent.target}"
        base = await self._base(target, intent)
        fields = self._written(kind, intent.fields, base)
        path = mirror_of(kind).path.format(id=intent.target, above=target.root_id)
        if entity.parent:
            await self._jira.send("PUT", path, body=fields, named=named)
            return None
        body = {"fields": fields, "update": _verbs(kind, intent)}
        query = {"returnIssue": "true", "expand": _EXPANDED}
        answer = await self._jira.send("PUT", path, query=query, body=body, named=named)
        return await self._found(kind, answer, intent.after) if answer else None

    async def transition(self, target: Target, intent: Intent) -> Found | None:
        wanted = str(intent.fields["status"])
        path = f"issue/{intent.target}/transitions"
        known = self._answers.get(target.kind, str(intent.target)) or {}
        rows: Sequence[Json] = known.get("transitions") or (await self._get(path, named="transitions"))["transitions"]
        chosen = next((row for row in rows if at(row, ("to", "id")) == wanted), None)
        if chosen is None:
            raise Invalid(f"No transition leads to the status {wanted}.")
        self._answers.forget(target.kind, str(intent.target))
        body = {"transition": {"id": chosen["id"]}}
        await self._jira.send("POST", path, body=body, named=f"{MIRRORED[target.kind].name} {intent.target}")
        return None

    async def delete(self, target: Target, intent: Intent) -> None:
        path = mirror_of(target.kind).path.format(id=intent.target, above=target.root_id)
        await self._jira.send("DELETE", path, named=f"{MIRRORED[target.kind].name} {intent.target}")

    def _written(self, kind: str, fields: Mapping[str, Value], base: Json) -> dict[str, Any]:
        """As a request takes them. Raises Invalid."""
        written: dict[str, Any] = {}
        for part in mirror_of(kind).parts:
            if part.name not in fields or part.rule in ("fixed", "status"):
                continue
            value = fields[part.name]
            if part.rule == "text":
                written[part.field] = _document(at(base, part.at), value)
            elif part.rule == "set":
                written[part.field] = [part.sent(each) for each in value] if isinstance(value, tuple) else []
            else:
                written[part.field] = part.sent(value) if value is not None else None
        return written

    async def _base(self, target: Target, intent: Intent) -> Json:
        """What a text is an edit of: as it was read for this very write."""
        texts = {part.name for part in mirror_of(target.kind).parts if part.rule == "text"}
        if not texts & set(intent.fields):
            return {}
        known = self._answers.get(target.kind, str(intent.target))
        if known and str(mirror_of(target.kind).version(known)) == target.version:
            return known
        path = mirror_of(target.kind).path.format(id=intent.target, above=target.root_id)
        return await self._get(path, named=f"{MIRRORED[target.kind].name} {intent.target}")

    # The wire

    async def _me(self) -> str:
        return await self._jira.account_id("me")

    async def _get(self, path: str, query: Mapping[str, str] | None = None, *, named: str) -> Json:
        return await self._jira.send("GET", path, query=query, named=named)

    async def _post(self, path: str, body: object, *, named: str) -> Json:
        return await self._jira.send("POST", path, body=body, named=named, repeatable=True)

    async def _all(self, path: str, held: Sequence[str], query: Mapping[str, Any]) -> list[Json]:
        """Every item of a list that Jira pages by `startAt`."""
        found: list[Json] = []
        while True:
            answer = await self._jira.send("GET", path, query={**query, "startAt": len(found)}, named=path)
            page: list[Json] = at(answer, held)
            found += page
            if not page or len(found) >= int(answer.get("total") or 0):
                return found


def _within(scope: Scope) -> str:
    if scope.form == "project":
        return f'project = "{scope.value}"'
    return f"({scope.value})"


def _changed(scope: Scope, since: int) -> str:
    # A number is read alike in every zone, but one that is small is no date to Jira.
    after = f" AND updated >= {since}" if since >= EARLIEST else ""
    return f"{_within(scope)}{after} ORDER BY updated ASC"


def _paths(answer: Json) -> dict[str, tuple[str, ...]]:
    here = at(answer, ("fields", "status", "id"))
    rows: Sequence[Json] = answer.get("transitions") or ()
    return {str(here): tuple(str(at(row, ("to", "id"))) for row in rows)} if here and rows else {}


def _verbs(kind: str, intent: Intent) -> dict[str, list[dict[str, Any]]]:
    """Sets by what goes in and what comes out."""
    parts = {part.name: part for part in mirror_of(kind).parts}
    verbs: dict[str, list[dict[str, Any]]] = {}
    for verb, sets in (("add", intent.added), ("remove", intent.removed)):
        for name, members in sets.items():
            part = parts[name]
            verbs.setdefault(part.field, []).extend({verb: part.sent(each)} for each in members)
    return {name: each for name, each in verbs.items() if each}


def _document(base: Any, value: Value) -> Any:
    """The document that reads so; what was not touched of the one that was there stays as it is."""
    if value is None:
        return None
    words = str(value)
    try:
        return edit_adf(base, markdown(base) or "", words) if base else markdown_to_adf(words)
    except ContentError as error:
        raise Invalid(str(error)) from error
