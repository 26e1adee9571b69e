"""Confluence v1: who alone may read or change a page."""

from hashlib import sha256
from typing import cast

from starlette.responses import Response

from server.sandbox import groups, paging, people, refusals, wiki_old_wire
from server.sandbox.adf import as_dict, as_list
from server.sandbox.call import Call, Operation, Table, answer, nothing
from server.sandbox.records import Json
from server.sandbox.wiki_records import Circle, Page
from server.sandbox.wiki_spaces import view_of

ALL = "/wiki/rest/api/content/{content}/restriction"
BY = ALL + "/byOperation"
EACH = BY + "/{operation}"
USER = EACH + "/user"
GROUP = EACH + "/byGroupId/{group}"
OPERATIONS = ("read", "update")
BAD = "ContentRestriction must have valid non empty map of subject types to restriction subjects specified"


def _page(call: Call) -> Page:
    wanted = call.path["content"]
    found = call.site.page_for(call.person, wanted)
    if found is None or found.status not in ("current", "draft", "archived"):
        raise refusals.legacy(404, f"No content found with id: ContentId{{id={wanted}}}")
    return found


def _editable(call: Call) -> Page:
    found = _page(call)
    if not call.site.may_update(call.person, found):
        reason = f"Not enough permissions to alter ContentRestrictions on a content with ContentId{{id={found.id}}}"
        raise refusals.legacy(403, reason)
    return found


def _operation(call: Call) -> str:
    wanted = call.path["operation"]
    if wanted not in OPERATIONS:
        raise refusals.legacy(404, f"Invalid operation: {wanted}")
    return wanted


def _circle(call: Call, page: Page, operation: str) -> Circle:
    return call.site.circles.get((page.id, operation), Circle())


# On their way out


def _shown(call: Call, page: Page, operation: str) -> Json:
    circle, view = _circle(call, page, operation), view_of(call)
    start, limit = paging.number(call.query, "start", 0), paging.number(call.query, "limit", 100, 200)
    users = [people.wiki_user(call.site.person(one), call.base) for one in circle.users[start : start + limit]]
    teams = [groups.wiki_group(name, call.base) for name in circle.groups[start : start + limit]]
    place: Json = {"start": start, "limit": limit}
    row: Json = {
        "operation": operation,
        "restrictions": {
            "user": {"results": users, "size": len(users)} | place,
            "group": {"results": teams, "size": len(teams)} | place,
            "_expandable": {},
        },
        "_expandable": {"content": f"/rest/api/content/{page.id}"},
        "_links": {"self": f"{view.wiki}/rest/api/content/{page.id}/restriction/byOperation/{operation}"},
    }
    if "content" in call.names("expand"):
        row |= {"content": wiki_old_wire.old_content(view, page, []), "_expandable": {}}
    return row


def _all(call: Call, page: Page) -> Response:
    wiki, results = view_of(call).wiki, [_shown(call, page, operation) for operation in OPERATIONS]
    circles = [_circle(call, page, operation) for operation in OPERATIONS]
    return answer(
        {
            "results": results,
            "start": paging.number(call.query, "start", 0),
            "limit": paging.number(call.query, "limit", 100, 200),
            "size": len(results),
            "restrictionsHash": sha256(repr(circles).encode()).hexdigest(),
            "_links": {"self": f"{wiki}/rest/api/content/{page.id}/restriction", "base": wiki, "context": "/wiki"},
        }
    )


def restrictions(call: Call) -> Response:
    return _all(call, _page(call))


def by_operation(call: Call) -> Response:
    page, wiki = _page(call), view_of(call).wiki
    rows: Json = {operation: _shown(call, page, operation) for operation in OPERATIONS}
    return answer(rows | {"_links": {"self": f"{wiki}/rest/api/content/{page.id}/restriction/byOperation"}})


def of_operation(call: Call) -> Response:
    return answer(_shown(call, _page(call), _operation(call)))


# Changing them


def _subjects(call: Call, raw: object) -> Circle:
    given = as_dict(raw)
    users = as_list(given.get("user")) or as_list(as_dict(given.get("user")).get("results"))
    teams = as_list(given.get("group")) or as_list(as_dict(given.get("group")).get("results"))
    if not {"user", "group"} & given.keys():
        raise refusals.legacy(400, BAD)
    return Circle(
        tuple(dict.fromkeys(_user(call, as_dict(one).get("accountId")) for one in users)),
        tuple(dict.fromkeys(_group(call, as_dict(one)) for one in teams)),
    )


def _user(call: Call, wanted: object) -> str:
    if not isinstance(wanted, str) or wanted not in call.site.people:
        raise refusals.legacy(400, f"No user found with account id: {wanted}")
    return wanted


def _group(call: Call, given: Json) -> str:
    wanted = str(given.get("id") or groups.group_id(str(given.get("name"))))
    name = groups.found(call.site, wanted)
    if name is None:
        raise refusals.legacy(400, f"No group found with id: {wanted}")
    return name


def _wanted(call: Call) -> dict[str, Circle]:
    """What the request says, by operation."""
    given: object = call.json.get("results", call.body)
    if not isinstance(given, list):
        raise refusals.legacy(400, BAD)
    wanted: dict[str, Circle] = {}
    for row in map(as_dict, as_list(cast(object, given))):
        operation = row.get("operation")
        if operation not in OPERATIONS:
            raise refusals.legacy(400, f"Unsupported operation for a restriction: {operation}")
        more = _subjects(call, row.get("restrictions"))
        wanted[operation] = _joined(wanted.get(operation, Circle()), more)
    return wanted


def _joined(old: Circle, new: Circle) -> Circle:
    return Circle(tuple(dict.fromkeys(old.users + new.users)), tuple(dict.fromkeys(old.groups + new.groups)))


def _set(call: Call, page: Page, circles: dict[str, Circle]) -> None:
    """A circle of nobody is no restriction."""
    for operation, circle in circles.items():
        call.site.circles.pop((page.id, operation), None)
        if circle:
            call.site.circles[page.id, operation] = circle
    call.site.happened("content_permissions_updated", call.person, page.id)


def replace(call: Call) -> Response:
    page = _editable(call)
    _set(call, page, dict.fromkeys(OPERATIONS, Circle()) | _wanted(call))
    return _all(call, page)


def add(call: Call) -> Response:
    page = _editable(call)
    _set(call, page, {name: _joined(_circle(call, page, name), more) for name, more in _wanted(call).items()})
    return _all(call, page)


def remove(call: Call) -> Response:
    page = _editable(call)
    _set(call, page, dict.fromkeys(OPERATIONS, Circle()))
    return _all(call, page)


# One person, one group


def _one(call: Call) -> Circle:
    """The person or the group that the address names."""
    if "group" in call.path:
        name = groups.found(call.site, call.path["group"])
        if name is None:
            raise refusals.legacy(404, f"No group found with id: {call.path['group']}")
        return Circle(groups=(name,))
    wanted = call.query.get("accountId", "")
    if wanted not in call.site.people:
        raise refusals.legacy(404, f"No user found with account id: {wanted}")
    return Circle((wanted,))


def applies(call: Call) -> Response:
    page, operation, one = _page(call), _operation(call), _one(call)
    if _joined(_circle(call, page, operation), one) != _circle(call, page, operation):
        raise refusals.legacy(404, f"There is no such {operation} restriction on this content")
    return nothing(200)


def let_in(call: Call) -> Response:
    page, operation, one = _editable(call), _operation(call), _one(call)
    _set(call, page, {operation: _joined(_circle(call, page, operation), one)})
    return nothing(200)


def shut_out(call: Call) -> Response:
    page, operation, one = _editable(call), _operation(call), _one(call)
    before = _circle(call, page, operation)
    if _joined(before, one) != before:
        raise refusals.legacy(404, f"There is no such {operation} restriction on this content")
    users = tuple(user for user in before.users if user not in one.users)
    _set(call, page, {operation: Circle(users, tuple(name for name in before.groups if name not in one.groups))})
    return nothing(200)


TABLE: Table = (
    Operation("GET", ALL, restrictions, errors=(404,)),
    Operation("PUT", ALL, replace, errors=(400, 403, 404)),
    Operation("POST", ALL, add, errors=(400, 403, 404)),
    Operation("DELETE", ALL, remove, errors=(403, 404)),
    Operation("GET", BY, by_operation, errors=(404,)),
    Operation("GET", EACH, of_operation, errors=(404,)),
    *(
        row
        for path in (USER, GROUP)
        for row in (
            Operation("GET", path, applies, errors=(404,)),
            Operation("PUT", path, let_in, errors=(403, 404)),
            Operation("DELETE", path, shut_out, errors=(403, 404)),
        )
    ),
)
