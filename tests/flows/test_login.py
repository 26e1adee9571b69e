"""`isthmus login` and what comes of it, on the sandbox's own authority."""

import json
import logging
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import anyio
import httpx2
import pytest
from mcp import Client
from mcp.server import MCPServer

from server import doctor, login
from server.client.auth.scopes import asked_for
from server.client.auth.tokens import Opened
from server.client.auth.vault import Vault
from server.context import Deps
from server.errors import IsthmusError, SettingsError, StoreError, WrongCredentials
from server.sandbox.oauth import App
from server.sandbox.people import DEMO
from server.settings import Settings, read_settings
from tests.costs import SAMPLES, Sample
from tests.world import NOW, World, refused, told
from tools import operations

pytestmark = pytest.mark.anyio
READ = ("jira_get_issue", {"issue_key": "DEMO-7"})
BARE = dict.fromkeys(("JIRA_USERNAME", "JIRA_API_TOKEN", "CONFLUENCE_USERNAME", "CONFLUENCE_API_TOKEN"), "")


@dataclass
class Browser:
    """Somebody with a browser, who answers the authority's question, or goes somewhere else first."""

    world: World
    approve: str = "demo@example.com"
    deny: bool = False
    before: Sequence[str] = ()  # queries with which the callback address is called first
    said: list[str] = field(default_factory=list[str])
    pages: list[httpx2.Response] = field(default_factory=list[httpx2.Response])
    question: str = ""
    chosen: int = 0

    async def consent(self, settings: Settings) -> None:
        asked = anyio.Event()

        def browse(url: str) -> None:
            self.question = url
            anyio.from_thread.run_sync(asked.set)

        person = login.Person(self.said.append, browse, lambda sites: self.chosen)
        failed: IsthmusError | None = None
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._answer, asked)
            try:
                await login.log_in(settings, person, transport=self.world.wire, pace=self.world.waits.pace())
            except IsthmusError as error:
                failed = error
            tasks.cancel_scope.cancel()
        if failed:
            raise failed

    async def _answer(self, asked: anyio.Event) -> None:
        await asked.wait()
        async with self.world.http() as site, httpx2.AsyncClient(trust_env=False) as browser:
            answer = f"&approve={self.approve}{'&deny=true' if self.deny else ''}"
            back = (await site.get(self.question + answer)).headers["location"]
            callback = back.partition("?")[0]
            for query in self.before:
                self.pages.append(await browser.get(f"{callback}?{query}"))
            self.pages.append(await browser.get(back))


@pytest.fixture
def app(world: World, tmp_path: Path) -> dict[str, str]:
    """The variables of an app that may ask for everything, whose logins are kept in a folder of this test."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    callback = f"http://localhost:{port}/callback"
    world.site.authority.register(App("an-app", "app-secret-canary", "Isthmus", (callback,)))
    return {
        **BARE,
        "ATLASSIAN_OAUTH_CLIENT_ID": "an-app",
        "ATLASSIAN_OAUTH_CLIENT_SECRET": "app-secret-canary",
        "ATLASSIAN_OAUTH_REDIRECT_URI": callback,
        "ISTHMUS_LOGINS": str(tmp_path),
    }


def files(folder: Path) -> list[Path]:
    return list(folder.rglob("*.json"))


def kept(folder: Path) -> dict[str, Any]:
    return json.loads(files(folder)[0].read_text())


def modes(folder: Path) -> set[int]:
    return {file.stat().st_mode & 0o777 for file in folder.iterdir()}


async def test_somebody_who_has_logged_in_is_acted_for_and_renewed(
    world: World, app: dict[str, str], tmp_path: Path
) -> None:
    browser = Browser(world)
    await browser.consent(world.settings(**app))
    assert "Logged in to http://sandbox.localhost" in browser.said[-1]
    assert "You may close this window" in browser.pages[-1].text
    before = kept(tmp_path)
    async with Client(world.server(**app)) as agent:
        assert "DEMO-7" in await told(agent, *READ)
        await told(agent, "confluence_get_page", {"page_id": "131074"})
    world.site.authority.now = lambda: NOW + timedelta(hours=2)
    async with Client(world.server(**app)) as agent:
        for _ in range(2):
            assert "DEMO-7" in await told(agent, *READ)
    assert kept(tmp_path)["refresh"] != before["refresh"]
    paths = [entry["path"] for entry in await world.requests()]
    assert paths.count("/oauth/token") == 2
    assert "/_edge/tenant_info" not in paths


async def test_the_question_is_bound_to_this_login(world: World, app: dict[str, str]) -> None:
    browser = Browser(world)
    await browser.consent(world.settings(**app))
    asked = dict(parse_qsl(urlsplit(browser.question).query))
    assert asked["code_challenge_method"] == "S256"
    assert len(asked["state"]) >= 32
    assert asked["scope"].split() == login.wanted(world.settings(**app))
    assert "canary" not in browser.question


async def test_the_callback_shows_nothing_of_what_it_is_told(world: World, app: dict[str, str]) -> None:
    attacks = ("error=<script>alert(1)</script>", "state=<script>&code=evil", "code=evil")
    browser = Browser(world, before=attacks)
    await browser.consent(world.settings(**app))
    assert [page.status_code for page in browser.pages] == [400, 400, 400, 200]
    for page in browser.pages:
        assert "script" not in page.text
        assert "evil" not in page.text
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert page.headers["referrer-policy"] == "no-referrer"


async def test_what_is_declined_keeps_nothing(world: World, app: dict[str, str], tmp_path: Path) -> None:
    browser = Browser(world, deny=True)
    with pytest.raises(WrongCredentials, match="it was declined"):
        await browser.consent(world.settings(**app))
    assert "Nobody was logged in" in browser.pages[-1].text
    assert not files(tmp_path)
    async with Client(world.server(**app)) as agent:
        assert "Nobody is logged in. Run `isthmus login`" in await refused(agent, *READ)


async def test_a_login_that_opens_another_site_is_not_kept(world: World, app: dict[str, str], tmp_path: Path) -> None:
    settings = world.settings(**{**app, "CONFLUENCE_URL": "http://another.localhost"})
    with pytest.raises(
        WrongCredentials, match=r"access to http://sandbox.localhost, and not to http://another.localhost"
    ):
        await Browser(world).consent(settings)
    assert not files(tmp_path)


async def test_the_file_of_a_login_is_for_its_user_alone(world: World, app: dict[str, str], tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        await Browser(world).consent(world.settings(**{**app, "ISTHMUS_LOGINS": str(tmp_path)}))
    finally:
        os.umask(before)
    assert modes(tmp_path) == {0o600}
    inner = Vault(tmp_path / "a" / "b")
    await inner.write("name", "text")
    assert modes(tmp_path / "a") == {0o700}
    file = next(file for file in files(tmp_path) if file.parent == tmp_path)
    file.chmod(0o644)
    async with Client(world.server(**app)) as agent:
        assert "can be read by others on this machine" in await refused(agent, *READ)
    file.unlink()
    file.symlink_to("/etc/passwd")
    async with Client(world.server(**app)) as agent:
        assert "can't be read" in await refused(agent, *READ)


async def test_what_is_kept_and_is_no_login_is_said_to_be_none(
    world: World, app: dict[str, str], tmp_path: Path
) -> None:
    await Browser(world).consent(world.settings(**app))
    files(tmp_path)[0].write_text("[]")
    async with Client(world.server(**app)) as agent:
        assert "can't be understood. Run `isthmus login` again" in await refused(agent, *READ)


async def test_who_logs_out_is_acted_for_no_more(world: World, app: dict[str, str], tmp_path: Path) -> None:
    settings, said = world.settings(**app), list[str]()
    await Browser(world).consent(settings)
    await login.log_out(settings, said.append)
    await login.log_out(settings, said.append)
    assert "is forgotten here" in said[0]
    assert "id.atlassian.com" in said[0]
    assert said[1] == "Nobody was logged in."
    assert not files(tmp_path)


async def test_a_login_that_was_revoked_says_to_log_in_again(world: World, app: dict[str, str]) -> None:
    await Browser(world).consent(world.settings(**app))
    world.site.authority.now = lambda: NOW + timedelta(days=91)
    async with Client(world.server(**app)) as agent:
        assert "Your login is over" in await refused(agent, *READ)


async def test_a_renewal_without_an_answer_is_asked_for_again(world: World, app: dict[str, str]) -> None:
    await Browser(world).consent(world.settings(**app))
    world.site.authority.now = lambda: NOW + timedelta(hours=2)
    await world.fault(method="POST", path="/oauth/token", drop="after")
    await world.fault(method="POST", path="/oauth/token", status=503)
    async with Client(world.server(**app)) as agent:
        assert "DEMO-7" in await told(agent, *READ)


async def test_an_authority_that_stays_away_is_no_lost_login(world: World, app: dict[str, str]) -> None:
    await Browser(world).consent(world.settings(**app))
    world.site.authority.now = lambda: NOW + timedelta(hours=2)
    await world.fault(method="POST", path="/oauth/token", status=503, times=3)
    async with Client(world.server(**app)) as agent:
        assert "is not available now (it answered 503)" in await refused(agent, *READ)
        assert "DEMO-7" in await told(agent, *READ)


async def test_a_secret_that_is_not_the_apps_is_named(world: World, app: dict[str, str]) -> None:
    await Browser(world).consent(world.settings(**app))
    world.site.authority.now = lambda: NOW + timedelta(hours=2)
    async with Client(world.server(**{**app, "ATLASSIAN_OAUTH_CLIENT_SECRET": "another"})) as agent:
        assert "Check ATLASSIAN_OAUTH_CLIENT_ID and ATLASSIAN_OAUTH_CLIENT_SECRET" in await refused(agent, *READ)


async def test_without_an_app_a_login_says_how_to_make_one(world: World) -> None:
    with pytest.raises(SettingsError, match=r"Make an app with OAuth 2\.0"):
        await Browser(world).consent(world.settings())


async def test_a_callback_address_that_is_taken_is_named(world: World, app: dict[str, str]) -> None:
    port = int(app["ATLASSIAN_OAUTH_REDIRECT_URI"].rpartition(":")[2].partition("/")[0])
    with socket.create_server(("127.0.0.1", port)), pytest.raises(SettingsError, match="where your browser is to come"):
        await Browser(world).consent(world.settings(**app))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"ATLASSIAN_OAUTH_CLIENT_SECRET": ""}, "ATLASSIAN_OAUTH_CLIENT_SECRET is not set"),
        ({"ATLASSIAN_OAUTH_REDIRECT_URI": "https://evil.example/callback"}, "is no address on this machine"),
        ({"ATLASSIAN_OAUTH_REDIRECT_URI": "http://localhost/callback"}, "is no address on this machine"),
        ({"ATLASSIAN_OAUTH_REDIRECT_URI": "http://localhost:99999/"}, "is no address on this machine"),
        ({"ATLASSIAN_OAUTH_CLOUD_ID": "../x"}, "ATLASSIAN_OAUTH_CLOUD_ID is no site's id"),
    ],
)
async def test_an_app_that_cannot_be_used_stops_the_start(
    app: dict[str, str], change: dict[str, str], says: str
) -> None:
    with pytest.raises(SettingsError, match=says):
        read_settings({**app, "JIRA_URL": "http://sandbox.localhost", **change})


async def test_scopes_that_the_operator_names_are_asked_for_and_what_lacks_is_told(
    world: World, app: dict[str, str]
) -> None:
    browser = Browser(world)
    await browser.consent(world.settings(**app, ATLASSIAN_OAUTH_SCOPE="read:jira-work offline_access"))
    async with Client(world.server(**app)) as agent:
        assert "DEMO-7" in await told(agent, *READ)
        said = await refused(agent, "jira_add_comment", {"issue_key": "DEMO-7", "body": "No."})
    assert "It takes the scope" in said
    assert "`write:jira-work`" in said
    assert "Run `isthmus login` again" in said


class Many:
    """A keyring in memory."""

    def __init__(self, longest: int = 10_000) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.longest = longest

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password[: self.longest]

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


async def test_a_keyring_keeps_logins_and_no_file_does(tmp_path: Path) -> None:
    ring = Many()
    vault = Vault(tmp_path / "logins", ring)
    assert await vault.read("x@y") is None
    await vault.write("x@y", "secret")
    assert await vault.read("x@y") == "secret"
    assert await vault.place_of("x@y") == "the keyring of the operating system"
    assert not files(tmp_path)
    assert await vault.delete("x@y")
    assert ring.kept == {}


async def test_what_a_keyring_does_not_take_is_kept_in_a_file(tmp_path: Path) -> None:
    vault = Vault(tmp_path / "logins", Many(longest=3))
    for text in ("secret", "another"):
        await vault.write("x@y", text)
        assert await vault.read("x@y") == text
    assert await vault.place_of("x@y") == str(tmp_path / "logins")
    assert await vault.delete("x@y")
    assert await vault.read("x@y") is None


async def test_a_folder_that_takes_no_login_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    for vault in (Vault(tmp_path / "taken"), Vault(tmp_path / "taken" / "logins")):
        with pytest.raises(StoreError, match="taken"):
            await vault.write("x@y", "secret")
        with pytest.raises(StoreError, match="taken"):
            async with vault.alone("x@y"):
                pass


@pytest.fixture
def scoped(world: World, tmp_path: Path) -> MCPServer[Deps]:
    """A server on whose token the scopes are still to come."""
    (tmp_path / "files").mkdir()
    more = {"TOOLSETS": "all", "ISTHMUS_FILES": str(tmp_path / "files"), "ATLASSIAN_OAUTH_ACCESS_TOKEN": "scoped"}
    return world.server(**BARE, **more)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.tool)
async def test_every_tool_does_its_work_with_the_scopes_that_it_asks_for(
    world: World, scoped: MCPServer[Deps], sample: Sample
) -> None:
    used = {sample.tool, *(tool for tool, _ in sample.first)}
    scopes = asked_for({operation for tool in used for operation in operations.TABLE[tool]})
    world.site.authority.scoped["scoped"] = (DEMO.account_id, frozenset(scopes))
    async with world.http() as http:
        made = await sample.make(http)
    async with Client(scoped) as agent:
        for tool, arguments in sample.first:
            await told(agent, tool, arguments)
        await told(agent, sample.tool, {**sample.arguments, **made})


async def test_the_doctor_tells_of_a_login_and_of_none(
    world: World, app: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert not await doctor.examine(world.environment(**app), transport=world.wire)
    assert "FIX  Jira: Nobody is logged in. Run `isthmus login`" in capsys.readouterr().out
    await Browser(world).consent(world.settings(**app))
    assert await doctor.examine(world.environment(**app), transport=world.wire)
    assert "by your login, at the gateway http://sandbox.localhost" in capsys.readouterr().out


async def test_no_token_and_no_secret_is_logged_or_told(
    world: World, app: dict[str, str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    browser = Browser(world)
    await browser.consent(world.settings(**app))
    secrets = {kept(tmp_path)[name] for name in ("access", "refresh")} | {"app-secret-canary"}
    world.site.authority.now = lambda: NOW + timedelta(hours=2)
    heard = [caplog.text, *browser.said, repr(world.settings(**app)), *(page.text for page in browser.pages)]
    async with Client(world.server(**app)) as agent:
        await world.fault(method="POST", path="/oauth/token", status=400, body=str(secrets), content_type="text/plain")
        heard.append(await refused(agent, *READ))
        await told(agent, *READ)
        secrets |= {kept(tmp_path)[name] for name in ("access", "refresh")}
        world.site.authority.now = lambda: NOW + timedelta(days=400)
        heard.append(await refused(agent, *READ))
    heard.append(
        "".join(record.getMessage() for record in caplog.records if record.name.startswith(("isthmus", "uvicorn")))
    )
    assert [secret for secret in secrets for text in heard if secret in text] == []


async def test_of_several_sites_one_is_chosen_and_told_how_to_set(world: World, app: dict[str, str]) -> None:
    browser = Browser(world)
    opened = [Opened("11111111", "https://a.atlassian.net", "a"), Opened("22222222", "https://b.atlassian.net", "b")]
    person = login.Person(
        browser.said.append, lambda url: None, lambda sites: list(sites).index("https://b.atlassian.net")
    )
    nowhere = read_settings({name: value for name, value in app.items() if name.startswith("ATLASSIAN")})
    site = await login.chosen(nowhere, opened, person)
    assert site.cloud_id == "22222222"
    assert await login.chosen(nowhere, opened[:1], person) == opened[0]
    with pytest.raises(WrongCredentials, match="You gave access to no site, and not to any"):
        await login.chosen(nowhere, [], person)
