"""Confluence under a filter of spaces."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from server.client import Admitted, Asked, LookUp, Memory
from server.errors import Refused
from server.policy import endpoints, references
from server.policy.endpoints import Row
from server.policy.gate import Gate, Request
from server.policy.pruning import CONFLUENCE_CARRIED, Pruner, confluence_place
from server.policy.references import Reference
from server.policy.scope import Scope

_AS_STORED = frozenset({"storage", "atlas_doc_format", "raw", "wiki"})
_EXPANDED = re.compile(r"body\.([a-z_]+)")
V2 = "/wiki/api/v2"
MOST_KEYS = 250
_OWN_SPACE = frozenset({"pages", "blogposts", "whiteboards", "databases", "folders", "embeds"})
_TYPES = {
    "page": "pages",
    "blogpost": "blogposts",
    "whiteboard": "whiteboards",
    "database": "databases",
    "folder": "folders",
    "embed": "embeds",
    "attachment": "attachments",
    "comment": "comment",
    "footer-comment": "comment",
    "inline-comment": "comment",
}
_ABOVE = (("pageId", "pages"), ("blogPostId", "blogposts"), ("attachmentId", "attachments"))


class ConfluenceGate(Gate):
    product = "Confluence"
    language = "CQL"
    table = endpoints.Endpoints(endpoints.CONFLUENCE)

    def __init__(self, scope: Scope, *, bulk: int | None, destructive: int | None, clock: Callable[[], float]) -> None:
        super().__init__(scope, bulk=bulk, destructive=destructive, clock=clock)
        self._spaces = Memory[dict[str, str]](clock)
        self._ids = frozenset[str]()
        self.pruner = Pruner(confluence_place(scope, lambda: self._ids), CONFLUENCE_CARRIED)

    @property
    def narrows(self) -> bool:
        return self.scope.narrows_confluence

    async def admit(self, asked: Asked, look_up: LookUp) -> Admitted:
        if self.narrows:
            await self._inside_spaces(Request(asked, (), look_up))
        return await super().admit(asked, look_up)

    def may_be(self, kind: str, name: str) -> bool:
        if kind == "space":
            return name in self._ids
        return self.scope.space(name) if kind == "key" else name.isascii() and name.isalnum()

    async def inside(self, kind: str, name: str, request: Request) -> bool:
        if kind == "either":
            return self.scope.space(name) or name in self._ids
        if not self.may_be(kind, name):
            return False
        return kind in ("space", "key") or await self._space_of(kind, name, request) in self._ids

    async def _space_of(self, kind: str, name: str, request: Request) -> str | None:
        """The id of the space that a thing is in."""
        known = self.places.get(kind, name)
        if known is None:
            known = await self._looked_up(kind, name, request)
            if known in self._ids:
                self.places.set(kind, name, known)
        return known

    async def _looked_up(self, kind: str, name: str, request: Request) -> str | None:
        if kind in _OWN_SPACE:
            found = await request.thing(f"{V2}/{kind}/{name}")
            return str(found.get("spaceId"))
        if kind == "task":
            return str((await request.thing(f"{V2}/tasks/{name}")).get("spaceId"))
        if kind == "content":
            return await self._space_of(await self._type_of(name, request), name, request)
        if kind == "attachments":
            return await self._space_above(await request.thing(f"{V2}/attachments/{name}"), request)
        if kind == "comment":
            found = await request.thing(f"{V2}/footer-comments/{name}")
            return await self._space_above(found or await request.thing(f"{V2}/inline-comments/{name}"), request)
        return None

    async def _space_above(self, thing: Mapping[str, Any], request: Request) -> str | None:
        above = next(((kind, str(thing[name])) for name, kind in _ABOVE if thing.get(name)), None)
        return await self._space_of(*above, request) if above else None

    async def _type_of(self, name: str, request: Request) -> str:
        if name.startswith("att"):
            return "attachments"
        found = await request.thing(f"{V2}/content/convert-ids-to-types", {"contentIds": [name]})
        return _TYPES.get(str(references.mapping(found.get("results")).get(name)), "unknown")

    async def _inside_spaces(self, request: Request) -> dict[str, str]:
        """The spaces inside that there are: id -> key."""

        async def ask() -> dict[str, str]:
            named = self.scope.spelled
            found: list[dict[str, Any]] = []
            for first in range(0, len(named), MOST_KEYS):
                query = {"keys": named[first : first + MOST_KEYS], "limit": MOST_KEYS}
                found += (await request.thing(f"{V2}/spaces", query=query)).get("results", [])
            return {str(space["id"]): str(space["key"]) for space in found if self.scope.space(space["key"])}

        spaces = await self._spaces.get("all", ask)
        self._ids = frozenset(spaces)
        return spaces

    def references(self, request: Request) -> Iterable[Reference]:
        yield from references.named(request.asked.query, references.CONFLUENCE)
        yield from references.named(request.asked.body, references.CONFLUENCE)
        yield from references.destination(request.asked.body)

    def refuse_unseen(self, request: Request, row: Row) -> None:
        """A page can include others of any space: only as it is stored it shows nothing but itself."""
        query = request.asked.query
        asked = {str(query.get("body-format", "storage")), *_EXPANDED.findall(str(query.get("expand", "")))}
        if asked - _AS_STORED:
            raise Refused(
                f"This server reaches {self.scope.words('Confluence')} alone, and a rendered page may show others. "
                "Ask for body-format storage or atlas_doc_format."
            )

    async def keys(self, request: Request) -> Sequence[str] | None:
        keys = list((await self._inside_spaces(request)).values())
        if not keys:
            raise Refused(f"This server reaches {self.scope.words('Confluence')} alone, and none of them is there.")
        return keys

    async def narrowing(self, parameter: str, query: Mapping[str, Any], request: Request) -> Mapping[str, Any]:
        if parameter in query:
            return {}
        spaces = await self._inside_spaces(request)
        named = spaces.values() if parameter == "keys" else spaces
        return {parameter: sorted(named)} if spaces else {}
