"""Files on issues."""

import httpx2
import pytest

from server.sandbox import Site, jira_attachments
from tests.sandbox.conftest import browsing

pytestmark = pytest.mark.anyio
ISSUE, ONE = "/rest/api/3/issue/DEMO-7", "/rest/api/3/attachment"
TRUSTED = {"X-Atlassian-Token": "no-check"}
NOTE = ("nöte.txt", b"0123456789", "text/plain")


async def attached(http: httpx2.AsyncClient, *files: tuple[str, bytes, str]) -> list[str]:
    answer = await http.post(f"{ISSUE}/attachments", files=[("file", file) for file in files], headers=TRUSTED)
    assert answer.status_code == 200, answer.text
    return [each["id"] for each in answer.json()]


async def test_files_are_attached_and_read_again(demo: httpx2.AsyncClient) -> None:
    text, picture = await attached(demo, NOTE, ("a.png", b"\x89PNG", "image/png"))
    shown = (await demo.get(f"{ONE}/{text}")).json()
    assert (shown["id"], shown["filename"], shown["size"], shown["mimeType"]) == (
        int(text),
        "nöte.txt",
        10,
        "text/plain",
    )
    listed = (await demo.get(f"{ISSUE}?fields=attachment")).json()["fields"]["attachment"]
    assert [each["id"] for each in listed][-2:] == [text, picture]
    history = (await demo.get(f"{ISSUE}/changelog?startAt=0")).json()["values"][-2]["items"][0]
    assert (history["field"], history["toString"]) == ("Attachment", "nöte.txt")


async def test_the_bytes_come_by_a_redirect_or_at_once(demo: httpx2.AsyncClient) -> None:
    (text,) = await attached(demo, NOTE)
    moved = await demo.get(f"{ONE}/content/{text}")
    assert moved.status_code == 303
    assert (await demo.get(moved.headers["location"])).content == NOTE[1]
    plain = await demo.get(f"{ONE}/content/{text}?redirect=false")
    assert (plain.content, plain.headers["content-type"]) == (NOTE[1], "text/plain; charset=utf-8")
    assert "filename*=UTF-8''n%C3%B6te.txt" in plain.headers["content-disposition"]
    assert len((await demo.get(f"{ONE}/content/40001?redirect=false")).content) == 48_213


@pytest.mark.parametrize(("asked", "part"), [("2-4", b"234"), ("7-", b"789"), ("0-99", NOTE[1])])
async def test_a_part_of_the_bytes_can_be_asked_for(demo: httpx2.AsyncClient, asked: str, part: bytes) -> None:
    (text,) = await attached(demo, NOTE)
    answer = await demo.get(f"{ONE}/content/{text}?redirect=false", headers={"Range": f"bytes={asked}"})
    assert (answer.status_code, answer.content) == (206, part)
    assert answer.headers["content-range"].endswith("/10")


async def test_a_part_beyond_the_end_is_refused(demo: httpx2.AsyncClient) -> None:
    answer = await demo.get(f"{ONE}/content/40001?redirect=false", headers={"Range": "bytes=99999-"})
    assert answer.status_code == 416
    moved = (await demo.get(f"{ONE}/content/40001")).headers["location"]
    assert (await demo.get(moved, headers={"Range": "bytes=99999-"})).status_code == 416


async def test_a_form_that_any_web_page_could_send_is_refused(rough: httpx2.AsyncClient) -> None:
    answer = await rough.post(f"{ISSUE}/attachments", files=[("file", NOTE)])
    assert (answer.status_code, answer.json()["errorMessages"]) == (403, ["XSRF check failed"])


async def test_a_form_without_files_is_refused(rough: httpx2.AsyncClient) -> None:
    answer = await rough.post(f"{ISSUE}/attachments", files=[("other", NOTE)], headers=TRUSTED)
    assert answer.status_code == 400
    broken = {**TRUSTED, "Content-Type": "multipart/form-data; boundary=x"}
    assert (await rough.post(f"{ISSUE}/attachments", content=b"junk", headers=broken)).status_code == 400


async def test_a_file_may_be_too_large(demo: httpx2.AsyncClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert (await demo.get(f"{ONE}/meta")).json() == {"enabled": True, "uploadLimit": 20 * 2**20}
    monkeypatch.setattr(jira_attachments, "UPLOAD_LIMIT", 9)
    answer = await demo.post(f"{ISSUE}/attachments", files=[("file", NOTE)], headers=TRUSTED)
    assert answer.status_code == 413


async def test_an_attachment_can_be_taken_away(demo: httpx2.AsyncClient) -> None:
    assert (await demo.delete(f"{ONE}/40001")).status_code == 204
    for answer in (
        await demo.get(f"{ONE}/40001"),
        await demo.get(f"{ONE}/content/40001"),
        await demo.get("/media/jira/40001"),
        await demo.delete(f"{ONE}/40001"),
        await demo.post("/rest/api/3/issue/NOPE-1/attachments", files=[("file", NOTE)], headers=TRUSTED),
    ):
        assert answer.status_code == 404


async def test_who_may_only_read_attaches_and_deletes_nothing(site: Site) -> None:
    async with browsing(site, "kenji") as kenji:
        answer = await kenji.post(f"{ISSUE}/attachments", files=[("file", NOTE)], headers=TRUSTED)
        assert answer.status_code == 403
        assert (await kenji.delete(f"{ONE}/40001")).status_code == 403
