"""Confluence v2: the JSON that clients keep with a page."""

from dataclasses import replace

from starlette.responses import Response

from server.sandbox import refusals, wiki_wire
from server.sandbox.adf import as_dict
from server.sandbox.call import Call, Operation, Table, answer, nothing
from server.sandbox.records import ContentProperty, Page
from server.sandbox.wiki_pages import ONE, page_of
from server.sandbox.wiki_spaces import V2, checked_id, listed, ordered, view_of
from server.sandbox.wiki_written import must_update

KEY_LIMIT = 255
ALL = ONE + "/properties"
EACH = ALL + "/{property}"


def _answered(call: Call, found: ContentProperty) -> Response:
    return answer(wiki_wire.content_property(found) | {"_links": {"base": view_of(call).wiki}})


def _property_of(call: Call, page: Page) -> ContentProperty:
    wanted = checked_id(call, call.path["property"], "property-id")
    found = next((one for one in page.properties.values() if one.id == wanted), None)
    if found is None:
        raise refusals.wiki(404, f"Could not find property with id {wanted}")
    return found


def _writable(call: Call) -> Page:
    found = page_of(call)
    must_update(call, found, "edit properties")
    return found


def _key(call: Call, page: Page, own: str = "") -> str:
    key = call.json.get("key", own)
    if not isinstance(key, str) or not key:
        raise refusals.wiki(400, "Required field 'key' is missing")
    if len(key) > KEY_LIMIT:
        raise refusals.wiki(400, "Property key cannot be longer than 255 characters")
    if "value" not in call.json:
        raise refusals.wiki(400, "Required field 'value' is missing")
    if key != own and key in page.properties:
        raise refusals.wiki(409, f"A property with key '{key}' already exists for this content")
    return key


def properties(call: Call) -> Response:
    found, key = page_of(call), call.query.get("key")
    kept = [one for one in found.properties.values() if key in (None, one.key)]
    rows = ordered(call, kept, {"key": lambda one: one.key}, "key")
    return listed(call, f"{V2}/pages/{found.id}/properties", rows, wiki_wire.content_property)


def read(call: Call) -> Response:
    return _answered(call, _property_of(call, page_of(call)))


def create(call: Call) -> Response:
    page = _writable(call)
    key = _key(call, page)
    made = ContentProperty(call.site.next_id(), key, call.json["value"], 1, call.person.account_id, call.site.now())
    page.properties[key] = made
    call.site.happened("content_property_created", call.person, page.id, key=key)
    return _answered(call, made)


def update(call: Call) -> Response:
    page = _writable(call)
    found = _property_of(call, page)
    if _key(call, page, found.key) != found.key:
        raise refusals.wiki(400, "The key of a property cannot be changed")
    version = as_dict(call.json.get("version"))
    number = version.get("number")
    if not isinstance(number, int):
        raise refusals.wiki(400, "Required field 'version.number' is missing")
    if number != found.number + 1:
        raise refusals.stale(found.number, number)
    new = replace(
        found,
        value=call.json["value"],
        number=number,
        author=call.person.account_id,
        created=call.site.now(),
        message=str(version.get("message") or ""),
    )
    page.properties[found.key] = new
    call.site.happened("content_property_updated", call.person, page.id, key=found.key)
    return _answered(call, new)


def delete(call: Call) -> Response:
    page = _writable(call)
    found = _property_of(call, page)
    del page.properties[found.key]
    call.site.happened("content_property_removed", call.person, page.id, key=found.key)
    return nothing()


TABLE: Table = (
    Operation("GET", ALL, properties, errors=(400, 404)),
    Operation("POST", ALL, create, errors=(400, 403, 404, 409)),
    Operation("GET", EACH, read, errors=(400, 404)),
    Operation("PUT", EACH, update, errors=(400, 403, 404, 409)),
    Operation("DELETE", EACH, delete, errors=(400, 403, 404)),
)
