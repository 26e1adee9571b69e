"""Versions and components: their lists, their lives, and the issues that name them."""

from typing import Any

import httpx2
import pytest

from server.sandbox import Site
from tests.sandbox.conftest import browsing
from tests.sandbox.writing import issue

pytestmark = pytest.mark.anyio
API = "/rest/api/3"
LONG = "x" * 256


async def said(answer: httpx2.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    return " ".join([*answer.json()["errorMessages"], *answer.json()["errors"].values()])


async def fields(http: httpx2.AsyncClient, key: str = "DEMO-7") -> dict[str, Any]:
    return (await http.get(f"{API}/issue/{key}?fields=components,versions,fixVersions")).json()["fields"]


def names(rows: list[dict[str, Any]]) -> list[str]:
    return [row["name"] for row in rows]


async def test_a_projects_parts_are_listed_whole_and_by_page(demo: httpx2.AsyncClient) -> None:
    for kind, first in (("version", "4.11"), ("component", "Account")):
        whole = (await demo.get(f"{API}/project/DEMO/{kind}s")).json()
        page = (await demo.get(f"{API}/project/DEMO/{kind}?orderBy=name&maxResults=1")).json()
        assert (page["values"][0]["name"], page["total"], page["isLast"]) == (first, 3, False)
        found = (await demo.get(f"{API}/project/DEMO/{kind}?query={first}&orderBy=-name")).json()
        assert names(found["values"]) == [first]
        assert (await demo.get(f"{API}/{kind}/{whole[0]['id']}")).json() == whole[0]
    details = (await demo.get(f"{API}/project/DEMO")).json()
    assert (names(details["versions"]), names(details["components"])) == (
        ["4.11", "4.12", "5.0"],
        ["Cart", "Search", "Account"],
    )


async def test_versions_are_found_by_their_state(demo: httpx2.AsyncClient) -> None:
    async def found(status: str) -> list[str]:
        return names((await demo.get(f"{API}/project/DEMO/version?status={status}")).json()["values"])

    assert await found("released") == ["4.11"]
    assert await found("unreleased,archived") == ["4.12", "5.0"]
    assert (await demo.get(f"{API}/version/10601")).json()["overdue"] is False


async def test_a_version_lives_from_plan_to_release(demo: httpx2.AsyncClient) -> None:
    body = {
        "name": "6.0",
        "projectId": 10000,
        "description": "Big",
        "startDate": "2026-03-01",
        "releaseDate": "2026-03-01",
    }
    made = (await demo.post(f"{API}/version", json=body)).json()
    assert (made["released"], made["archived"], made["overdue"]) == (False, False, True)
    done = {"released": True, "releaseDate": "2026-03-02", "name": "6.0.0"}
    changed = (await demo.put(f"{API}/version/{made['id']}", json=done)).json()
    assert (changed["name"], changed["released"], changed["releaseDate"]) == ("6.0.0", True, "2026-03-02")
    assert (await demo.delete(f"{API}/version/{made['id']}")).status_code == 204
    assert "Could not find version" in await said(await demo.get(f"{API}/version/{made['id']}"), 404)


async def test_a_component_has_a_lead(demo: httpx2.AsyncClient) -> None:
    me = (await demo.get(f"{API}/myself")).json()["accountId"]
    made = (await demo.post(f"{API}/component", json={"name": "Pay", "project": "DEMO", "leadAccountId": me})).json()
    assert made["lead"]["accountId"] == me
    bare = (await demo.put(f"{API}/component/{made['id']}", json={"name": "Payment", "leadAccountId": ""})).json()
    assert (bare["name"], "lead" in bare) == ("Payment", False)
    again = (await demo.put(f"{API}/component/{made['id']}", json={"description": "All of it"})).json()
    assert (again["name"], again["description"]) == ("Payment", "All of it")
    counted = (await demo.get(f"{API}/project/DEMO/component?query=cart")).json()["values"]
    assert [row["issueCount"] for row in counted] == [1]


async def test_issues_name_parts_and_can_be_found_by_them(demo: httpx2.AsyncClient) -> None:
    body = issue(components=[{"name": "search"}], versions=[{"id": "10600"}], fixVersions=[{"name": "5.0"}])
    key = (await demo.post(f"{API}/issue", json=body)).json()["key"]
    shown = await fields(demo, key)
    assert [names(shown[name]) for name in ("components", "versions", "fixVersions")] == [["Search"], ["4.11"], ["5.0"]]
    update = {"fixVersions": [{"add": {"name": "4.12"}}, {"remove": {"name": "5.0"}}]}
    assert (await demo.put(f"{API}/issue/{key}", json={"update": update})).status_code == 204
    history = (await demo.get(f"{API}/issue/{key}/changelog")).json()["values"][-1]["items"][0]
    assert (history["fromString"], history["toString"]) == ("5.0", "4.12")
    for jql in (
        "component = Search",
        "fixVersion = 4.12",
        "affectedVersion in releasedVersions()",
        "fixVersion in unreleasedVersions()",
    ):
        found = await demo.post(f"{API}/search/jql", json={"jql": f"{jql} AND key = {key}"})
        assert len(found.json()["issues"]) == 1, jql
    bare = (await demo.post(f"{API}/issue", json=issue())).json()["key"]
    assert await fields(demo, bare) == {"components": [], "versions": [], "fixVersions": []}


@pytest.mark.parametrize("jql", ["component = Nobody", "fixVersion = 99", "fixVersion in openSprints()"])
async def test_a_part_that_is_not_there_cannot_be_asked_for(demo: httpx2.AsyncClient, jql: str) -> None:
    assert await said(await demo.post(f"{API}/search/jql", json={"jql": jql}), 400)


@pytest.mark.parametrize(("field", "kind"), [("components", "Component"), ("fixVersions", "Version")])
async def test_an_issue_cannot_name_what_its_project_has_not(demo: httpx2.AsyncClient, field: str, kind: str) -> None:
    refused = await demo.post(f"{API}/issue", json=issue(**{field: [{"name": "Nowhere"}]}))
    assert refused.json()["errors"] == {field: f"{kind} name 'Nowhere' is not valid"}


async def test_a_create_screen_offers_the_projects_parts(demo: httpx2.AsyncClient) -> None:
    meta = (await demo.get(f"{API}/issue/createmeta/DEMO/issuetypes/10003?maxResults=200")).json()["fields"]
    allowed = {
        row["fieldId"]: names(row["allowedValues"]) for row in meta if row["fieldId"] in ("components", "fixVersions")
    }
    assert allowed == {"components": ["Cart", "Search", "Account"], "fixVersions": ["4.11", "4.12", "5.0"]}


async def test_what_is_deleted_leaves_its_issues_or_is_replaced(demo: httpx2.AsyncClient) -> None:
    assert (await demo.delete(f"{API}/version/10601?moveFixIssuesTo=10602")).status_code == 204
    assert (await demo.delete(f"{API}/version/10600")).status_code == 204
    assert (await demo.delete(f"{API}/component/10700?moveIssuesTo=10701")).status_code == 204
    shown = await fields(demo)
    assert [names(shown[name]) for name in ("components", "versions", "fixVersions")] == [["Search"], [], ["5.0"]]
    assert "does not exist: 10600" in await said(await demo.delete(f"{API}/version/10602?moveFixIssuesTo=10600"), 400)
    assert "10700 does not exist" in await said(await demo.delete(f"{API}/component/10701?moveIssuesTo=10700"), 404)


@pytest.mark.parametrize("kind", ["version", "component"])
@pytest.mark.parametrize(
    ("body", "words"),
    [({"name": " "}, "name"), ({"name": LONG}, "255"), ({"name": "Cart 4.11"}, "already exists")],
)
async def test_a_part_needs_a_name_of_its_own(
    rough: httpx2.AsyncClient, kind: str, body: dict[str, str], words: str
) -> None:
    await rough.post(f"{API}/{kind}", json={"name": "cart 4.11", "project": "DEMO", "projectId": 10000})
    answer = await rough.post(f"{API}/{kind}", json={"project": "DEMO", "projectId": 10000, **body})
    assert words in await said(answer, 400)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"releaseDate": "soon"}, "'soon' is not a date"),
        ({"startDate": "2026-05-01", "releaseDate": "2026-04-01"}, "must be after the start date"),
    ],
)
async def test_a_version_has_real_dates(rough: httpx2.AsyncClient, body: dict[str, str], words: str) -> None:
    assert words in await said(await rough.put(f"{API}/version/10602", json=body), 400)


async def test_a_lead_must_be_somebody(demo: httpx2.AsyncClient) -> None:
    body = {"name": "Pay", "project": "DEMO", "leadAccountId": "nobody"}
    assert "nobody does not exist" in await said(await demo.post(f"{API}/component", json=body), 400)
    assert "nobody" in await said(await demo.put(f"{API}/component/10700", json={"leadAccountId": "nobody"}), 400)


async def test_a_part_of_a_hidden_project_is_not_there(demo: httpx2.AsyncClient) -> None:
    for kind in ("version", "versions", "component", "components"):
        assert await said(await demo.get(f"{API}/project/VAULT/{kind}"), 404)
    assert await said(await demo.get(f"{API}/project/10002/versions"), 404)
    for kind in ("version", "component"):
        body = {"name": "New", "project": "VAULT", "projectId": 10002}
        assert await said(await demo.post(f"{API}/{kind}", json=body), 404)
        for answer in (await demo.get(f"{API}/{kind}/9"), await demo.put(f"{API}/{kind}/9", json={"name": "N"})):
            assert await said(answer, 404)
        assert await said(await demo.delete(f"{API}/{kind}/9"), 404)


async def test_who_may_only_read_changes_no_parts(site: Site) -> None:
    async with browsing(site, "kenji") as kenji:
        version, component = {"name": "N", "projectId": 10000}, {"name": "N", "project": "DEMO"}
        answers = [
            await kenji.post(f"{API}/version", json=version),
            await kenji.put(f"{API}/version/10600", json={"name": "N"}),
            await kenji.delete(f"{API}/version/10600"),
            await kenji.post(f"{API}/component", json=component),
            await kenji.put(f"{API}/component/10700", json={"name": "N"}),
            await kenji.delete(f"{API}/component/10700"),
        ]
    assert [answer.status_code for answer in answers] == [404, 404, 404, 403, 403, 403]
