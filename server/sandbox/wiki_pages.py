"""Confluence v2: one page, and writing it."""

from dataclasses import replace

from starlette.responses import Response

from server.sandbox import refusals, wiki_tree, wiki_wire
from server.sandbox.call import Call, Operation, Table, answer, nothing
from server.sandbox.records import Json
from server.sandbox.wiki_records import Circle, Page, PageVersion, Space
from server.sandbox.wiki_spaces import V2, checked_format, checked_id, view_of
from server.sandbox.wiki_written import (
    below,
    must_be_free,
    must_update,
    must_write,
    next_number,
    parent_of,
    status_of,
    title_of,
    version_of,
)

ONE = f"{V2}/pages/{{page}}"
STATUSES = ("current", "archived", "trashed")
MOST_INCLUDED = 50


def page_of(call: Call) -> Page:
    found = call.site.page_for(call.person, checked_id(call, call.path["page"]))
    if found is None or found.status == "deleted":
        raise refusals.wiki(404, "Not Found")
    return found


def included(call: Call, path: str, name: str, rows: list[Json]) -> Json:
    """A list inside the answer about something, where the request asks for it."""
    if not call.flag(f"include-{name}"):
        return {}
    links = {"self": f"{V2}/{path}/{name}"}
    meta = {"hasMore": len(rows) > MOST_INCLUDED}
    return {name: {"results": rows[:MOST_INCLUDED], "meta": meta, "_links": links}}


def _shown(call: Call, found: Page, shown: PageVersion | None = None, *, form: str = "") -> Json:
    body = wiki_wire.page(call.site, found, form, shown)
    body["_links"]["base"] = view_of(call).wiki
    path = f"pages/{found.id}"
    body |= included(call, path, "labels", [wiki_wire.label(label) for label in found.labels])
    body |= included(call, path, "properties", [wiki_wire.content_property(one) for one in found.properties.values()])
    body |= included(call, path, "operations", wiki_wire.page_operations(view_of(call), found))
    body |= included(call, path, "likes", [])
    body |= included(call, path, "versions", [wiki_wire.version(one) for one in reversed(found.versions)])
    if call.flag("include-favorited-by-current-user-status"):
        body["isFavoritedByCurrentUser"] = False
    if call.query.get("include-version") == "false":
        del body["version"]
    return body


def read(call: Call) -> Response:
    found = page_of(call)
    form = checked_format(call, ("", *wiki_wire.FORMATS))
    wanted = call.query.get("version")
    if wanted is None:
        statuses = call.names("status") or STATUSES
        if found.status not in statuses and not (call.flag("get-draft") and found.status == "draft"):
            raise refusals.wiki(404, "Not Found")
        shown = found.draft if call.flag("get-draft") else None
        return answer(_shown(call, found, shown, form=form))
    version = next((one for one in found.versions if str(one.number) == wanted), None)
    if version is None:
        raise refusals.wiki(404, f"Cannot find version {wanted} of content {found.id}")
    return answer(_shown(call, found, version, form=form))


# Writing


def create(call: Call) -> Response:
    space_id = call.json.get("spaceId")
    if space_id is None:
        raise refusals.wiki(400, "Required field 'spaceId' is missing")
    space = next((one for one in call.site.spaces_for(call.person) if one.id == str(space_id)), None)
    if space is None:
        raise refusals.wiki(404, f"Could not find space with id {space_id}")
    must_write(call, space, "create pages")
    status = status_of(call, missing="current")
    title = title_of(call, status=status)
    version = version_of(call, 1, title)
    if status == "current":
        must_be_free(call, space, title)
    author, now = call.person.account_id, call.site.now()
    page = Page(call.site.next_id(), space.id, "", author, now, [version], status, live=_live(call))
    wiki_tree.hang(call.site, page, parent_of(call, space))
    call.site.pages[page.id] = page
    if call.flag("private"):
        call.site.circles |= {(page.id, operation): Circle((author,)) for operation in ("read", "update")}
    if status == "current":
        call.site.happened("page_created", call.person, page.id)
    return answer(_shown(call, page, form="storage"))


def _live(call: Call) -> bool:
    subtype = call.json.get("subtype")
    if subtype not in (None, "live"):
        raise refusals.wiki(400, f"Provided value {{{subtype}}} for 'subtype' is not the correct type.")
    return subtype == "live"


def update(call: Call) -> Response:
    found = page_of(call)
    space = call.site.spaces[found.space]
    must_update(call, found, "update pages")
    if str(call.json.get("id")) != found.id:
        raise refusals.wiki(400, "The id in the request body does not match the id in the path")
    status = status_of(call)
    if call.json.get("spaceId") and str(call.json["spaceId"]) != found.space:
        raise refusals.wiki(400, "A page cannot be moved to a different space by an update")
    title = title_of(call, status=status)
    if status == "draft":
        return _drafted(call, found, title)
    if found.status == "trashed":
        return _restored(call, found, space)
    return _published(call, found, space, title)


def _drafted(call: Call, found: Page, title: str) -> Response:
    """A draft is written over: it has one version, the first."""
    version = version_of(call, 1, title)
    next_number(call, 0)
    if found.status == "draft":
        found.versions = [version]
        return answer(_shown(call, found, form="storage"))
    found.draft = version
    return answer(_shown(call, found, version, form="storage"))


def _restored(call: Call, found: Page, space: Space) -> Response:
    """Out of the trash as it went in: its contents are not what the request says."""
    must_be_free(call, space, found.title)
    number = next_number(call, found.latest.number)
    restored = replace(found.latest, number=number, author=call.person.account_id, created=call.site.now(), message="")
    found.versions.append(restored)
    found.status = "current"
    above = call.site.pages.get(found.parent)
    wiki_tree.hang(call.site, found, above.id if above and above.status == "current" else "")
    call.site.happened("page_restored", call.person, found.id)
    return answer(_shown(call, found, form="storage"))


def _published(call: Call, found: Page, space: Space, title: str) -> Response:
    new = found.status == "draft"
    must_be_free(call, space, title, page=found)
    version = version_of(call, found.latest.number, title)
    number = next_number(call, 0 if new else found.latest.number)
    parent = below(call, space, call.json["parentId"]) if call.json.get("parentId") else found.parent
    if wiki_tree.is_below(call.site, parent, found):
        raise refusals.wiki(400, "A page cannot be moved below itself")
    owner = _owner(call, found)
    found.versions = [*([] if new else found.versions), replace(version, number=number)]
    if owner != found.owner:
        found.owner, found.last_owner = owner, found.owner
    found.status, found.draft = "current", None
    if parent != found.parent:
        wiki_tree.hang(call.site, found, parent)
        call.site.happened("page_moved", call.person, found.id)
    call.site.happened("page_created" if new else "page_updated", call.person, found.id)
    return answer(_shown(call, found, form="storage"))


def _owner(call: Call, found: Page) -> str:
    wanted = call.json.get("ownerId")
    if wanted is None:
        return found.owner
    if wanted not in call.site.people:
        raise refusals.wiki(400, f"Could not find user with account id {wanted}")
    return wanted


def retitle(call: Call) -> Response:
    found = page_of(call)
    space = call.site.spaces[found.space]
    must_update(call, found, "update pages")
    status = status_of(call)
    title = title_of(call, status="current")
    if found.status == "draft" or status == "draft":
        return _draft_retitled(call, found, title)
    if found.status != "current":
        raise refusals.wiki(404, "Not Found")
    must_be_free(call, space, title, page=found)
    latest, author = found.latest, call.person.account_id
    version = replace(latest, number=latest.number + 1, title=title, author=author, created=call.site.now(), message="")
    found.versions.append(version)
    call.site.happened("page_updated", call.person, found.id)
    return answer(_shown(call, found))


def _draft_retitled(call: Call, found: Page, title: str) -> Response:
    if found.status == "draft" and call.json["status"] == "draft":
        found.versions = [replace(found.latest, title=title)]
        return answer(_shown(call, found))
    if found.status != "current" or found.draft is None:
        raise refusals.wiki(404, "Not Found")
    found.draft = replace(found.draft, title=title)
    return answer(_shown(call, found, found.draft))


def delete(call: Call) -> Response:
    found = page_of(call)
    must_update(call, found, "delete pages")
    if call.flag("draft") or found.status == "draft":
        _discard(call, found)
    elif call.flag("purge"):
        if found.status != "trashed":
            raise refusals.wiki(400, "Only trashed content can be purged")
        found.status = "deleted"
        call.site.happened("page_removed", call.person, found.id)
    elif found.status == "trashed":
        raise refusals.wiki(404, "Not Found")
    else:
        for child in call.site.child_pages(found):
            wiki_tree.hang(call.site, child, found.parent)
        found.status = "trashed"
        call.site.happened("page_trashed", call.person, found.id)
    return nothing()


def _discard(call: Call, found: Page) -> None:
    """A draft goes for good, and only where the request says that one is meant."""
    if found.status == "draft" and call.flag("draft"):
        del call.site.pages[found.id]
    elif found.status == "current" and found.draft:
        found.draft = None
    else:
        raise refusals.wiki(404, "Not Found")


TABLE: Table = (
    Operation("POST", f"{V2}/pages", create, errors=(400, 403, 404, 413)),
    Operation("GET", ONE, read, errors=(400, 404)),
    Operation("PUT", ONE, update, errors=(400, 403, 404, 409, 413)),
    Operation("PUT", ONE + "/title", retitle, errors=(400, 403, 404)),
    Operation("DELETE", ONE, delete, errors=(400, 403, 404)),
)
