import httpx2
import pytest

from server.sandbox import Site
from server.sandbox.records import ContentProperty
from tests.sandbox.conftest import browsing

pytestmark = pytest.mark.anyio
PROPERTIES = "/wiki/api/v2/pages/131076/properties"


async def test_a_page_keeps_properties(demo: httpx2.AsyncClient) -> None:
    made = await demo.post(PROPERTIES, json={"key": "sync", "value": {"base": 2}})
    assert (made.status_code, made.json()["version"]["number"]) == (200, 1)
    one = f"{PROPERTIES}/{made.json()['id']}"
    change = {"key": "sync", "value": [3], "version": {"number": 2, "message": "again"}}
    assert (await demo.put(one, json=change)).json()["value"] == [3]
    assert (await demo.get(one)).json()["version"]["message"] == "again"
    assert [row["key"] for row in (await demo.get(PROPERTIES, params={"key": "sync"})).json()["results"]] == ["sync"]
    assert (await demo.get(PROPERTIES, params={"key": "other"})).json()["results"] == []
    assert (await demo.delete(one)).status_code == 204
    assert (await demo.get(one)).status_code == 404


async def test_a_key_is_taken_once_and_a_version_follows_the_last(rough: httpx2.AsyncClient) -> None:
    made = await rough.post(PROPERTIES, json={"key": "sync", "value": 1})
    one = f"{PROPERTIES}/{made.json()['id']}"
    assert (await rough.post(PROPERTIES, json={"key": "sync", "value": 2})).status_code == 409
    stale = await rough.put(one, json={"key": "sync", "value": 2, "version": {"number": 1}})
    assert (stale.status_code, (await rough.get(one)).json()["value"]) == (409, 1)
    for wrong in ({"key": "new", "value": 1}, {"key": "sync", "value": 1}):
        assert (await rough.put(one, json=wrong)).status_code == 400


@pytest.mark.parametrize("wrong", [{"value": 1}, {"key": "sync"}, {"key": "k" * 256, "value": 1}])
async def test_a_property_has_a_key_and_a_value(rough: httpx2.AsyncClient, wrong: dict[str, object]) -> None:
    assert (await rough.post(PROPERTIES, json=wrong)).status_code == 400
    assert (await rough.get(f"{PROPERTIES}/abc")).status_code == 400
    assert (await rough.get("/wiki/api/v2/pages/1/properties")).status_code == 404
    assert (await rough.get(PROPERTIES, params={"sort": "value"})).status_code == 400


async def test_who_may_only_read_a_space_writes_no_properties(site: Site) -> None:
    page = next(one for one in site.pages.values() if one.space == "65539" and one.status == "current")
    async with browsing(site, nonsense=True) as client:
        refused = await client.post(f"/wiki/api/v2/pages/{page.id}/properties", json={"key": "sync", "value": 1})
        one = f"/wiki/api/v2/pages/{page.id}/properties/70001"
        page.properties["sync"] = ContentProperty("70001", "sync", 1, 1, page.author, page.created)
        write = {"key": "sync", "value": 2, "version": {"number": 2}}
        again = [await client.put(one, json=write), await client.delete(one)]
    assert [answer.status_code for answer in (refused, *again)] == [403, 403, 403]
    assert page.properties["sync"].value == 1
