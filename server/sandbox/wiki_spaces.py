"""Confluence v2: spaces and the lists of pages."""

from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from server.sandbox import paging, refusals, wiki_wire
from server.sandbox.call import Call, Operation, Table, answer
from server.sandbox.records import Json
from server.sandbox.wiki_records import Page, Space
from server.sandbox.wiki_wire import View

V2 = "/wiki/api/v2"
Operations = tuple[tuple[str, str], ...]
READING: Operations = (("read", "space"),)
WRITING: Operations = (("create", "page"), ("delete", "page"), ("create", "comment"))
BULK_FORMATS = ("", "storage", "atlas_doc_format")
PAGE_STATUSES = ("current", "archived", "deleted", "trashed")
PAGE_ORDERS: dict[str, Callable[[Page], Any]] = {
    "id": lambda page: int(page.id),
    "created-date": lambda page: page.created,
    "modified-date": lambda page: page.latest.created,
    "title": lambda page: page.title.casefold(),
}
SPACE_ORDERS: dict[str, Callable[[Space], Any]] = {
    "id": lambda space: int(space.id),
    "key": lambda space: space.key,
    "name": lambda space: space.name.casefold(),
}


def view_of(call: Call) -> View:
    return View(call.site, call.person, call.base)


def listed(call: Call, path: str, items: list[Any], show: Callable[[Any], Json], *, size: int = 25) -> Response:
    """One page of a v2 list, with `_links.next` and `Link`."""
    page, cursor = paging.cursor_page(call.query, items, size=size, now=call.site.now())
    following = paging.next_link(path, call.query, cursor) if cursor else ""
    view = view_of(call)
    return answer(
        wiki_wire.listing(view, [show(item) for item in page], following),
        headers=wiki_wire.link_header(view, following),
    )


def ordered(call: Call, items: list[Any], orders: dict[str, Callable[[Any], Any]], default: str) -> list[Any]:
    wanted = call.query.get("sort", default)
    if wanted.lstrip("-") not in orders:
        raise refusals.wiki(400, f"Provided value {{{wanted}}} for 'sort' is not the correct type.")
    return sorted(items, key=orders[wanted.lstrip("-")], reverse=wanted.startswith("-"))


def checked_format(call: Call, allowed: tuple[str, ...]) -> str:
    wanted = wiki_wire.wanted_format(call.query)
    if wanted not in allowed:
        raise refusals.wiki(400, f"Provided value {{{wanted}}} for 'body-format' is not the correct type.")
    return wanted


def checked_id(call: Call, wanted: str, name: str = "id") -> str:
    del call
    if not wanted.isdigit():
        raise refusals.wiki(
            400, f"Provided value {{{wanted}}} for '{name}' is not the correct type. Expected type is long"
        )
    return wanted


def space_of(call: Call) -> Space:
    found = call.site.space_for(call.person, checked_id(call, call.path["space"]))
    if found is None:
        raise refusals.wiki(404, "Not Found")
    return found


def spaces(call: Call) -> Response:
    keys, ids = call.names("keys"), call.names("ids")
    found = [
        space
        for space in call.site.spaces_for(call.person)
        if (not keys or space.key in keys) and (not ids or space.id in ids)
    ]
    view, described = view_of(call), call.query.get("description-format", "")
    return listed(
        call,
        f"{V2}/spaces",
        ordered(call, found, SPACE_ORDERS, "id"),
        lambda space: wiki_wire.space(view, space, described=described),
    )


def space(call: Call) -> Response:
    view = view_of(call)
    shown = wiki_wire.space(view, space_of(call), described=call.query.get("description-format", ""))
    shown["_links"]["base"] = view.wiki
    return answer(shown)


def operations(call: Call) -> Response:
    found = space_of(call)
    permitted = READING + (WRITING if found.writers & call.person.groups else ())
    return answer({"operations": [{"operation": verb, "targetType": target} for verb, target in permitted]})


def checked_word(call: Call, name: str, allowed: tuple[str, ...], default: str) -> str:
    """A parameter that takes one of a few words."""
    wanted = call.query.get(name, default)
    if wanted not in (*allowed, default):
        raise refusals.wiki(400, f"Provided value {{{wanted}}} for '{name}' is not the correct type.")
    return wanted


def _statuses(call: Call) -> list[str]:
    wanted = list(dict.fromkeys(call.names("status"))) or ["current", "archived"]
    for status in wanted:
        if status not in PAGE_STATUSES:
            raise refusals.wiki(400, f"Provided value {{{status}}} for 'status' is not the correct type.")
    return wanted


def _listed_pages(call: Call, path: str, kept: Callable[[Page], bool]) -> Response:
    form = checked_format(call, BULK_FORMATS)
    title, ids = call.query.get("title"), [checked_id(call, wanted) for wanted in call.names("id")]
    found = [
        page
        for status in _statuses(call)
        for page in call.site.pages_for(call.person, status)
        if kept(page) and title in (None, page.title) and (not ids or page.id in ids)
    ]
    pages = ordered(call, found, PAGE_ORDERS, "id")
    return listed(call, path, pages, lambda page: wiki_wire.bulk_page(call.site, page, form))


def pages(call: Call) -> Response:
    wanted = [checked_id(call, space_id, "space-id") for space_id in call.names("space-id")]
    live = {"live": True, "page": False}.get(checked_word(call, "subtype", ("live", "page"), ""))
    return _listed_pages(
        call, f"{V2}/pages", lambda page: (not wanted or page.space in wanted) and live in (None, page.live)
    )


def space_pages(call: Call) -> Response:
    found = space_of(call)
    root = checked_word(call, "depth", ("all", "root"), "all") == "root"
    return _listed_pages(
        call, f"{V2}/spaces/{found.id}/pages", lambda page: page.space == found.id and not (root and page.parent)
    )


TABLE: Table = (
    Operation("GET", f"{V2}/spaces", spaces, errors=(400,)),
    Operation("GET", f"{V2}/spaces/{{space}}", space, errors=(400, 404)),
    Operation("GET", f"{V2}/spaces/{{space}}/operations", operations, errors=(400, 404)),
    Operation("GET", f"{V2}/spaces/{{space}}/pages", space_pages, errors=(400, 404)),
    Operation("GET", f"{V2}/pages", pages, errors=(400,)),
)
