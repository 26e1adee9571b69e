import httpx2
import pytest

from server.sandbox import Site, application
from tests.sandbox.conftest import BASE, account, browsing

pytestmark = pytest.mark.anyio


def stranger(site: Site, **headers: str) -> httpx2.AsyncClient:
    transport = httpx2.ASGITransport(app=application(site))
    return httpx2.AsyncClient(transport=transport, base_url=BASE, headers=headers)


async def test_an_account_knows_itself(demo: httpx2.AsyncClient) -> None:
    shown = (await demo.get("/rest/api/3/myself", params={"expand": "groups"})).json()
    assert shown["emailAddress"] == "demo@example.com"
    assert {"name": "developers"}.items() <= shown["groups"]["items"][0].items()
    assert (await demo.get("/wiki/rest/api/user/current")).json()["accountId"] == shown["accountId"]


@pytest.mark.parametrize("name", ["sam.carter", "sam.cartwright", "zoe", "kenji", "priya"])
async def test_every_active_person_may_log_in(site: Site, name: str) -> None:
    async with browsing(site, name) as client:
        assert (await client.get("/rest/api/3/myself")).status_code == 200


@pytest.mark.parametrize(
    "authorization",
    ["", "Basic !!!", "Basic /w==", "Digest x", "Bearer nobody", "Basic ZGVtb0BleGFtcGxlLmNvbTp3cm9uZw=="],
)
async def test_a_stranger_is_turned_away_in_each_products_words(site: Site, authorization: str) -> None:
    async with stranger(site, authorization=authorization) as client:
        jira = await client.get("/rest/api/3/myself")
        assert jira.status_code == 401
        assert jira.json()["errorMessages"] == ["Client must be authenticated to access this resource."]
        assert jira.headers["x-seraph-loginreason"] == "AUTHENTICATED_FAILED"
        v2 = await client.get("/wiki/api/v2/spaces")
        assert (v2.status_code, v2.json()["errors"][0]["code"]) == (401, "UNAUTHORIZED")
        v1 = await client.get("/wiki/rest/api/user/current")
        assert (v1.status_code, v1.json()["statusCode"]) == (401, 401)


async def test_an_inactive_person_cannot_log_in(site: Site) -> None:
    async with browsing(site, "olga") as client:
        assert (await client.get("/rest/api/3/myself")).status_code == 401


async def test_a_token_works_as_bearer_too(site: Site) -> None:
    async with stranger(site, authorization=f"Bearer {account('zoe')[1]}") as client:
        assert (await client.get("/rest/api/3/myself")).json()["displayName"] == "Zoë Lindqvist"


async def test_the_front_door_needs_no_account(site: Site) -> None:
    async with stranger(site) as client:
        assert (await client.get("/")).json()["account"]["email"] == "demo@example.com"
        assert (await client.get("/_edge/tenant_info")).json()["cloudId"]
        assert (await client.get("/rest/api/3/serverInfo")).json()["deploymentType"] == "Cloud"


async def test_two_people_share_a_beginning(demo: httpx2.AsyncClient) -> None:
    found = await demo.get("/rest/api/3/user/search", params={"query": "Sam Car"})
    assert [person["displayName"] for person in found.json()] == ["Sam Carter", "Sam Cartwright"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("zoë", ["Zoë Lindqvist"]),
        ("lind", ["Zoë Lindqvist"]),
        ("priya@", ["Priya Raman"]),
        ("kenji@", []),
        ("nobody", []),
    ],
)
async def test_people_are_found_by_name_or_visible_address(
    demo: httpx2.AsyncClient, query: str, names: list[str]
) -> None:
    found = await demo.get("/rest/api/3/user/search", params={"query": query})
    assert [person["displayName"] for person in found.json()] == names


async def test_a_hidden_address_is_not_shown(site: Site, demo: httpx2.AsyncClient) -> None:
    kenji = next(person for person in site.people.values() if person.email_hidden)
    shown = (await demo.get("/rest/api/3/user", params={"accountId": kenji.account_id})).json()
    assert shown["displayName"] == "Kenji Watanabe"
    assert "emailAddress" not in shown
    again = (await demo.get("/rest/api/3/user/search", params={"accountId": kenji.account_id})).json()
    assert again == [shown]


async def test_only_active_people_who_may_write_are_assignable(demo: httpx2.AsyncClient) -> None:
    found = await demo.get("/rest/api/3/user/assignable/search", params={"issueKey": "HELP-1"})
    assert {person["displayName"] for person in found.json()} == {
        "Demo User",
        "Sam Cartwright",
        "Kenji Watanabe",
        "Ada Okafor",
    }
    by_project = await demo.get("/rest/api/3/user/assignable/search", params={"project": "HELP", "query": "sam"})
    assert [person["displayName"] for person in by_project.json()] == ["Sam Cartwright"]


async def test_nobody_is_found_without_a_question(demo: httpx2.AsyncClient) -> None:
    assert (await demo.get("/rest/api/3/user/search")).status_code == 400
    assert (await demo.get("/rest/api/3/user", params={"accountId": "nobody"})).status_code == 404
    assert (await demo.get("/rest/api/3/user/assignable/search", params={"project": "NOPE"})).status_code == 404
    assert (await demo.get("/rest/api/3/user/assignable/search", params={"issueKey": "NOPE-1"})).status_code == 404


async def test_confluence_finds_people_by_name_and_by_id(demo: httpx2.AsyncClient) -> None:
    by_name = await demo.get("/wiki/rest/api/search/user", params={"cql": 'user.fullname ~ "sam"'})
    assert [found["title"] for found in by_name.json()["results"]] == ["Sam Carter", "Sam Cartwright"]
    account_id = by_name.json()["results"][0]["user"]["accountId"]
    by_id = await demo.get("/wiki/rest/api/search/user", params={"cql": f'user.accountid = "{account_id}"'})
    assert [found["title"] for found in by_id.json()["results"]] == ["Sam Carter"]
    assert (await demo.get("/wiki/rest/api/search/user", params={"cql": "space = ENG"})).status_code == 400
