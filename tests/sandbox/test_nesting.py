"""What is nested without end is refused, as is a number that is none; nothing makes the site fail."""

import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from server.sandbox import Site, application
from tests.sandbox.conftest import BASE, account
from tests.sandbox.writing import doc, issue, page

pytestmark = pytest.mark.anyio
API, V2, V1 = "/rest/api/3", "/wiki/api/v2", "/wiki/rest/api"
DEEP = b"[" * 100_000
TYPED = {"content-type": "application/json"}


@pytest.fixture
async def bare(site: Site) -> AsyncIterator[httpx2.AsyncClient]:
    """Without the contract, whose checker cannot read what is nested so deeply."""
    transport = httpx2.ASGITransport(app=application(site))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE, auth=account()) as client:
        yield client


def nested_tags(depth: int, tag: str = "em") -> str:
    return f"<{tag}>" * depth + "word" + f"</{tag}>" * depth


def nested_lists(depth: int) -> dict[str, Any]:
    inner: dict[str, Any] = {"type": "paragraph", "content": [{"type": "text", "text": "word"}]}
    for _ in range(depth):
        inner = {"type": "bulletList", "content": [{"type": "listItem", "content": [inner]}]}
    return {"type": "doc", "version": 1, "content": [inner]}


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (f"{API}/issue", "There was an error parsing JSON. Check that your request body is valid."),
        (f"{V2}/pages", "Unable to parse the request body as JSON"),
        (f"{V1}/content/131074/label", "Unable to parse the request body as JSON"),
        ("/__sandbox__/faults", "nested deeper than 500 levels"),
    ],
)
@pytest.mark.parametrize("body", [DEEP, b"[" * 600 + b"]" * 600, b'{"a":' * 600 + b"1" + b"}" * 600])
async def test_a_deep_request_is_refused_in_the_products_words(
    bare: httpx2.AsyncClient, path: str, words: str, body: bytes
) -> None:
    refused = await bare.post(path, content=body, headers=TYPED)
    assert refused.status_code == 400
    assert words in refused.text


async def test_a_number_that_json_has_not_is_refused(rough: httpx2.AsyncClient) -> None:
    search = f"{API}/search/jql"
    for value in ("NaN", "Infinity", "1e999"):
        body = f'{{"jql": "project = DEMO", "maxResults": {value}}}'
        assert (await rough.post(search, content=body, headers=TYPED)).status_code == 400


@pytest.mark.parametrize("name", ["status", "times"])
@pytest.mark.parametrize("value", ["Infinity", "-Infinity", "NaN", "1e999"])
async def test_an_endless_fault_is_refused(rough: httpx2.AsyncClient, name: str, value: str) -> None:
    refused = await rough.post("/__sandbox__/faults", content=f'{{"{name}": {value}}}')
    assert refused.status_code == 400
    assert refused.json()["error"]


DEEP_QUERIES = [
    "(" * 3_000 + "{0}" + ")" * 3_000,
    "not " * 3_000 + "{0}",
    "{0} and ({0} or (" * 400 + "{0}" + "))" * 400,
]


@pytest.mark.parametrize("query", DEEP_QUERIES)
async def test_a_deep_query_is_refused_as_bad_syntax(demo: httpx2.AsyncClient, query: str) -> None:
    asked = {"jql": query.format("project = DEMO")}
    for refused in (
        await demo.post(f"{API}/search/jql", json=asked),
        await demo.get(f"{API}/search/jql", params=asked),
    ):
        assert refused.status_code == 400
        assert refused.json()["errorMessages"] == ["Error in the JQL Query: The query is nested too deeply."]
    refused = await demo.get(f"{V1}/search", params={"cql": query.format("type = page")})
    assert refused.status_code == 400
    assert refused.json()["message"].endswith("Could not parse cql : The query is nested too deeply")


@pytest.mark.parametrize("depth", range(5, 400, 9))
async def test_no_depth_of_a_query_makes_the_site_fail(demo: httpx2.AsyncClient, depth: int) -> None:
    query = "{0} and not ({0} or not (" * depth + "{0}" + "))" * depth
    for path, name, clause in (
        (f"{API}/search/jql", "jql", "project = DEMO"),
        (f"{V1}/search", "cql", "type = page"),
    ):
        answer = await demo.get(path, params={name: query.format(clause)})
        assert answer.status_code in {200, 400}


async def test_a_query_of_open_parentheses_is_refused_as_unfinished(demo: httpx2.AsyncClient) -> None:
    words = "Error in the JQL Query: Expecting a field name at the end of the query."
    assert (await demo.get(f"{API}/search/jql", params={"jql": "(" * 3_000})).json()["errorMessages"] == [words]
    assert (await demo.get(f"{V1}/search", params={"cql": "(" * 3_000})).status_code == 400


async def test_what_people_nest_is_answered(demo: httpx2.AsyncClient) -> None:
    for path, name, clause in ((f"{API}/search/jql", "jql", "project = DEMO"), (f"{V1}/search", "cql", "type = page")):
        for query in ("(" * 50 + clause + ")" * 50, " or ".join([clause] * 500)):
            assert (await demo.get(path, params={name: query})).status_code == 200


@pytest.mark.parametrize("tag", ["em", "div", "blockquote", "x"])
async def test_a_deep_page_is_refused_and_search_goes_on(demo: httpx2.AsyncClient, tag: str) -> None:
    refused = await demo.post(f"{V2}/pages", json=page("Deep", nested_tags(3_000, tag)))
    assert refused.status_code == 400
    words = "Error parsing xhtml: elements are nested deeper than 200 levels"
    assert refused.json()["errors"][0]["title"] == words
    body = {"representation": "storage", "value": nested_tags(201, tag)}
    assert (await demo.post(f"{V2}/footer-comments", json={"pageId": "131074", "body": body})).status_code == 400
    assert (await demo.get(f"{V1}/search", params={"cql": "text ~ word"})).status_code == 200


@pytest.mark.parametrize("tag", ["em", "div", "blockquote", "ul><li", "table><tr><td", "ac:layout"])
async def test_a_page_at_the_limit_is_served_and_found(demo: httpx2.AsyncClient, tag: str) -> None:
    opening = tag.split("><")
    depth = 200 // len(opening)
    body = f"<{tag}>" * depth + "profound" + f"</{'></'.join(reversed(opening))}>" * depth
    made = await demo.post(f"{V2}/pages", json=page("At the limit", body))
    assert made.status_code == 200
    for form in ("storage", "atlas_doc_format", "view"):
        shown = await demo.get(f"{V2}/pages/{made.json()['id']}", params={"body-format": form})
        assert shown.status_code == 200
    assert (await demo.get(f"{V1}/search", params={"cql": "text ~ profound"})).json()["totalSize"] == 1


@pytest.mark.parametrize(("depth", "status"), [(40, 200), (120, 400), (20_000, 400)])
async def test_a_deep_document_makes_a_page_or_none(rough: httpx2.AsyncClient, depth: int, status: int) -> None:
    value = json.dumps(nested_lists(depth)) if depth < 1_000 else "[" * depth
    body = {"representation": "atlas_doc_format", "value": value}
    assert (await rough.post(f"{V2}/pages", json=page("Lists") | {"body": body})).status_code == status


async def test_marks_without_end_make_no_page(rough: httpx2.AsyncClient) -> None:
    written = doc()
    written["content"][0]["content"][0]["marks"] = [{"type": "strong"}] * 1_000
    body = {"representation": "atlas_doc_format", "value": json.dumps(written)}
    assert (await rough.post(f"{V2}/pages", json=page("Marks") | {"body": body})).status_code == 400
    assert (await rough.get(f"{V1}/search", params={"cql": "text ~ word"})).status_code == 200


async def test_a_deep_description_is_kept_and_found(rough: httpx2.AsyncClient) -> None:
    made = await rough.post(f"{API}/issue", json=issue(description=nested_lists(120)))
    assert made.status_code == 201
    shown = await rough.get(f"{API}/issue/{made.json()['key']}", params={"expand": "renderedFields"})
    assert shown.status_code == 200
    found = await rough.get(f"{API}/search/jql", params={"jql": "text ~ word AND project = DEMO"})
    assert made.json()["id"] in [one["id"] for one in found.json()["issues"]]


@pytest.mark.parametrize("depth", [3, 600, 40_000])
async def test_a_deep_page_token_is_anothers(rough: httpx2.AsyncClient, depth: int) -> None:
    token = base64.urlsafe_b64encode(b"[" * depth + b"]" * depth).decode()
    asked = {"jql": "project = DEMO", "nextPageToken": token}
    assert (await rough.post(f"{API}/search/jql", json=asked)).status_code == 400


async def test_time_beyond_counting_and_a_panel_of_no_kind_do_not_make_the_site_fail(site: Site) -> None:
    wire = httpx2.ASGITransport(app=application(site))
    panel: dict[str, Any] = {"type": "panel", "attrs": {"panelType": []}, "content": [{"type": "paragraph"}]}
    body = {
        "representation": "atlas_doc_format",
        "value": json.dumps({"type": "doc", "version": 1, "content": [panel]}),
    }
    new = {"spaceId": "65537", "status": "current", "title": "Odd", "body": body}
    async with httpx2.AsyncClient(transport=wire, base_url=BASE, auth=account()) as http:
        spent = await http.post(f"{API}/issue/DEMO-11/worklog", json={"timeSpent": "9" * 5000 + "h"})
        assert spent.status_code == 400
        assert (await http.post(f"{V2}/pages", json=new)).status_code in (200, 400)
