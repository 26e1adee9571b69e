"""Confluence v1: one piece of content, as it can still be read by who comes with a password."""

from starlette.responses import Response

from server.sandbox import refusals, wiki_file_wire, wiki_old_wire
from server.sandbox.call import Call, Operation, Table, answer
from server.sandbox.wiki_files import lookup
from server.sandbox.wiki_records import Page
from server.sandbox.wiki_spaces import view_of

ONE = "/wiki/rest/api/content/{content}"
EXPANDED = ["space", "history", "version"]
STATUSES = ("current", "draft", "archived", "trashed", "any")


def expand(call: Call) -> list[str]:
    return call.names("expand") or EXPANDED


def _page(call: Call, wanted: str) -> Page:
    statuses = call.names("status") or ["current"]
    if bad := [status for status in statuses if status not in STATUSES]:
        raise refusals.legacy(400, f"Invalid status: {bad[0]}")
    found = call.site.page_for(call.person, wanted)
    if found is None or found.status == "deleted" or not {found.status, "any"} & set(statuses):
        raise refusals.legacy(404, f"No content found with id: ContentId{{id={wanted}}}")
    return found


def read(call: Call) -> Response:
    wanted, view = call.path["content"], view_of(call)
    if wanted.startswith("att") and (file := lookup(call, wanted)):
        return answer(wiki_file_wire.old_attachment(view, file))
    found = _page(call, wanted)
    number = call.query.get("version")
    version = next((one for one in found.versions if number in (None, str(one.number))), None)
    if version is None:
        raise refusals.legacy(404, f"Cannot find version {number} of content {found.id}")
    shown = wiki_old_wire.old_content(view, found, expand(call), version if number else found.latest)
    shown["_links"] |= {"base": view.wiki, "context": "/wiki"}
    return answer(shown)


TABLE: Table = (Operation("GET", ONE, read, errors=(400, 404, 410), gone=True),)
