import json
from pathlib import Path

import httpx2
import pytest

from server.sandbox import Loaded, Site, Skipped, application
from tests.sandbox.conftest import BASE, Clock, account, browsing
from tests.sandbox.writing import doc

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"


def test_a_folder_becomes_issues_and_pages(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "note.json").write_text(json.dumps(doc("one")))
    (tmp_path / "deep" / "many.json").write_text(json.dumps({"a": [doc("two"), 7], "b": {"body": doc("three")}}))
    (tmp_path / "page.xml").write_text("<p>one</p><p>two &nbsp;</p>")
    (tmp_path / "deep" / "page.xml").write_text("just text")
    (tmp_path / "readme.txt").write_text("nothing")
    site = Site()
    assert site.load_documents(tmp_path) == Loaded(issues=3, pages=2, skipped=[])
    assert [issue.values["summary"] for issue in site.issues.values()] == ["many", "many", "note"]
    assert [page.title for page in site.pages.values()] == ["Corpus Home", "page", "page (2)"]


def test_files_that_hold_no_document_are_told_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{")
    (tmp_path / "b.json").write_text('{"type": "doc"}')
    (tmp_path / "c.json").write_text(json.dumps({"type": "doc", "content": [{"type": "x"}]}))
    (tmp_path / "d.xml").write_text("<p>")
    (tmp_path / "e.xml").write_bytes(b"\xff\xfe")
    skipped = Site().load_documents(tmp_path).skipped
    assert [one.path for one in skipped] == ["a.json", "b.json", "c.json", "d.xml", "e.xml"]
    assert skipped[1] == Skipped("b.json", "no Atlassian document inside")
    assert skipped[2].reason == "the Atlassian document inside is not valid"
    assert skipped[3].reason.startswith("Error parsing xhtml: mismatched tag")


def test_a_bottomless_file_is_skipped_and_the_rest_comes_in(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("[" * 100_000)
    (tmp_path / "b.json").write_text('{"a":' * 600 + json.dumps(doc()) + "}" * 600)
    (tmp_path / "c.xml").write_text("<p>" * 3_000 + "</p>" * 3_000)
    (tmp_path / "d.json").write_text(json.dumps(doc()))
    loaded = Site().load_documents(tmp_path)
    assert (loaded.issues, loaded.pages) == (1, 0)
    deep = "no JSON: nested deeper than 500 levels"
    tags = "Error parsing xhtml: elements are nested deeper than 200 levels"
    assert loaded.skipped == [Skipped("a.json", deep), Skipped("b.json", deep), Skipped("c.xml", tags)]


@pytest.mark.parametrize(
    ("loaded", "said"),
    [
        (Loaded(67, 109), "Loaded 67 issues into project CORP and 109 pages into space CORP."),
        (Loaded(1, 0), "Loaded 1 issue into project CORP."),
        (Loaded(0, 1), "Loaded 1 page into space CORP."),
        (Loaded(), "Loaded nothing: no ADF *.json, no storage *.xml."),
        (
            Loaded(skipped=[Skipped("a.json", "no JSON: ?"), Skipped("b.xml", "torn\n at [1,2]")]),
            "Loaded nothing: no ADF *.json, no storage *.xml.\n"
            "  skipped a.json: no JSON: ?\n"
            "  skipped b.xml: torn at [1,2]",
        ),
    ],
)
def test_what_was_loaded_is_told_to_a_person(loaded: Loaded, said: str) -> None:
    assert str(loaded) == said


@pytest.mark.parametrize(("count", "last"), [(20, "  skipped 19.json: why"), (37, "  ... and 17 more")])
def test_a_long_list_of_skipped_files_is_cut(count: int, last: str) -> None:
    lines = str(Loaded(1, 1, [Skipped(f"{number}.json", "why") for number in range(count)])).splitlines()
    assert lines[20] == "  skipped 19.json: why"
    assert lines[-1] == last


@pytest.mark.anyio
async def test_a_site_without_content_answers(clock: Clock) -> None:
    transport = httpx2.ASGITransport(app=application(Site(clock)))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE, auth=account()) as client:
        assert (await client.get("/wiki/api/v2/spaces")).json()["results"] == []
        assert (await client.get("/rest/api/3/project/search")).json()["values"] == []


@pytest.fixture(scope="module")
def corpus() -> Site:
    if not CORPUS.exists():
        pytest.skip("the corpus of real documents is not beside this repository")
    site = Site.demo(Clock())
    loaded = site.load_documents(CORPUS)
    skipped = {one.path for one in loaded.skipped if not one.path.startswith("webhooks")}
    assert all(one.reason for one in loaded.skipped)
    assert skipped <= {path for path in skipped if path.startswith("adf")}
    assert len(skipped) <= 2
    return site


@pytest.mark.anyio
async def test_real_documents_are_served_as_they_are(corpus: Site) -> None:
    async with browsing(corpus) as demo:
        asked = {"jql": "project = CORP", "fields": "*all", "expand": "renderedFields"}
        issues = (await demo.get("/rest/api/3/search/jql", params=asked | {"maxResults": "100"})).json()["issues"]
        pages: list[dict[str, object]] = []
        following = "/wiki/api/v2/pages?body-format=storage&limit=50&space-id=65900"
        while following:
            body = (await demo.get(following)).json()
            pages += body["results"]
            following = body["_links"].get("next", "")
    assert len(issues) == len(list((CORPUS / "adf").glob("*.json"))) - 2
    assert len(pages) == len(list((CORPUS / "storage").glob("*.xml"))) + 1


@pytest.mark.anyio
async def test_real_pages_have_every_format(corpus: Site) -> None:
    async with browsing(corpus) as demo:
        ids = [page.id for page in corpus.pages.values() if page.space == "65900"]
        for page_id in ids:
            for form in ("atlas_doc_format", "view"):
                answer = await demo.get(f"/wiki/api/v2/pages/{page_id}", params={"body-format": form})
                assert answer.status_code == 200
