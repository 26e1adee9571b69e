"""Old versions made new, kinds of content, and what one may do with it."""

from typing import Any

import httpx2
import pytest

from tests.sandbox.writing import page

pytestmark = pytest.mark.anyio
V2 = "/wiki/api/v2"
VERSION = "/wiki/rest/api/content/131076/version"


def back_to(number: object, **more: Any) -> dict[str, Any]:
    return {"operationKey": "restore", "params": {"versionNumber": number, "message": "Back"} | more}


async def test_an_old_version_becomes_the_latest(demo: httpx2.AsyncClient) -> None:
    await demo.put(f"{V2}/pages/131076/title", json={"status": "current", "title": "Renamed"})
    made = (await demo.post(VERSION, json=back_to(1))).json()
    assert (made["number"], made["message"]) == (4, "Back")
    shown = (await demo.get(f"{V2}/pages/131076", params={"body-format": "storage"})).json()
    assert (shown["title"], shown["body"]["storage"]["value"]) == ("Renamed", "<p>Draft.</p>")
    await demo.post(VERSION, json=back_to(1, restoreTitle=True))
    assert (await demo.get(f"{V2}/pages/131076")).json()["title"] == "Architecture of the shop"


async def test_a_version_that_cannot_come_back_is_refused(rough: httpx2.AsyncClient) -> None:
    for wrong in (back_to(2), back_to(9), back_to("x"), {"operationKey": "drop"}, {}):
        assert (await rough.post(VERSION, json=wrong)).status_code == 400
    assert (await rough.post(VERSION.replace("131076", "1"), json=back_to(1))).status_code == 400
    assert (await rough.post(VERSION.replace("131076", "131095"), json=back_to(1))).status_code == 403
    await rough.put(f"{V2}/pages/131076/title", json={"status": "current", "title": "Renamed"})
    await rough.post(f"{V2}/pages", json=page("Architecture of the shop"))
    assert (await rough.post(VERSION, json=back_to(1, restoreTitle=True))).status_code == 400


async def test_ids_are_told_apart(rough: httpx2.AsyncClient) -> None:
    comment = (await rough.get(f"{V2}/footer-comments")).json()["results"][0]["id"]
    asked = {"contentIds": ["131076", comment, 140001, "1"]}
    kinds = (await rough.post(f"{V2}/content/convert-ids-to-types", json=asked)).json()["results"]
    assert kinds == {"131076": "page", comment: "footer-comment", "140001": "attachment", "1": None}
    assert (await rough.post(f"{V2}/content/convert-ids-to-types", json={})).status_code == 400


async def test_content_tells_what_one_may_do_with_it(rough: httpx2.AsyncClient) -> None:
    async def may(path: str) -> list[str]:
        return [row["operation"] for row in (await rough.get(f"{V2}/{path}/operations")).json()["operations"]]

    assert await may("pages/131095") == ["read"]
    assert "update" in await may("pages/131076")
    body = {"representation": "storage", "value": "<p>x</p>"}
    mine = (await rough.post(f"{V2}/footer-comments", json={"pageId": "131076", "body": body})).json()["id"]
    assert await may(f"footer-comments/{mine}") == ["read", "update", "delete"]
    marked = {"textSelection": "The cart lives", "textSelectionMatchCount": 1, "textSelectionMatchIndex": 0}
    written = {"pageId": "131076", "body": body, "inlineCommentProperties": marked}
    inline = (await rough.post(f"{V2}/inline-comments", json=written)).json()["id"]
    assert await may(f"inline-comments/{inline}") == ["read", "update", "delete"]
