"""Confluence v2: labels, and what they are on."""

from collections.abc import Callable, Iterable
from typing import Any

from starlette.responses import Response

from server.sandbox import refusals, wiki_wire
from server.sandbox.call import Call, Operation, Table
from server.sandbox.wiki_files import EACH, file_of, seen, shown_files
from server.sandbox.wiki_labels import heard
from server.sandbox.wiki_pages import ONE, page_of
from server.sandbox.wiki_records import Label
from server.sandbox.wiki_spaces import (
    BULK_FORMATS,
    PAGE_ORDERS,
    V2,
    checked_format,
    checked_id,
    checked_word,
    listed,
    ordered,
    space_of,
)

ALL = f"{V2}/labels"
PREFIXES = ("my", "team", "global", "system")
OWN = ("my", "team")
ORDERS: dict[str, Callable[[Label], Any]] = {
    "created-date": lambda label: int(label.id),
    "id": lambda label: int(label.id),
    "name": lambda label: label.name,
}


def _rows(call: Call, labels: Iterable[Label], prefixes: Iterable[str], default: str = "created-date") -> list[Label]:
    once = {label.id: label for label in labels if label.prefix in prefixes}
    return ordered(call, list(once.values()), ORDERS, default)


def of_page(call: Call) -> Response:
    found = page_of(call)
    prefix = checked_word(call, "prefix", PREFIXES, "")
    kept = [label for label in heard(call, found) if prefix in ("", label.prefix)]
    rows = ordered(call, kept, ORDERS, "created-date") if "sort" in call.query else kept
    return listed(call, f"{V2}/pages/{found.id}/labels", rows, wiki_wire.label)


def of_attachment(call: Call) -> Response:
    found = file_of(call)
    prefix = checked_word(call, "prefix", PREFIXES, "")
    rows = _rows(call, heard(call, found), [prefix] if prefix else PREFIXES)
    return listed(call, f"{V2}/attachments/{found.id}/labels", rows, wiki_wire.label)


def _on_everything(call: Call) -> Iterable[Label]:
    for page in call.site.pages_for(call.person):
        yield from heard(call, page)
    for space in call.site.spaces_for(call.person):
        yield from heard(call, space)
    for file in seen(call):
        yield from heard(call, file)


def labels(call: Call) -> Response:
    ids = [checked_id(call, wanted, "label-id") for wanted in call.names("label-id")]
    kept = [label for label in _on_everything(call) if not ids or label.id in ids]
    return listed(call, ALL, _rows(call, kept, call.names("prefix") or PREFIXES), wiki_wire.label)


def _label(call: Call) -> str:
    wanted = checked_id(call, call.path["label"])
    if not any(label.id == wanted for label in _on_everything(call)):
        raise refusals.wiki(404, "Not Found")
    return wanted


def pages(call: Call) -> Response:
    wanted, form = _label(call), checked_format(call, BULK_FORMATS)
    spaces = [checked_id(call, space_id, "space-id") for space_id in call.names("space-id")]
    kept = [
        page
        for page in call.site.pages_for(call.person)
        if (not spaces or page.space in spaces) and any(label.id == wanted for label in page.labels)
    ]
    rows = ordered(call, kept, PAGE_ORDERS, "id")
    return listed(call, f"{ALL}/{wanted}/pages", rows, lambda page: wiki_wire.bulk_page(call.site, page, form))


def attachments(call: Call) -> Response:
    wanted = _label(call)
    kept = [one for one in seen(call) if one.status == "current" and any(label.id == wanted for label in one.labels)]
    return shown_files(call, f"{ALL}/{wanted}/attachments", kept)


def of_space(call: Call) -> Response:
    found = space_of(call)
    prefix = checked_word(call, "prefix", OWN, "")
    rows = _rows(call, heard(call, found), [prefix] if prefix else OWN)
    return listed(call, f"{V2}/spaces/{found.id}/labels", rows, wiki_wire.label)


def of_content(call: Call) -> Response:
    """The labels of what is in a space."""
    found = space_of(call)
    prefix = checked_word(call, "prefix", PREFIXES, "")
    inside = [
        label for page in call.site.pages_for(call.person) if page.space == found.id for label in heard(call, page)
    ]
    rows = _rows(call, inside, [prefix] if prefix else PREFIXES)
    return listed(call, f"{V2}/spaces/{found.id}/content/labels", rows, wiki_wire.label)


TABLE: Table = (
    Operation("GET", ONE + "/labels", of_page, errors=(400, 404)),
    Operation("GET", EACH + "/labels", of_attachment, errors=(400, 404)),
    Operation("GET", ALL, labels, errors=(400,)),
    Operation("GET", ALL + "/{label}/pages", pages, errors=(400, 404)),
    Operation("GET", ALL + "/{label}/attachments", attachments, errors=(400, 404)),
    Operation("GET", f"{V2}/spaces/{{space}}/labels", of_space, errors=(400, 404)),
    Operation("GET", f"{V2}/spaces/{{space}}/content/labels", of_content, errors=(400, 404)),
)
