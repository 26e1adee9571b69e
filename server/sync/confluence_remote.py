"""A Confluence site as the engine asks it."""

import re
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import replace
from typing import Any, Self
from urllib.parse import quote

from server.client import SEARCH, SYNC, ConfluenceApiClient, Lane
from server.content import ContentError, edit_storage, markdown_to_storage
from server.entities import MIRRORED
from server.entities.canonical import markdown_of_storage
from server.entities.mirror import Json, at
from server.entities.synced import Fields, Value
from server.errors import Conflict, Forbidden, Invalid, NotFound
from server.store.rows import Intent, Scope
from server.sync.backfilling import Below, Filled
from server.sync.confluence_lists import PAGE, Lists, Place
from server.sync.observing import Recent, below, listed, mirror_of, seen
from server.sync.remote import Found, Listed, Listing, Made, Page, Seen, Target

_STORAGE = ("body", "storage", "value")
_SAID = "Isthmus, edit {}"  # what people read of a version of ours
_OURS = re.compile(r"Isthmus, edit ([0-9]+)")
_NEWEST = "-modified-date"
_HOUR = 3_600_000
_FRESH = 600_000  # milliseconds for which what is below a page is not read again, unless a list tells of it


class ConfluenceRemote:
    """`now` is in milliseconds; `lane` is how urgent its requests are."""

    def __init__(self, confluence: ConfluenceApiClient, *, now: Callable[[], int], lane: Lane = SYNC) -> None:
        self._confluence = confluence.on(lane)
        self._lists = Lists(self._confluence)
        self._now = now
        self._answers = Recent[Json]()
        self._below = Recent[tuple[int, tuple[Seen, ...]]]()  # by page
        self._told = Recent[str](50_000)  # the version of what is below a page, as it was read or listed last

    def on(self, lane: Lane) -> Self:
        """The same for work of another lane."""
        other = copy(self)
        other._confluence = self._confluence.on(lane)  # noqa: SLF001 - a copy of ourselves
        other._lists = self._lists.by(other._confluence)  # noqa: SLF001 - a copy of ourselves
        return other

    # Reading

    async def read(self, kind: str, remote_id: str, after: int) -> Found:
        """Confluence keeps no changelog: `after` means nothing here."""
        del after
        query = mirror_of(kind).query
        path = mirror_of(kind).path.format(id=quote(remote_id))
        answer = await self._get(path, query, named=f"{MIRRORED[kind].name} {remote_id}")
        if kind != PAGE:
            return Found(root=seen(kind, answer, me=await self._me()))
        page = await self._page(answer)
        return Found(root=page, parts=() if page.trashed else await self._parts(remote_id))

    async def _page(self, answer: Json) -> Seen:
        self._answers.put(answer, PAGE, str(answer["id"]))
        page = seen(PAGE, answer, me=await self._me(), landed=_landed(answer))
        return replace(page, trashed=answer.get("status") == "trashed")

    async def _parts(self, page: str) -> tuple[Seen, ...]:
        known = self._below.get(page)
        if known and known[0] > self._now() - _FRESH:
            return known[1]
        begun, parts = self._now(), list[Seen]()
        for entity in below(PAGE):
            for row in await self._lists.all_below(entity.full_name, page):
                parts.append(await self._part(entity.full_name, row))
        self._below.put((begun, tuple(parts)), page)
        return tuple(parts)

    async def _part(self, kind: str, row: Json) -> Seen:
        found = seen(kind, row, me=await self._me(), landed=_landed(row))
        self._answers.put(row, kind, found.remote_id)
        self._told.put(found.version, kind, found.remote_id)
        return found

    async def visible(self, scope: Scope) -> bool:
        try:
            if scope.form == "space":
                self._confluence.forget_space(scope.value)
                await self._confluence.space_id(scope.value)
            else:
                await self.count(scope)
        except (NotFound, Forbidden, Invalid):
            return False
        return True

    # Lists

    async def count(self, scope: Scope) -> int | None:
        """How many pages it has."""
        where = f'space = "{scope.value}"' if scope.form == "space" else f"({scope.value})"
        query = {"cql": f"{where} AND type = page", "limit": 1}
        return (await self._get(SEARCH, query, named=scope.value)).get("totalSize")

    async def listed(self, scope: Scope, what: Listing, *, since: int, page: str | None) -> Page:
        place = Place.of(page, self._now())
        if what == "all":
            rows, cursor = await self._lists.pages(scope, place.cursor, sort="id", bodies=False)
            return Page(
                items=tuple(listed(PAGE, row) for row in rows), following=place.after(cursor) if cursor else None
            )
        if place.kind == PAGE:
            return await self._changed_pages(scope, place, since)
        rows, cursor = await self._lists.below(place.kind, place.cursor, sort=_NEWEST)
        newer = [row for row in rows if listed(place.kind, row).changed >= since]
        items = await self._news(scope, place.kind, newer)
        return Page(items=items, following=place.after(cursor if len(newer) == len(rows) else None))

    async def _changed_pages(self, scope: Scope, place: Place, since: int) -> Page:
        rows, cursor = await self._lists.pages(scope, place.cursor, sort=_NEWEST, since=since, bodies=False)
        found = [listed(PAGE, row) for row in rows]
        newer = tuple(each for each in found if each.changed >= since)
        goes_on = len(newer) == len(found) or scope.form == "cql"
        return Page(items=newer, following=place.after(cursor if goes_on else None))

    async def _news(self, scope: Scope, kind: str, rows: Sequence[Json]) -> tuple[Listed, ...]:
        """The pages below which something is another than it was when it was last read or listed."""
        items: list[Listed] = []
        for page, row in await self._lists.on_pages(scope, kind, rows):
            found = listed(kind, row)
            if self._told.get(kind, found.remote_id) != found.version:
                self._told.put(found.version, kind, found.remote_id)
                self._below.forget(page)
                items.append(Listed(PAGE, page, "", found.changed))
        return tuple(items)

    async def filled(self, scope: Scope, *, since: int, page: str | None) -> Filled:
        """Pages, and then what is below them: in the order of their making, which no edit changes. What is edited
        meanwhile was changed after it began."""
        del since
        place = Place.of(page, self._now())
        sort = "created-date"
        if place.kind == PAGE:
            rows, cursor = await self._lists.pages(scope, place.cursor, sort=sort)
            me = await self._me()
            found = [Found(root=seen(PAGE, row, me=me)) for row in rows]
            parts: list[Below] = []
        else:
            rows, cursor = await self._lists.below(place.kind, place.cursor, sort=sort)
            inside = await self._lists.on_pages(scope, place.kind, rows)
            found = []
            parts = [Below(PAGE, on, await self._part(place.kind, row)) for on, row in inside]
        kind = place.kind
        newest = max((listed(kind, row).changed for row in rows), default=0)
        return Filled(
            found=tuple(found),
            below=tuple(parts),
            following=place.after(cursor),
            newest=min(newest, place.begun - _HOUR),
        )

    async def look_up(self, target: Target, intent: Intent) -> tuple[Seen, ...]:
        query = {
            "space-id": await self._confluence.space_id(target.scope.value),
            "title": str(intent.fields.get("title")),
            "body-format": "storage",
        }
        rows = (await self._get("pages", query, named="the new page"))["results"]
        return tuple([await self._page(row) for row in rows])

    # Writing

    async def create(self, target: Target, intent: Intent) -> Made:
        if target.kind == PAGE:
            return await self._create_page(target, intent.fields)
        if not mirror_of(target.kind).answered:
            raise Invalid("A file is not made by way of a record yet: upload it to its page.")
        path = mirror_of(target.kind).path.partition("/")[0]
        self._below.forget(str(target.root_id))
        comment = {**_place(target, intent.fields), "body": _body(None, intent.fields.get("body"))}
        answer = await self._send("POST", path, comment, named="a new comment")
        return Made(remote_id=str(answer["id"]))

    async def _create_page(self, target: Target, fields: Fields) -> Made:
        parent = fields.get("parent")
        page = {
            "spaceId": await self._confluence.space_id(target.scope.value),
            "status": "current",
            "title": fields.get("title"),
            "body": _body(None, fields.get("body")),
            **({"parentId": parent} if parent else {}),
        }
        answer = await self._send("POST", "pages", page, named="a new page")
        return Made(remote_id=str(answer["id"]), found=Found(root=await self._page(answer)))

    async def update(self, target: Target, intent: Intent) -> Found | None:
        kind, fields = target.kind, intent.fields
        base = await self._base(target, intent)
        version = {"number": int(target.version) + 1, "message": _SAID.format(intent.attempt)}
        changed: dict[str, Any] = {"version": version}
        body = _body(at(base, _STORAGE), fields["body"]) if "body" in fields else None
        if kind == PAGE:
            value = body or {"representation": "storage", "value": at(base, _STORAGE)}
            changed |= {"id": intent.target, "status": "current", "title": fields.get("title") or base["title"]}
            changed |= {"body": value, **({"parentId": fields["parent"]} if fields.get("parent") else {})}
        elif body:
            changed["body"] = body
        path = mirror_of(kind).path.format(id=intent.target)
        answer = await self._send("PUT", path, changed, named=f"{MIRRORED[kind].name} {intent.target}")
        if kind != PAGE:
            self._below.forget(str(target.root_id))
            return None
        return Found(root=await self._page(answer), parts=await self._parts(str(intent.target)))

    async def _base(self, target: Target, intent: Intent) -> Json:
        """As it was when the write was planned. Raises Conflict where it is another now."""
        known = self._answers.get(target.kind, str(intent.target))
        if known is None or str(mirror_of(target.kind).version(known)) != target.version:
            path = mirror_of(target.kind).path.format(id=intent.target)
            known = await self._get(path, mirror_of(target.kind).query, named=f"{target.kind} {intent.target}")
        if str(mirror_of(target.kind).version(known)) != target.version:
            raise Conflict(f"{target.kind} {intent.target} is not at version {target.version} any more.")
        return known

    async def transition(self, target: Target, intent: Intent) -> Found | None:
        raise Invalid(f"A {target.kind} has no workflow: {intent.entity} can't be moved through one.")

    async def delete(self, target: Target, intent: Intent) -> None:
        path = mirror_of(target.kind).path.format(id=intent.target)
        await self._send("DELETE", path, None, named=f"{MIRRORED[target.kind].name} {intent.target}")
        self._below.forget(str(target.root_id))

    # The wire

    async def _me(self) -> str:
        return (await self._confluence.me()).account_id

    async def _get(self, path: str, query: Mapping[str, Any] | None = None, *, named: str) -> Json:
        return await self._confluence.send("GET", path, query=query, named=named)

    async def _send(self, method: str, path: str, body: object, *, named: str) -> Json:
        return await self._confluence.send(method, path, body=body, named=named)


def _landed(answer: Json) -> tuple[int, ...]:
    """The attempts of ours that its versions name."""
    versions: list[Json] = [answer.get("version") or {}, *(at(answer, ("versions", "results")) or ())]
    found = (_OURS.fullmatch(str(version.get("message") or "")) for version in versions)
    return tuple(sorted({int(match[1]) for match in found if match}))


def _place(target: Target, fields: Fields) -> dict[str, Any]:
    """What a new comment is about: a page, a passage of it, or another comment."""
    answers, about = fields.get("answers"), fields.get("about")
    if answers:
        return {"parentCommentId": answers}
    if not about:
        return {"pageId": target.root_id}
    passage = {"textSelection": about, "textSelectionMatchCount": 1, "textSelectionMatchIndex": 0}
    return {"pageId": target.root_id, "inlineCommentProperties": passage}


def _body(base: str | None, value: Value) -> dict[str, str]:
    """The page that reads so; what was not touched of the one that was there stays as it is."""
    words = str(value or "")
    try:
        storage = edit_storage(base, markdown_of_storage(base) or "", words) if base else markdown_to_storage(words)
    except ContentError as error:
        raise Invalid(str(error)) from error
    return {"representation": "storage", "value": storage}
