"""Confluence v1: labels put on pages, attachments and spaces, and taken off again."""

import re
from collections.abc import Iterator

from starlette.responses import Response

from server.sandbox import paging, refusals, wiki_old_wire
from server.sandbox.adf import as_dict, as_list
from server.sandbox.call import Call, Operation, Table, answer, nothing
from server.sandbox.records import Json
from server.sandbox.site import Site
from server.sandbox.wiki_files import lookup
from server.sandbox.wiki_records import Label, Page, PageFile, Space
from server.sandbox.wiki_spaces import view_of

ONE = "/wiki/rest/api/content/{content}/label"
OF_SPACE = "/wiki/rest/api/space/{key}/label"
PREFIXES = ("global", "my", "team")
KINDS = ("page", "blogpost", "attachment", "page_template")
FORBIDDEN = re.compile(r"[\s:;,.?&\[\]()#^*@!]")
NAME_LIMIT = 255
MOST = 1_000  # labels of one thing
Labelled = Page | PageFile | Space


def holders(site: Site) -> Iterator[Labelled]:
    yield from site.pages.values()
    yield from site.files.values()
    yield from site.spaces.values()


def heard(call: Call, found: Labelled) -> list[Label]:
    return [label for label in found.labels if label.owner in ("", call.person.account_id)]


def _content(call: Call) -> Page | PageFile:
    wanted = call.path["content"]
    found = lookup(call, wanted) if wanted.startswith("att") else call.site.page_for(call.person, wanted)
    if found is None or found.status not in ("current", "draft"):
        raise refusals.legacy(404, f"No content found with id: ContentId{{id={wanted}}}")
    return found


def _writable(call: Call) -> Page | PageFile:
    found = _content(call)
    page = found if isinstance(found, Page) else call.site.pages[found.page]
    if not call.site.may_update(call.person, page):
        raise refusals.legacy(403, "User not permitted to edit labels of this content")
    return found


def _must_write(call: Call, space: Space) -> None:
    if not space.writers & call.person.groups:
        raise refusals.legacy(403, "User not permitted to edit labels of this space")


def _space(call: Call) -> Space:
    found = next((one for one in call.site.spaces_for(call.person) if one.key == call.path["key"]), None)
    if found is None:
        raise refusals.legacy(404, f"No space found with key: {call.path['key']}")
    return found


def _wanted(call: Call) -> list[tuple[str, str]]:
    """(prefix, name) of each label that the request describes."""
    rows = [as_dict(item) for item in as_list(call.body) or [call.body]]
    wanted = [(str(row.get("prefix") or "global"), str(row.get("name") or "").strip().lower()) for row in rows]
    for prefix, name in wanted:
        if not name:
            raise refusals.legacy(400, "A label must have a name")
        if FORBIDDEN.search(name) or len(name) > NAME_LIMIT:
            raise refusals.legacy(400, f"Invalid characters in label name: {name}")
        if prefix not in PREFIXES:
            raise refusals.legacy(400, f"Invalid label prefix: {prefix}")
    return wanted


def _labelled(call: Call, found: Labelled) -> None:
    wanted, owner = _wanted(call), call.person.account_id
    fresh = dict.fromkeys(
        one for one in wanted if not any((label.prefix, label.name) == one for label in heard(call, found))
    )
    if len(found.labels) + len(fresh) > MOST:
        raise refusals.legacy(400, f"Content cannot have more than {MOST} labels")
    for prefix, name in fresh:
        found.labels.append(_label(call.site, prefix, name, owner if prefix == "my" else ""))
        call.site.happened("label_added", call.person, found.id, label=name)


def _label(site: Site, prefix: str, name: str, owner: str) -> Label:
    """One and the same wherever it is put."""
    known = (label for holder in holders(site) for label in holder.labels)
    same = (label for label in known if (label.prefix, label.name, label.owner) == (prefix, name, owner))
    return next(same, None) or Label(site.next_id(), name, prefix, owner)


def _listed(call: Call, found: Labelled, path: str) -> Response:
    prefix = call.query.get("prefix")
    kept = [label for label in heard(call, found) if prefix in (None, label.prefix)]
    start, limit = paging.number(call.query, "start", 0), paging.number(call.query, "limit", 200, 200)
    shown = [wiki_old_wire.old_label(label) for label in kept[start : start + limit]]
    view = view_of(call)
    links = {"self": f"{view.wiki}/rest/api/{path}/label", "base": view.wiki, "context": "/wiki"}
    return answer({"results": shown, "start": start, "limit": limit, "size": len(shown), "_links": links})


def _removed(call: Call, found: Labelled, name: str, prefix: str | None = None) -> Response:
    for label in heard(call, found):
        if label.name == name.strip().lower() and prefix in (None, label.prefix):
            found.labels.remove(label)
            call.site.happened("label_removed", call.person, found.id, label=label.name)
    return nothing()


def _named(call: Call) -> str:
    name = call.query.get("name")
    if not name:
        raise refusals.legacy(400, "A label must have a name")
    return name


def add(call: Call) -> Response:
    found = _writable(call)
    _labelled(call, found)
    return _listed(call, found, f"content/{found.id}")


def labels(call: Call) -> Response:
    found = _content(call)
    return _listed(call, found, f"content/{found.id}")


def remove(call: Call) -> Response:
    return _removed(call, _writable(call), call.path["label"])


def remove_named(call: Call) -> Response:
    return _removed(call, _writable(call), _named(call))


def space_labels(call: Call) -> Response:
    return _listed(call, _space(call), f"space/{call.path['key']}")


def space_add(call: Call) -> Response:
    found = _space(call)
    _must_write(call, found)
    _labelled(call, found)
    return _listed(call, found, f"space/{found.key}")


def space_remove(call: Call) -> Response:
    found = _space(call)
    _must_write(call, found)
    return _removed(call, found, _named(call), call.query.get("prefix"))


def contents(call: Call) -> Response:
    """A label and what it is on."""
    name, kind = _named(call), call.query.get("type")
    if kind not in (None, *KINDS):
        raise refusals.legacy(400, f"Invalid content type: {kind}")
    rows: list[Json] = []
    found: Label | None = None
    for page in call.site.pages_for(call.person):
        mine = [one for one in call.site.files.values() if one.page == page.id and one.status == "current"]
        for one in (page, *mine):
            if label := next((label for label in heard(call, one) if label.name == name), None):
                found = label
                rows.append(_content_row(one))
    if found is None:
        raise refusals.legacy(404, f"No label found with name: {name}")
    kept = [row for row in rows if kind in (None, row["contentType"])]
    start, limit = paging.number(call.query, "start", 0), paging.number(call.query, "limit", 200, 200)
    part = kept[start : start + limit]
    about = {"results": part, "start": start, "limit": limit, "size": len(part)}
    return answer({"label": wiki_old_wire.old_label(found), "associatedContents": about})


def _content_row(found: Page | PageFile) -> Json:
    if isinstance(found, Page):
        return {"contentType": "page", "contentId": int(found.id), "title": found.title}
    return {"contentType": "attachment", "contentId": int(found.id.removeprefix("att")), "title": found.name}


TABLE: Table = (
    Operation("GET", ONE, labels, errors=(404,)),
    Operation("POST", ONE, add, errors=(400, 403, 404)),
    Operation("DELETE", ONE, remove_named, errors=(400, 403, 404)),
    Operation("DELETE", ONE + "/{label}", remove, errors=(403, 404)),
    Operation("GET", OF_SPACE, space_labels, errors=(404,)),
    Operation("POST", OF_SPACE, space_add, errors=(400, 403, 404)),
    Operation("DELETE", OF_SPACE, space_remove, errors=(400, 403, 404)),
    Operation("GET", "/wiki/rest/api/label", contents, errors=(400, 404)),
)
