import base64
import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
import pytest

from server.sandbox import Site, application
from tests.sandbox.conftest import BASE, Clock
from tests.sandbox.test_gateway import CLOUD_ID, CONFLUENCE, ISSUE, JIRA, NO_SCOPE, STRANGER

pytestmark = pytest.mark.anyio
CALLBACK = "http://localhost:8765/callback"
CLIENT = {"client_id": "demo-app", "client_secret": "demo-app-secret-for-this-sandbox-only"}
ASK = {
    "audience": "api.atlassian.com",
    "client_id": "demo-app",
    "scope": "read:jira-work write:jira-work offline_access",
    "redirect_uri": CALLBACK,
    "state": "s&1",
    "response_type": "code",
    "prompt": "consent",
}


@pytest.fixture
async def app(site: Site) -> AsyncIterator[httpx2.AsyncClient]:
    transport = httpx2.ASGITransport(app=application(site))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE) as client:
        yield client


def told(response: httpx2.Response) -> dict[str, str]:
    """What the app hears at its redirect address."""
    assert response.status_code == 302
    assert response.headers["location"].startswith(CALLBACK)
    return dict(parse_qsl(urlsplit(response.headers["location"]).query))


async def code(app: httpx2.AsyncClient, **more: str) -> str:
    return told(await app.get("/authorize", params={**ASK, "approve": "demo@example.com", **more}))["code"]


async def exchanged(app: httpx2.AsyncClient, **more: str) -> httpx2.Response:
    given = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, **CLIENT, **more}
    return await app.post("/oauth/token", json=given)


async def granted(app: httpx2.AsyncClient, **more: str) -> dict[str, Any]:
    return (await exchanged(app, code=await code(app, **more))).json()


async def refreshed(app: httpx2.AsyncClient, token: str, **more: str) -> httpx2.Response:
    given = {"grant_type": "refresh_token", "refresh_token": token, **CLIENT, **more}
    return await app.post("/oauth/token", data=given)


def bearer(tokens: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


async def status(app: httpx2.AsyncClient, tokens: dict[str, Any], path: str = JIRA + ISSUE) -> int:
    return (await app.get(path, headers=bearer(tokens))).status_code


async def test_an_app_acts_for_somebody_who_consents(app: httpx2.AsyncClient, clock: Clock) -> None:
    tokens = await granted(app)
    assert (tokens["expires_in"], tokens["token_type"]) == (3600, "Bearer")
    assert tokens["scope"] == "offline_access read:jira-work write:jira-work"
    shown = await app.get(JIRA + ISSUE, headers=bearer(tokens))
    assert shown.json()["key"] == "DEMO-7"
    assert await status(app, tokens, ISSUE) == 401
    refused = await app.get(CONFLUENCE + "/wiki/api/v2/pages", headers=bearer(tokens))
    assert refused.json() == NO_SCOPE
    clock.pass_by(hours=1)
    assert (await app.get(JIRA + ISSUE, headers=bearer(tokens))).json() == STRANGER


async def test_the_consent_page_asks_and_takes_yes_and_no(app: httpx2.AsyncClient) -> None:
    page = await app.get("/authorize", params=ASK)
    assert "Demo App wants access" in page.text
    assert 'value="s&amp;1"' in page.text
    assert "read:jira-work" in page.text
    agreed = told(await app.post("/authorize", data={**ASK, "approve": "zoe@example.com"}))
    assert agreed["state"] == "s&1"
    assert (await exchanged(app, code=agreed["code"])).status_code == 200
    denied = told(await app.post("/authorize", data={**ASK, "approve": "zoe@example.com", "deny": "true"}))
    assert (denied["error"], denied["state"]) == ("access_denied", "s&1")


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"audience": "api.example.com"}, "access_denied"),
        ({"scope": "read:everything"}, "invalid_scope"),
        ({"scope": ""}, "invalid_scope"),
    ],
)
async def test_a_wrong_question_goes_back_to_the_app(
    app: httpx2.AsyncClient, changed: dict[str, str], error: str
) -> None:
    assert told(await app.get("/authorize", params={**ASK, **changed}))["error"] == error


@pytest.mark.parametrize(
    "changed", [{"client_id": "nobody"}, {"redirect_uri": "https://evil.example.com"}, {"approve": "olga@example.com"}]
)
async def test_a_wrong_app_or_address_is_sent_nowhere(app: httpx2.AsyncClient, changed: dict[str, str]) -> None:
    refused = await app.get("/authorize", params={**ASK, **changed})
    assert refused.status_code == 403
    assert "location" not in refused.headers
    assert refused.json()["error"]


async def test_a_code_works_once_for_its_app_and_address_and_ten_minutes(app: httpx2.AsyncClient, clock: Clock) -> None:
    once = await code(app)
    assert (await exchanged(app, code=once)).status_code == 200
    late = await code(app)
    clock.pass_by(minutes=10)
    for again in (once, late, "unknown"):
        refused = await exchanged(app, code=again)
        assert (refused.status_code, refused.json()["error"]) == (403, "invalid_grant")
    assert (await exchanged(app, code=await code(app), redirect_uri="http://localhost/")).status_code == 403


@pytest.mark.parametrize(("method", "right"), [("S256", "v" * 43), ("plain", "p" * 43)])
async def test_a_challenged_code_wants_its_verifier(app: httpx2.AsyncClient, method: str, right: str) -> None:
    digest = base64.urlsafe_b64encode(hashlib.sha256(right.encode()).digest()).rstrip(b"=").decode()
    asked = {"code_challenge": digest if method == "S256" else right, "code_challenge_method": method}
    assert (await exchanged(app, code=await code(app, **asked), code_verifier=right)).status_code == 200
    assert (await exchanged(app, code=await code(app, **asked), code_verifier="w" * 43)).status_code == 403
    assert (await exchanged(app, code=await code(app, **asked))).status_code == 403


@pytest.mark.parametrize(
    ("given", "status", "error"),
    [
        ({"grant_type": "password"}, 403, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", **CLIENT, "client_secret": "x"}, 401, "access_denied"),
        ({"grant_type": "refresh_token", **CLIENT, "client_id": "x"}, 401, "access_denied"),
        ({"grant_type": "refresh_token", **CLIENT}, 403, "invalid_grant"),
        ({"grant_type": "client_credentials", **CLIENT}, 403, "unauthorized_client"),
        ([], 403, "unsupported_grant_type"),
    ],
)
async def test_the_token_endpoint_names_what_is_wrong(
    app: httpx2.AsyncClient, given: Any, status: int, error: str
) -> None:
    refused = await app.post("/oauth/token", json=given)
    assert (refused.status_code, refused.json()["error"]) == (status, error)


async def test_broken_json_is_an_invalid_request(app: httpx2.AsyncClient) -> None:
    refused = await app.post("/oauth/token", content="{", headers={"Content-Type": "application/json"})
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_request")


async def test_a_refresh_rotates_with_ten_minutes_of_leeway(app: httpx2.AsyncClient, clock: Clock) -> None:
    first = await granted(app)
    second = (await refreshed(app, first["refresh_token"])).json()
    assert second["refresh_token"] != first["refresh_token"]
    clock.pass_by(minutes=10)
    again = await refreshed(app, first["refresh_token"])
    assert again.status_code == 200
    clock.pass_by(seconds=1)
    assert await status(app, second) == 200
    reused = await refreshed(app, first["refresh_token"])
    assert (reused.status_code, reused.json()["error"]) == (403, "invalid_grant")
    assert (await refreshed(app, again.json()["refresh_token"])).status_code == 403
    assert await status(app, second) == 401


async def test_a_refresh_token_dies_of_90_idle_days_and_of_365_in_all(app: httpx2.AsyncClient, clock: Clock) -> None:
    idle = await granted(app)
    clock.pass_by(days=90)
    assert (await refreshed(app, idle["refresh_token"])).status_code == 403
    kept = await granted(app)
    for _ in range(5):
        clock.pass_by(days=72)
        kept = (await refreshed(app, kept["refresh_token"])).json()
    clock.pass_by(days=5)
    assert (await refreshed(app, kept["refresh_token"])).status_code == 403


async def test_a_refresh_token_is_its_apps_own(app: httpx2.AsyncClient) -> None:
    tokens = await granted(app)
    other = {"client_id": "reporting-app", "client_secret": "reporting-app-secret"}
    assert (await refreshed(app, tokens["refresh_token"], **other)).status_code == 403


async def test_a_new_grant_replaces_the_scopes(app: httpx2.AsyncClient) -> None:
    before = await granted(app)
    await granted(app, scope="read:page:confluence offline_access")
    after = (await refreshed(app, before["refresh_token"])).json()
    assert after["scope"] == "offline_access read:page:confluence"
    assert await status(app, after) == 401


async def test_without_offline_access_there_is_nothing_to_refresh(app: httpx2.AsyncClient) -> None:
    assert "refresh_token" not in await granted(app, scope="read:jira-work")


async def test_the_sites_of_a_token_are_told_per_product(app: httpx2.AsyncClient) -> None:
    tokens = await granted(app, scope="read:jira-work read:page:confluence read:me offline_access")
    found = (await app.get("/oauth/token/accessible-resources", headers=bearer(tokens))).json()
    assert [(each["id"], each["url"], each["scopes"]) for each in found] == [
        (CLOUD_ID, BASE, ["read:jira-work"]),
        (CLOUD_ID, BASE, ["read:page:confluence"]),
    ]
    refused = await app.get("/oauth/token/accessible-resources", headers={"Authorization": "Bearer x"})
    assert refused.status_code == 401


async def test_a_service_account_logs_in_by_itself(app: httpx2.AsyncClient) -> None:
    service = {"client_id": "reporting-app", "client_secret": "reporting-app-secret"}
    tokens = (await app.post("/oauth/token", json={"grant_type": "client_credentials", **service})).json()
    assert "refresh_token" not in tokens
    shown = (await app.get(JIRA + "/rest/api/3/myself", headers=bearer(tokens))).json()
    assert (shown["displayName"], shown["accountType"]) == ("Reporting Service", "app")


async def test_more_apps_may_be_registered(app: httpx2.AsyncClient) -> None:
    made = await app.post("/__sandbox__/apps", json={"name": "<Mine>", "redirect_uris": [f"{CALLBACK}?a=1"]})
    client = {name: made.json()[name] for name in ("client_id", "client_secret")}
    asked = {**ASK, "client_id": client["client_id"], "redirect_uri": f"{CALLBACK}?a=1"}
    assert "&lt;Mine&gt; wants access" in (await app.get("/authorize", params=asked)).text
    heard = told(await app.get("/authorize", params={**asked, "approve": "demo@example.com"}))
    assert heard["a"] == "1"
    given = {"code": heard["code"], "redirect_uri": f"{CALLBACK}?a=1", **client}
    assert (await exchanged(app, **given)).status_code == 200
    own = await app.post("/__sandbox__/apps", json={"email": "zoe@example.com", "scopes": ["read:jira-work"]})
    alone = {"grant_type": "client_credentials", **own.json()}
    assert (await app.post("/oauth/token", json=alone)).json()["scope"] == "read:jira-work"
    assert (await app.post("/__sandbox__/apps", json={"redirect_uris": "x"})).status_code == 400


async def test_a_person_who_is_deactivated_is_refused_at_once(app: httpx2.AsyncClient, site: Site) -> None:
    tokens = await granted(app)
    demo = next(person for person in site.people.values() if person.email == "demo@example.com")
    site.people[demo.account_id] = replace(demo, active=False)
    assert await status(app, tokens) == 401
