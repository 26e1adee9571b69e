"""Confluence v2: what clients write into pages and comments, checked."""

from server.sandbox import adf, json_text, page_formats, refusals, storage
from server.sandbox.adf import as_dict
from server.sandbox.call import Call
from server.sandbox.storage import Malformed
from server.sandbox.wiki_records import Page, PageVersion, Space

BODY_LIMIT = 5 * 1024 * 1024
TITLE_LIMIT = 255
TITLE_TAKEN = "A page with this title already exists: A page already exists with the same TITLE in this space"


def must_write(call: Call, space: Space, what: str) -> None:
    if not space.writers & call.person.groups:
        raise refusals.wiki(403, f"User {call.person.account_id} is not permitted to {what} in space {space.key}")


def must_update(call: Call, page: Page, what: str) -> None:
    """As the space and the restrictions of the page allow it."""
    must_write(call, call.site.spaces[page.space], what)
    if not call.site.may_update(call.person, page):
        raise refusals.wiki(403, f"User {call.person.account_id} is not permitted to {what}: the page is restricted")


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


def status_of(call: Call, *, missing: str = "") -> str:
    wanted = call.json.get("status") or missing
    if wanted not in ("current", "draft"):
        raise refusals.wiki(400, "Required field 'status' is missing")
    return wanted


def title_of(call: Call, *, status: str) -> str:
    title = str(call.json.get("title") or "").strip()
    if not title and status == "current":
        raise refusals.wiki(400, "Title is required for a published page")
    if len(title) > TITLE_LIMIT:
        raise refusals.wiki(400, "Title cannot be longer than 255 characters")
    return title


def must_be_free(call: Call, space: Space, title: str, *, page: Page | None = None) -> None:
    """Two published pages of a space never have the same title."""
    other = call.site.page_titled(space.id, title)
    if other and other is not page:
        detail = f"A page already exists with the title {title} in the space with key {space.key}"
        raise refusals.wiki(400, TITLE_TAKEN, detail)


def parent_of(call: Call, space: Space) -> str:
    """Where a new page is to stand: below the space's home page if nothing else is said."""
    wanted = call.json.get("parentId")
    if call.flag("root-level"):
        if wanted is not None:
            raise refusals.wiki(400, "A parentId cannot be given for a page at the root level of the space")
        return ""
    if wanted is None:
        home = call.site.page_for(call.person, space.homepage)
        return home.id if home and home.status == "current" else ""
    return below(call, space, wanted)


def below(call: Call, space: Space, wanted: object) -> str:
    parent = call.site.page_for(call.person, str(wanted))
    if parent is None or parent.space != space.id or parent.status != "current":
        raise refusals.wiki(404, f"Could not find parent with id {wanted}")
    return parent.id


def next_number(call: Call, current: int) -> int:
    raw = as_dict(call.json.get("version")).get("number")
    if not isinstance(raw, int):
        raise refusals.wiki(400, "Required field 'version.number' is missing")
    if raw != current + 1:
        raise refusals.stale(current, raw)
    return raw


def version_of(call: Call, number: int, title: str) -> PageVersion:
    """A version of a page as the request describes it."""
    text, document = body_text(call.json.get("body"))
    message = str(as_dict(call.json.get("version")).get("message") or "")
    return PageVersion(number, title, text, call.person.account_id, call.site.now(), message, document)
