import httpx2
import pytest

from server.sandbox import Site, wiki_markers
from server.sandbox.people import DEMO
from server.sandbox.wiki_records import ContentProperty
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


HOLDERS = ("attachments/att140001", "comments/150030", "spaces/65537")


def comment_on(site: Site) -> None:
    comment = site.pages["131076"].comments[0]
    comment.author, comment.id = DEMO.account_id, "150030"


@pytest.mark.parametrize("holder", HOLDERS)
async def test_others_are_kept_by_the_same_rules(rough: httpx2.AsyncClient, site: Site, holder: str) -> None:
    comment_on(site)
    path = f"/wiki/api/v2/{holder}/properties"
    made, change = await rough.post(path, json={"key": "sync", "value": 1}), {"key": "sync", "value": 2}
    one = f"{path}/{made.json()['id']}"
    assert (await rough.post(path, json=change)).status_code == 409
    assert (await rough.put(one, json=change | {"version": {"number": 3}})).status_code == 409
    site.spaces["65537"].writers = frozenset()
    assert (await rough.post(path, json=change)).status_code == 403
    assert (await rough.put(one, json=change | {"version": {"number": 2}})).status_code == 403
    assert (await rough.delete(one)).status_code == 403
    assert (await rough.get(one)).json()["value"] == 1


@pytest.mark.parametrize("holder", HOLDERS)
async def test_others_keep_properties_too(demo: httpx2.AsyncClient, site: Site, holder: str) -> None:
    comment_on(site)
    path = f"/wiki/api/v2/{holder}/properties"
    made = await demo.post(path, json={"key": "sync", "value": {"a": 1}})
    assert made.status_code == (201 if "spaces" in holder else 200)
    one = f"{path}/{made.json()['id']}"
    changed = await demo.put(one, json={"key": "sync", "value": 2, "version": {"number": 2}})
    assert changed.json()["version"]["number"] == 2
    assert [row["value"] for row in (await demo.get(path)).json()["results"]] == [2]
    assert (await demo.get(one)).json()["value"] == 2
    assert (await demo.delete(one)).status_code == 204
    assert (await demo.get(one)).status_code == 404


async def test_only_authors_keep_properties_with_a_comment(rough: httpx2.AsyncClient, site: Site) -> None:
    page = site.pages["131076"]
    page.comments[0].author = "712020:5a9d3c10-41f6-4b7e-9c2d-000000000002"
    path = f"/wiki/api/v2/comments/{page.comments[0].id}/properties"
    assert (await rough.post(path, json={"key": "a", "value": 1})).status_code == 403
    assert (await rough.get(path)).json()["results"] == []
    words = wiki_markers.count(page.latest.body, "session")
    selection = {"textSelection": "session", "textSelectionMatchCount": words, "textSelectionMatchIndex": 0}
    body = {"representation": "storage", "value": "<p>Why?</p>"}
    written = {"pageId": "131076", "body": body, "inlineCommentProperties": selection}
    made = (await rough.post("/wiki/api/v2/inline-comments", json=written)).json()
    inline = f"/wiki/api/v2/comments/{made['id']}/properties"
    assert (await rough.post(inline, json={"key": "a", "value": 1})).status_code == 200


async def test_a_property_may_be_too_large(rough: httpx2.AsyncClient) -> None:
    assert (await rough.post(PROPERTIES, json={"key": "a", "value": "x" * 32_766})).status_code == 200
    assert (await rough.post(PROPERTIES, json={"key": "b", "value": "x" * 32_767})).status_code == 400


@pytest.mark.parametrize("holder", ["attachments/att1", "comments/1", "spaces/1"])
async def test_properties_of_what_is_not_there(rough: httpx2.AsyncClient, holder: str) -> None:
    path = f"/wiki/api/v2/{holder}/properties"
    assert (await rough.get(path)).status_code == 404
    assert (await rough.post(path, json={"key": "a", "value": 1})).status_code == 404
    assert (await rough.get(f"{path}/1")).status_code == 404


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
        page.properties["sync"] = ContentProperty(
            "70001", "sync", 1, 1, page.author, page.created, page.author, page.created
        )
        write = {"key": "sync", "value": 2, "version": {"number": 2}}
        space = await client.post("/wiki/api/v2/spaces/65539/properties", json={"key": "sync", "value": 1})
        again = [await client.put(one, json=write), await client.delete(one)]
    assert [answer.status_code for answer in (refused, *again, space)] == [403, 403, 403, 403]
    assert page.properties["sync"].value == 1
