"""Confluence v2: the JSON that clients keep with pages, attachments, comments and spaces."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace

from starlette.responses import Response

from server.sandbox import refusals, wiki_wire
from server.sandbox.adf import as_dict
from server.sandbox.call import Call, Operation, Table, answer, nothing
from server.sandbox.records import Json
from server.sandbox.wiki_comments import FOOTER
from server.sandbox.wiki_files import EACH as ATTACHMENT
from server.sandbox.wiki_files import file_of
from server.sandbox.wiki_inline import INLINE
from server.sandbox.wiki_pages import ONE as PAGE
from server.sandbox.wiki_pages import page_of
from server.sandbox.wiki_records import ContentProperty, Properties
from server.sandbox.wiki_spaces import V2, checked_id, listed, ordered, space_of, view_of
from server.sandbox.wiki_written import must_update, must_write

KEY_LIMIT = 255
VALUE_LIMIT = 32_768
COMMENT = f"{V2}/comments/{{comment}}"
SPACE = f"{V2}/spaces/{{space}}"
Held = tuple[str, Properties]  # the id of what holds them


@dataclass(frozen=True)
class Holder:
    """What holds properties: how to find it, and how to find it for who may change it."""

    path: str
    find: Callable[[Call], Held]
    open: Callable[[Call], Held]
    show: Callable[[ContentProperty], Json] = wiki_wire.content_property
    made: int = 200
    event: str = "content_property"

    def _answered(self, call: Call, found: ContentProperty, status: int = 200) -> Response:
        return answer(self.show(found) | {"_links": {"base": view_of(call).wiki}}, status)

    def properties(self, call: Call) -> Response:
        holder, held = self.find(call)
        key = call.query.get("key")
        kept = [one for one in held.values() if key in (None, one.key)]
        rows = ordered(call, kept, {"key": lambda one: one.key}, "key")
        return listed(call, f"{self.path.rpartition('/')[0]}/{holder}/properties", rows, self.show)

    def read(self, call: Call) -> Response:
        return self._answered(call, _property_of(call, self.find(call)[1]))

    def create(self, call: Call) -> Response:
        holder, held = self.open(call)
        key, now, author = _key(call, held), call.site.now(), call.person.account_id
        made = ContentProperty(call.site.next_id(), key, call.json["value"], 1, author, now, author, now)
        held[key] = made
        call.site.happened(f"{self.event}_created", call.person, holder, key=key)
        return self._answered(call, made, self.made)

    def update(self, call: Call) -> Response:
        holder, held = self.open(call)
        found = _property_of(call, held)
        if _key(call, held, found.key) != found.key:
            raise refusals.wiki(400, "The key of a property cannot be changed")
        new = _next(call, found)
        held[found.key] = new
        call.site.happened(f"{self.event}_updated", call.person, holder, key=found.key)
        return self._answered(call, new)

    def delete(self, call: Call) -> Response:
        holder, held = self.open(call)
        found = _property_of(call, held)
        del held[found.key]
        call.site.happened(f"{self.event}_removed", call.person, holder, key=found.key)
        return nothing()

    def table(self) -> Table:
        every = f"{self.path}/properties"
        each = f"{every}/{{property}}"
        return (
            Operation("GET", every, self.properties, errors=(400, 404)),
            Operation("POST", every, self.create, errors=(400, 403, 404, 409)),
            Operation("GET", each, self.read, errors=(400, 404)),
            Operation("PUT", each, self.update, errors=(400, 403, 404, 409)),
            Operation("DELETE", each, self.delete, errors=(400, 403, 404)),
        )


def _property_of(call: Call, held: Properties) -> ContentProperty:
    wanted = checked_id(call, call.path["property"], "property-id")
    found = next((one for one in held.values() if one.id == wanted), None)
    if found is None:
        raise refusals.wiki(404, f"Could not find property with id {wanted}")
    return found


def _key(call: Call, held: Properties, own: str = "") -> str:
    key = call.json.get("key", own)
    if not isinstance(key, str) or not key:
        raise refusals.wiki(400, "Required field 'key' is missing")
    if len(key) > KEY_LIMIT:
        raise refusals.wiki(400, "Property key cannot be longer than 255 characters")
    if "value" not in call.json:
        raise refusals.wiki(400, "Required field 'value' is missing")
    if len(json.dumps(call.json["value"], ensure_ascii=False, separators=(",", ":"))) > VALUE_LIMIT:
        raise refusals.wiki(400, f"Property value cannot be longer than {VALUE_LIMIT} characters")
    if key != own and key in held:
        raise refusals.wiki(409, f"A property with key '{key}' already exists for this content")
    return key


def _next(call: Call, found: ContentProperty) -> ContentProperty:
    version = as_dict(call.json.get("version"))
    number = version.get("number")
    if not isinstance(number, int):
        raise refusals.wiki(400, "Required field 'version.number' is missing")
    if number != found.number + 1:
        raise refusals.stale(found.number, number)
    return replace(
        found,
        value=call.json["value"],
        number=number,
        author=call.person.account_id,
        created=call.site.now(),
        message=str(version.get("message") or ""),
    )


# What holds them


def _page(call: Call) -> Held:
    found = page_of(call)
    return found.id, found.properties


def _open_page(call: Call) -> Held:
    must_update(call, page_of(call), "edit properties")
    return _page(call)


def _file(call: Call) -> Held:
    found = file_of(call)
    return found.id, found.properties


def _open_file(call: Call) -> Held:
    must_update(call, call.site.pages[file_of(call).page], "edit properties")
    return _file(call)


def _comment(call: Call) -> Held:
    kind = INLINE if INLINE.knows(call) else FOOTER
    _, found = kind.found(call)
    return found.id, found.properties


def _open_comment(call: Call) -> Held:
    kind = INLINE if INLINE.knows(call) else FOOTER
    _, found = kind.own(call)
    return found.id, found.properties


def _space(call: Call) -> Held:
    found = space_of(call)
    return found.id, found.properties


def _open_space(call: Call) -> Held:
    must_write(call, space_of(call), "edit properties")
    return _space(call)


HOLDERS = (
    Holder(PAGE, _page, _open_page),
    Holder(ATTACHMENT, _file, _open_file),
    Holder(COMMENT, _comment, _open_comment),
    Holder(SPACE, _space, _open_space, wiki_wire.space_property, 201, "space_property"),
)
TABLE: Table = tuple(row for holder in HOLDERS for row in holder.table())
