from typing import Any

import httpx2
import pytest

from server.sandbox import Site
from tests.sandbox.conftest import browsing
from tests.sandbox.writing import page

pytestmark = pytest.mark.anyio
V2 = "/wiki/api/v2"
ARCHITECTURE = f"{V2}/pages/131076"
TITLE = "Architecture of the shop"


def written(page_id: str, status: str, number: int, **more: Any) -> dict[str, Any]:
    body = {"representation": "storage", "value": "<p>New</p>"}
    return {"id": page_id, "status": status, "title": TITLE, "body": body, "version": {"number": number}} | more


async def test_a_draft_is_seen_by_its_author_alone_until_it_is_published(demo: httpx2.AsyncClient, site: Site) -> None:
    made = (await demo.post(f"{V2}/pages", json=page("", status="draft"))).json()
    one, asked = f"{V2}/pages/{made['id']}", {"get-draft": "true"}
    assert (made["status"], made["title"], made["version"]["number"]) == ("draft", "", 1)
    assert (await demo.get(one)).status_code == 404
    for shown in (asked, {"status": "draft"}):
        assert (await demo.get(one, params=shown)).json()["status"] == "draft"
    async with browsing(site, "sam.carter") as sam:
        assert (await sam.get(one, params=asked)).status_code == 404
    changed = await demo.put(one, json=written(made["id"], "draft", 1, title="Half a plan"))
    assert (changed.json()["title"], changed.json()["version"]["number"]) == ("Half a plan", 1)
    retitled = await demo.put(f"{one}/title", json={"status": "draft", "title": "A plan"})
    assert (retitled.json()["title"], retitled.json()["status"]) == ("A plan", "draft")
    published = await demo.put(one, json=written(made["id"], "current", 1, title="A plan"))
    assert (published.json()["status"], published.json()["version"]["number"]) == ("current", 1)
    async with browsing(site, "sam.carter") as sam:
        assert (await sam.get(one)).json()["title"] == "A plan"


async def test_a_published_page_has_a_draft_beside_it(demo: httpx2.AsyncClient) -> None:
    asked = {"get-draft": "true", "body-format": "storage"}
    assert (await demo.get(ARCHITECTURE, params=asked)).json()["status"] == "current"
    drafted = (await demo.put(ARCHITECTURE, json=written("131076", "draft", 1))).json()
    assert (drafted["status"], drafted["version"]["number"]) == ("draft", 1)
    shown = (await demo.get(ARCHITECTURE, params=asked)).json()
    assert (shown["status"], shown["body"]["storage"]["value"]) == ("draft", "<p>New</p>")
    assert (await demo.get(ARCHITECTURE)).json()["version"]["number"] == 2
    retitled = await demo.put(f"{ARCHITECTURE}/title", json={"status": "draft", "title": "Another"})
    assert (retitled.json()["title"], (await demo.get(ARCHITECTURE)).json()["title"]) == ("Another", TITLE)
    assert (await demo.put(ARCHITECTURE, json=written("131076", "current", 3))).status_code == 200
    assert (await demo.get(ARCHITECTURE, params=asked)).json()["status"] == "current"


async def test_a_draft_is_discarded_for_good_and_only_as_a_draft(demo: httpx2.AsyncClient) -> None:
    made = (await demo.post(f"{V2}/pages", json=page("", status="draft"))).json()
    one, draft = f"{V2}/pages/{made['id']}", {"draft": "true"}
    assert (await demo.delete(one)).status_code == 404
    assert (await demo.delete(one, params=draft)).status_code == 204
    assert (await demo.get(one, params={"get-draft": "true"})).status_code == 404
    assert (await demo.delete(ARCHITECTURE, params=draft)).status_code == 404
    await demo.put(ARCHITECTURE, json=written("131076", "draft", 1))
    assert (await demo.delete(ARCHITECTURE, params=draft)).status_code == 204
    assert (await demo.get(ARCHITECTURE, params={"get-draft": "true"})).json()["status"] == "current"


async def test_a_draft_keeps_version_one_and_needs_no_free_title(rough: httpx2.AsyncClient) -> None:
    made = (await rough.post(f"{V2}/pages", json=page(TITLE, status="draft"))).json()
    one = f"{V2}/pages/{made['id']}"
    assert (await rough.put(one, json=written(made["id"], "draft", 2))).status_code == 409
    assert (await rough.put(one, json=written(made["id"], "current", 1))).status_code == 400
    assert (await rough.post(f"{V2}/pages", json=page("X", status="archived"))).status_code == 400
    assert (await rough.post(f"{V2}/pages", json=page("X", subtype="dead"))).status_code == 400
    below = page("X", parentId=made["id"])
    assert (await rough.post(f"{V2}/pages", json=below)).status_code == 404
    assert (await rough.put(f"{one}/title", json={"status": "current", "title": "X"})).status_code == 404


async def test_a_title_is_changed_alone(demo: httpx2.AsyncClient) -> None:
    changed = (await demo.put(f"{ARCHITECTURE}/title", json={"status": "current", "title": "Shop"})).json()
    assert (changed["title"], changed["version"]["number"]) == ("Shop", 3)
    shown = (await demo.get(ARCHITECTURE, params={"body-format": "storage"})).json()
    assert "ac:inline-comment-marker" in shown["body"]["storage"]["value"]
    taken = await demo.put(f"{ARCHITECTURE}/title", json={"status": "current", "title": "Onboarding"})
    assert taken.status_code == 400
    draft = await demo.put(f"{ARCHITECTURE}/title", json={"status": "draft", "title": "Shop 2"})
    assert draft.status_code == 404
    assert (await demo.put(f"{V2}/pages/1/title", json={"status": "current", "title": "X"})).status_code == 404
    readable = await demo.put(f"{V2}/pages/131095/title", json={"status": "current", "title": "X"})
    assert readable.status_code == 403
    await demo.delete(ARCHITECTURE)
    trashed = await demo.put(f"{ARCHITECTURE}/title", json={"status": "current", "title": "X"})
    assert trashed.status_code == 404
