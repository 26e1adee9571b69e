"""Confluence v1: a page copied to another place."""

from dataclasses import replace
from uuid import UUID

from starlette.responses import Response

from server.sandbox import refusals, wiki_old_wire, wiki_tree
from server.sandbox.adf import as_dict
from server.sandbox.call import Call, Operation, Table, answer
from server.sandbox.refusals import Refusal
from server.sandbox.wiki_content import expand
from server.sandbox.wiki_family import content_of
from server.sandbox.wiki_files import files_of
from server.sandbox.wiki_records import Page, PageVersion, Space
from server.sandbox.wiki_spaces import view_of
from server.sandbox.wiki_written import TITLE_LIMIT, body_text

KINDS = ("space", "existing_page", "parent_page", "parent_content")


def _destination(call: Call) -> tuple[Space, Page | None]:
    """The space, and the page in it that is to be the parent or to be written over."""
    given = as_dict(call.json.get("destination"))
    kind, value = given.get("type"), given.get("value")
    if kind not in KINDS or not isinstance(value, str) or not value:
        raise refusals.legacy(400, f"A destination needs a value and a type of {', '.join(KINDS)}")
    if kind == "space":
        space = next((one for one in call.site.spaces_for(call.person) if one.key == value), None)
        if space is None:
            raise refusals.legacy(404, f"No space found with key: {value}")
        return space, None
    page = call.site.page_for(call.person, value)
    if page is None or page.status != "current":
        raise refusals.legacy(404, f"No content found with id: ContentId{{id={value}}}")
    return call.site.spaces[page.space], page


def _body(call: Call, source: Page) -> tuple[str, str]:
    given = as_dict(as_dict(call.json.get("body")).get("storage"))
    if not given:
        return source.latest.body, source.latest.adf
    try:
        return body_text(given)
    except Refusal as refusal:
        raise refusals.legacy(400, str(refusal.body["errors"][0]["title"])) from None


def _title(call: Call, space: Space, default: str, own: Page | None) -> str:
    title = str(call.json.get("pageTitle") or default).strip()[:TITLE_LIMIT]
    other = call.site.page_titled(space.id, title)
    if other and other is not own:
        raise refusals.legacy(400, f"A page already exists with the title {title} in the space with key {space.key}")
    return title


def _may_write(call: Call, space: Space, over: Page | None) -> None:
    allowed = call.site.may_update(call.person, over) if over else space.writers & call.person.groups
    if not allowed:
        raise refusals.legacy(403, f"User not permitted to create content in the space {space.key}")


def copy(call: Call) -> Response:
    source = content_of(call)
    space, target = _destination(call)
    over = target if as_dict(call.json["destination"])["type"] == "existing_page" else None
    _may_write(call, space, over)
    title = _title(call, space, over.title if over else f"Copy of {source.title}", over)
    (text, document), author, now = _body(call, source), call.person.account_id, call.site.now()
    number = over.latest.number + 1 if over else 1
    version = PageVersion(number, title, text, author, now, adf=document)
    if over:
        page = over
        page.versions.append(version)
    else:
        page = Page(call.site.next_id(), space.id, "", author, now, [version])
        wiki_tree.hang(call.site, page, target.id if target else "")
        call.site.pages[page.id] = page
    _take_along(call, source, page)
    call.site.happened("page_updated" if over else "page_created", call.person, page.id)
    call.site.happened("page_copied", call.person, source.id, copy=page.id)
    return answer(wiki_old_wire.old_content(view_of(call), page, expand(call)))


def _take_along(call: Call, source: Page, page: Page) -> None:
    """What the request wants copied besides the text."""
    asked = {name for name, value in call.json.items() if value is True}
    if "copyLabels" in asked:
        page.labels += [label for label in source.labels if label not in page.labels]
    if "copyProperties" in asked:
        new = {key: replace(one, id=call.site.next_id()) for key, one in source.properties.items()}
        page.properties = new | page.properties
    if "copyPermissions" in asked:
        kept = {name: circle for (holder, name), circle in call.site.circles.items() if holder == source.id}
        call.site.circles |= {(page.id, name): circle for name, circle in kept.items()}
    if "copyAttachments" in asked:
        _copy_files(call, source, page)


def _copy_files(call: Call, source: Page, page: Page) -> None:
    taken = {one.name for one in files_of(call.site, page)}
    for one in files_of(call.site, source):
        if one.name not in taken:
            number = call.site.next_id()
            latest = replace(one.latest, number=1)
            name = str(UUID(int=int(number), version=4))
            call.site.files[f"att{number}"] = replace(
                one, id=f"att{number}", page=page.id, file=name, versions=[latest]
            )


TABLE: Table = (Operation("POST", "/wiki/rest/api/content/{content}/copy", copy, errors=(400, 403, 404)),)
