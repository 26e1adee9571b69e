"""Confluence v1: search by CQL, and people."""

import re
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from server.sandbox import cql, paging, people, refusals, storage, wiki_old_wire, wiki_wire
from server.sandbox.call import Call, Operation, Table, answer
from server.sandbox.cql import Asker, Thing
from server.sandbox.records import Json, Person
from server.sandbox.wiki_records import Page
from server.sandbox.wiki_spaces import view_of

V1 = "/wiki/rest/api"
EXCERPT = 240
PERSON_QUERY = re.compile(r'^\s*user(?:\.fullname|\.accountid)?\s*(~|=)\s*"?([^"]*)"?\s*$', re.IGNORECASE)


def _asked(call: Call) -> str:
    text = call.query.get("cql")
    if not text:
        raise refusals.legacy(400, "CQL query parameter is required")
    return text


def _start(call: Call) -> int:
    token = call.query.get("cursor")
    if not token:
        return paging.number(call.query, "start", 0)
    found = paging.position(token, "offset", call.site.now())
    if found is None:
        raise refusals.legacy(400, f"Invalid cursor: {token}")
    return found


def _envelope(call: Call, path: str, things: list[Any]) -> tuple[Json, list[Any]]:
    """start, limit, size and `_links`, whose `next` is relative to `base`, and the things of this page."""
    start, limit = _start(call), paging.number(call.query, "limit", 25, 250)
    page = things[start : start + limit]
    links: Json = {"base": view_of(call).wiki, "context": "/wiki", "self": call.url}
    following = start + len(page)
    if following < len(things):
        kept = {name: value for name, value in call.query.items() if name not in {"start", "cursor", "next"}}
        more = kept | {"limit": str(limit), "cursor": paging.seal({"offset": following}, call.site.now())}
        if path.endswith("rest/api/search"):
            more |= {"next": "true", "start": str(following)}
        links["next"] = f"{path.removeprefix('/wiki')}?{urlencode(more)}"
    return {"start": start, "limit": limit, "size": len(page), "_links": links}, page


def _excerpt(page: Page) -> str:
    words = " ".join(storage.plain(page.latest.body).split())
    return words[:EXCERPT]


def _result(call: Call, thing: Thing, expand: list[str]) -> Json:
    view = view_of(call)
    row: Json = {"breadcrumbs": [], "score": 0.0}
    if not isinstance(thing, Page):
        row |= {
            "space": wiki_old_wire.old_space(view, thing),
            "title": thing.name,
            "excerpt": thing.description,
            "url": f"/spaces/{thing.key}",
            "entityType": "space",
            "iconCssClass": "aui-icon content-type-space",
            "lastModified": wiki_wire.moment(thing.created),
            "friendlyLastModified": f"{thing.created:%b %d, %Y}",
        }
        return row
    space = call.site.spaces[thing.space]
    inner = [name.removeprefix("content.") for name in expand]
    return row | {
        "content": wiki_old_wire.old_content(view, thing, inner),
        "title": thing.title,
        "excerpt": "" if call.query.get("excerpt") == "none" else _excerpt(thing),
        "url": wiki_wire.page_links(call.site, thing)["webui"],
        "resultGlobalContainer": {"title": space.name, "displayUrl": f"/spaces/{space.key}"},
        "entityType": "content",
        "iconCssClass": "aui-icon content-type-page",
        "lastModified": wiki_wire.moment(thing.latest.created),
        "friendlyLastModified": f"{thing.latest.created:%b %d, %Y}",
    }


def search(call: Call) -> Response:
    text = _asked(call)
    found = cql.search(Asker(call.site, call.person, call.site.now(), text))
    envelope, page = _envelope(call, f"{V1}/search", found)
    expand = ["content.space", *call.names("expand")]
    results = [_result(call, thing, expand) for thing in page]
    return answer({"results": results} | envelope | {"totalSize": len(found), "cqlQuery": text, "searchDuration": 1})


def content_search(call: Call) -> Response:
    text = _asked(call)
    found = cql.search(Asker(call.site, call.person, call.site.now(), text))
    pages = [thing for thing in found if isinstance(thing, Page)]
    envelope, page = _envelope(call, f"{V1}/content/search", pages)
    view, expand = view_of(call), call.names("expand")
    return answer({"results": [wiki_old_wire.old_content(view, one, expand) for one in page]} | envelope)


def current_user(call: Call) -> Response:
    return answer(people.wiki_user(call.person, call.base))


def _meets(person: Person, operator: str, wanted: str) -> bool:
    return people.matches(person, wanted) if operator == "~" else wanted == person.account_id


def user_search(call: Call) -> Response:
    text = _asked(call)
    asked = PERSON_QUERY.match(text)
    if not asked:
        raise refusals.legacy(400, f"Could not parse cql : {text}")
    found = [person for person in call.site.people.values() if _meets(person, asked[1], asked[2])]
    envelope, page = _envelope(call, f"{V1}/search/user", found)
    results: list[Json] = [
        {
            "user": people.wiki_user(person, call.base),
            "title": person.name,
            "excerpt": "",
            "url": f"/people/{person.account_id}",
            "breadcrumbs": [],
            "entityType": "user",
            "iconCssClass": "aui-icon content-type-profile",
            "lastModified": "1970-01-01T00:00:00.000Z",
            "score": 0.0,
        }
        for person in page
    ]
    return answer({"results": results} | envelope | {"totalSize": len(found), "cqlQuery": text, "searchDuration": 1})


TABLE: Table = (
    Operation("GET", f"{V1}/search", search, errors=(400,)),
    Operation("GET", f"{V1}/content/search", content_search, errors=(400,)),
    Operation("GET", f"{V1}/user/current", current_user),
    Operation("GET", f"{V1}/search/user", user_search, errors=(400,)),
)
