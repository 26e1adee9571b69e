"""Confluence v2: attachments, their versions and their bytes."""

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from server.sandbox import paging, refusals, wiki_file_wire, wiki_wire
from server.sandbox.call import Call, Operation, Table, answer, nothing
from server.sandbox.records import Json
from server.sandbox.site import Site
from server.sandbox.wiki_pages import ONE, included, page_of
from server.sandbox.wiki_records import FileVersion, Page, PageFile
from server.sandbox.wiki_spaces import V2, checked_id, listed, ordered, view_of
from server.sandbox.wiki_written import must_update

ALL = f"{V2}/attachments"
EACH = ALL + "/{attachment}"
STATUSES = ("current", "archived", "trashed")
MOST = 50  # attachments in a list that says nothing of its length
LINK_LIFE = timedelta(minutes=10)
DATED: dict[str, Callable[[PageFile], datetime]] = {
    "created-date": lambda one: one.created,
    "modified-date": lambda one: one.latest.created,
}
NUMBERED: dict[str, Callable[[FileVersion], int]] = {"modified-date": lambda version: version.number}


def seen(call: Call) -> list[PageFile]:
    """The attachments of every page that the person may see."""
    return [found for found in call.site.files.values() if _page(call, found)]


def _page(call: Call, found: PageFile) -> Page | None:
    page = call.site.page_for(call.person, found.page)
    return page if page and page.status not in ("trashed", "deleted") else None


def lookup(call: Call, wanted: str) -> PageFile | None:
    """By its id, which clients also send without its letters."""
    found = call.site.files.get(wanted if wanted.startswith("att") else f"att{wanted}")
    return found if found and _page(call, found) else None


def file_of(call: Call) -> PageFile:
    wanted = call.path["attachment"]
    checked_id(call, wanted.removeprefix("att"))
    found = lookup(call, wanted)
    if found is None:
        raise refusals.wiki(404, "Not Found")
    return found


def files_of(site: Site, page: Page) -> list[PageFile]:
    return [found for found in site.files.values() if found.page == page.id and found.status == "current"]


def _listed(call: Call, path: str, files: list[PageFile]) -> Response:
    statuses = call.names("status") or ["current", "archived"]
    if bad := [status for status in statuses if status not in STATUSES]:
        raise refusals.wiki(400, f"Provided value {{{bad[0]}}} for 'status' is not the correct type.")
    kind, name = call.query.get("mediaType"), call.query.get("filename")
    kept = [
        one
        for one in files
        if one.status in statuses and kind in (None, one.latest.mime_type) and name in (None, one.name)
    ]
    return shown_files(call, path, kept, size=MOST)


def shown_files(call: Call, path: str, files: list[PageFile], *, size: int = 25) -> Response:
    rows = ordered(call, files, DATED, "created-date")
    return listed(call, path, rows, wiki_file_wire.attachment, size=size)


def attachments(call: Call) -> Response:
    return _listed(call, ALL, seen(call))


def of_page(call: Call) -> Response:
    page = page_of(call)
    mine = [one for one in call.site.files.values() if one.page == page.id]
    return _listed(call, f"{V2}/pages/{page.id}/attachments", mine)


def _version(found: PageFile, wanted: str) -> FileVersion:
    version = next((one for one in found.versions if str(one.number) == wanted), None)
    if version is None:
        raise refusals.wiki(404, f"Cannot find version {wanted} of attachment {found.id}")
    return version


def read(call: Call) -> Response:
    found = file_of(call)
    wanted = call.query.get("version")
    shown = wiki_file_wire.attachment(found, _version(found, wanted) if wanted is not None else None)
    shown["_links"]["base"] = view_of(call).wiki
    path, page = f"attachments/{found.id}", call.site.pages[found.page]
    shown |= included(call, path, "labels", [wiki_wire.label(label) for label in found.labels])
    shown |= included(call, path, "properties", [wiki_wire.content_property(one) for one in found.properties.values()])
    shown |= included(call, path, "operations", wiki_file_wire.operations(view_of(call), page))
    shown |= included(call, path, "versions", [wiki_file_wire.version(one) for one in reversed(found.versions)])
    if call.query.get("include-version") == "false":
        del shown["version"]
    return answer(shown)


def operations(call: Call) -> Response:
    page = call.site.pages[file_of(call).page]
    return answer({"operations": wiki_file_wire.operations(view_of(call), page)})


def versions(call: Call) -> Response:
    found = file_of(call)

    def show(one: FileVersion) -> Json:
        return wiki_file_wire.version(one) | {"attachment": {"id": found.id, "title": one.name}}

    return listed(call, f"{ALL}/{found.id}/versions", ordered(call, found.versions, NUMBERED, "-modified-date"), show)


def version(call: Call) -> Response:
    found = file_of(call)
    one = _version(found, checked_id(call, call.path["version"], "version-number"))
    return answer(wiki_file_wire.version_details(found.versions, one))


def delete(call: Call) -> Response:
    found = file_of(call)
    must_update(call, call.site.pages[found.page], "delete attachments")
    if call.flag("purge"):
        if found.status != "trashed":
            raise refusals.wiki(400, "Only trashed content can be purged")
        del call.site.files[found.id]
        call.site.happened("attachment_removed", call.person, found.page, attachment=found.id)
    elif found.status == "trashed":
        raise refusals.wiki(404, "Not Found")
    else:
        found.status = "trashed"
        call.site.happened("attachment_trashed", call.person, found.page, attachment=found.id)
    return nothing()


# Bytes


def sent(version: FileVersion) -> Response:
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{quote(version.name)}"}
    return Response(version.content, 200, headers, version.mime_type)


def link(call: Call, found: PageFile, version: FileVersion) -> RedirectResponse:
    """To the bytes, for who has no account here: the link itself is the key, and soon dies."""
    until = (call.site.now() + LINK_LIFE).timestamp()
    token = paging.seal({"version": version.number, "until": until})
    return RedirectResponse(f"{call.origin}/media/confluence/{found.id}?token={token}", 302)


def routes(site: Site) -> list[Route]:
    async def media(request: Request) -> Response:
        found = site.files.get(request.path_params["attachment"])
        number = paging.position(request.query_params.get("token", ""), "version", site.now())
        version = next((one for one in found.versions if one.number == number), None) if found else None
        return sent(version) if version else Response("Forbidden", 403)

    return [Route("/media/confluence/{attachment}", media)]


TABLE: Table = (
    Operation("GET", ALL, attachments, errors=(400,)),
    Operation("GET", EACH, read, errors=(400, 404)),
    Operation("DELETE", EACH, delete, errors=(400, 403, 404)),
    Operation("GET", EACH + "/operations", operations, errors=(400, 404)),
    Operation("GET", EACH + "/versions", versions, errors=(400, 404)),
    Operation("GET", EACH + "/versions/{version}", version, errors=(400, 404)),
    Operation("GET", ONE + "/attachments", of_page, errors=(400, 404)),
)
