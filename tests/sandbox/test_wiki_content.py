"""Content of version 1: read as far as it still can be, and copied."""

from typing import Any

import httpx2
import pytest

from server.sandbox import Site
from server.sandbox.clients import SCOPED_TOKEN
from server.sandbox.gateway import CLOUD_ID
from tests.sandbox.conftest import browsing

pytestmark = pytest.mark.anyio
V1, V2 = "/wiki/rest/api/content", "/wiki/api/v2"
COPY = f"{V1}/131076/copy"
PICTURE = "att140001"


async def test_a_page_is_read_with_what_was_asked_for(demo: httpx2.AsyncClient) -> None:
    shown = (await demo.get(f"{V1}/131076")).json()
    assert (shown["type"], shown["space"]["key"], shown["version"]["number"]) == ("page", "ENG", 2)
    assert shown["history"]["latest"] is True
    assert "ancestors" in shown["_expandable"]
    asked = {"expand": "body.storage,body.atlas_doc_format,ancestors,metadata.labels"}
    more = (await demo.get(f"{V1}/131076", params=asked)).json()
    assert "ac:inline-comment-marker" in more["body"]["storage"]["value"]
    assert more["body"]["atlas_doc_format"]["value"].startswith("{")
    assert [one["id"] for one in more["ancestors"]] == ["131073"]
    assert [one["name"] for one in more["metadata"]["labels"]["results"]] == ["architecture"]
    assert "version" not in more
    old = (await demo.get(f"{V1}/131076", params={"version": 1, "expand": "body.storage"})).json()
    assert (old["status"], old["body"]["storage"]["value"]) == ("historical", "<p>Draft.</p>")
    assert (await demo.get(f"{V1}/{PICTURE}")).json()["type"] == "attachment"


async def test_content_that_is_not_there_cannot_be_read(rough: httpx2.AsyncClient) -> None:
    for path in ("1", "att1", "131076?version=9", "131076?status=trashed"):
        assert (await rough.get(f"{V1}/{path}")).status_code == 404
    assert (await rough.get(f"{V1}/131076?status=gone")).status_code == 400
    await rough.delete(f"{V2}/pages/131076")
    assert (await rough.get(f"{V1}/131076")).status_code == 404
    assert (await rough.get(f"{V1}/131076?status=any")).json()["status"] == "trashed"


async def test_the_gateway_does_not_know_it_any_more(site: Site) -> None:
    async with browsing(site, nonsense=True) as client:
        there = f"/ex/confluence/{CLOUD_ID}/wiki/rest/api/content/131076"
        gone = await client.get(there, auth=("demo@example.com", SCOPED_TOKEN))
    assert gone.status_code == 410
    assert gone.json()["message"].endswith("GoneException: This deprecated endpoint has been removed.")


def to(kind: str, value: str, **more: Any) -> dict[str, Any]:
    return {"destination": {"type": kind, "value": value}} | more


async def test_a_page_is_copied_with_what_belongs_to_it(demo: httpx2.AsyncClient, site: Site) -> None:
    await demo.post(f"{V2}/pages/131076/properties", json={"key": "sync", "value": 1})
    await demo.put(f"{V1}/131076/restriction/byOperation/update/byGroupId/group-developers")
    names = ("copyAttachments", "copyLabels", "copyProperties", "copyPermissions")
    made = (await demo.post(COPY, json=to("parent_page", "131074", **dict.fromkeys(names, True)))).json()
    one = (await demo.get(f"{V2}/pages/{made['id']}", params={"include-labels": "true"})).json()
    assert (one["title"], one["parentId"]) == ("Copy of Architecture of the shop", "131074")
    assert [label["name"] for label in one["labels"]["results"]] == ["architecture"]
    files = (await demo.get(f"{V2}/pages/{made['id']}/attachments")).json()["results"]
    assert [(row["title"], row["id"] != PICTURE) for row in files] == [("services.png", True)]
    properties = (await demo.get(f"{V2}/pages/{made['id']}/properties")).json()["results"]
    assert [row["key"] for row in properties] == ["sync"]
    assert (made["id"], "update") in site.circles
    plain = (await demo.post(COPY, json=to("space", "DOCS", pageTitle="Plain"))).json()
    bare = (await demo.get(f"{V2}/pages/{plain['id']}", params={"include-labels": "true"})).json()
    assert ("parentId" in bare, bare["title"], bare["labels"]["results"]) == (False, "Plain", [])


async def test_a_page_is_copied_over_another(demo: httpx2.AsyncClient) -> None:
    body = {"storage": {"representation": "storage", "value": "<p>New</p>"}}
    over = to("existing_page", "131074", body=body, copyAttachments=True)
    assert (await demo.post(COPY, json=over)).json()["id"] == "131074"
    assert (await demo.post(COPY, json=over)).json()["version"]["number"] == 5
    shown = (await demo.get(f"{V2}/pages/131074", params={"body-format": "storage"})).json()
    assert (shown["title"], shown["body"]["storage"]["value"]) == ("Onboarding", "<p>New</p>")
    assert len((await demo.get(f"{V2}/pages/131074/attachments")).json()["results"]) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 400),
        (to("folder", "1"), 400),
        (to("space", ""), 400),
        (to("space", "LEAD"), 404),
        (to("space", "POLICY"), 403),
        (to("parent_page", "1"), 404),
        (to("existing_page", "131095"), 403),
        (to("space", "ENG", pageTitle="Onboarding"), 400),
        (to("space", "ENG", body={"storage": {"representation": "storage", "value": "<p>"}}), 400),
    ],
)
async def test_a_copy_that_cannot_be_is_refused(rough: httpx2.AsyncClient, body: dict[str, Any], status: int) -> None:
    refused = await rough.post(COPY, json=body)
    assert (refused.status_code, refused.json()["statusCode"]) == (status, status)
    assert (await rough.post(f"{V1}/1/copy", json=body)).status_code == 404
