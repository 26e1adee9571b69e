"""A login that several processes share: rotating tokens allow one of them alone to renew it."""

import sys
from asyncio import create_subprocess_exec
from asyncio.subprocess import PIPE, Process
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import anyio
import httpx2
import pytest
from anyio import fail_after

from server.client import Pace, Pool
from server.client.auth import Wire
from server.client.auth.logins import Login, Logins
from server.client.auth.vault import Vault
from server.credentials import OAuthApp
from server.sandbox.oauth import App
from tests.flows.test_doors import started
from tests.world import World

pytestmark = pytest.mark.anyio
PROCESSES, CALLS = 4, 25
ROOT = Path(__file__).parents[2]
APP = OAuthApp("an-app", "a-secret")


async def logged_in(site: str, login: Login) -> str:
    """The access token of a new login, which is kept."""
    async with httpx2.AsyncClient(base_url=site, trust_env=False) as http:
        callback = APP.redirect_uri
        given = {"client_id": "an-app", "client_secret": "a-secret", "redirect_uris": [callback]}
        (await http.post("/__sandbox__/apps", json=given)).raise_for_status()
        question = login.authority.question(APP, ["read:jira-work", "offline_access"], state="s", challenge="")
        back = (await http.get(f"{question.replace('S256', 'plain')}&approve=demo@example.com")).headers["location"]
    tokens = await login.authority.tokens(APP, dict(parse_qsl(urlsplit(back).query))["code"], "")
    await login.vault().write(login.name, tokens.text())
    return tokens.access


async def test_many_calls_of_many_processes_renew_a_login_once(tmp_path: Path) -> None:
    async with started("sandbox", "--port", "0", says="http://") as (_, site):
        async with Pool() as pool:
            login = Logins(lambda: Vault.of(tmp_path), Wire(pool), Pace()).by(APP, site)
            spent = await logged_in(site, login)
            found = await renewed_by_all(site, tmp_path, spent)
            assert len(found) == 1
            assert found != {spent}
            assert await logins_spent(site) == Counter({("/oauth/token", 200): 2})  # the login, and one renewal
            assert (await login.tokens(instead_of=spent)).access in found
            again = await login.tokens(instead_of=next(iter(found)))  # nobody was logged out
            assert again.access not in found


async def renewed_by_all(site: str, folder: Path, spent: str) -> set[str]:
    """All processes stand ready before any of them begins."""
    processes = [await process(site, folder, spent) for _ in range(PROCESSES)]
    with fail_after(120):
        for each in processes:
            assert each.stdout
            assert await each.stdout.readline() == b"ready\n"
        for each in processes:
            assert each.stdin
            each.stdin.write(b"\n")
        said = [(await each.communicate())[0].decode() for each in processes]
    assert [each.returncode for each in processes] == [0] * PROCESSES
    return {token for text in said for token in text.split()}


async def process(site: str, folder: Path, spent: str) -> Process:
    given = ("-m", "tests.renewals", site, str(folder), spent, str(CALLS))
    return await create_subprocess_exec(sys.executable, *given, stdin=PIPE, stdout=PIPE, cwd=ROOT)


async def logins_spent(site: str) -> Counter[tuple[str, int]]:
    async with httpx2.AsyncClient(base_url=site, trust_env=False) as http:
        log = (await http.get("/__sandbox__/requests")).json()
    return Counter((entry["path"], entry["status"]) for entry in log if entry["path"].startswith("/oauth/"))


class Interrupted(httpx2.AsyncBaseTransport):
    """Something happens while each request is on its way."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self.inner = inner
        self.meanwhile: Callable[[], None] = lambda: None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.meanwhile()
        return await self.inner.handle_async_request(request)


async def test_a_call_that_is_given_up_does_not_lose_the_renewed_login(world: World, tmp_path: Path) -> None:
    world.site.authority.register(App("an-app", "a-secret", "Isthmus", (APP.redirect_uri,)))
    site, wire = "http://sandbox.localhost", Interrupted(world.wire)
    login = Logins(lambda: Vault.of(tmp_path), Wire(wire), world.waits.pace()).by(APP, site)
    code = world.site.authority.code(
        world.site.authority.apps["an-app"],
        next(person.account_id for person in world.site.people.values() if person.email == "demo@example.com"),
        {"scope": "read:jira-work offline_access", "redirect_uri": APP.redirect_uri},
    )
    first = await login.authority.tokens(APP, code, "")
    await login.vault().write(login.name, first.text())
    with anyio.CancelScope() as call:
        wire.meanwhile = call.cancel
        await login.tokens(instead_of=first.access)
    assert call.cancel_called
    kept = await login.vault().read(login.name)
    assert kept
    assert first.access not in kept
    assert first.refresh not in kept
