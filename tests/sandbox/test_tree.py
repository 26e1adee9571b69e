from typing import Any

import httpx2
import pytest

from server.sandbox import Site
from tests.sandbox.conftest import browsing
from tests.sandbox.writing import page

pytestmark = pytest.mark.anyio
V2 = "/wiki/api/v2"
V1 = "/wiki/rest/api/content"
HOME, ARCHITECTURE = "131073", "131076"


async def children(client: httpx2.AsyncClient, page_id: str, **asked: str) -> list[str]:
    found = (await client.get(f"{V2}/pages/{page_id}/direct-children", params=asked)).json()["results"]
    return [one["id"] for one in found]


async def test_pages_are_put_before_after_and_below_others(demo: httpx2.AsyncClient) -> None:
    assert await children(demo, ARCHITECTURE) == ["131077", "131078", "131079"]
    moved = await demo.put(f"{V1}/131079/move/before/131077")
    assert moved.json() == {"pageId": "131079"}
    assert await children(demo, ARCHITECTURE) == ["131079", "131077", "131078"]
    await demo.put(f"{V1}/131079/move/after/131077")
    assert await children(demo, ARCHITECTURE) == ["131077", "131079", "131078"]
    await demo.put(f"{V1}/131074/move/append/{ARCHITECTURE}")
    assert await children(demo, ARCHITECTURE) == ["131077", "131079", "131078", "131074"]
    assert (await demo.get(f"{V2}/pages/131074")).json()["parentId"] == ARCHITECTURE
    made = (await demo.post(f"{V2}/pages", json=page("Last", parentId=ARCHITECTURE))).json()
    assert (await children(demo, ARCHITECTURE))[-1] == made["id"]
    assert await children(demo, ARCHITECTURE, sort="-id") != await children(demo, ARCHITECTURE)
    rows = (await demo.get(f"{V2}/pages/{ARCHITECTURE}/direct-children")).json()["results"]
    places = [row["childPosition"] for row in rows]
    assert places == sorted(set(places))


async def test_a_page_moves_to_another_space_with_all_below_it(demo: httpx2.AsyncClient) -> None:
    docs = (await demo.get(f"{V2}/spaces", params={"keys": "DOCS"})).json()["results"][0]
    assert (await demo.put(f"{V1}/{ARCHITECTURE}/move/append/{docs['homepageId']}")).status_code == 200
    for page_id in (ARCHITECTURE, "131077"):
        assert (await demo.get(f"{V2}/pages/{page_id}")).json()["spaceId"] == docs["id"]
    assert (await demo.get(f"{V2}/pages/131077")).json()["parentId"] == ARCHITECTURE


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"{ARCHITECTURE}/move/append/131077", 400),
        (f"{ARCHITECTURE}/move/before/131077", 400),
        (f"{ARCHITECTURE}/move/append/{ARCHITECTURE}", 400),
        (f"{ARCHITECTURE}/move/beside/131074", 400),
        (f"1/move/append/{ARCHITECTURE}", 404),
        (f"{ARCHITECTURE}/move/append/1", 404),
        (f"{ARCHITECTURE}/move/append/131095", 403),
        (f"131095/move/append/{ARCHITECTURE}", 403),
    ],
)
async def test_a_move_that_cannot_be_is_refused(rough: httpx2.AsyncClient, path: str, status: int) -> None:
    refused = await rough.put(f"{V1}/{path}")
    assert (refused.status_code, refused.json()["statusCode"]) == (status, status)


async def test_a_title_stays_free_in_the_space_that_a_page_moves_to(demo: httpx2.AsyncClient) -> None:
    docs = (await demo.get(f"{V2}/spaces", params={"keys": "DOCS"})).json()["results"][0]
    assert (await demo.post(f"{V2}/pages", json=page("Onboarding", spaceId=docs["id"]))).status_code == 200
    assert (await demo.put(f"{V1}/131074/move/append/{docs['homepageId']}")).status_code == 400
    home = await demo.put(f"{V1}/{HOME}/move/append/{docs['homepageId']}")
    assert home.status_code == 400


async def test_descendants_come_from_the_top_down(rough: httpx2.AsyncClient) -> None:
    below = f"{V2}/pages/{HOME}/descendants"
    deep = (await rough.get(below, params={"limit": 250})).json()["results"]
    assert [row["depth"] for row in deep] == sorted(row["depth"] for row in deep)
    assert {row["depth"] for row in deep} == {1, 2}
    assert {row["parentId"] for row in deep if row["depth"] == 1} == {HOME}
    flat = (await rough.get(below, params={"depth": 1, "limit": 250})).json()["results"]
    assert flat == [row for row in deep if row["depth"] == 1]
    for wrong in ("0", "11", "deep"):
        assert (await rough.get(below, params={"depth": wrong})).status_code == 400
    assert (await rough.get(f"{V2}/pages/1/descendants")).status_code == 404


async def test_one_version_is_told_with_its_neighbours(rough: httpx2.AsyncClient) -> None:
    first = (await rough.get(f"{V2}/pages/{ARCHITECTURE}/versions/1")).json()
    assert (first["number"], first["nextVersion"]) == (1, 2)
    assert "prevVersion" not in first
    for path, status in (("versions/9", 404), ("versions/x", 400), ("versions?sort=size", 400)):
        assert (await rough.get(f"{V2}/pages/{ARCHITECTURE}/{path}")).status_code == status
    assert (await rough.get(f"{V2}/pages/1/versions/1")).status_code == 404
    sorted_up = (await rough.get(f"{V2}/pages/{ARCHITECTURE}/versions?sort=modified-date")).json()["results"]
    assert [row["number"] for row in sorted_up] == [1, 2]


async def test_an_owner_passes_a_page_on(rough: httpx2.AsyncClient, site: Site) -> None:
    zoe = next(person.account_id for person in site.people.values() if person.email.startswith("zoe@"))
    shown = (await rough.get(f"{V2}/pages/131074")).json()
    body = {"representation": "storage", "value": "<p>x</p>"}
    change: dict[str, Any] = {"id": "131074", "status": "current", "title": "Onboarding", "body": body}
    change["version"] = {"number": shown["version"]["number"] + 1}
    assert (await rough.put(f"{V2}/pages/131074", json=change | {"ownerId": "nobody"})).status_code == 400
    assert (await rough.put(f"{V2}/pages/131074", json=change | {"spaceId": "65538"})).status_code == 400
    passed = (await rough.put(f"{V2}/pages/131074", json=change | {"ownerId": zoe})).json()
    assert (passed["ownerId"], passed["lastOwnerId"]) == (zoe, shown["ownerId"])


async def test_live_pages_are_told_from_others(rough: httpx2.AsyncClient) -> None:
    made = (await rough.post(f"{V2}/pages", json=page("Notes", subtype="live"))).json()
    live = (await rough.get(f"{V2}/pages", params={"subtype": "live"})).json()["results"]
    assert [(row["id"], row["subtype"]) for row in live] == [(made["id"], "live")]
    others = (await rough.get(f"{V2}/pages", params={"subtype": "page", "limit": 250})).json()["results"]
    assert made["id"] not in [row["id"] for row in others]
    assert others
    for wrong in ("subtype=dead", "status=draft", "id=x"):
        assert (await rough.get(f"{V2}/pages?{wrong}")).status_code == 400
    assert (await rough.get(f"{V2}/spaces/65537/pages?depth=deep")).status_code == 400
    root = page("Roots", parentId="131074")
    assert (await rough.post(f"{V2}/pages", params={"root-level": "true"}, json=root)).status_code == 400


async def test_a_restored_page_is_as_it_was_and_stands_where_its_parent_is(demo: httpx2.AsyncClient) -> None:
    for gone in ("131077", ARCHITECTURE):
        assert (await demo.delete(f"{V2}/pages/{gone}")).status_code == 204
    assert (await demo.delete(f"{V2}/pages/131077")).status_code == 404
    before = (await demo.get(f"{V2}/pages/131077", params={"body-format": "storage"})).json()
    body = {"representation": "storage", "value": "<p>Other</p>"}
    number = before["version"]["number"] + 1
    change = {
        "id": "131077",
        "status": "current",
        "title": before["title"],
        "body": body,
        "version": {"number": number},
    }
    assert (await demo.put(f"{V2}/pages/131077", json=change)).json()["version"]["number"] == number
    after = (await demo.get(f"{V2}/pages/131077", params={"body-format": "storage"})).json()
    assert (after["status"], after["body"]) == ("current", before["body"])
    assert "parentId" not in after


async def test_a_page_tells_what_one_may_do_with_it(demo: httpx2.AsyncClient, site: Site) -> None:
    asked = {"include-operations": "true", "include-properties": "true", "include-likes": "true"}
    asked["include-favorited-by-current-user-status"] = "true"
    shown = (await demo.get(f"{V2}/pages/{ARCHITECTURE}", params=asked)).json()
    assert {"operation": "update", "targetType": "page"} in shown["operations"]["results"]
    assert (shown["properties"]["results"], shown["likes"]["results"]) == ([], [])
    assert shown["isFavoritedByCurrentUser"] is False
    async with browsing(site, "demo") as client:
        policy = (await client.get(f"{V2}/pages/131095", params=asked)).json()
    assert policy["operations"]["results"] == [{"operation": "read", "targetType": "page"}]
