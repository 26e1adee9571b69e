import json
from collections.abc import Callable
from typing import Any

import httpx2
import pytest

from server.sandbox import Site
from tests.sandbox.conftest import BASE, Clock, browsing
from tests.sandbox.writing import doc, page

pytestmark = pytest.mark.anyio
V2 = "/wiki/api/v2"
ARCHITECTURE = f"{V2}/pages/131076"
ORDERS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "id": lambda one: int(one["id"]),
    "created-date": lambda one: one["createdAt"],
    "title": lambda one: one["title"].casefold(),
    "modified-date": lambda one: one["version"]["createdAt"],
}


async def walked(client: httpx2.AsyncClient, path: str, **asked: Any) -> list[dict[str, Any]]:
    """Every result of a list, following both ways of saying what comes next."""
    results: list[dict[str, Any]] = []
    answer = await client.get(path, params=asked)
    while True:
        body = answer.json()
        results += body["results"]
        assert body["_links"]["base"] == f"{BASE}/wiki"
        if "next" not in body["_links"]:
            assert 'rel="next"' not in answer.headers["link"]
            return results
        assert answer.headers["link"].startswith(f'<{body["_links"]["next"]}>; rel="next"')
        answer = await client.get(body["_links"]["next"])


async def test_spaces_are_listed_and_read(demo: httpx2.AsyncClient) -> None:
    spaces = await walked(demo, f"{V2}/spaces", limit=2)
    assert [space["key"] for space in spaces] == ["ENG", "DOCS", "POLICY"]
    by_key = await walked(demo, f"{V2}/spaces", keys="DOCS,LEAD", sort="-name")
    assert [space["name"] for space in by_key] == ["Product Documentation"]
    assert await walked(demo, f"{V2}/spaces", ids=by_key[0]["id"]) == by_key
    asked = {"description-format": "plain"}
    one = (await demo.get(f"{V2}/spaces/{by_key[0]['id']}", params=asked)).json()
    assert one["description"]["plain"]["value"].startswith("How the shop works")
    home = (await demo.get(f"{V2}/pages/{one['homepageId']}")).json()
    assert home["title"] == "Documentation Home"


@pytest.mark.parametrize("sort", ["id", "-id", "created-date", "-created-date", "title", "-title", "-modified-date"])
async def test_pages_are_listed_in_every_order(demo: httpx2.AsyncClient, sort: str) -> None:
    pages = await walked(demo, f"{V2}/pages", limit=7, sort=sort, **{"body-format": "storage"})
    assert len({one["id"] for one in pages}) == len(pages) > 20
    shown = [ORDERS[sort.lstrip("-")](one) for one in pages]
    assert shown == sorted(shown, reverse=sort.startswith("-"))


async def test_pages_are_filtered(demo: httpx2.AsyncClient) -> None:
    assert [one["id"] for one in await walked(demo, f"{V2}/pages", title="Onboarding")] == ["131074"]
    assert len(await walked(demo, f"{V2}/pages", id="131074,131075")) == 2
    inside = await walked(demo, f"{V2}/spaces/65537/pages")
    assert inside == await walked(demo, f"{V2}/pages", **{"space-id": 65537})
    assert len(await walked(demo, f"{V2}/spaces/65537/pages", depth="root")) == 1


async def test_a_page_is_read_in_each_format(demo: httpx2.AsyncClient) -> None:
    bodies: dict[str, str] = {}
    for form in ("storage", "atlas_doc_format", "view"):
        body = (await demo.get(ARCHITECTURE, params={"body-format": form})).json()["body"]
        assert body[form]["representation"] == form
        bodies[form] = body[form]["value"]
    assert "ac:inline-comment-marker" in bodies["storage"]
    kinds = [node["type"] for node in json.loads(bodies["atlas_doc_format"])["content"]]
    assert {"panel", "heading", "table", "expand", "codeBlock", "extension"} <= set(kinds)
    assert "<h1>Overview</h1>" in bodies["view"]
    assert "ac:" not in bodies["view"]


async def test_a_page_brings_what_was_asked_for(demo: httpx2.AsyncClient) -> None:
    asked = {"include-labels": "true", "include-versions": "true", "include-version": "false"}
    shown = (await demo.get(ARCHITECTURE, params=asked)).json()
    assert [label["name"] for label in shown["labels"]["results"]] == ["architecture"]
    assert [one["number"] for one in shown["versions"]["results"]] == [2, 1]
    assert "version" not in shown
    assert shown["body"] == {}


async def test_old_versions_stay_readable(demo: httpx2.AsyncClient) -> None:
    old = (await demo.get(ARCHITECTURE, params={"version": 1, "body-format": "storage"})).json()
    assert (old["status"], old["body"]["storage"]["value"]) == ("historical", "<p>Draft.</p>")
    versions = await walked(demo, f"{ARCHITECTURE}/versions", limit=1, **{"body-format": "storage"})
    assert [one["number"] for one in versions] == [2, 1]
    assert versions[1]["page"]["body"]["storage"]["value"] == "<p>Draft.</p>"
    assert "page" not in (await walked(demo, f"{ARCHITECTURE}/versions"))[0]
    assert (await demo.get(ARCHITECTURE, params={"version": 9})).status_code == 404


async def test_relatives_are_found(demo: httpx2.AsyncClient) -> None:
    children = await walked(demo, f"{ARCHITECTURE}/children", limit=2)
    direct = await walked(demo, f"{ARCHITECTURE}/direct-children")
    assert [one["id"] for one in children] == [one["id"] for one in direct] == ["131077", "131078", "131079"]
    above = await walked(demo, f"{V2}/pages/131077/ancestors")
    assert [one["id"] for one in above] == ["131073", "131076"]


async def test_a_page_is_written_and_written_again(demo: httpx2.AsyncClient, clock: Clock) -> None:
    made = (await demo.post(f"{V2}/pages", json=page("A plan", "<p>a &amp; b&nbsp;&mdash; ü</p>"))).json()
    assert (made["version"]["number"], made["parentId"]) == (1, "131073")
    clock.pass_by(minutes=1)
    body = {"representation": "storage", "value": "<p>Better</p>"}
    change = {"id": made["id"], "status": "current", "title": "A better plan", "body": body, "parentId": "131076"}
    change["version"] = {"number": 2, "message": "why"}
    changed = (await demo.put(f"{V2}/pages/{made['id']}", json=change)).json()
    assert (changed["title"], changed["version"]["message"], changed["parentId"]) == ("A better plan", "why", "131076")
    assert changed["version"]["createdAt"] == "2026-03-02T12:01:00.000Z"


async def test_a_page_written_as_adf_is_kept_as_adf(demo: httpx2.AsyncClient) -> None:
    written = doc("Hello <world>")
    body = {"atlas_doc_format": {"representation": "atlas_doc_format", "value": json.dumps(written)}}
    made = (await demo.post(f"{V2}/pages", params={"root-level": "true"}, json=page("As ADF") | {"body": body})).json()
    assert "parentId" not in made
    assert made["body"]["storage"]["value"] == "<p>Hello &lt;world&gt;</p>"
    again = (await demo.get(f"{V2}/pages/{made['id']}", params={"body-format": "atlas_doc_format"})).json()
    assert json.loads(again["body"]["atlas_doc_format"]["value"]) == written


async def test_a_deleted_page_goes_to_the_trash_and_then_away(demo: httpx2.AsyncClient) -> None:
    assert (await demo.delete(ARCHITECTURE, params={"purge": "true"})).status_code == 400
    assert (await demo.delete(ARCHITECTURE)).status_code == 204
    assert (await demo.get(ARCHITECTURE)).json()["status"] == "trashed"
    assert (await demo.get(ARCHITECTURE, params={"status": "current"})).status_code == 404
    assert [one["id"] for one in await walked(demo, f"{V2}/pages", status="trashed")] == ["131076"]
    assert (await demo.get(f"{V2}/pages/131077")).json()["parentId"] == "131073"
    assert (await demo.delete(ARCHITECTURE, params={"purge": "true"})).status_code == 204
    assert (await demo.get(ARCHITECTURE)).status_code == 404


async def test_a_trashed_page_is_seen_in_the_trash_and_comes_back(demo: httpx2.AsyncClient) -> None:
    assert (await demo.delete(ARCHITECTURE)).status_code == 204
    for asked, status in (({}, 200), ({"status": "trashed"}, 200), ({"status": "current"}, 404)):
        shown = await demo.get(ARCHITECTURE, params=asked)
        assert shown.status_code == status
        assert shown.json().get("status") == ("trashed" if status == 200 else None)
    body = {"representation": "storage", "value": "<p>Back</p>"}
    change = {"id": "131076", "status": "current", "title": "Architecture of the shop", "body": body}
    stale = await demo.put(ARCHITECTURE, json=change | {"version": {"number": 2}})
    assert stale.status_code == 409
    restored = (await demo.put(ARCHITECTURE, json=change | {"version": {"number": 3}})).json()
    assert (restored["status"], restored["version"]["number"], restored["parentId"]) == ("current", 3, "131073")
    assert (await demo.get(ARCHITECTURE, params={"status": "current"})).status_code == 200
    assert await walked(demo, f"{V2}/pages", status="trashed") == []


async def test_a_trashed_page_whose_title_is_taken_stays_in_the_trash(demo: httpx2.AsyncClient) -> None:
    title = "Architecture of the shop"
    await demo.delete(ARCHITECTURE)
    assert (await demo.post(f"{V2}/pages", json=page(title))).status_code == 200
    body = {"representation": "storage", "value": "<p>Back</p>"}
    change = {"id": "131076", "status": "current", "title": title, "body": body, "version": {"number": 3}}
    assert (await demo.put(ARCHITECTURE, json=change)).status_code == 400
    assert (await demo.get(ARCHITECTURE)).json()["status"] == "trashed"


async def test_an_archived_page_is_read_and_asked_for_by_its_status(demo: httpx2.AsyncClient, site: Site) -> None:
    site.pages["131076"].status = "archived"
    assert (await demo.get(ARCHITECTURE)).json()["status"] == "archived"
    assert (await demo.get(ARCHITECTURE, params={"status": "archived"})).status_code == 200
    assert (await demo.get(ARCHITECTURE, params={"status": "current"})).status_code == 404
    assert "131076" in [one["id"] for one in await walked(demo, f"{V2}/pages")]
    assert "131076" not in [one["id"] for one in await walked(demo, f"{V2}/pages", status="current")]
    assert [one["id"] for one in await walked(demo, f"{V2}/pages", status="archived")] == ["131076"]


READING = {("read", "space")}
WRITING = READING | {("create", "page"), ("delete", "page"), ("create", "comment")}


@pytest.mark.parametrize(
    ("name", "space", "permitted"), [("demo", "65537", WRITING), ("demo", "65539", READING), ("zoe", "65539", WRITING)]
)
async def test_a_space_tells_what_one_may_do_in_it(
    site: Site, name: str, space: str, permitted: set[tuple[str, str]]
) -> None:
    async with browsing(site, name) as client:
        shown = (await client.get(f"{V2}/spaces/{space}/operations")).json()
    assert {(one["operation"], one["targetType"]) for one in shown["operations"]} == permitted


async def test_comments_and_labels_are_read_and_added(demo: httpx2.AsyncClient) -> None:
    comments = await walked(demo, f"{ARCHITECTURE}/footer-comments", limit=2, **{"body-format": "storage"})
    assert comments[0]["body"]["storage"]["value"].startswith("<p>Should the cart")
    body = {"representation": "storage", "value": "<p>Yes</p>"}
    made = await demo.post(f"{V2}/footer-comments", json={"pageId": "131076", "body": body})
    assert made.status_code == 201
    reply = await demo.post(f"{V2}/footer-comments", json={"parentCommentId": made.json()["id"], "body": body})
    assert reply.json()["parentCommentId"] == made.json()["id"]
    newest = await walked(demo, f"{ARCHITECTURE}/footer-comments", sort="-created-date")
    assert newest[0]["id"] == made.json()["id"]
    label = {"prefix": "global", "name": "New"}
    labelled = await demo.post("/wiki/rest/api/content/131076/label", json=[label, label])
    assert [one["name"] for one in labelled.json()["results"]] == ["architecture", "new"]
    assert len(await walked(demo, f"{ARCHITECTURE}/labels", prefix="global")) == 2
    assert await walked(demo, f"{ARCHITECTURE}/labels", prefix="my") == []


async def test_the_same_site_comes_up_each_time(site: Site, clock: Clock) -> None:
    again = Site.demo(clock)
    assert again.issues == site.issues
    assert again.pages == site.pages
