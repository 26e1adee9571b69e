import re
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from server.sandbox import Site, application, scopes
from server.sandbox.app import OPERATIONS
from tests import scopes as documents
from tests.sandbox.conftest import BASE, account

pytestmark = pytest.mark.anyio
CLOUD_ID = "3f1c9a52-7f0e-4d55-9c1b-8f6d2a40e611"
JIRA, CONFLUENCE = f"/ex/jira/{CLOUD_ID}", f"/ex/confluence/{CLOUD_ID}"
ISSUE = "/rest/api/3/issue/DEMO-7"
NO_SCOPE = {"code": 401, "message": "Unauthorized; scope does not match"}
STRANGER = {"code": 401, "message": "Unauthorized"}


@pytest.fixture
async def client(site: Site) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=application(site))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as client:
        yield client


async def token(client: httpx2.AsyncClient, *granted: str, name: str = "demo") -> tuple[str, str]:
    """A new scoped token, as the Basic account it makes."""
    email = f"{name}@example.com"
    made = await client.post("/__sandbox__/tokens", json={"email": email, "scopes": list(granted)})
    return email, made.json()["token"]


async def test_the_site_tells_its_id_to_everybody(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/_edge/tenant_info")).json() == {"cloudId": CLOUD_ID}


async def test_a_scoped_token_works_at_the_gateway_alone(client: httpx2.AsyncClient) -> None:
    scoped = await token(client, "read:jira-work", "read:page:confluence")
    assert (await client.get(JIRA + ISSUE, auth=scoped)).json()["key"] == "DEMO-7"
    assert (await client.get(CONFLUENCE + "/wiki/api/v2/pages", auth=scoped)).status_code == 200
    assert (await client.get(ISSUE, auth=scoped)).status_code == 401
    refused = await client.get(JIRA + ISSUE, auth=account())
    assert (refused.status_code, refused.json()) == (401, STRANGER)
    bearer = {"Authorization": f"Bearer {scoped[1]}"}
    assert (await client.get(JIRA + ISSUE, headers=bearer)).status_code == 200
    assert (await client.get(ISSUE, headers=bearer)).status_code == 401


@pytest.mark.parametrize("authorization", ["", "Basic !", "Bearer x", "Digest x"])
async def test_the_gateway_turns_strangers_away_in_its_own_words(
    client: httpx2.AsyncClient, authorization: str
) -> None:
    refused = await client.get(JIRA + ISSUE, headers={"Authorization": authorization})
    assert (refused.status_code, refused.json()) == (401, STRANGER)


async def test_a_scoped_token_belongs_to_its_active_owner(client: httpx2.AsyncClient) -> None:
    _, scoped = await token(client)
    assert (await client.get(JIRA + ISSUE, auth=("zoe@example.com", scoped))).status_code == 401
    gone = await token(client, name="olga")
    assert (await client.get(JIRA + ISSUE, auth=gone)).status_code == 401


@pytest.mark.parametrize(
    "path",
    [
        f"/ex/jira/00000000-0000-0000-0000-000000000000{ISSUE}",
        f"/ex/bitbucket/{CLOUD_ID}{ISSUE}",
        f"{JIRA}/wiki/api/v2/pages",
        f"{JIRA}",
        "/ex/",
    ],
)
async def test_a_gateway_address_of_no_site_is_not_found(client: httpx2.AsyncClient, path: str) -> None:
    missing = await client.get(path, auth=await token(client))
    assert (missing.status_code, missing.json()) == (404, {"code": 404, "message": "Not Found"})


async def test_jira_is_not_below_confluences_address(client: httpx2.AsyncClient) -> None:
    assert (await client.get(CONFLUENCE + ISSUE, auth=await token(client))).status_code == 404


async def test_confluences_first_api_may_leave_out_wiki(client: httpx2.AsyncClient) -> None:
    scoped = await token(client)
    for path in ("/rest/api/user/current", "/wiki/rest/api/user/current"):
        assert (await client.get(CONFLUENCE + path, auth=scoped)).json()["displayName"] == "Demo User"


async def test_links_lead_back_the_way_one_came(client: httpx2.AsyncClient) -> None:
    scoped = await token(client)
    issue = (await client.get(JIRA + ISSUE, auth=scoped)).json()
    assert issue["self"].startswith(f"{BASE}{JIRA}/rest/api/3/issue/")
    pages = (await client.get(CONFLUENCE + "/wiki/api/v2/pages", auth=scoped)).json()
    assert pages["_links"]["base"] == f"{BASE}/wiki"


@pytest.mark.parametrize(
    ("method", "path", "granted"),
    [
        ("GET", JIRA + ISSUE, ["write:jira-work"]),
        ("POST", JIRA + "/rest/api/3/issue", ["read:jira-work"]),
        ("GET", CONFLUENCE + "/wiki/api/v2/pages", ["read:jira-work", "read:confluence-content.all"]),
        ("GET", JIRA + ISSUE, ["read:issue:jira"]),
    ],
)
async def test_what_the_scopes_do_not_hold_is_refused(
    client: httpx2.AsyncClient, method: str, path: str, granted: list[str]
) -> None:
    refused = await client.request(method, path, auth=await token(client, *granted), json={})
    assert (refused.status_code, refused.json()) == (401, NO_SCOPE)


async def test_granular_scopes_are_enough_together(client: httpx2.AsyncClient) -> None:
    wanted = next(each for each in scopes.TABLE["GET /rest/api/3/issue/{}"] if len(each) > 1)
    assert (await client.get(JIRA + ISSUE, auth=await token(client, *wanted))).status_code == 200


async def test_an_external_customer_sees_no_project(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/rest/api/3/myself", auth=account("carla"))).json()["accountType"] == "customer"
    assert (await client.get("/rest/api/3/project/search", auth=account("carla"))).json()["values"] == []
    assert (await client.get(ISSUE, auth=account("carla"))).status_code == 404


async def test_faults_meet_the_gateway_by_the_sites_paths(client: httpx2.AsyncClient) -> None:
    await client.post("/__sandbox__/faults", json={"path": ISSUE, "status": 503})
    assert (await client.get(JIRA + ISSUE, auth=await token(client))).status_code == 503


@pytest.mark.parametrize(
    "wrong",
    [
        1,
        {"email": "nobody@example.com"},
        {},
        {"email": "demo@example.com", "scopes": "all"},
        {"email": "demo@example.com", "scopes": ["read:everything"]},
    ],
)
async def test_a_scoped_token_for_nothing_is_refused(client: httpx2.AsyncClient, wrong: Any) -> None:
    refused = await client.post("/__sandbox__/tokens", json=wrong)
    assert refused.status_code == 400
    assert refused.json()["error"]


def test_every_operation_has_its_scopes() -> None:
    ours = {scopes.row(operation.method, operation.path) for operation in OPERATIONS}
    known = documents.documented() if documents.SPECS.exists() else scopes.TABLE
    assert {name for name in ours & known.keys() if name not in scopes.TABLE} == set()
    assert all(re.fullmatch(r"[A-Z]+ /(rest|wiki)/\S+", name) for name in scopes.TABLE)
