"""Sites of any size, made up from a seed."""

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest

from server.sandbox import Site, catalog, storage
from server.sandbox.people import DEMO, PRIYA
from server.sandbox.records import Issue
from tests.sandbox.conftest import Clock, browsing
from tests.sandbox.contract import CHECKER

pytestmark = pytest.mark.anyio
SCHEMA = CHECKER.parents[1] / "specs" / "adf-full.json"
NOW = Clock()


@pytest.fixture(scope="module")
def big() -> Site:
    return Site.generated(7, 1_500, 300, NOW)


def documents(issues: list[Issue]) -> Iterator[dict[str, Any]]:
    for issue in issues:
        yield from (value for value in issue.values.values() if isinstance(value, dict))
        yield from (comment.body for comment in issue.comments)


def kinds(node: dict[str, Any]) -> Iterator[str]:
    yield node["type"]
    yield from (mark["type"] for mark in node.get("marks", ()))
    for child in node.get("content", ()):
        yield from kinds(child)


def made(site: Site) -> list[Issue]:
    return [issue for issue in site.issues.values() if int(issue.id) >= 1_000_000]


def test_the_same_seed_is_the_same_site(big: Site) -> None:
    again, other = Site.generated(7, 1_500, 300, NOW), Site.generated(8, 1_500, 300, NOW)
    assert (again.issues, again.pages, again.links) == (big.issues, big.pages, big.links)
    assert [issue.values["summary"] for issue in made(other)] != [issue.values["summary"] for issue in made(big)]


def test_it_is_as_large_as_was_asked_for_and_the_demo_is_still_there(big: Site) -> None:
    demo = Site.demo(NOW)
    assert len(big.issues) == len(demo.issues) + 1_500
    assert len(big.pages) == len(demo.pages) + 300
    assert big.issue("DEMO-7")


@pytest.mark.skipif(not SCHEMA.exists(), reason="Atlassian's document schema is not beside the checkout")
def test_every_document_is_valid_and_every_node_and_mark_occurs(big: Site) -> None:
    schema = json.loads(SCHEMA.read_bytes())
    validator = jsonschema_rs.validator_for(schema)
    found = list(documents(made(big)))
    assert all(validator.is_valid(document) for document in found)
    named = {
        kind
        for name, definition in schema["definitions"].items()
        if name.endswith(("_node", "_mark"))
        for kind in definition.get("properties", {}).get("type", {}).get("enum", ())
    }
    assert named - {kind for document in found for kind in kinds(document)} == set()


def test_every_page_is_well_formed(big: Site) -> None:
    for page in big.pages.values():
        for version in page.versions:
            assert storage.parse(version.body)


def test_issues_hang_together(big: Site) -> None:
    for issue in made(big):
        assert issue.created <= issue.updated <= NOW()
        parent = big.issues.get(issue.values.get("parent") or "")
        assert parent is None or parent.project == issue.project
        assert [entry.created for entry in issue.histories] == sorted(entry.created for entry in issue.histories)
    assert max(len(issue.comments) for issue in made(big)) >= 60


def test_not_everybody_sees_everything(big: Site) -> None:
    assert len(big.issues_for(DEMO)) < len(big.issues_for(PRIYA))
    assert len(big.spaces_for(DEMO)) < len(big.spaces_for(PRIYA))


async def test_it_can_be_searched_and_read_and_keeps_the_contract(big: Site) -> None:
    async with browsing(big) as http:
        found = (await http.post("/rest/api/3/search/jql", json={"jql": "text ~ checkout", "fields": ["*all"]})).json()
        assert len(found["issues"]) == 50
        key = found["issues"][0]["key"]
        assert (await http.get(f"/rest/api/3/issue/{key}?expand=changelog,renderedFields")).status_code == 200
        assert (await http.get(f"/rest/api/3/issue/{key}/comment")).status_code == 200
        pages = (await http.get("/wiki/api/v2/pages?limit=250&body-format=storage")).json()
        assert len(pages["results"]) == 250
        titled = {"cql": 'type = page and title ~ "runbook"'}
        assert (await http.get("/wiki/rest/api/search", params=titled)).json()["results"]


async def test_a_move_that_the_past_tells_of_can_be_asked_for(big: Site) -> None:
    async with browsing(big) as http:
        jql = 'project = WEB and status was "In Review" and status = Done order by updated'
        count = (await http.post("/rest/api/3/search/approximate-count", json={"jql": jql})).json()["count"]
        assert 0 < count < len(made(big))


def test_every_kind_of_part_and_of_custom_field_occurs(big: Site) -> None:
    issues = made(big)
    held = {name for found in issues for name, value in found.values.items() if value}
    custom = {row.id for row in catalog.FIELDS.values() if row.custom} - {"customfield_10014", "customfield_10021"}
    assert custom | {"versions", "fixVersions", "components"} <= held
    assert any(found.attachments for found in issues)
    assert any(len(found.watchers) > 1 for found in issues)
    assert any(found.worklogs for found in issues)
    remarks = [remark for page in big.pages.values() for remark in page.comments]
    assert any(remark.anchor for remark in remarks)
    assert any(not remark.anchor for remark in remarks)
    assert any(len(file.latest.content) for file in big.files.values())
