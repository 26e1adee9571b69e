"""The ways to prove oneself to Atlassian, each in its place and in the wrong one."""

from typing import Any

import pytest
from mcp import Client

from server import doctor
from server.sandbox.clients import SCOPED_TOKEN
from server.sandbox.gateway import CLOUD_ID
from tests.world import World, refused, told

pytestmark = pytest.mark.anyio
READ = ("jira_get_issue", {"issue_key": "DEMO-7"})
PAGE = ("confluence_get_page", {"page_id": "131074"})
BARE = {"JIRA_USERNAME": "", "JIRA_API_TOKEN": "", "CONFLUENCE_USERNAME": "", "CONFLUENCE_API_TOKEN": ""}
SCOPED = {"JIRA_API_TOKEN": SCOPED_TOKEN, "CONFLUENCE_API_TOKEN": SCOPED_TOKEN}


async def made(world: World, *scopes: str, path: str = "tokens", **more: Any) -> dict[str, str]:
    async with world.http() as http:
        given = {"email": "demo@example.com", "scopes": list(scopes), **more}
        return (await http.post(f"/__sandbox__/{path}", json=given)).raise_for_status().json()


async def asked(world: World) -> list[tuple[str, int]]:
    return [(entry["path"], entry["status"]) for entry in await world.requests()]


async def test_a_token_with_scopes_is_found_to_belong_to_the_gateway_once(world: World) -> None:
    async with Client(world.server(**SCOPED)) as agent:
        for _ in range(2):
            assert "DEMO-7" in await told(agent, *READ)
    issue, gateway = "/rest/api/3/issue/DEMO-7", f"/ex/jira/{CLOUD_ID}"
    assert await asked(world) == [
        (issue, 401),
        ("/_edge/tenant_info", 200),
        (f"{gateway}/rest/api/3/myself", 200),
        (gateway + issue, 200),
        (gateway + issue, 200),
    ]


async def test_a_change_that_the_site_refused_is_made_once_at_the_gateway(world: World) -> None:
    async with Client(world.server(**SCOPED)) as agent:
        await told(agent, "jira_add_comment", {"issue_key": "DEMO-7", "body": "Said once."})
        shown = await told(agent, *READ)
    assert shown.count("Said once.") == 1


async def test_both_products_are_reached_at_the_gateway_and_linked_at_the_site(world: World) -> None:
    async with Client(world.server(**SCOPED)) as agent:
        assert "http://sandbox.localhost/wiki/" in await told(agent, *PAGE) + await told(
            agent, "confluence_add_label", {"page_id": "131074", "name": "seen"}
        ) + await told(agent, "confluence_create_page", {"space_key": "ENG", "title": "Here", "content": "So."})
        created = await told(
            agent, "jira_create_issue", {"project_key": "DEMO", "issue_type": "Task", "summary": "Through the gateway"}
        )
    assert "http://sandbox.localhost/browse/DEMO-" in created


async def test_a_service_accounts_token_works_alone_and_in_the_place_of_an_api_token(world: World) -> None:
    token = (await made(world, email="reporting@example.com", scopes=[]))["token"]
    async with Client(world.server(**BARE, ATLASSIAN_OAUTH_ACCESS_TOKEN=token)) as agent:
        assert "DEMO-7" in await told(agent, *READ)
        await told(agent, *PAGE)
    async with Client(world.server(JIRA_API_TOKEN=token, JIRA_USERNAME="another@example.com")) as agent:
        assert "DEMO-7" in await told(agent, *READ)


async def test_one_products_own_token_comes_before_that_of_both(world: World) -> None:
    own = {"JIRA_OAUTH_ACCESS_TOKEN": SCOPED_TOKEN, "ATLASSIAN_OAUTH_ACCESS_TOKEN": "stale"}
    async with Client(world.server(**{**BARE, **own})) as agent:
        assert "DEMO-7" in await told(agent, *READ)
        assert "does not accept the token in ATLASSIAN_OAUTH_ACCESS_TOKEN" in await refused(agent, *PAGE)


async def test_a_sites_id_that_is_set_is_not_asked_for(world: World) -> None:
    known = {"ATLASSIAN_OAUTH_ACCESS_TOKEN": SCOPED_TOKEN, "ATLASSIAN_OAUTH_CLOUD_ID": CLOUD_ID}
    async with Client(world.server(**BARE, **known)) as agent:
        await told(agent, *READ)
    assert await asked(world) == [(f"/ex/jira/{CLOUD_ID}/rest/api/3/issue/DEMO-7", 200)]


async def test_an_api_token_without_scopes_is_no_access_token(world: World) -> None:
    async with Client(world.server(JIRA_OAUTH_ACCESS_TOKEN="demo-token", JIRA_USERNAME="", JIRA_API_TOKEN="")) as agent:  # noqa: S106
        said = await refused(agent, *READ)
    assert "does not accept the token in JIRA_OAUTH_ACCESS_TOKEN" in said
    assert "A person's API token belongs into JIRA_API_TOKEN, with JIRA_USERNAME" in said


async def test_a_token_that_is_known_nowhere_is_looked_for_once(world: World) -> None:
    async with Client(world.server(JIRA_API_TOKEN="stale")) as agent:  # noqa: S106 - nobody's token
        for _ in range(3):
            assert "does not accept the credentials of `demo@example.com`" in await refused(agent, *READ)
    assert [path for path, _ in await asked(world)].count("/_edge/tenant_info") == 1
    assert len(await asked(world)) == 6


async def test_a_gateway_that_is_out_of_reach_is_looked_for_again(world: World) -> None:
    await world.fault(method="GET", path="/_edge/tenant_info", drop="before")
    async with Client(world.server(**SCOPED)) as agent:
        assert "does not accept the credentials" in await refused(agent, *READ)
        assert "DEMO-7" in await told(agent, *READ)


@pytest.mark.parametrize("body", ["{}", "[]", '{"cloudId": "../../evil"}', "<html>"])
async def test_a_site_that_tells_no_id_is_said_to(world: World, body: str) -> None:
    await world.fault(method="GET", path="/_edge/tenant_info", status=200, body=body, content_type="application/json")
    async with Client(world.server(**BARE, ATLASSIAN_OAUTH_ACCESS_TOKEN=SCOPED_TOKEN)) as agent:
        assert "http://sandbox.localhost does not tell its id" in await refused(agent, *READ)


async def test_a_scope_that_a_token_lacks_is_named(world: World) -> None:
    token = (await made(world, "read:jira-work"))["token"]
    async with Client(world.server(JIRA_API_TOKEN=token)) as agent:
        assert "DEMO-7" in await told(agent, *READ)
        said = await refused(agent, "jira_add_comment", {"issue_key": "DEMO-7", "body": "No."})
    assert "lets this token do less than what this takes" in said
    assert "`write:jira-work`" in said
    assert "Make a token with this scope" in said


async def test_a_personal_access_token_goes_to_the_site_itself(world: World) -> None:
    personal = {"JIRA_PERSONAL_TOKEN": "demo-token", "CONFLUENCE_PERSONAL_TOKEN": "demo-token"}
    async with Client(world.server(**{**BARE, **personal})) as agent:
        assert "DEMO-7" in await told(agent, *READ)
    async with Client(world.server(**{**BARE, **personal, "JIRA_PERSONAL_TOKEN": "stale"})) as agent:
        said = await refused(agent, *READ)
    assert "does not accept the personal access token" in said
    assert "set it as JIRA_PERSONAL_TOKEN" in said
    assert {path.partition("/DEMO")[0] for path, _ in await asked(world)} == {"/rest/api/3/issue"}


async def test_headers_of_ones_own_go_to_the_site_and_not_to_the_gateway(world: World) -> None:
    own = {"JIRA_CUSTOM_HEADERS": "X-Access-Key=canary, X-Other=b=c"}
    async with Client(world.server(**own)) as agent:
        await told(agent, *READ)
    assert world.wire.headers[-1]["x-access-key"] == "canary"
    assert world.wire.headers[-1]["x-other"] == "b=c"
    async with Client(world.server(**SCOPED, **own)) as agent:
        await told(agent, *READ)
    assert "x-access-key" not in world.wire.headers[-1]


@pytest.mark.parametrize(
    ("ways", "says"),
    [
        (SCOPED, "an API token with scopes, at the gateway http://sandbox.localhost"),
        ({}, "an API token without scopes, at the site itself"),
        ({**BARE, "ATLASSIAN_OAUTH_ACCESS_TOKEN": SCOPED_TOKEN}, "the token in ATLASSIAN_OAUTH_ACCESS_TOKEN"),
        (
            {**BARE, "JIRA_PERSONAL_TOKEN": "demo-token", "CONFLUENCE_PERSONAL_TOKEN": "demo-token"},
            "a personal access token, at the site itself",
        ),
    ],
)
async def test_the_doctor_says_how_requests_go(
    world: World, capsys: pytest.CaptureFixture[str], ways: dict[str, str], says: str
) -> None:
    await doctor.examine(world.environment(**ways), transport=world.wire)
    assert says in capsys.readouterr().out


async def test_the_doctor_explains_a_data_center(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    body = '{"baseUrl": "x", "version": "9.12.4", "deploymentType": "Server"}'
    await world.fault(
        method="GET", path="/rest/api/3/serverInfo", status=200, body=body, content_type="application/json"
    )
    personal = {"JIRA_PERSONAL_TOKEN": "demo-token", "CONFLUENCE_PERSONAL_TOKEN": "demo-token"}
    assert not await doctor.examine(world.environment(**{**BARE, **personal}), transport=world.wire)
    assert "FIX  Jira: this is a Data Center (9.12.4)" in capsys.readouterr().out


async def test_the_doctor_warns_of_certificates_that_are_not_checked(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not await doctor.examine(world.environment(JIRA_SSL_VERIFY="false"), transport=world.wire)
    assert "FIX  network: the certificate of sandbox.localhost is not checked" in capsys.readouterr().out


async def test_a_redirect_takes_no_credentials_along(world: World) -> None:
    await world.fault(status=302, body="", headers={"Location": "http://evil.localhost/"})
    async with Client(world.server(**SCOPED)) as agent:
        assert "redirects to http://evil.localhost/" in await refused(agent, *READ)
    assert len(world.wire.headers) == 2  # the fault that was asked for, and the one question


async def test_a_gateway_that_redirects_is_not_followed(world: World) -> None:
    await world.fault(path="/_edge/tenant_info", status=302, headers={"Location": "http://evil.localhost/"})
    async with Client(world.server(**BARE, ATLASSIAN_OAUTH_ACCESS_TOKEN=SCOPED_TOKEN)) as agent:
        assert "does not tell its id" in await refused(agent, *READ)
    assert {entry["path"] for entry in await world.requests()} == {"/_edge/tenant_info"}
