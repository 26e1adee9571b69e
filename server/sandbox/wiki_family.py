"""Confluence: the versions of a page, and the pages above and below it."""

from collections.abc import Callable
from typing import Any

from starlette.responses import Response

from server.sandbox import refusals, wiki_tree, wiki_wire
from server.sandbox.call import Call, Operation, Table, answer
from server.sandbox.records import Json
from server.sandbox.wiki_pages import ONE, page_of
from server.sandbox.wiki_records import Page, PageVersion, Space
from server.sandbox.wiki_spaces import PAGE_ORDERS, V2, checked_format, checked_id, listed, ordered, view_of

CHILD_ORDERS: dict[str, Callable[[Page], Any]] = {**PAGE_ORDERS, "child-position": lambda page: page.place}
VERSION_ORDERS: dict[str, Callable[[PageVersion], int]] = {"modified-date": lambda version: version.number}
DEEPEST = 10
POSITIONS = ("before", "after", "append")


def versions(call: Call) -> Response:
    found = page_of(call)
    form = checked_format(call, ("", "storage", "atlas_doc_format"))

    def show(version: PageVersion) -> Json:
        row = wiki_wire.version(version)
        if form:
            row["page"] = {"id": found.id, "title": version.title, "body": wiki_wire.body(version, form)}
        return row

    rows = ordered(call, found.versions, VERSION_ORDERS, "-modified-date")
    return listed(call, f"{V2}/pages/{found.id}/versions", rows, show)


def version(call: Call) -> Response:
    found = page_of(call)
    wanted = checked_id(call, call.path["version"], "version-number")
    one = next((version for version in found.versions if str(version.number) == wanted), None)
    if one is None:
        raise refusals.wiki(404, f"Cannot find version {wanted} of content {found.id}")
    return answer(wiki_wire.version_details(found.versions, one))


def _seen(call: Call, pages: list[Page]) -> list[Page]:
    return [page for page in pages if call.site.page_for(call.person, page.id)]


def children(call: Call) -> Response:
    found = page_of(call)
    rows = ordered(call, _seen(call, call.site.child_pages(found)), CHILD_ORDERS, "child-position")
    return listed(call, f"{V2}/pages/{found.id}/children", rows, wiki_wire.child)


def direct_children(call: Call) -> Response:
    found = page_of(call)
    rows = ordered(call, _seen(call, call.site.child_pages(found)), CHILD_ORDERS, "child-position")
    path = f"{V2}/pages/{found.id}/direct-children"
    return listed(call, path, rows, lambda page: wiki_wire.child(page) | {"type": "page"})


def descendants(call: Call) -> Response:
    found = page_of(call)
    wanted = call.query.get("depth", "2")
    if not wanted.isdecimal() or not 1 <= int(wanted) <= DEEPEST:
        raise refusals.wiki(400, f"Provided value {{{wanted}}} for 'depth' is not valid. It must be between 1 and 10")
    rows: list[tuple[int, Page]] = []
    for depth, page in wiki_tree.descendants(call.site, found):
        if depth > int(wanted):
            break
        if call.site.page_for(call.person, page.id):
            rows.append((depth, page))

    def show(row: tuple[int, Page]) -> Json:
        depth, page = row
        shown = wiki_wire.child(page) | {"type": "page", "parentId": page.parent, "depth": depth}
        return {name: value for name, value in shown.items() if name != "spaceId"}

    return listed(call, f"{V2}/pages/{found.id}/descendants", rows, show)


def ancestors(call: Call) -> Response:
    found = page_of(call)
    above = call.site.ancestors(found)
    return listed(call, f"{V2}/pages/{found.id}/ancestors", above, lambda page: {"id": page.id, "type": "page"})


def operations(call: Call) -> Response:
    return answer({"operations": wiki_wire.page_operations(view_of(call), page_of(call))})


# Moving


def content_of(call: Call, name: str = "content") -> Page:
    """The published page that a path of version 1 names."""
    found = call.site.page_for(call.person, call.path[name])
    if found is None or found.status != "current":
        raise refusals.legacy(404, f"No content found with id: ContentId{{id={call.path[name]}}}")
    return found


def _may_move(call: Call, page: Page, space: Space) -> None:
    if not call.site.may_update(call.person, page):
        raise refusals.legacy(403, "User not permitted to move this page")
    if not space.writers & call.person.groups:
        raise refusals.legacy(403, f"User not permitted to move pages to the space {space.key}")


def _titles_free(call: Call, moved: list[Page], space: str) -> None:
    for page in moved:
        if page.space != space and call.site.page_titled(space, page.title):
            raise refusals.legacy(400, f"A page already exists with the title {page.title} in the target space")


def move(call: Call) -> Response:
    page, target = content_of(call), content_of(call, "target")
    position = call.path["position"]
    if position not in POSITIONS:
        raise refusals.legacy(400, f"Invalid position: {position}")
    parent = target.id if position == "append" else target.parent
    if page is target or wiki_tree.is_below(call.site, parent, page):
        raise refusals.legacy(400, "A page cannot be moved below itself")
    _may_move(call, page, call.site.spaces[target.space])
    if page.space != target.space and page.id == call.site.spaces[page.space].homepage:
        raise refusals.legacy(400, "The home page of a space cannot be moved to another space")
    family = [page, *(one for _, one in wiki_tree.descendants(call.site, page))]
    _titles_free(call, family, target.space)
    before = page.parent
    for one in family:
        one.space = target.space
        call.site.page_changed(one)
    if position == "append":
        wiki_tree.hang(call.site, page, target.id)
    else:
        wiki_tree.hang_beside(call.site, page, target, after=position == "after")
    call.site.happened("page_moved" if page.parent != before else "page_children_reordered", call.person, page.id)
    return answer({"pageId": page.id})


TABLE: Table = (
    Operation("GET", ONE + "/versions", versions, errors=(400, 404)),
    Operation("GET", ONE + "/versions/{version}", version, errors=(400, 404)),
    Operation("GET", ONE + "/children", children, errors=(400, 404)),
    Operation("GET", ONE + "/direct-children", direct_children, errors=(400, 404)),
    Operation("GET", ONE + "/descendants", descendants, errors=(400, 404)),
    Operation("GET", ONE + "/ancestors", ancestors, errors=(400, 404)),
    Operation("GET", ONE + "/operations", operations, errors=(400, 404)),
    Operation("PUT", "/wiki/rest/api/content/{content}/move/{position}/{target}", move, errors=(400, 403, 404)),
)
