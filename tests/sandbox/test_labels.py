"""Labels on pages, attachments and spaces."""

from typing import Any

import httpx2
import pytest

from server.sandbox import Site
from tests.sandbox.conftest import browsing

pytestmark = pytest.mark.anyio
V1, V2 = "/wiki/rest/api", "/wiki/api/v2"
CONTENT = f"{V1}/content/131076/label"
PICTURE = "att140001"


def labels(*names: str, prefix: str = "global") -> list[dict[str, str]]:
    return [{"prefix": prefix, "name": name} for name in names]


async def names(client: httpx2.AsyncClient, path: str, **asked: Any) -> list[str]:
    return [row["name"] for row in (await client.get(path, params=asked)).json()["results"]]


async def test_labels_are_put_on_a_page_and_taken_off(demo: httpx2.AsyncClient) -> None:
    added = (await demo.post(CONTENT, json=labels("b", "a", "b"))).json()
    assert [(row["name"], row["label"]) for row in added["results"][1:]] == [("b", "b"), ("a", "a")]
    assert await names(demo, CONTENT) == ["architecture", "b", "a"]
    assert await names(demo, CONTENT, start=1, limit=1) == ["b"]
    assert await names(demo, f"{V2}/pages/131076/labels", sort="name") == ["a", "architecture", "b"]
    assert (await demo.delete(f"{CONTENT}/a")).status_code == 204
    assert (await demo.delete(f"{CONTENT}/a")).status_code == 204
    assert (await demo.delete(CONTENT, params={"name": "b"})).status_code == 204
    assert await names(demo, CONTENT) == ["architecture"]


async def test_a_label_is_the_same_everywhere(demo: httpx2.AsyncClient) -> None:
    await demo.post(CONTENT, json=labels("same"))
    await demo.post(f"{V1}/content/131074/label", json=labels("same"))
    await demo.post(f"{V1}/content/{PICTURE}/label", json=labels("same"))
    everywhere = (await demo.get(f"{V2}/labels", params={"sort": "name", "limit": 250})).json()["results"]
    (label,) = [one for one in everywhere if one["name"] == "same"]
    assert await names(demo, f"{V2}/labels", **{"label-id": label["id"]}) == ["same"]
    pages = (await demo.get(f"{V2}/labels/{label['id']}/pages")).json()["results"]
    assert [row["id"] for row in pages] == ["131074", "131076"]
    elsewhere = await demo.get(f"{V2}/labels/{label['id']}/pages", params={"space-id": 65538})
    assert elsewhere.json()["results"] == []
    files = (await demo.get(f"{V2}/labels/{label['id']}/attachments")).json()["results"]
    assert [row["id"] for row in files] == [PICTURE]
    assert await names(demo, f"{V2}/attachments/{PICTURE}/labels") == ["same"]
    assert await names(demo, f"{V2}/attachments/{PICTURE}/labels", prefix="team") == []
    assert "same" in await names(demo, f"{V2}/spaces/65537/content/labels")
    about = (await demo.get(f"{V1}/label", params={"name": "same"})).json()
    kinds = [row["contentType"] for row in about["associatedContents"]["results"]]
    assert (about["label"]["id"], sorted(kinds)) == (label["id"], ["attachment", "page", "page"])
    pages_only = await demo.get(f"{V1}/label", params={"name": "same", "type": "page"})
    assert pages_only.json()["associatedContents"]["size"] == 2


async def test_my_labels_are_mine(demo: httpx2.AsyncClient, site: Site) -> None:
    await demo.post(CONTENT, json=labels("todo", prefix="my"))
    assert await names(demo, CONTENT, prefix="my") == ["todo"]
    assert await names(demo, f"{V2}/labels", prefix="my") == ["todo"]
    async with browsing(site, "sam.carter") as sam:
        assert await names(sam, CONTENT, prefix="my") == []
        assert await names(sam, f"{V2}/pages/131076/labels", prefix="my") == []


async def test_spaces_have_labels_of_their_own(demo: httpx2.AsyncClient) -> None:
    space = f"{V1}/space/ENG/label"
    assert (await demo.post(space, json=labels("core", prefix="team"))).json()["size"] == 1
    assert await names(demo, space) == ["core"]
    assert await names(demo, f"{V2}/spaces/65537/labels") == ["core"]
    assert await names(demo, f"{V2}/spaces/65537/labels", prefix="my") == []
    assert (await demo.delete(space, params={"name": "core", "prefix": "my"})).status_code == 204
    assert await names(demo, space, prefix="team") == ["core"]
    assert (await demo.delete(space, params={"name": "core"})).status_code == 204
    assert await names(demo, space) == []


@pytest.mark.parametrize("wrong", [labels("a.b"), labels("x" * 256), labels("a", prefix="our"), labels("")])
async def test_a_bad_label_is_refused(rough: httpx2.AsyncClient, wrong: list[dict[str, str]]) -> None:
    for path in (CONTENT, f"{V1}/space/ENG/label"):
        assert (await rough.post(path, json=wrong)).status_code == 400
    assert (await rough.post(CONTENT, json=labels(*map(str, range(1_000))))).status_code == 400
    assert await names(rough, CONTENT) == ["architecture"]


async def test_labels_of_what_is_not_there(rough: httpx2.AsyncClient) -> None:
    for path in ("content/1/label", "content/att1/label", "space/LEAD/label", "label?name=nobody"):
        assert (await rough.get(f"{V1}/{path}")).status_code == 404
    for path in ("labels/1/pages", "labels/1/attachments", "spaces/1/labels", "spaces/1/content/labels"):
        assert (await rough.get(f"{V2}/{path}")).status_code == 404
    for path in ("pages/1/labels", "attachments/att1/labels"):
        assert (await rough.get(f"{V2}/{path}")).status_code == 404
    for path in ("labels/x/pages", "labels/x/attachments", "spaces/x/labels", "spaces/x/content/labels"):
        assert (await rough.get(f"{V2}/{path}")).status_code == 400
    for path in ("labels?sort=size", "labels?label-id=x", "pages/131076/labels?prefix=our", "attachments/x/labels"):
        assert (await rough.get(f"{V2}/{path}")).status_code == 400
    for path in ("label", "label?name=a&type=b"):
        assert (await rough.get(f"{V1}/{path}")).status_code == 400
    for path in ("content/1/label?name=a", "content/1/label/a", "space/LEAD/label?name=a"):
        assert (await rough.delete(f"{V1}/{path}")).status_code == 404
    for path in ("content/131076/label", "space/ENG/label"):
        assert (await rough.delete(f"{V1}/{path}")).status_code == 400
    assert (await rough.post(f"{V1}/space/LEAD/label", json=labels("a"))).status_code == 404


async def test_who_may_only_read_changes_no_labels(demo: httpx2.AsyncClient) -> None:
    space, policy = f"{V1}/space/POLICY/label", f"{V1}/content/131095/label"
    for path in (space, policy):
        assert (await demo.post(path, json=labels("a"))).status_code == 403
        assert (await demo.delete(path, params={"name": "a"})).status_code == 403
    assert (await demo.delete(f"{policy}/a")).status_code == 403
