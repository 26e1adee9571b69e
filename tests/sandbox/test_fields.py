"""Custom fields as administrators see them: contexts and options; and what everybody may look up."""

from typing import Any

import httpx2
import pytest

from server.sandbox import Site
from tests.sandbox.conftest import browsing

pytestmark = pytest.mark.anyio
API = "/rest/api/3"
SEVERITY, CAUSE, POINTS = (f"{API}/field/customfield_{number}" for number in (10031, 10041, 10016))
OF_CONTEXTS = ("", "/projectmapping", "/issuetypemapping")


async def context(http: httpx2.AsyncClient, field: str) -> str:
    (only,) = (await http.get(f"{field}/context")).json()["values"]
    return only["id"]


async def test_an_administrator_reads_the_options_of_a_field(site: Site) -> None:
    async with browsing(site, "ada") as ada:
        found = (await ada.get(f"{SEVERITY}/context")).json()["values"]
        assert [(row["isGlobalContext"], row["isAnyIssueType"]) for row in found] == [(True, True)]
        options = f"{SEVERITY}/context/{found[0]['id']}/option"
        page = (await ada.get(options, params={"maxResults": 3})).json()
        assert [row["value"] for row in page["values"]] == ["Critical", "Major", "Minor"]
        rest = (await ada.get(page["nextPage"])).json()
        assert (rest["isLast"], [row["value"] for row in rest["values"]]) == (True, ["Cosmetic"])
        one = (await ada.get(options, params={"optionId": page["values"][1]["id"]})).json()["values"]
        assert [row["value"] for row in one] == ["Major"]


async def test_options_below_others_name_them(site: Site) -> None:
    async with browsing(site, "ada") as ada:
        path = f"{CAUSE}/context/{await context(ada, CAUSE)}/option"
        rows: list[dict[str, Any]] = (await ada.get(path)).json()["values"]
        names = {row["id"]: row["value"] for row in rows}
        assert [row["value"] for row in rows[:3]] == ["Code", "Data", "Unknown"]
        assert [(row["value"], names[row["optionId"]]) for row in rows[3:]] == [
            ("Logic", "Code"),
            ("Concurrency", "Code"),
            ("Import", "Data"),
            ("Migration", "Data"),
        ]
        above = (await ada.get(path, params={"onlyOptions": "true"})).json()["values"]
        assert [row["value"] for row in above] == ["Code", "Data", "Unknown"]


async def test_a_context_holds_for_all_projects_and_types(site: Site) -> None:
    async with browsing(site, "ada") as ada:
        known = await context(ada, SEVERITY)
        for kind, flag in (("projectmapping", "isGlobalContext"), ("issuetypemapping", "isAnyIssueType")):
            mapped = (await ada.get(f"{SEVERITY}/context/{kind}", params={"contextId": known})).json()["values"]
            assert mapped == [{"contextId": known, flag: True}]
            assert (await ada.get(f"{SEVERITY}/context/{kind}", params={"contextId": 1})).json()["values"] == []
        body = {"mappings": [{"projectId": "10000", "issueTypeId": "10004"}]}
        asked = await ada.post(f"{SEVERITY}/context/mapping", json=body)
        assert asked.json()["values"] == [body["mappings"][0] | {"contextId": known}]


@pytest.mark.parametrize(
    ("mappings", "status"),
    [
        ([{"projectId": "10000", "issueTypeId": "10004"}] * 2, 400),
        ([{"projectId": "1", "issueTypeId": "10004"}], 404),
        ([{"projectId": "10000", "issueTypeId": "1"}], 404),
        ([], 400),
    ],
)
async def test_what_is_asked_of_contexts_must_be_there_once(
    site: Site, mappings: list[dict[str, str]], status: int
) -> None:
    async with browsing(site, "ada", nonsense=True) as ada:
        refused = await ada.post(f"{SEVERITY}/context/mapping", json={"mappings": mappings})
        assert (refused.status_code, len(refused.json()["errorMessages"])) == (status, 1)


async def test_a_field_without_options_has_none(site: Site) -> None:
    async with browsing(site, "ada") as ada:
        refused = await ada.get(f"{POINTS}/context/{await context(ada, POINTS)}/option")
        assert refused.status_code == 400
        assert refused.json()["errorMessages"] == ["The custom field doesn't support options."]


async def test_a_field_or_context_that_is_not_there_is_not_found(site: Site) -> None:
    async with browsing(site, "ada", nonsense=True) as ada:
        other = await context(ada, CAUSE)
        for path in (f"{API}/field/summary/context", f"{API}/field/x/context/1/option", f"{SEVERITY}/context/1/option"):
            assert (await ada.get(path)).status_code == 404, path
        assert (await ada.get(f"{SEVERITY}/context/{other}/option")).status_code == 404
        for kind in OF_CONTEXTS:
            assert (await ada.get(f"{API}/field/customfield_1/context{kind}")).status_code == 404


async def test_contexts_are_for_administrators(demo: httpx2.AsyncClient) -> None:
    for kind in OF_CONTEXTS:
        refused = await demo.get(f"{SEVERITY}/context{kind}")
        assert refused.status_code == 403
        assert "administrators" in refused.json()["errorMessages"][0]
    assert (await demo.get(f"{SEVERITY}/context/1/option")).status_code == 403
    body = {"mappings": [{"projectId": "10000", "issueTypeId": "10004"}]}
    assert (await demo.post(f"{SEVERITY}/context/mapping", json=body)).status_code == 403


async def test_an_option_is_told_by_its_id(demo: httpx2.AsyncClient) -> None:
    assert (await demo.get(f"{API}/customFieldOption/10361")).json()["value"] == "Logic"


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"query": "sever"}, ["Severity"]),
        ({"type": "custom", "query": "ate"}, ["Start date", "Related project"]),
        ({"type": "system", "query": "SUMM"}, ["Summary"]),
        ({"id": "customfield_10031,labels", "orderBy": "-name"}, ["Severity", "Labels"]),
    ],
)
async def test_fields_are_searched(demo: httpx2.AsyncClient, asked: dict[str, str], names: list[str]) -> None:
    found = (await demo.get(f"{API}/field/search", params=asked)).json()["values"]
    assert [row["name"] for row in found] == names


@pytest.mark.parametrize("asked", [{"type": "odd"}, {"orderBy": "colour"}])
async def test_a_search_for_fields_that_makes_no_sense_is_refused(
    rough: httpx2.AsyncClient, asked: dict[str, str]
) -> None:
    assert (await rough.get(f"{API}/field/search", params=asked)).status_code == 400


async def test_labels_are_listed_of_what_one_may_see(demo: httpx2.AsyncClient, site: Site) -> None:
    hidden = next(issue for issue in site.issues.values() if issue.key == "VAULT-1")
    hidden.values["labels"] = ["aaa-secret"]
    seen = (await demo.get(f"{API}/label", params={"maxResults": 3})).json()
    assert (seen["values"], len(seen["values"])) == (sorted(seen["values"]), 3)
    assert "aaa-secret" not in seen["values"]
    async with browsing(site, "zoe") as zoe:
        assert "aaa-secret" in (await zoe.get(f"{API}/label")).json()["values"]
