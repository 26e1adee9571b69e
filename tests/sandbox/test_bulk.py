"""Many issues in one request."""

from typing import Any

import httpx2
import pytest

from server.sandbox import Site
from tests.sandbox.conftest import browsing
from tests.sandbox.writing import issue

pytestmark = pytest.mark.anyio
API = "/rest/api/3"


async def said(answer: httpx2.Response) -> str:
    assert answer.status_code == 400, answer.text
    return " ".join(answer.json()["errorMessages"])


async def test_of_many_issues_the_good_ones_are_made_and_the_others_named(demo: httpx2.AsyncClient) -> None:
    body = {"issueUpdates": [issue("One"), issue(""), issue("Two", priority={"name": "Odd"}), issue("Three")]}
    answer = await demo.post(f"{API}/issue/bulk", json=body)
    assert answer.status_code == 201
    assert [each["key"] for each in answer.json()["issues"]] == ["DEMO-47", "DEMO-50"]
    errors = {each["failedElementNumber"]: each["elementErrors"]["errors"] for each in answer.json()["errors"]}
    assert errors == {
        1: {"summary": "You must specify a summary of the issue."},
        2: {"priority": "Priority name 'Odd' is not valid"},
    }


async def test_when_none_can_be_made_that_is_an_error(demo: httpx2.AsyncClient) -> None:
    answer = await demo.post(f"{API}/issue/bulk", json={"issueUpdates": [issue("")]})
    assert (answer.status_code, answer.json()["issues"], len(answer.json()["errors"])) == (400, [], 1)


@pytest.mark.parametrize("count", [0, 51])
async def test_50_issues_are_made_at_once_and_not_more(rough: httpx2.AsyncClient, count: int) -> None:
    answer = await rough.post(f"{API}/issue/bulk", json={"issueUpdates": [issue()] * count})
    assert answer.status_code == 400
    assert ("50" in answer.json()["errors"][0]["elementErrors"]["errorMessages"][0]) == bool(count)


async def test_issues_are_read_together_by_ascending_id(demo: httpx2.AsyncClient) -> None:
    await demo.put(f"{API}/issue/DEMO-7/properties/mark", json=1)
    wanted = ["DEMO-11", "DEMO-7", "VAULT-1", "demo-7"]
    body = {"issueIdsOrKeys": wanted, "fields": ["summary"], "properties": ["mark", "none"], "expand": ["changelog"]}
    answer = (await demo.post(f"{API}/issue/bulkfetch", json=body)).json()
    assert [(each["key"], each["properties"]) for each in answer["issues"]] == [
        ("DEMO-7", {"mark": 1}),
        ("DEMO-11", {}),
    ]
    assert [each["id"] for each in answer["issueErrors"]] == ["VAULT-1"]
    assert "histories" in answer["issues"][0]["changelog"]
    plain = (await demo.post(f"{API}/issue/bulkfetch", json={"issueIdsOrKeys": ["DEMO-7"]})).json()["issues"][0]
    assert "properties" not in plain
    assert "comment" not in plain["fields"]


@pytest.mark.parametrize(("path", "most"), [("issue/bulkfetch", 100), ("changelog/bulkfetch", 1_000)])
async def test_so_many_are_read_at_once_and_not_more(rough: httpx2.AsyncClient, path: str, most: int) -> None:
    assert "must not be empty" in await said(await rough.post(f"{API}/{path}", json={"issueIdsOrKeys": []}))
    too_many = [f"DEMO-{number}" for number in range(most + 1)]
    assert str(most) in await said(await rough.post(f"{API}/{path}", json={"issueIdsOrKeys": too_many}))


async def test_histories_of_many_issues_come_page_by_page(demo: httpx2.AsyncClient) -> None:
    asked: dict[str, Any] = {"issueIdsOrKeys": ["DEMO-7", "DEMO-1", "DEMO-12", "NOPE-1"], "fieldIds": ["status"]}
    whole = (await demo.post(f"{API}/changelog/bulkfetch", json=asked)).json()["issueChangeLogs"]
    assert [int(each["issueId"]) for each in whole] == sorted(int(each["issueId"]) for each in whole)
    found: list[str] = []
    token: dict[str, str] = {}
    while True:
        page = (await demo.post(f"{API}/changelog/bulkfetch", json={**asked, "maxResults": 2, **token})).json()
        found += [entry["id"] for each in page["issueChangeLogs"] for entry in each["changeHistories"]]
        if "nextPageToken" not in page:
            break
        token = {"nextPageToken": page["nextPageToken"]}
    assert found == [entry["id"] for each in whole for entry in each["changeHistories"]]
    assert len(found) > 2


@pytest.mark.parametrize(
    "more", [{"fieldIds": [str(number) for number in range(11)]}, {"nextPageToken": "junk"}, {"maxResults": 0}]
)
async def test_histories_are_not_asked_for_in_nonsense(rough: httpx2.AsyncClient, more: dict[str, Any]) -> None:
    assert await said(await rough.post(f"{API}/changelog/bulkfetch", json={"issueIdsOrKeys": ["DEMO-7"], **more}))


async def test_histories_are_read_by_their_ids(demo: httpx2.AsyncClient) -> None:
    entries = (await demo.get(f"{API}/issue/DEMO-12/changelog")).json()["values"]
    wanted = {"changelogIds": [int(entries[0]["id"])]}
    assert (await demo.post(f"{API}/issue/DEMO-12/changelog/list", json=wanted)).json()["histories"] == entries[:1]
    assert (await demo.post(f"{API}/issue/NOPE-1/changelog/list", json=wanted)).status_code == 404
    assert await said(await demo.post(f"{API}/issue/DEMO-12/changelog/list", json={"changelogIds": []}))


async def test_an_edit_screen_shows_what_may_be_edited(site: Site, demo: httpx2.AsyncClient) -> None:
    fields = (await demo.get(f"{API}/issue/DEMO-7/editmeta")).json()["fields"]
    assert fields["summary"]["required"]
    assert [row["name"] for row in fields["components"]["allowedValues"]] == ["Cart", "Search", "Account"]
    assert "status" not in fields
    assert (await demo.get(f"{API}/issue/NOPE-1/editmeta")).status_code == 404
    async with browsing(site, "kenji") as kenji:
        assert (await kenji.get(f"{API}/issue/DEMO-7/editmeta")).json() == {"fields": {}}
