"""Pages that not everybody may read or change."""

from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from server.sandbox import Site
from server.sandbox.people import DEMO, SAM_CARTER
from tests.sandbox.conftest import browsing
from tests.sandbox.test_pages import walked
from tests.sandbox.writing import page

pytestmark = pytest.mark.anyio
V2, CONTENT = "/wiki/api/v2", "/wiki/rest/api/content"
ALL = f"{CONTENT}/131076/restriction"
READ, UPDATE = f"{ALL}/byOperation/read", f"{ALL}/byOperation/update"


def only(*people: Any, operation: str = "read", groups: tuple[str, ...] = ()) -> dict[str, Any]:
    users = [{"type": "known", "accountId": one.account_id} for one in people]
    teams = [{"type": "group", "id": f"group-{name}"} for name in groups]
    return {"operation": operation, "restrictions": {"user": users, "group": teams}}


@pytest.fixture
async def sam(site: Site) -> AsyncIterator[httpx2.AsyncClient]:
    async with browsing(site, "sam.carter") as client:
        yield client


async def test_what_one_may_not_read_is_not_there_nor_what_is_below_it(
    demo: httpx2.AsyncClient, sam: httpx2.AsyncClient
) -> None:
    set_up = await demo.put(ALL, json=[only(DEMO)])
    shown = {row["operation"]: row["restrictions"] for row in set_up.json()["results"]}
    assert [one["accountId"] for one in shown["read"]["user"]["results"]] == [DEMO.account_id]
    assert shown["update"]["user"]["results"] == []
    for page_id in ("131076", "131077"):
        assert (await sam.get(f"{V2}/pages/{page_id}")).status_code == 404
        assert (await demo.get(f"{V2}/pages/{page_id}")).status_code == 200
        assert page_id not in [row["id"] for row in await walked(sam, f"{V2}/pages")]
        found = (await sam.get("/wiki/rest/api/search", params={"cql": f"id = {page_id}"})).json()
        assert found["results"] == []
    for path in ("131073/children", "131073/direct-children", "131073/descendants"):
        assert "131076" not in [row["id"] for row in await walked(sam, f"{V2}/pages/{path}")]
    assert (await sam.get(f"{V2}/attachments/att140001")).status_code == 404
    assert (await sam.get(f"{V2}/pages/131076/footer-comments")).status_code == 404
    assert (await sam.get(ALL)).status_code == 404
    await demo.delete(ALL)
    assert (await sam.get(f"{V2}/pages/131077")).status_code == 200


async def test_who_may_not_change_a_page_may_read_it(demo: httpx2.AsyncClient, sam: httpx2.AsyncClient) -> None:
    await demo.put(ALL, json={"results": [only(DEMO, operation="update")]})
    shown = (await sam.get(f"{V2}/pages/131076", params={"include-operations": "true"})).json()
    assert shown["operations"]["results"] == [{"operation": "read", "targetType": "page"}]
    body = {"representation": "storage", "value": "<p>x</p>"}
    change = {"id": "131076", "status": "current", "title": "X", "body": body, "version": {"number": 3}}
    for refused in (
        await sam.put(f"{V2}/pages/131076", json=change),
        await sam.put(f"{V2}/pages/131076/title", json={"status": "current", "title": "X"}),
        await sam.delete(f"{V2}/pages/131076"),
        await sam.put(f"{CONTENT}/131076/move/append/131074"),
        await sam.post(f"{V2}/pages/131076/properties", json={"key": "a", "value": 1}),
        await sam.post(f"{CONTENT}/131076/label", json=[{"prefix": "global", "name": "a"}]),
        await sam.delete(f"{V2}/attachments/att140001"),
        await sam.put(ALL, json=[only(SAM_CARTER)]),
        await sam.post(ALL, json=[only(SAM_CARTER)]),
        await sam.delete(ALL),
        await sam.put(f"{UPDATE}/user", params={"accountId": SAM_CARTER.account_id}),
        await sam.delete(f"{UPDATE}/user", params={"accountId": DEMO.account_id}),
    ):
        assert refused.status_code == 403
    comment = {"pageId": "131076", "body": body}
    assert (await sam.post(f"{V2}/footer-comments", json=comment)).status_code == 201
    assert (await demo.put(f"{V2}/pages/131076/title", json={"status": "current", "title": "X"})).status_code == 200


async def test_restrictions_are_added_and_taken_away_one_by_one(demo: httpx2.AsyncClient) -> None:
    sam = {"accountId": SAM_CARTER.account_id}
    await demo.put(ALL, json=[only(DEMO)])
    added = (await demo.post(ALL, json=[only(SAM_CARTER, groups=("leadership",))])).json()
    first = added["results"][0]["restrictions"]
    assert [one["accountId"] for one in first["user"]["results"]] == [DEMO.account_id, SAM_CARTER.account_id]
    assert [one["name"] for one in first["group"]["results"]] == ["leadership"]
    assert (await demo.get(f"{READ}/user", params=sam)).status_code == 200
    assert (await demo.delete(f"{READ}/user", params=sam)).status_code == 200
    assert (await demo.get(f"{READ}/user", params=sam)).status_code == 404
    assert (await demo.put(f"{UPDATE}/user", params=sam | {"accountId": DEMO.account_id})).status_code == 200
    group = f"{READ}/byGroupId/group-developers"
    assert (await demo.get(group)).status_code == 404
    assert (await demo.put(group)).status_code == 200
    assert (await demo.get(group)).status_code == 200
    assert (await demo.delete(group)).status_code == 200
    assert (await demo.delete(group)).status_code == 404
    by_operation = (await demo.get(f"{ALL}/byOperation", params={"expand": "content"})).json()
    assert by_operation["update"]["content"]["id"] == "131076"
    assert (await demo.get(READ)).json()["restrictions"] == by_operation["read"]["restrictions"]
    changed = (await demo.get(ALL)).json()["restrictionsHash"]
    assert changed != added["restrictionsHash"]


async def test_a_page_made_in_private_is_its_authors_alone(demo: httpx2.AsyncClient, sam: httpx2.AsyncClient) -> None:
    made = (await demo.post(f"{V2}/pages", params={"private": "true"}, json=page("Mine"))).json()
    assert (await sam.get(f"{V2}/pages/{made['id']}")).status_code == 404
    update = (await demo.get(f"{CONTENT}/{made['id']}/restriction/byOperation/update")).json()
    assert [one["accountId"] for one in update["restrictions"]["user"]["results"]] == [DEMO.account_id]


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        [{"operation": "read"}],
        [only(operation="delete")],
        [{"operation": "read", "restrictions": {"user": [{"type": "known", "accountId": "nobody"}]}}],
        [only(groups=("nobodies",))],
    ],
)
async def test_a_bad_restriction_is_refused(rough: httpx2.AsyncClient, site: Site, wrong: Any) -> None:
    for method in ("PUT", "POST"):
        assert (await rough.request(method, ALL, json=wrong)).status_code == 400
    assert site.circles == {}


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
async def test_restrictions_of_what_is_not_there(rough: httpx2.AsyncClient, method: str) -> None:
    nowhere, asked = ALL.replace("131076", "1"), {"accountId": DEMO.account_id}
    for path in (f"{nowhere}/byOperation/read/user", f"{ALL}/byOperation/move/user"):
        assert (await rough.request(method, path, params=asked)).status_code == 404
    assert (await rough.request(method, f"{READ}/user", params={"accountId": "nobody"})).status_code == 404
    assert (await rough.request(method, f"{READ}/byGroupId/nobodies")).status_code == 404
    body = [only(DEMO)] if method == "PUT" else None
    assert (await rough.request(method, nowhere, json=body)).status_code == 404


async def test_restrictions_are_not_told_of_what_is_not_there(rough: httpx2.AsyncClient) -> None:
    nowhere = ALL.replace("131076", "1")
    assert (await rough.get(f"{nowhere}/byOperation")).status_code == 404
    assert (await rough.get(f"{nowhere}/byOperation/read")).status_code == 404
    assert (await rough.get(f"{ALL}/byOperation/move")).status_code == 404
    assert (await rough.post(nowhere, json=[only(DEMO)])).status_code == 404


async def test_who_may_only_read_a_space_restricts_no_page(rough: httpx2.AsyncClient) -> None:
    policy = ALL.replace("131076", "131095")
    assert (await rough.put(f"{policy}/byOperation/read/byGroupId/group-developers")).status_code == 403
    assert (await rough.delete(f"{policy}/byOperation/read/byGroupId/group-developers")).status_code == 403
