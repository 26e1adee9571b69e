"""What holds of all operations alike, read off the list of what the site can do."""

import re
from typing import Any

import httpx2
import pytest

from server.sandbox import Site
from server.sandbox.app import OPERATIONS
from server.sandbox.call import Operation
from server.sandbox.people import KENJI
from tests.sandbox.conftest import account, browsing
from tests.sandbox.writing import page

pytestmark = pytest.mark.anyio
NOWHERE = {"project": "NOPE", "issue": "NOPE-1", "key": "nope"}
ANY: dict[str, Any] = {"headers": {"X-Atlassian-Token": "no-check"}, "auth": account("ada")}
OF_ONE = [row for row in OPERATIONS if 404 in row.errors and "{" in row.path]
OF_CONTENT = [
    row for row in OPERATIONS if 400 in row.errors and "{" in row.path and row.path.startswith("/wiki/api/v2")
]


def named(row: Operation) -> str:
    return f"{row.method} {row.path}"


def at(row: Operation, number: str = "99999999") -> str:
    """The operation's address, of things that do not exist."""
    return re.sub(r"\{(\w+)\}", lambda found: NOWHERE.get(found[1], number), row.path)


def body(row: Operation) -> Any:
    return None if row.method in ("GET", "DELETE") else {}


@pytest.mark.parametrize("row", OF_ONE, ids=named)
async def test_what_is_not_there_is_not_found(rough: httpx2.AsyncClient, row: Operation) -> None:
    answered = await rough.request(row.method, at(row), json=body(row), **ANY)
    assert answered.status_code == 404, answered.text
    assert "error" in answered.text.casefold() or "message" in answered.json()


@pytest.mark.parametrize("row", OF_CONTENT, ids=named)
async def test_an_id_that_is_no_number_is_refused(rough: httpx2.AsyncClient, row: Operation) -> None:
    answered = await rough.request(row.method, at(row, "nonsense"), json=body(row))
    assert answered.status_code == 400, answered.text
    assert answered.json()["errors"][0]["title"]


@pytest.mark.parametrize(
    "path",
    ["/wiki/api/v2/spaces", "/wiki/api/v2/pages", "/wiki/api/v2/footer-comments", "/wiki/api/v2/inline-comments"],
)
@pytest.mark.parametrize("wrong", [{"limit": "0"}, {"limit": "251"}, {"cursor": "nonsense"}])
async def test_a_page_of_results_has_1_to_250_rows(rough: httpx2.AsyncClient, path: str, wrong: dict[str, str]) -> None:
    answered = await rough.get(path, params=wrong)
    assert answered.status_code == 400
    assert next(iter(wrong)) in answered.json()["errors"][0]["title"]


async def test_a_query_that_cannot_be_read_is_refused_wherever_it_is_put(rough: httpx2.AsyncClient) -> None:
    board = next(
        row["id"] for row in (await rough.get("/rest/agile/1.0/board")).json()["values"] if row["type"] == "scrum"
    )
    sprint = (await rough.get(f"/rest/agile/1.0/board/{board}/sprint")).json()["values"][0]["id"]
    epic = (await rough.get(f"/rest/agile/1.0/board/{board}/epic")).json()["values"][0]["id"]
    places = (f"board/{board}/issue", f"board/{board}/backlog", f"board/{board}/sprint/{sprint}/issue")
    for place in (*places, f"sprint/{sprint}/issue", f"epic/{epic}/issue"):
        answered = await rough.get(f"/rest/agile/1.0/{place}", params={"jql": "status ="})
        assert answered.status_code == 400, place
        assert "JQL" in answered.json()["errorMessages"][0]
    counted = await rough.post("/rest/api/3/search/approximate-count", json={"jql": "status ="})
    assert counted.status_code == 400
    searched = await rough.get("/wiki/rest/api/content/search", params={"cql": "title ="})
    assert searched.status_code == 400
    unnamed = await rough.post("/rest/agile/1.0/sprint", json={"originBoardId": board})
    assert unnamed.status_code == 400


async def test_who_may_only_read_assigns_nobody(site: Site) -> None:
    async with browsing(site, "kenji") as kenji:
        answered = await kenji.put("/rest/api/3/issue/DEMO-7/assignee", json={"accountId": KENJI.account_id})
    assert answered.status_code == 403


async def test_a_page_may_be_too_large(rough: httpx2.AsyncClient) -> None:
    answered = await rough.post("/wiki/api/v2/pages", json=page("Large", "x" * 5_300_000))
    assert answered.status_code == 413
