from collections.abc import Mapping

import httpx2
import pytest

from server.sandbox import Site
from tests.sandbox.conftest import Clock, browsing

pytestmark = pytest.mark.anyio
V2 = "/wiki/api/v2"
FOOTER, INLINE = f"{V2}/footer-comments", f"{V2}/inline-comments"
READ_ONLY = "131095"


def text(value: str = "<p>said</p>", form: str = "storage") -> dict[str, str]:
    return {"representation": form, "value": value}


async def made_page(client: httpx2.AsyncClient, body: str, title: str = "Remarks") -> str:
    made = await client.post(f"{V2}/pages", json={"spaceId": "65537", "title": title, "body": text(body)})
    assert made.status_code == 200
    return str(made.json()["id"])


def passage(selection: str, count: int = 1, index: int = 0) -> dict[str, object]:
    return {"textSelection": selection, "textSelectionMatchCount": count, "textSelectionMatchIndex": index}


async def remark(client: httpx2.AsyncClient, page: str, chosen: Mapping[str, object]) -> httpx2.Response:
    return await client.post(INLINE, json={"pageId": page, "body": text(), "inlineCommentProperties": chosen})


async def body_of(client: httpx2.AsyncClient, page: str, form: str = "storage") -> str:
    shown = await client.get(f"{V2}/pages/{page}", params={"body-format": form})
    return str(shown.json()["body"][form]["value"])


async def rewrite(client: httpx2.AsyncClient, page: str, number: int, body: dict[str, str]) -> None:
    change = {"id": page, "status": "current", "title": "Remarks", "body": body, "version": {"number": number}}
    assert (await client.put(f"{V2}/pages/{page}", json=change)).status_code == 200


async def test_a_footer_comment_is_answered_edited_and_deleted(demo: httpx2.AsyncClient, clock: Clock) -> None:
    page = await made_page(demo, "<p>x</p>")
    made = (await demo.post(FOOTER, json={"pageId": page, "body": text("<p>one</p>")})).json()
    path = f"{FOOTER}/{made['id']}"
    clock.pass_by(minutes=1)
    reply = (await demo.post(FOOTER, json={"parentCommentId": made["id"], "body": text()})).json()
    assert [one["id"] for one in (await demo.get(f"{path}/children")).json()["results"]] == [reply["id"]]
    change = {"version": {"number": 2, "message": "better"}, "body": text("<p>two</p>")}
    assert (await demo.put(path, json=change)).json()["version"]["number"] == 2
    shown = (await demo.get(path, params={"body-format": "storage", "include-versions": True})).json()
    assert (shown["body"]["storage"]["value"], len(shown["versions"]["results"])) == ("<p>two</p>", 2)
    before = (await demo.get(path, params={"body-format": "storage", "version": 1})).json()
    assert (before["body"]["storage"]["value"], before["status"]) == ("<p>one</p>", "historical")
    assert (await demo.delete(path)).status_code == 204
    for gone in (path, f"{FOOTER}/{reply['id']}"):
        assert (await demo.get(gone)).status_code == 404
    assert (await demo.get(f"{V2}/pages/{page}/footer-comments")).json()["results"] == []


async def test_a_comment_keeps_its_versions(demo: httpx2.AsyncClient) -> None:
    page = await made_page(demo, "<p>x</p>")
    made = (await demo.post(FOOTER, json={"pageId": page, "body": text("<p>one</p>")})).json()
    path = f"{FOOTER}/{made['id']}"
    await demo.put(path, json={"version": {"number": 2}, "body": text("<p>two</p>")})
    rows = (await demo.get(f"{path}/versions", params={"body-format": "storage"})).json()["results"]
    assert [row["comment"]["body"]["storage"]["value"] for row in rows] == ["<p>two</p>", "<p>one</p>"]
    assert (await demo.get(f"{path}/versions")).json()["results"][0]["number"] == 2
    first, second = [(await demo.get(f"{path}/versions/{number}")).json() for number in (1, 2)]
    assert (first["nextVersion"], second["prevVersion"]) == (2, 1)
    assert (await demo.get(f"{path}/versions/3")).status_code == 404
    assert (await demo.get(path, params={"version": 3})).status_code == 404
    assert "version" not in (await demo.get(path, params={"include-version": False})).json()


async def test_comments_are_listed_for_the_whole_site(demo: httpx2.AsyncClient) -> None:
    page = await made_page(demo, "<p>x</p>")
    made = (await demo.post(FOOTER, json={"pageId": page, "body": text()})).json()
    newest = (await demo.get(FOOTER, params={"sort": "-created-date", "limit": 1})).json()
    assert [one["id"] for one in newest["results"]] == [made["id"]]
    assert (await demo.get(INLINE)).json()["results"] == []


async def test_a_comment_is_written_as_a_document(demo: httpx2.AsyncClient) -> None:
    page = await made_page(demo, "<p>x</p>")
    value = '{"type":"doc","version":1,"content":[{"type":"paragraph","content":[{"type":"text","text":"hello"}]}]}'
    made = (await demo.post(FOOTER, json={"pageId": page, "body": text(value, "atlas_doc_format")})).json()
    assert made["body"]["storage"]["value"] == "<p>hello</p>"
    shown = (await demo.get(f"{FOOTER}/{made['id']}", params={"body-format": "atlas_doc_format"})).json()
    assert shown["body"]["atlas_doc_format"]["value"] == value


async def test_a_stale_or_senseless_edit_is_refused(rough: httpx2.AsyncClient) -> None:
    page = await made_page(rough, "<p>x</p>")
    path = f"{FOOTER}/{(await rough.post(FOOTER, json={'pageId': page, 'body': text()})).json()['id']}"
    refused = await rough.put(path, json={"version": {"number": 1}, "body": text()})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (409, "CONFLICT")
    wrong: list[dict[str, object]] = [{"body": text()}, {"version": {"number": 2}}]
    for change in wrong:
        assert (await rough.put(path, json=change)).status_code == 400
    huge = {"version": {"number": 2}, "body": text("x" * (5 * 2**20 + 1))}
    assert (await rough.put(path, json=huge)).status_code == 413
    for name in ("", "/children", "/versions", "/versions/1"):
        assert (await rough.get(f"{FOOTER}/1{name}")).status_code == 404
        assert (await rough.get(f"{FOOTER}/x{name}")).status_code == 400
    for refused in (await rough.delete(f"{FOOTER}/1"), await rough.put(f"{FOOTER}/1", json=huge)):
        assert refused.status_code == 404
    assert (await rough.get(FOOTER, params={"body-format": "wiki"})).status_code == 400


async def test_only_the_author_changes_a_comment(demo: httpx2.AsyncClient, site: Site) -> None:
    page = await made_page(demo, "<p>x</p>")
    path = f"{FOOTER}/{(await demo.post(FOOTER, json={'pageId': page, 'body': text()})).json()['id']}"
    async with browsing(site, "sam.carter") as sam:
        for refused in (
            await sam.put(path, json={"version": {"number": 2}, "body": text()}),
            await sam.delete(path),
        ):
            assert refused.status_code == 403
        assert (await sam.get(path)).status_code == 200


async def test_an_inline_comment_marks_its_passage(demo: httpx2.AsyncClient) -> None:
    page = await made_page(demo, "<p>the cart &amp; the <em>cart</em> stay</p>")
    made = await remark(demo, page, passage("the cart", 2, 1))
    assert made.status_code == 201
    ref = made.json()["properties"]["inlineMarkerRef"]
    marked = f'<ac:inline-comment-marker ac:ref="{ref}">'
    end = "</ac:inline-comment-marker>"
    assert await body_of(demo, page) == f"<p>the cart &amp; {marked}the {end}<em>{marked}cart{end}</em> stay</p>"
    assert (await demo.get(f"{V2}/pages/{page}")).json()["version"]["number"] == 1
    assert "annotation" in await body_of(demo, page, "atlas_doc_format")
    (listed,) = (await demo.get(f"{V2}/pages/{page}/inline-comments")).json()["results"]
    assert (listed["resolutionStatus"], listed["properties"]["inlineOriginalSelection"]) == ("open", "the cart")


async def test_an_inline_comment_is_resolved_and_reopened(demo: httpx2.AsyncClient, site: Site) -> None:
    page = await made_page(demo, "<p>the cart</p>")
    made = (await remark(demo, page, passage("cart"))).json()
    path = f"{INLINE}/{made['id']}"
    async with browsing(site, "sam.carter") as sam:
        done = await sam.put(path, json={"version": {"number": 2}, "resolved": True})
    assert (done.json()["resolutionStatus"], done.json()["version"]["number"]) == ("resolved", 2)
    resolved = {"resolution-status": "resolved"}
    assert len((await demo.get(f"{V2}/pages/{page}/inline-comments", params=resolved)).json()["results"]) == 1
    again = await demo.put(path, json={"version": {"number": 3}, "resolved": False, "body": text("<p>no</p>")})
    assert again.json()["resolutionStatus"] == "reopened"
    assert (await demo.get(f"{V2}/pages/{page}/inline-comments", params=resolved)).json()["results"] == []
    reply = (await demo.post(INLINE, json={"parentCommentId": made["id"], "body": text()})).json()
    assert [one["id"] for one in (await demo.get(f"{path}/children")).json()["results"]] == [reply["id"]]
    wrong = await demo.put(f"{INLINE}/{reply['id']}", json={"version": {"number": 2}, "resolved": True})
    assert wrong.status_code == 400
    assert (await demo.delete(path)).status_code == 204
    assert (await demo.get(f"{INLINE}/{reply['id']}")).status_code == 404


async def test_a_rewrite_without_the_marker_leaves_the_comment_dangling(demo: httpx2.AsyncClient) -> None:
    page = await made_page(demo, "<p>the cart</p>", "Remarks")
    path = f"{INLINE}/{(await remark(demo, page, passage('cart'))).json()['id']}"
    await rewrite(demo, page, 2, text(await body_of(demo, page, "atlas_doc_format"), "atlas_doc_format"))
    assert (await demo.get(path)).json()["resolutionStatus"] == "open"
    await rewrite(demo, page, 3, text("<p>the basket</p>"))
    assert (await demo.get(path)).json()["resolutionStatus"] == "dangling"
    refused = await demo.put(path, json={"version": {"number": 2}, "resolved": True})
    assert (refused.status_code, refused.json()["errors"][0]["title"][:10]) == (400, "A dangling")


async def test_an_inline_comment_needs_a_passage_that_is_there(rough: httpx2.AsyncClient, site: Site) -> None:
    page = await made_page(
        rough,
        "<p>a cart</p><p>a<br/>b</p><ac:structured-macro ac:name='x'><ac:parameter>cart</ac:parameter>"
        "</ac:structured-macro><!-- cart -->",
    )
    for chosen in (
        {},
        {"textSelection": "cart"},
        passage("cart", 2),
        passage("cart", 1, 1),
        passage("cart", 1, -1),
        passage("basket", 0),
        passage("carta"),
        passage("ab"),
    ):
        assert (await remark(rough, page, chosen)).status_code == 400
    assert (await remark(rough, "1", passage("cart"))).status_code == 404
    assert (await remark(rough, READ_ONLY, passage("a"))).status_code == 403
    path = f"{INLINE}/{(await remark(rough, page, passage('cart'))).json()['id']}"
    assert (await rough.put(path, json={"version": {"number": 5}})).status_code == 409
    async with browsing(site, "sam.carter") as sam:
        assert (await sam.put(path, json={"version": {"number": 2}, "body": text()})).status_code == 403
        assert (await sam.delete(path)).status_code == 403


async def test_a_comment_may_be_too_large(rough: httpx2.AsyncClient) -> None:
    page = await made_page(rough, "<p>a cart</p>")
    inline = (await remark(rough, page, passage("cart"))).json()["id"]
    footer = (await rough.post(FOOTER, json={"pageId": page, "body": text()})).json()["id"]
    large, second = text("x" * 5_300_000), {"number": 2}
    written = {"pageId": page, "body": large, "inlineCommentProperties": passage("cart")}
    for answered in (
        await rough.post(INLINE, json=written),
        await rough.put(f"{INLINE}/{inline}", json={"version": second, "body": large}),
        await rough.post(FOOTER, json={"pageId": page, "body": large}),
        await rough.put(f"{FOOTER}/{footer}", json={"version": second, "body": large}),
    ):
        assert answered.status_code == 413
        assert "5 MB" in answered.json()["errors"][0]["title"]


async def test_the_versions_of_an_inline_comment_can_be_read(demo: httpx2.AsyncClient) -> None:
    page = await made_page(demo, "<p>a cart</p>")
    path = f"{INLINE}/{(await remark(demo, page, passage('cart'))).json()['id']}"
    assert (await demo.put(path, json={"version": {"number": 2}, "body": text("<p>again</p>")})).status_code == 200
    listed = (await demo.get(f"{path}/versions")).json()["results"]
    assert [row["number"] for row in listed] == [2, 1]
    assert (await demo.get(f"{path}/versions/1")).json()["number"] == 1
