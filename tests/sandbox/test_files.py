"""Files on pages."""

from typing import Any

import httpx2
import pytest

from server.sandbox import Site, wiki_uploads
from tests.sandbox.conftest import Clock, browsing
from tests.sandbox.writing import page

pytestmark = pytest.mark.anyio
V2 = "/wiki/api/v2"
UPLOADS = "/wiki/rest/api/content/131076/child/attachment"
POLICY = "/wiki/rest/api/content/131095/child/attachment"
TRUSTED = {"X-Atlassian-Token": "nocheck"}
NOTE = ("nöte 1.txt", b"0123456789", "text/plain")
PICTURE = "att140001"


async def sent(http: httpx2.AsyncClient, method: str, path: str, *files: Any, **more: Any) -> httpx2.Response:
    data = {"minorEdit": "true"} | more
    return await http.request(method, path, files=[("file", one) for one in files], data=data, headers=TRUSTED)


async def test_a_file_is_attached_listed_and_read(demo: httpx2.AsyncClient) -> None:
    made = (await sent(demo, "POST", UPLOADS, NOTE, comment="first")).json()["results"][0]
    assert (made["type"], made["title"], made["version"]["number"]) == ("attachment", NOTE[0], 1)
    assert (made["extensions"]["fileSize"], made["extensions"]["comment"]) == (10, "first")
    listed = (await demo.get(f"{V2}/pages/131076/attachments")).json()["results"]
    assert [one["id"] for one in listed] == [PICTURE, made["id"]]
    shown = (await demo.get(f"{V2}/attachments/{made['id']}")).json()
    assert {**listed[1], "_links": shown["_links"]} == shown
    assert (shown["pageId"], shown["fileSize"], shown["version"]["minorEdit"]) == ("131076", 10, True)
    assert (await demo.get(f"/wiki{shown['downloadLink']}")).content == NOTE[1]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"mediaType": "image/png"}, 1),
        ({"mediaType": "image/gif"}, 0),
        ({"filename": "services.png"}, 1),
        ({"status": "trashed"}, 0),
        ({"filename": "x"}, 0),
        ({"sort": "-created-date"}, 1),
    ],
)
async def test_attachments_are_filtered(demo: httpx2.AsyncClient, asked: dict[str, str], found: int) -> None:
    for path in ("attachments", "pages/131076/attachments"):
        assert len((await demo.get(f"{V2}/{path}", params=asked)).json()["results"]) == found


async def test_attachments_come_page_by_page(demo: httpx2.AsyncClient) -> None:
    await sent(demo, "POST", UPLOADS, NOTE)
    first = (await demo.get(f"{V2}/attachments", params={"limit": 1})).json()
    rest = (await demo.get(first["_links"]["next"])).json()
    assert [one["title"] for one in first["results"] + rest["results"]] == ["services.png", NOTE[0]]


async def test_a_name_is_taken_once_and_put_again_becomes_a_version(demo: httpx2.AsyncClient, clock: Clock) -> None:
    made = (await sent(demo, "PUT", UPLOADS, NOTE)).json()["results"][0]
    refused = await sent(demo, "POST", UPLOADS, NOTE)
    assert refused.status_code == 400
    assert "same file name as an existing attachment: nöte 1.txt" in refused.json()["message"]
    assert (await sent(demo, "POST", UPLOADS, ("a", b""), ("a", b""))).status_code == 400
    clock.pass_by(hours=1)
    again = (await sent(demo, "PUT", UPLOADS, (NOTE[0], b"new", "text/plain"))).json()["results"][0]
    assert (again["id"], again["version"]["number"]) == (made["id"], 2)
    one = f"{V2}/attachments/{made['id']}"
    numbers = [row["number"] for row in (await demo.get(f"{one}/versions")).json()["results"]]
    assert numbers == [2, 1]
    assert (await demo.get(f"{one}/versions/1")).json()["nextVersion"] == 2
    old = (await demo.get(one, params={"version": 1})).json()
    assert (old["status"], old["fileSize"]) == ("historical", 10)
    assert (await demo.get(f"/wiki{old['downloadLink']}")).content == NOTE[1]
    assert (await demo.get(f"{one}/versions", params={"sort": "modified-date"})).json()["results"][0]["number"] == 1


async def test_new_bytes_keep_the_old_name(demo: httpx2.AsyncClient) -> None:
    changed = await sent(demo, "POST", f"{UPLOADS}/{PICTURE}/data", ("other.png", b"new", "image/png"), comment="c")
    assert (changed.json()["title"], changed.json()["version"]["number"]) == ("services.png", 2)
    assert changed.json()["version"]["message"] == "c"
    for path, status in ((f"{UPLOADS}/att1/data", 404), (f"{UPLOADS}/nothing/data", 400), (f"{POLICY}/att1/data", 403)):
        assert (await sent(demo, "POST", path, NOTE)).status_code == status


async def test_the_bytes_come_by_a_redirect_that_soon_dies(demo: httpx2.AsyncClient, clock: Clock) -> None:
    moved = await demo.get(f"{UPLOADS}/{PICTURE}/download")
    assert moved.status_code == 302
    there = moved.headers["location"]
    found = await demo.get(there, headers={"authorization": ""})
    assert (found.status_code, found.headers["content-type"], found.content[1:4]) == (200, "image/png", b"PNG")
    clock.pass_by(minutes=11)
    assert (await demo.get(there)).status_code == 403


async def test_bytes_that_are_not_there_are_refused(rough: httpx2.AsyncClient) -> None:
    for path, status in (
        (f"{UPLOADS}/{PICTURE}/download?version=7", 400),
        (f"{UPLOADS}/att1/download", 404),
        ("/wiki/rest/api/content/1/child/attachment/att1/download", 404),
        ("/wiki/download/attachments/131076/none.png", 404),
        ("/wiki/download/attachments/1/none.png", 404),
        ("/wiki/download/attachments/131076/services.png?version=x", 400),
        ("/media/confluence/att1", 403),
    ):
        assert (await rough.get(path)).status_code == status


async def test_a_form_that_any_web_page_could_send_is_refused(rough: httpx2.AsyncClient) -> None:
    for method, path in (("POST", UPLOADS), ("PUT", UPLOADS), ("POST", f"{UPLOADS}/{PICTURE}/data")):
        refused = await rough.request(method, path, files={"file": NOTE})
        assert (refused.status_code, refused.json()["message"]) == (403, "XSRF check failed")


async def test_a_bad_upload_is_refused(rough: httpx2.AsyncClient) -> None:
    for method in ("POST", "PUT"):
        assert (await sent(rough, method, UPLOADS)).status_code == 400
        assert (await sent(rough, method, POLICY, NOTE)).status_code == 403
        assert (await sent(rough, method, UPLOADS.replace("131076", "1"), NOTE)).status_code == 404
        assert (await sent(rough, method, f"{UPLOADS}?status=draft", NOTE)).status_code == 404
        assert (await sent(rough, method, UPLOADS, NOTE, ("b", b""), comment="one")).status_code == 400
    broken = {"content-type": "multipart/form-data", **TRUSTED}
    answer = await rough.post(UPLOADS, content=b"x", headers=broken)
    assert (answer.status_code, answer.json()["statusCode"]) == (400, 400)
    assert (await sent(rough, "POST", UPLOADS, NOTE, comment=b"as a file")).status_code == 200


async def test_a_file_may_be_too_large(demo: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiki_uploads, "UPLOAD_LIMIT", 9)
    assert (await sent(demo, "PUT", UPLOADS, NOTE)).status_code == 404


async def test_a_draft_takes_files_too(demo: httpx2.AsyncClient) -> None:
    draft = (await demo.post(f"{V2}/pages", json=page("", status="draft"))).json()["id"]
    path = UPLOADS.replace("131076", draft)
    assert (await sent(demo, "PUT", path, NOTE)).status_code == 404
    assert (await sent(demo, "PUT", f"{path}?status=draft", NOTE)).status_code == 200


def change(number: int = 1, **more: Any) -> dict[str, Any]:
    version = {"number": number, "minorEdit": False, "when": "2026-03-02T12:00:00.000Z"}
    return {"id": PICTURE, "type": "attachment", "version": version} | more


async def test_what_is_said_of_a_file_changes_without_a_new_version(demo: httpx2.AsyncClient) -> None:
    about: dict[str, Any] = {"metadata": {"mediaType": "image/webp"}, "extensions": {"comment": "Better"}}
    moved = change(title="all.webp", container={"id": "131074", "type": "page"}, **about)
    shown = (await demo.put(f"{UPLOADS}/{PICTURE}", json=moved)).json()
    assert (shown["title"], shown["metadata"]["mediaType"]) == ("all.webp", "image/webp")
    found = (await demo.get(f"{V2}/attachments/{PICTURE}")).json()
    assert (found["pageId"], found["comment"], found["version"]["number"]) == ("131074", "Better", 1)


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"number": 2}, 409),
        ({"id": "att1"}, 400),
        ({"version": {}}, 400),
        ({"metadata": {"mediaType": "\u200b"}}, 400),
        ({"container": {"id": "131095"}}, 403),
        ({"container": {"id": "1"}}, 403),
        ({"title": NOTE[0]}, 400),
    ],
)
async def test_a_bad_change_is_refused(rough: httpx2.AsyncClient, more: dict[str, Any], status: int) -> None:
    await sent(rough, "POST", UPLOADS, NOTE)
    assert (await rough.put(f"{UPLOADS}/{PICTURE}", json=change(**more))).status_code == status


async def test_a_file_that_is_not_there_is_not_changed(rough: httpx2.AsyncClient) -> None:
    for path, status in ((f"{UPLOADS}/att1", 404), (f"{UPLOADS}/x", 400), (f"{POLICY}/att1", 403)):
        assert (await rough.put(path, json=change())).status_code == status


async def test_a_deleted_file_goes_to_the_trash_and_then_away(demo: httpx2.AsyncClient, site: Site) -> None:
    one, purge = f"{V2}/attachments/{PICTURE}", {"purge": "true"}
    assert (await demo.delete(one, params=purge)).status_code == 400
    assert (await demo.delete(one)).status_code == 204
    assert (await demo.delete(one)).status_code == 404
    assert (await demo.get(one)).json()["status"] == "trashed"
    trash = (await demo.get(f"{V2}/attachments", params={"status": "trashed"})).json()["results"]
    assert [row["id"] for row in trash] == [PICTURE]
    assert (await sent(demo, "POST", UPLOADS, ("services.png", b""))).status_code == 200
    assert (await demo.delete(one, params=purge)).status_code == 204
    assert (await demo.get(one)).status_code == 404
    policy = await _policy_file(site)
    assert (await demo.delete(f"{V2}/attachments/{policy}")).status_code == 403
    operations = (await demo.get(f"{V2}/attachments/{policy}/operations")).json()["operations"]
    assert operations == [{"operation": "read", "targetType": "attachment"}]


async def _policy_file(site: Site) -> str:
    async with browsing(site, "zoe") as zoe:
        return str((await sent(zoe, "POST", POLICY, NOTE)).json()["results"][0]["id"])


async def test_an_attachment_brings_what_was_asked_for(demo: httpx2.AsyncClient) -> None:
    names = ("labels", "properties", "operations", "versions")
    asked = {f"include-{name}": "true" for name in names} | {"include-version": "false"}
    shown = (await demo.get(f"{V2}/attachments/{PICTURE}", params=asked)).json()
    assert [len(shown[name]["results"]) for name in names] == [0, 0, 4, 1]
    assert "version" not in shown


@pytest.mark.parametrize("path", ["", "/operations", "/versions", "/versions/1"])
async def test_what_is_not_there_cannot_be_read(rough: httpx2.AsyncClient, path: str) -> None:
    assert (await rough.get(f"{V2}/attachments/att1{path}")).status_code == 404
    assert (await rough.get(f"{V2}/attachments/x{path}")).status_code == 400


async def test_bad_questions_about_files_are_refused(rough: httpx2.AsyncClient) -> None:
    for path in ("attachments?sort=size", "attachments?status=gone", "pages/131076/attachments?status=gone"):
        assert (await rough.get(f"{V2}/{path}")).status_code == 400
    for path in (f"attachments/{PICTURE}?version=9", f"attachments/{PICTURE}/versions/9", "pages/1/attachments"):
        assert (await rough.get(f"{V2}/{path}")).status_code == 404
    assert (await rough.get(f"{V2}/attachments/{PICTURE}/versions/x")).status_code == 400


async def test_files_of_a_page_that_one_may_not_see_are_not_seen(site: Site) -> None:
    site.files[PICTURE].page = next(one.id for one in site.pages.values() if one.space == "65540")
    async with browsing(site) as client:
        assert (await client.get(f"{V2}/attachments/{PICTURE}")).status_code == 404
        assert (await client.get(f"{V2}/attachments")).json()["results"] == []
