"""Confluence: labels."""

from starlette.responses import Response

from server.sandbox import refusals, wiki_wire
from server.sandbox.adf import as_dict, as_list
from server.sandbox.call import Call, Operation, Table, answer
from server.sandbox.records import Json, Label
from server.sandbox.wiki_pages import ONE, page_of
from server.sandbox.wiki_spaces import V2, listed, view_of


def labels(call: Call) -> Response:
    found = page_of(call)
    prefix = call.query.get("prefix")
    kept = [label for label in found.labels if prefix in (None, label.prefix)]
    return listed(call, f"{V2}/pages/{found.id}/labels", kept, wiki_wire.label)


def _label_names(call: Call) -> list[str]:
    raw = as_list(call.body) or [call.body]
    names = [str(as_dict(item).get("name") or "").strip().lower() for item in raw]
    if not names or not all(names):
        raise refusals.legacy(400, "A label must have a name")
    if bad := [name for name in names if " " in name]:
        raise refusals.legacy(400, f"Invalid characters in label name: {bad[0]}")
    return names


def label_add(call: Call) -> Response:
    found = call.site.page_for(call.person, call.path["content"])
    if found is None or found.status != "current":
        raise refusals.legacy(404, f"No content found with id: ContentId{{id={call.path['content']}}}")
    if not call.site.spaces[found.space].writers & call.person.groups:
        raise refusals.legacy(403, "User not permitted to edit labels of this content")
    for name in _label_names(call):
        if name not in [label.name for label in found.labels]:
            found.labels.append(Label(call.site.next_id(), name))
            call.site.happened("label_added", call.person, found.id, label=name)
    shown: list[Json] = [wiki_wire.label(label) | {"label": label.name} for label in found.labels]
    links = {"self": f"{call.base}/wiki/rest/api/content/{found.id}/label", "base": view_of(call).wiki}
    return answer({"results": shown, "start": 0, "limit": 200, "size": len(shown), "_links": links})


TABLE: Table = (
    Operation("GET", ONE + "/labels", labels, errors=(400, 404)),
    Operation("POST", "/wiki/rest/api/content/{content}/label", label_add, errors=(400, 403, 404)),
)
