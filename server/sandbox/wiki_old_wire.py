"""Spaces and pages on their way out of version 1."""

from server.sandbox.people import wiki_user
from server.sandbox.records import Json
from server.sandbox.wiki_records import Label, Page, PageVersion, Space
from server.sandbox.wiki_wire import FORMATS, View, body, label, moment, page_links, status_of


def old_label(found: Label) -> Json:
    return label(found) | {"label": found.name}


def old_space(view: View, found: Space) -> Json:
    names = ("settings", "metadata", "operations", "lookAndFeel", "permissions", "icon", "description", "theme")
    return {
        "id": int(found.id),
        "key": found.key,
        "alias": found.key,
        "name": found.name,
        "type": "global",
        "status": "current",
        "_expandable": dict.fromkeys([*names, "history"], "") | {"homepage": f"/rest/api/content/{found.homepage}"},
        "_links": {"webui": f"/spaces/{found.key}", "self": f"{view.wiki}/rest/api/space/{found.key}"},
    }


def old_version(view: View, found: PageVersion) -> Json:
    by = wiki_user(view.site.person(found.author), view.base)
    when: Json = {"when": moment(found.created), "friendlyWhen": ""}
    return {"by": by, **when, "message": found.message, "number": found.number, "minorEdit": False}


def _old_history(view: View, found: Page) -> Json:
    return {
        "latest": True,
        "createdBy": wiki_user(view.site.person(found.author), view.base),
        "ownedBy": wiki_user(view.site.person(found.owner), view.base),
        "createdDate": moment(found.created),
        "_expandable": {"lastUpdated": "", "previousVersion": "", "contributors": "", "nextVersion": ""},
        "_links": {"self": f"{view.wiki}/rest/api/content/{found.id}/history"},
    }


def _old_body(found: PageVersion, form: str) -> Json:
    shown = body(found, form)[form]
    return shown | {"embeddedContent": [], "_expandable": {"content": ""}}


def _old_labels(found: Page) -> Json:
    rows = [old_label(label) for label in found.labels if label.prefix != "my"]
    return {"results": rows, "start": 0, "limit": 200, "size": len(rows), "_links": {}}


EXPANDABLE = ("container", "metadata", "extensions", "operations", "children", "body", "history", "ancestors")


def old_content(view: View, found: Page, expand: list[str], shown: PageVersion | None = None) -> Json:
    """As it is, or as it was in a version of it; what can be asked for besides stands in `_expandable`."""
    current = shown or found.latest
    row: Json = {
        "id": found.id,
        "type": "page",
        "status": status_of(found, current),
        "title": current.title,
        "childTypes": {},
        "macroRenderedOutput": {},
        "restrictions": {},
        "_links": page_links(view.site, found) | {"self": f"{view.wiki}/rest/api/content/{found.id}"},
    }
    if "space" in expand:
        row["space"] = old_space(view, view.site.spaces[found.space])
    if "version" in expand:
        row["version"] = old_version(view, current)
    if "history" in expand:
        row["history"] = _old_history(view, found)
    if "ancestors" in expand:
        row["ancestors"] = [old_content(view, above, []) for above in view.site.ancestors(found)]
    if "metadata.labels" in expand:
        row["metadata"] = {"labels": _old_labels(found), "_expandable": {"currentuser": "", "properties": ""}}
    if forms := [form for form in FORMATS if f"body.{form}" in expand]:
        row["body"] = {form: _old_body(current, form) for form in forms}
    return row | {"_expandable": {name: "" for name in EXPANDABLE if name not in row}}
