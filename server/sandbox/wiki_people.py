"""Confluence: people and groups."""

from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from server.sandbox import groups, paging, people, refusals, wiki_wire
from server.sandbox.call import Call, Operation, Table, answer
from server.sandbox.people import ADMINISTRATORS
from server.sandbox.records import Json, Person
from server.sandbox.wiki_spaces import V2, view_of

V1 = "/wiki/rest/api"
MOST = 200
MOST_AT_ONCE = 100  # people
MOST_IN_BULK = 250


def members(call: Call) -> list[Person]:
    """Who uses Confluence: customers of service projects do not."""
    return [person for person in call.site.people.values() if person.account_type != "customer"]


def _person(call: Call) -> Person:
    wanted = call.query.get("accountId", "")
    found = next((person for person in members(call) if person.account_id == wanted), None)
    if found is None:
        raise refusals.legacy(404, f"No user found with account id: {wanted}")
    return found


def _envelope(call: Call, path: str, rows: list[Any]) -> tuple[Json, list[Any]]:
    """start, limit, size and `_links`, and the rows of this page."""
    start, limit = paging.number(call.query, "start", 0), paging.number(call.query, "limit", MOST, MOST)
    part = rows[start : start + limit]
    links: Json = {"base": view_of(call).wiki, "context": "/wiki", "self": call.url}
    if limit and start + limit < len(rows):
        kept = [(name, value) for name, value in call.query.multi_items() if name not in ("start", "limit")]
        more = urlencode([*kept, ("start", start + limit), ("limit", limit)])
        links["next"] = f"{path.removeprefix('/wiki')}?{more}"
    envelope: Json = {"start": start, "limit": limit, "size": len(part), "_links": links}
    if call.flag("shouldReturnTotalSize"):
        envelope["totalSize"] = len(rows)
    return envelope, part


def _groups(call: Call, path: str, names: list[str]) -> Response:
    envelope, part = _envelope(call, path, names)
    return answer({"results": [groups.wiki_group(name, call.base) for name in part]} | envelope)


def user(call: Call) -> Response:
    return answer(people.wiki_user(_person(call), call.base))


def users(call: Call) -> Response:
    wanted = call.names("accountId")[:MOST_AT_ONCE]
    found = [person for person in members(call) if person.account_id in wanted]
    envelope, part = _envelope(call, f"{V1}/user/bulk", found)
    return answer({"results": [people.wiki_user(person, call.base) for person in part]} | envelope)


def member_of(call: Call) -> Response:
    return _groups(call, f"{V1}/user/memberof", sorted(_person(call).groups))


def every_group(call: Call) -> Response:
    administrators = call.query.get("accessType", "user") in ("admin", "site-admin")
    names = [ADMINISTRATORS] if administrators else groups.names(call.site)
    return _groups(call, f"{V1}/group", names)


def group(call: Call) -> Response:
    return answer(groups.wiki_group(_group(call, call.query.get("id", "")), call.base))


def picked(call: Call) -> Response:
    wanted = call.query.get("query", "").casefold()
    return _groups(call, f"{V1}/group/picker", [name for name in groups.names(call.site) if wanted in name.casefold()])


def _group(call: Call, wanted: str) -> str:
    name = groups.found(call.site, wanted)
    if name is None:
        raise refusals.legacy(404, f"No group found with id: {wanted}")
    return name


def group_members(call: Call) -> Response:
    name = _group(call, call.path["group"])
    if paging.number(call.query, "limit", MOST) > MOST:
        raise refusals.legacy(400, f"Invalid limit: at most {MOST} users are returned")
    found = [person for person in members(call) if name in person.groups]
    path = f"{V1}/group/{groups.group_id(name)}/membersByGroupId"
    envelope, part = _envelope(call, path, found)
    return answer({"results": [people.wiki_user(person, call.base) for person in part]} | envelope)


def bulk(call: Call) -> Response:
    wanted = call.json.get("accountIds")
    if not isinstance(wanted, list) or not 1 <= len(wanted) <= MOST_IN_BULK:  # pyright: ignore[reportUnknownArgumentType]
        raise refusals.wiki(400, f"Field 'accountIds' must have between 1 and {MOST_IN_BULK} account ids")
    found = [person for person in call.site.people.values() if person.account_id in wanted]
    return answer(wiki_wire.listing(view_of(call), [_in_bulk(person) for person in found]))


def _in_bulk(person: Person) -> Json:
    return {
        "displayName": person.name,
        "timeZone": person.time_zone,
        "isExternalCollaborator": False,
        "accountStatus": "active" if person.active else "inactive",
        "accountId": person.account_id,
        "email": "" if person.email_hidden else person.email,
        "accountType": person.account_type,
        "publicName": person.name,
        "profilePicture": {"path": f"/wiki/aa-avatar/{person.account_id[-4:]}", "isDefault": True},
    }


TABLE: Table = (
    Operation("GET", f"{V1}/user", user, errors=(404,)),
    Operation("GET", f"{V1}/user/bulk", users),
    Operation("GET", f"{V1}/user/memberof", member_of, errors=(404,)),
    Operation("GET", f"{V1}/group", every_group),
    Operation("GET", f"{V1}/group/by-id", group, errors=(404,)),
    Operation("GET", f"{V1}/group/picker", picked),
    Operation("GET", f"{V1}/group/{{group}}/membersByGroupId", group_members, errors=(400, 404)),
    Operation("POST", f"{V2}/users-bulk", bulk, errors=(400,)),
)
