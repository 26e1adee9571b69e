from typing import Any

import httpx2
import pytest

from server.sandbox import Site
from tests.sandbox.conftest import browsing
from tests.sandbox.writing import page

pytestmark = pytest.mark.anyio
V2 = "/wiki/api/v2"
HUGE = "x" * (5 * 1024 * 1024 + 1)


def change(**more: Any) -> dict[str, Any]:
    body = {"representation": "storage", "value": "<p>x</p>"}
    return {"id": "131074", "status": "current", "title": "Onboarding", "body": body, "version": {"number": 4}} | more


async def test_a_stale_version_is_a_conflict(demo: httpx2.AsyncClient) -> None:
    refused = await demo.put(f"{V2}/pages/131074", json=change(version={"number": 3}))
    assert refused.status_code == 409
    title = "Version must be incremented when updating a page. Current Version: [3]. Provided version: [3]"
    assert refused.json() == {"errors": [{"status": "409", "code": "CONFLICT", "title": title, "detail": None}]}


@pytest.mark.parametrize(
    ("more", "status", "words"),
    [
        ({"id": "131075"}, 400, "The id in the request body does not match"),
        ({"status": "archived"}, 400, "Required field 'status'"),
        ({"title": ""}, 400, "Title is required"),
        ({"title": "x" * 256}, 400, "Title cannot be longer"),
        ({"title": "Runbook: checkout outage"}, 400, "A page with this title already exists"),
        ({"version": {}}, 400, "Required field 'version.number'"),
        ({"version": {"number": 5}}, 409, "Version must be incremented"),
        ({"parentId": "131074"}, 400, "A page cannot be moved below itself"),
        ({"parentId": "1"}, 404, "Could not find parent with id 1"),
        ({"body": {"representation": "storage", "value": "<p>a</b>"}}, 400, "Error parsing xhtml: mismatched tag"),
        ({"body": {"representation": "storage", "value": "&nonsense;"}}, 400, "Error parsing xhtml: undefined entity"),
        ({"body": {"representation": "storage", "value": "<!DOCTYPE x>"}}, 400, "Error parsing xhtml: a document type"),
        ({"body": {"representation": "storage", "value": 7}}, 400, "Body value must be a string"),
        ({"body": {"representation": "wiki", "value": "h1. x"}}, 400, "Representation 'wiki' is not supported"),
        ({"body": {"representation": "atlas_doc_format", "value": "{"}}, 400, "Invalid ADF"),
        ({"body": {"representation": "atlas_doc_format", "value": "{}"}}, 400, "Invalid ADF"),
        (
            {"body": {"representation": "storage", "value": "x" * (5 * 1024 * 1024 + 1)}},
            413,
            "Request body is too large",
        ),
    ],
)
async def test_a_bad_change_is_refused(
    rough: httpx2.AsyncClient, more: dict[str, Any], status: int, words: str
) -> None:
    refused = await rough.put(f"{V2}/pages/131074", json=change(**more))
    assert refused.status_code == status
    assert refused.json()["errors"][0]["title"].startswith(words)
    assert (await rough.get(f"{V2}/pages/131074")).json()["version"]["number"] == 3


async def test_a_page_is_not_moved_below_its_own_child(demo: httpx2.AsyncClient) -> None:
    moved = change(id="131076", title="Architecture of the shop", version={"number": 3}, parentId="131077")
    refused = await demo.put(f"{V2}/pages/131076", json=moved)
    assert refused.status_code == 400


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (page("Onboarding"), 400, "A page with this title already exists"),
        (page("onboarding"), 400, "A page with this title already exists"),
        (page("New", spaceId="1"), 404, "Could not find space with id 1"),
        (page("New", spaceId="65540"), 404, "Could not find space with id 65540"),
        (page("New", spaceId="65539"), 403, "User 712020:5a9d3c10-41f6-4b7e-9c2d-000000000001 is not permitted"),
        (page("New", parentId="131085"), 404, "Could not find parent with id 131085"),
        (page("New", "<p>"), 400, "Error parsing xhtml"),
        ({"title": "New"}, 400, "Required field 'spaceId' is missing"),
    ],
)
async def test_a_bad_page_is_refused(rough: httpx2.AsyncClient, body: dict[str, Any], status: int, words: str) -> None:
    refused = await rough.post(f"{V2}/pages", json=body)
    assert refused.status_code == status
    assert refused.json()["errors"][0]["title"].startswith(words)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/pages/1", 404),
        ("/pages/abc", 400),
        ("/spaces/1", 404),
        ("/spaces/65540", 404),
        ("/spaces/abc", 400),
        ("/spaces/1/operations", 404),
        ("/spaces/65540/operations", 404),
        ("/spaces/abc/operations", 400),
        ("/pages/131073?body-format=wiki", 400),
        ("/pages?body-format=view", 400),
        ("/pages?sort=colour", 400),
        ("/pages?limit=0", 400),
        ("/pages?limit=251", 400),
        ("/pages?cursor=nonsense", 400),
        ("/pages?space-id=abc", 400),
    ],
)
async def test_a_bad_question_is_refused(rough: httpx2.AsyncClient, path: str, status: int) -> None:
    refused = await rough.get(V2 + path)
    assert refused.status_code == status
    assert refused.json()["errors"][0]["status"] == status


async def test_a_limit_that_is_no_number_is_ignored(rough: httpx2.AsyncClient) -> None:
    assert len((await rough.get(f"{V2}/pages?limit=many")).json()["results"]) == 25
    assert len((await rough.get(f"{V2}/pages?limit=-1")).json()["results"]) == 25


async def test_a_read_only_space_is_read_only(demo: httpx2.AsyncClient, site: Site) -> None:
    body = {"representation": "storage", "value": "<p>x</p>"}
    policy = "131095"
    assert (await demo.get(f"{V2}/pages/{policy}")).json()["spaceId"] == "65539"
    for refused in (
        await demo.put(f"{V2}/pages/{policy}", json=change(id=policy)),
        await demo.delete(f"{V2}/pages/{policy}"),
        await demo.post(f"{V2}/footer-comments", json={"pageId": policy, "body": body}),
        await demo.post(f"/wiki/rest/api/content/{policy}/label", json=[{"prefix": "global", "name": "x"}]),
    ):
        assert refused.status_code == 403
    async with browsing(site, "zoe") as zoe:
        assert (await zoe.delete(f"{V2}/pages/{policy}")).status_code == 204


async def test_bad_comments_and_labels_are_refused(rough: httpx2.AsyncClient) -> None:
    comments, label = f"{V2}/footer-comments", "/wiki/rest/api/content/131074/label"
    assert (await rough.post(comments, json={"pageId": "1", "body": {"value": "<p>x</p>"}})).status_code == 404
    assert (await rough.post(comments, json={"pageId": "131074", "body": {"value": " "}})).status_code == 400
    assert (await rough.post(label, json=[{"name": ""}])).status_code == 400
    assert (await rough.post(label, json=[{"prefix": "global", "name": "a b"}])).status_code == 400
    missing = await rough.post("/wiki/rest/api/content/1/label", json=[{"prefix": "global", "name": "a"}])
    assert (missing.status_code, missing.json()["statusCode"]) == (404, 404)
