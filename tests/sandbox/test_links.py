"""Links between issues, and from issues to what is elsewhere."""

from typing import Any

import httpx2
import pytest

from server.sandbox import Site
from tests.sandbox.conftest import browsing
from tests.sandbox.writing import doc, issue

pytestmark = pytest.mark.anyio
API = "/rest/api/3"
LINK = f"{API}/issueLink"
REMOTE = f"{API}/issue/DEMO-7/remotelink"
TICKET = {"url": "https://support.example.com/1", "title": "Ticket 1", "summary": "It hurts"}


def between(inward: str, outward: str, **more: Any) -> dict[str, Any]:
    return {"type": {"name": "Blocks"}, "inwardIssue": {"key": inward}, "outwardIssue": {"key": outward}, **more}


async def links_of(http: httpx2.AsyncClient, key: str) -> list[dict[str, Any]]:
    return (await http.get(f"{API}/issue/{key}", params={"fields": "issuelinks"})).json()["fields"]["issuelinks"]


async def two(http: httpx2.AsyncClient) -> tuple[str, str]:
    made = [(await http.post(f"{API}/issue", json=issue(name))).json()["key"] for name in ("One", "Two")]
    return made[0], made[1]


async def test_a_link_is_made_read_and_taken_away(demo: httpx2.AsyncClient) -> None:
    first, second = await two(demo)
    assert (await demo.post(LINK, json=between(first, second))).status_code == 201
    (seen,) = await links_of(demo, first)
    link = (await demo.get(f"{LINK}/{seen['id']}")).json()
    assert (link["inwardIssue"]["key"], link["outwardIssue"]["key"]) == (first, second)
    assert link["type"]["name"] == "Blocks"
    assert (await demo.delete(f"{LINK}/{seen['id']}")).status_code == 204
    assert await links_of(demo, first) == []
    assert await links_of(demo, second) == []


async def test_both_histories_tell_of_a_link(demo: httpx2.AsyncClient) -> None:
    first, second = await two(demo)
    await demo.post(LINK, json=between(first, second))
    (seen,) = await links_of(demo, first)
    await demo.delete(f"{LINK}/{seen['id']}")
    for key, words, other in (
        (first, "This issue blocks", second),
        (second, "This issue is blocked by", first),
    ):
        made, gone = (await demo.get(f"{API}/issue/{key}/changelog")).json()["values"]
        told = made["items"][0]
        assert (told["field"], told["to"], told["toString"]) == ("Link", other, f"{words} {other}")
        assert (gone["items"][0]["from"], gone["items"][0]["to"]) == (other, None)


async def test_the_same_link_is_there_once_and_its_comment_each_time(demo: httpx2.AsyncClient) -> None:
    first, second = await two(demo)
    for _ in range(2):
        made = await demo.post(LINK, json=between(first, second, comment={"body": doc("Because")}))
        assert made.status_code == 201
    assert len(await links_of(demo, first)) == 1
    said = (await demo.get(f"{API}/issue/{second}/comment")).json()
    assert [row["body"] for row in said["comments"]] == [doc("Because")] * 2


async def test_without_its_comment_there_is_no_link(rough: httpx2.AsyncClient) -> None:
    first, second = await two(rough)
    refused = await rough.post(LINK, json=between(first, second, comment={"body": "plain"}))
    assert (refused.status_code, refused.json()["errors"]) == (400, {"comment": "Comment body is not valid!"})
    assert await links_of(rough, first) == []


async def test_who_may_only_read_links_nothing(demo: httpx2.AsyncClient, site: Site) -> None:
    first, second = await two(demo)
    await demo.post(LINK, json=between(first, second))
    (seen,) = await links_of(demo, first)
    async with browsing(site, "kenji") as kenji:
        assert (await kenji.post(LINK, json=between(second, first))).status_code == 404
        assert (await kenji.get(f"{LINK}/{seen['id']}")).status_code == 200
        assert (await kenji.delete(f"{LINK}/{seen['id']}")).status_code == 404


async def test_who_may_only_read_links_to_nothing_elsewhere(demo: httpx2.AsyncClient, site: Site) -> None:
    one = f"{REMOTE}/{(await demo.post(REMOTE, json={'object': TICKET, 'globalId': 'a'})).json()['id']}"
    async with browsing(site, "kenji") as kenji:
        assert (await kenji.get(one)).status_code == 200
        for refused in (
            await kenji.post(REMOTE, json={"object": TICKET}),
            await kenji.put(one, json={"object": TICKET}),
            await kenji.delete(one),
            await kenji.delete(REMOTE, params={"globalId": "a"}),
        ):
            assert refused.status_code == 403


async def test_a_link_to_what_one_may_not_see_is_not_there(demo: httpx2.AsyncClient, site: Site) -> None:
    async with browsing(site, "zoe") as zoe:
        assert (await zoe.post(LINK, json=between("DEMO-42", "VAULT-1"))).status_code == 201
        seen = (await links_of(zoe, "DEMO-42"))[-1]
        assert seen["outwardIssue"]["key"] == "VAULT-1"
    assert "VAULT-1" not in str(await links_of(demo, "DEMO-42"))
    assert (await demo.get(f"{LINK}/{seen['id']}")).status_code == 404


@pytest.mark.parametrize("path", [LINK, f"{API}/issueLinkType", REMOTE])
async def test_an_id_of_a_link_is_a_number(rough: httpx2.AsyncClient, path: str) -> None:
    assert (await rough.get(f"{path}/nonsense")).status_code == 400
    assert (await rough.delete(f"{LINK}/nonsense")).status_code == 400


async def test_a_kind_of_link_is_told(demo: httpx2.AsyncClient) -> None:
    assert (await demo.get(f"{API}/issueLinkType/10000")).json()["outward"] == "blocks"


async def test_an_issue_links_to_what_is_elsewhere(demo: httpx2.AsyncClient) -> None:
    assert (await demo.get(REMOTE)).json() == []
    body = {"object": TICKET, "globalId": "system=support&id=1", "relationship": "causes"}
    made = await demo.post(REMOTE, json=body)
    assert made.status_code == 201
    one = f"{REMOTE}/{made.json()['id']}"
    assert (await demo.get(one)).json() == made.json() | body
    again = await demo.post(REMOTE, json={"object": TICKET | {"title": "Two"}, "globalId": "system=support&id=1"})
    assert (again.status_code, again.json()["id"]) == (200, made.json()["id"])
    found = (await demo.get(REMOTE, params={"globalId": "system=support&id=1"})).json()
    assert (found["object"]["title"], found.get("relationship")) == ("Two", None)
    assert (await demo.put(one, json={"object": TICKET, "relationship": "is it"})).status_code == 204
    assert [row["relationship"] for row in (await demo.get(REMOTE)).json()] == ["is it"]
    assert (await demo.delete(one)).status_code == 204
    assert (await demo.get(one)).status_code == 404


async def test_a_link_elsewhere_is_taken_away_by_its_global_id(demo: httpx2.AsyncClient) -> None:
    await demo.post(REMOTE, json={"object": TICKET, "globalId": "a"})
    assert (await demo.delete(REMOTE, params={"globalId": "a"})).status_code == 204
    for method in ("GET", "DELETE"):
        assert (await demo.request(method, REMOTE, params={"globalId": "a"})).status_code == 404


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({}, "object"),
        ({"object": {"title": "x"}}, "url"),
        ({"object": {"url": "https://example.com"}}, "title"),
        ({"object": {"url": "nowhere", "title": "x"}}, "url"),
        ({"object": TICKET, "globalId": "x" * 256}, "globalId"),
        ({"object": TICKET, "relationship": 5}, "relationship"),
        ({"object": TICKET | {"icon": "x"}}, "icon"),
        ({"object": TICKET, "application": "x"}, "application"),
    ],
)
async def test_a_link_to_nothing_is_refused(rough: httpx2.AsyncClient, wrong: dict[str, Any], field: str) -> None:
    made = (await rough.post(REMOTE, json={"object": TICKET})).json()["id"]
    for refused in (await rough.post(REMOTE, json=wrong), await rough.put(f"{REMOTE}/{made}", json=wrong)):
        assert refused.status_code == 400
        assert field in refused.json()["errors"]


async def test_a_link_of_another_issue_is_refused(rough: httpx2.AsyncClient) -> None:
    made = (await rough.post(REMOTE, json={"object": TICKET})).json()["id"]
    other = f"{API}/issue/DEMO-8/remotelink/{made}"
    for refused in (
        await rough.get(other),
        await rough.put(other, json={"object": TICKET}),
        await rough.delete(other),
        await rough.delete(REMOTE),
        await rough.get(REMOTE, params={"globalId": ""}),
    ):
        assert refused.status_code == 400, refused.text
