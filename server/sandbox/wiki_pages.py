"""Confluence v2: one page, its versions and relatives, and writing it."""

from starlette.responses import Response

from server.sandbox import adf, json_text, page_formats, refusals, storage, wiki_wire
from server.sandbox.adf import as_dict
from server.sandbox.call import Call, Operation, Table, answer, nothing
from server.sandbox.records import Json, Page, PageVersion, Space
from server.sandbox.storage import Malformed
from server.sandbox.wiki_spaces import V2, checked_format, checked_id, listed, view_of

ONE = f"{V2}/pages/{{page}}"
BODY_LIMIT = 5 * 1024 * 1024
TITLE_LIMIT = 255


def page_of(call: Call) -> Page:
    found = call.site.page_for(call.person, checked_id(call, call.path["page"]))
    if found is None or found.status == "deleted":
        raise refusals.wiki(404, "Not Found")
    return found


def must_write(call: Call, space: Space, what: str) -> None:
    if not space.writers & call.person.groups:
        raise refusals.wiki(403, f"User {call.person.account_id} is not permitted to {what} in space {space.key}")


def _shown(call: Call, found: Page, shown: PageVersion | None = None, *, form: str = "") -> Json:
    body = wiki_wire.page(call.site, found, form, shown)
    body["_links"]["base"] = view_of(call).wiki
    if call.flag("include-labels"):
        labels = [wiki_wire.label(label) for label in found.labels]
        body["labels"] = {
            "results": labels,
            "meta": {"hasMore": False},
            "_links": {"self": f"/wiki/api/v2/pages/{found.id}/labels"},
        }
    if call.flag("include-versions"):
        versions = [wiki_wire.version(version) for version in reversed(found.versions)]
        body["versions"] = {
            "results": versions,
            "meta": {"hasMore": False},
            "_links": {"self": f"/wiki/api/v2/pages/{found.id}/versions"},
        }
    if call.query.get("include-version") == "false":
        del body["version"]
    return body


def read(call: Call) -> Response:
    found = page_of(call)
    form = checked_format(call, ("", *wiki_wire.FORMATS))
    wanted = call.query.get("version")
    if wanted is None:
        if found.status not in (call.names("status") or ["current", "archived", "trashed"]):
            raise refusals.wiki(404, "Not Found")
        return answer(_shown(call, found, form=form))
    version = next((one for one in found.versions if str(one.number) == wanted), None)
    if version is None:
        raise refusals.wiki(404, f"Cannot find version {wanted} of content {found.id}")
    return answer(_shown(call, found, version, form=form))


# Writing


def body_text(raw: object) -> tuple[str, str]:
    """(storage, ADF or nothing) of a body as a client writes it."""
    given = as_dict(raw)
    for form in ("storage", "atlas_doc_format", "wiki"):
        if form in given:
            given = as_dict(given[form]) | {"representation": form}
    form, value = given.get("representation", "storage"), given.get("value", "")
    if not isinstance(value, str):
        raise refusals.wiki(400, "Body value must be a string")
    if len(value.encode(errors="replace")) > BODY_LIMIT:
        raise refusals.wiki(413, "Request body is too large: the maximum is 5 MB")
    if form not in ("storage", "atlas_doc_format"):
        raise refusals.wiki(400, f"Representation '{form}' is not supported for this content")
    written, document = (value, "") if form == "storage" else (_from_adf(value), value)
    try:
        storage.parse(written)
    except Malformed as error:
        raise refusals.wiki(400, str(error)) from None
    return written, document


def _from_adf(value: str) -> str:
    try:
        doc = json_text.parse(value)
    except ValueError:
        doc = None
    if not adf.is_valid(doc):
        raise refusals.wiki(400, "Invalid ADF: the body is no Atlassian document")
    return page_formats.to_storage(as_dict(doc))


def _title(call: Call, space: Space, *, page: Page | None = None) -> str:
    title = str(call.json.get("title") or "").strip()
    if not title:
        raise refusals.wiki(400, "Title is required for a published page")
    if len(title) > TITLE_LIMIT:
        raise refusals.wiki(400, "Title cannot be longer than 255 characters")
    other = call.site.page_titled(space.id, title)
    if other and other is not page:
        raise refusals.wiki(
            400,
            "A page with this title already exists: A page already exists with the same TITLE in this space",
            f"A page already exists with the title {title} in the space with key {space.key}",
        )
    return title


def _parent(call: Call, space: Space) -> str:
    wanted = call.json.get("parentId")
    if wanted is None:
        return "" if call.flag("root-level") else space.homepage
    parent = call.site.page_for(call.person, str(wanted))
    if parent is None or parent.space != space.id:
        raise refusals.wiki(404, f"Could not find parent with id {wanted}")
    return parent.id


def create(call: Call) -> Response:
    space_id = call.json.get("spaceId")
    if space_id is None:
        raise refusals.wiki(400, "Required field 'spaceId' is missing")
    space = next((one for one in call.site.spaces_for(call.person) if one.id == str(space_id)), None)
    if space is None:
        raise refusals.wiki(404, f"Could not find space with id {space_id}")
    must_write(call, space, "create pages")
    text, document = body_text(call.json.get("body"))
    title, parent = _title(call, space), _parent(call, space)
    now = call.site.now()
    version = PageVersion(1, title, text, call.person.account_id, now, adf=document)
    page = Page(call.site.next_id(), space.id, parent, call.person.account_id, now, [version])
    call.site.pages[page.id] = page
    call.site.happened("page_created", call.person, page.id)
    return answer(_shown(call, page, form="storage"))


def _next_number(call: Call, found: Page) -> int:
    raw = as_dict(call.json.get("version")).get("number")
    if not isinstance(raw, int):
        raise refusals.wiki(400, "Required field 'version.number' is missing")
    current = found.latest.number
    if raw != current + 1:
        raise refusals.stale(current, raw)
    return raw


def update(call: Call) -> Response:
    found = page_of(call)
    space = call.site.spaces[found.space]
    must_write(call, space, "update pages")
    if str(call.json.get("id")) != found.id:
        raise refusals.wiki(400, "The id in the request body does not match the id in the path")
    if call.json.get("status") not in ("current", "draft"):
        raise refusals.wiki(400, "Required field 'status' is missing")
    title = _title(call, space, page=found)
    text, document = body_text(call.json.get("body"))
    number = _next_number(call, found)
    parent = _parent(call, space) if call.json.get("parentId") else found.parent
    if parent == found.id or found in call.site.ancestors(call.site.pages[parent]) if parent else False:
        raise refusals.wiki(400, "A page cannot be moved below itself")
    message = str(as_dict(call.json.get("version")).get("message") or "")
    found.versions.append(PageVersion(number, title, text, call.person.account_id, call.site.now(), message, document))
    found.parent, found.status = parent, "current"
    call.site.happened("page_updated", call.person, found.id)
    return answer(_shown(call, found, form="storage"))


def delete(call: Call) -> Response:
    found = page_of(call)
    must_write(call, call.site.spaces[found.space], "delete pages")
    if call.flag("purge"):
        if found.status != "trashed":
            raise refusals.wiki(400, "Only trashed content can be purged")
        found.status = "deleted"
        call.site.happened("page_removed", call.person, found.id)
    else:
        for child in call.site.child_pages(found):
            child.parent = found.parent
        found.status = "trashed"
        call.site.happened("page_trashed", call.person, found.id)
    return nothing()


# Relatives


def versions(call: Call) -> Response:
    found = page_of(call)
    form = checked_format(call, ("", "storage", "atlas_doc_format"))

    def show(version: PageVersion) -> Json:
        row = wiki_wire.version(version)
        if form:
            row["page"] = {"id": found.id, "title": version.title, "body": wiki_wire.body(version, form)}
        return row

    return listed(call, f"{V2}/pages/{found.id}/versions", list(reversed(found.versions)), show)


def children(call: Call) -> Response:
    found = page_of(call)

    def show(page: Page) -> Json:
        return {
            "id": page.id,
            "status": "current",
            "title": page.title,
            "spaceId": page.space,
            "childPosition": int(page.id) % 1_000,
        }

    return listed(call, f"{V2}/pages/{found.id}/children", call.site.child_pages(found), show)


def direct_children(call: Call) -> Response:
    found = page_of(call)

    def show(page: Page) -> Json:
        return {
            "id": page.id,
            "status": "current",
            "title": page.title,
            "type": "page",
            "spaceId": page.space,
            "childPosition": int(page.id) % 1_000,
        }

    return listed(call, f"{V2}/pages/{found.id}/direct-children", call.site.child_pages(found), show)


def ancestors(call: Call) -> Response:
    found = page_of(call)
    above = call.site.ancestors(found)
    return listed(call, f"{V2}/pages/{found.id}/ancestors", above, lambda page: {"id": page.id, "type": "page"})


TABLE: Table = (
    Operation("POST", f"{V2}/pages", create, errors=(400, 403, 404)),
    Operation("GET", ONE, read, errors=(400, 404)),
    Operation("PUT", ONE, update, errors=(400, 403, 404, 409, 413)),
    Operation("DELETE", ONE, delete, errors=(400, 403, 404)),
    Operation("GET", ONE + "/versions", versions, errors=(400, 404)),
    Operation("GET", ONE + "/children", children, errors=(400, 404)),
    Operation("GET", ONE + "/direct-children", direct_children, errors=(400, 404)),
    Operation("GET", ONE + "/ancestors", ancestors, errors=(400, 404)),
)
