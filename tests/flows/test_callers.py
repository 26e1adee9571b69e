"""Who may call over HTTP: known by a token, or by an account of their own at Atlassian; nobody else, and no more often
than they may."""

import re
import subprocess
from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import pytest
from anyio import fail_after
from mcp import Client
from mcp.types import PromptReference, ResourceTemplateReference

from server.app import serving
from server.callers import tokens
from tests.served import INITIALIZE, LIST, account, bearer, calling, knock, served
from tests.world import ISTHMUS, World, refused, told

pytestmark = [pytest.mark.anyio, pytest.mark.filterwarnings("ignore::mcp.shared.exceptions.MCPDeprecationWarning")]

TOKEN = tokens.new()
ADA = {"ISTHMUS_TOKENS": f"ada:{tokens.digest(TOKEN)}"}
OWN = {"ISTHMUS_CALLER_CREDENTIALS": "true"}
MODERN = {"mcp-protocol-version": "2026-07-28", "mcp-method": "tools/list"}
SECRET = {"issue_key": "VAULT-1"}


@pytest.mark.parametrize("asking", [ADA, OWN])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        bearer("junk"),
        bearer(TOKEN[:-1]),
        bearer(ADA["ISTHMUS_TOKENS"].partition(":")[2]),
        {"authorization": "Bearer"},
        {"authorization": TOKEN},
        {"authorization": "Basic junk"},
        {"authorization": "Basic " + "OnRva2Vu"},
        account("nobody"),
        MODERN,
        {**MODERN, **bearer("junk")},
        {"mcp-session-id": "a" * 32},
    ],
)
async def test_a_stranger_is_turned_away_before_anything_is_read_although_the_operator_has_an_account(
    world: World, asking: dict[str, str], headers: dict[str, str]
) -> None:
    async with served(world, **asking) as url:
        for message in (INITIALIZE, LIST, "junk"):
            answer = await knock(url, headers, message)
            assert answer.status_code == 401
            assert answer.json()["error"] == "invalid_token"
            assert answer.headers["www-authenticate"].startswith("Basic" if asking is OWN else "Bearer")
    assert {each["who"] for each in await world.requests()} <= {None}, "nothing was asked with the operator's account"


async def test_a_token_opens_the_door_and_its_name_is_in_the_audit_log(world: World, era: str) -> None:
    async with served(world, **ADA) as url, calling(url, bearer(TOKEN), era) as agent:
        assert (await agent.list_tools()).tools
        await told(agent, "jira_add_comment", {"issue_key": "DEMO-7", "body": "Hello."})


async def test_two_headers_are_no_credentials(world: World) -> None:
    async with served(world, **ADA) as url:
        async with httpx2.AsyncClient(trust_env=False) as http:
            both = [(b"authorization", f"Bearer {TOKEN}".encode()), (b"authorization", b"Bearer junk")]
            answer = await http.post(url, json=INITIALIZE, headers=both)
    assert answer.status_code == 400


def test_a_token_is_made_with_its_entry_for_the_settings() -> None:
    done = subprocess.run([ISTHMUS, "token", "ada"], capture_output=True, text=True, check=True, timeout=60)
    token, entry = re.findall(r"Bearer (isthmus_\S{43})$|ISTHMUS_TOKENS=(ada:[0-9a-f]{64})$", done.stdout, re.MULTILINE)
    assert entry[1] == f"ada:{tokens.digest(token[0])}"
    wrong = subprocess.run([ISTHMUS, "token", "a b"], capture_output=True, text=True, check=False, timeout=60)
    assert wrong.returncode == 1
    assert "is no list of NAME:HASH" in wrong.stderr


async def test_each_caller_sees_what_its_own_account_may_see(world: World, era: str) -> None:
    async with served(world, **OWN) as url:
        async with calling(url, account("zoe"), era) as zoe, calling(url, account("sam.carter"), era) as sam:
            for _ in range(2):
                assert (await told(zoe, "jira_get_issue", SECRET)).startswith("# VAULT-1")
                assert "No issue `VAULT-1`" in await refused(sam, "jira_get_issue", SECRET)
                assert "VAULT" in await told(zoe, "jira_get_all_projects", {})
                assert "VAULT" not in await told(sam, "jira_get_all_projects", {})
                assert "LEAD" in await told(zoe, "confluence_list_spaces", {})
                assert "LEAD" not in await told(sam, "confluence_list_spaces", {})
            assert "Zo" in str(await zoe.read_resource("jira://issue/VAULT-2"))
            with pytest.raises(Exception, match="VAULT-2"):
                await sam.read_resource("jira://issue/VAULT-2")
    assert {each["who"] for each in await world.requests()} == {"zoe@example.com", "sam.carter@example.com"}


async def test_what_one_has_completed_another_is_not_told(world: World, era: str) -> None:
    ref = ResourceTemplateReference(type="ref/resource", uri="jira://project/{key}")
    async with served(world, **OWN) as url:
        async with calling(url, account("zoe"), era) as zoe, calling(url, account("sam.carter"), era) as sam:
            for _ in range(2):
                hers = await zoe.complete(ref, {"name": "key", "value": "V"})
                his = await sam.complete(ref, {"name": "key", "value": "V"})
                assert (hers.completion.values, his.completion.values) == (["VAULT"], [])


async def test_who_me_is_depends_on_who_asks(world: World, era: str) -> None:
    async with served(world, **OWN) as url:
        for person, issue in (("zoe", "DEMO-7"), ("sam.carter", "DEMO-8")):
            async with calling(url, account(person), era) as agent:
                await told(agent, "jira_assign_issue", {"issue_key": issue, "assignee": "me"})
        async with calling(url, account("zoe"), era) as zoe:
            assert "Zo" in await told(zoe, "jira_get_issue", {"issue_key": "DEMO-7"})
            assert "Sam Carter" in await told(zoe, "jira_get_issue", {"issue_key": "DEMO-8"})


async def test_a_server_that_asks_never_lends_the_operators_account(world: World) -> None:
    for asking in (ADA, OWN):
        mcp, _ = serving(world.settings(**asking), transport=world.wire)
        async with Client(mcp) as stranger:
            said = await refused(stranger, "jira_get_issue", {"issue_key": "DEMO-7"})
            assert "the operator's account is not for strangers" in said
            with pytest.raises(Exception, match="not for strangers"):
                await stranger.read_resource("jira://issue/DEMO-7")
            found = await stranger.complete(
                PromptReference(type="ref/prompt", name="triage"), {"name": "project", "value": ""}
            )
            assert found.completion.values == []
    assert await world.requests() == []


async def test_a_session_is_its_callers_alone(world: World) -> None:
    async with served(world, **OWN) as url:
        opened = await knock(url, account("zoe"))
        session = {"mcp-session-id": opened.headers["mcp-session-id"], "mcp-protocol-version": "2025-11-25"}
        own = await knock(url, {**account("zoe"), **session}, LIST)
        others = await knock(url, {**account("sam.carter"), **session}, LIST)
        nobodys = await knock(url, session, LIST)
    assert [each.status_code for each in (own, others, nobodys)] == [200, 404, 401]


async def test_whoever_names_anothers_session_in_the_newer_protocol_gets_nothing_of_it(world: World) -> None:
    update = {"page_id": "131084", "title": "On-call", "content": "New."}
    read: dict[str, Any] = {"name": "confluence_get_page", "arguments": {"page_id": "131084"}}
    write: dict[str, Any] = {"name": "confluence_update_page", "arguments": update}
    async with served(world, **OWN) as url:
        opened = await knock(url, account("zoe"))
        session = {"mcp-session-id": opened.headers["mcp-session-id"]}
        hers = {**account("zoe"), **session, "mcp-protocol-version": "2025-11-25"}
        await knock(url, hers, {"jsonrpc": "2.0", "method": "notifications/initialized"})
        assert "On-call" in (await knock(url, hers, {**LIST, "method": "tools/call", "params": read})).text
        async with calling(url, {**account("sam.carter"), **session}, "2026-07-28") as sam:
            assert "expected_version" in await refused(sam, "confluence_update_page", update)
        mine = (await knock(url, hers, {**LIST, "method": "tools/call", "params": write})).text
        assert '"isError":false' in mine


async def test_what_one_account_changes_another_is_not_told_of(world: World) -> None:
    watched = ["jira://issue/DEMO-11", "jira://issue/DEMO-12"]
    async with served(world, **OWN) as url:
        async with (
            calling(url, account("zoe"), "2026-07-28") as zoe,
            calling(url, account("sam.carter"), "2026-07-28") as sam,
        ):
            async with (
                zoe.listen(resource_subscriptions=watched) as hers,
                sam.listen(resource_subscriptions=watched) as his,
            ):
                await told(zoe, "jira_add_comment", {"issue_key": "DEMO-11", "body": "News."})
                await told(sam, "jira_add_comment", {"issue_key": "DEMO-12", "body": "News."})
                with fail_after(20):
                    assert "DEMO-11" in str(await anext(aiter(hers)))
                    assert "DEMO-12" in str(await anext(aiter(his)))


async def test_what_one_account_changes_another_is_not_told_of_in_the_older_protocol(world: World) -> None:
    uri, comment, heard = "jira://issue/DEMO-11", {"issue_key": "DEMO-11", "body": "News."}, list[str]()

    def ear(name: str) -> Callable[[object], Awaitable[None]]:
        async def hear(message: object) -> None:
            if "resources/updated" in str(message):
                heard.append(name)

        return hear

    async with (
        served(world, **OWN) as url,
        calling(url, account("zoe"), "legacy", message_handler=ear("zoe")) as zoe,
        calling(url, account("sam.carter"), "legacy", message_handler=ear("sam")) as sam,
    ):
        for agent in (zoe, sam):
            await agent.subscribe_resource(uri)  # pyright: ignore[reportDeprecated] - for the era that has it
        for agent in (zoe, sam):
            await told(agent, "jira_add_comment", comment)
            for each in (zoe, sam):
                await each.list_tools()
    assert sorted(heard) == ["sam", "zoe"]


async def test_who_calls_too_often_is_told_when_to_come_back_and_nobody_else_is_held_up(world: World) -> None:
    other = tokens.new()
    both = {"ISTHMUS_TOKENS": f"ada:{tokens.digest(TOKEN)},ben:{tokens.digest(other)}", "ISTHMUS_CALLS_PER_MINUTE": "3"}
    async with served(world, **both) as url:
        statuses = [(await knock(url, bearer(TOKEN))).status_code for _ in range(3)]
        late = await knock(url, bearer(TOKEN))
        assert (await knock(url, bearer(other))).status_code == 200
        world.waits.seconds.append(20.0)
        assert (await knock(url, bearer(TOKEN))).status_code == 200
    assert statuses == [200, 200, 200]
    assert (late.status_code, late.headers["retry-after"]) == (429, "20")


async def test_sessions_are_not_opened_without_end(world: World) -> None:
    async with served(world, **ADA) as url:
        statuses = [(await knock(url, bearer(TOKEN))).status_code for _ in range(61)]
    assert statuses == [200] * 60 + [429]


async def test_accounts_are_not_tried_without_end_and_those_known_are_not_held_up(world: World) -> None:
    async with served(world, **OWN) as url:
        assert (await knock(url, account("zoe"))).status_code == 200
        tried = [(await knock(url, account(f"guess{number}"))).status_code for number in range(30)]
        assert (await knock(url, account("zoe"))).status_code == 200
    assert tried == [401] * 29 + [429]


async def test_a_site_that_cannot_say_whose_account_it_is_does_not_make_it_a_wrong_one(world: World) -> None:
    await world.fault(path="/rest/api/3/myself", status=429, headers={"Retry-After": "7"}, times=9)
    async with served(world, **OWN) as url:
        limited = await knock(url, account("zoe"))
        await world.fault(path="/rest/api/3/myself", status=503, times=9)
        down = await knock(url, account("sam.carter"))
    assert (limited.status_code, down.status_code) == (503, 503)
    assert int(limited.headers["retry-after"]) >= 1


async def test_an_account_that_one_product_knows_is_enough(world: World) -> None:
    await world.fault(path="/rest/api/3/myself", status=403, times=9)
    async with served(world, **OWN) as url:
        assert (await knock(url, account("zoe"))).status_code == 200


async def test_a_known_account_is_not_asked_about_again_for_a_while(world: World) -> None:
    async with served(world, **OWN) as url:
        for _ in range(3):
            await knock(url, account("zoe"))
        world.waits.seconds.append(700.0)
        await knock(url, account("zoe"))
    assert [each["path"] for each in await world.requests()] == ["/rest/api/3/myself"] * 2
