"""`isthmus login`: from somebody's consent in a browser to tokens that are kept."""

import base64
import hashlib
import socket
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from secrets import compare_digest, token_urlsafe

import anyio
import anyio.to_thread
import httpx2
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from server.client import Pace, Pool
from server.client.auth import Wire
from server.client.auth.logins import Login, Logins
from server.client.auth.scopes import asked_for
from server.client.auth.tokens import Opened
from server.client.auth.vault import Vault
from server.credentials import OAuthApp
from server.errors import SettingsError, WrongCredentials
from server.policy import Policy
from server.settings import Settings
from tools import operations

PATIENCE = 600.0  # seconds for somebody to make up their mind
NEW_APP = (
    "ATLASSIAN_OAUTH_CLIENT_ID and ATLASSIAN_OAUTH_CLIENT_SECRET are not set. Make an app with OAuth 2.0 (3LO) at "
    "https://developer.atlassian.com/console/myapps, with the callback address {callback}, and set its two values."
)
APPS = "https://id.atlassian.com/manage-profile/apps"
NOBODYS = "https://your-site.atlassian.net"  # a site that no setting names: Atlassian's own authority is asked
PAGE = """<!doctype html><meta charset="utf-8"><title>Isthmus</title>
<body style="font: 1.2rem/1.5 system-ui; margin: 4rem auto; max-width: 32rem"><p>{words}</p></body>
"""
GUARDS = {
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "referrer-policy": "no-referrer",  # the address has the code
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
}


@dataclass(frozen=True)
class Person:
    """Who sits at the terminal: hears, opens an address in a browser, chooses one of some by its place."""

    say: Callable[[str], None]
    browse: Callable[[str], object]
    choose: Callable[[Sequence[str]], int]


async def log_in(
    settings: Settings, person: Person, *, transport: httpx2.AsyncBaseTransport | None = None, pace: Pace | None = None
) -> None:
    """Raises SettingsError, WrongCredentials, StoreError, AtlassianDown."""
    app = _app(settings)
    scopes = wanted(settings)
    async with transport or Pool(settings.network) as wire:
        login = _login(settings, app, Wire(wire), pace or Pace())
        code, verifier = await _consent(login, scopes, person)
        tokens = await login.authority.tokens(app, code, verifier)
        site = await chosen(settings, await login.authority.sites(tokens), person)
        vault = await anyio.to_thread.run_sync(login.vault)
        async with vault.alone(login.name):
            # What was kept before may have been in another place.
            await vault.delete(login.name)
            await vault.write(login.name, replace(tokens, cloud_id=site.cloud_id, site=site.url).text())
        _tell(settings, person, site, (await vault.place_of(login.name), set(scopes) - set(tokens.scopes)))


async def log_out(settings: Settings, say: Callable[[str], None]) -> None:
    """Raises SettingsError, StoreError."""
    login = _login(settings, _app(settings), Wire(Pool()), Pace())
    vault = await anyio.to_thread.run_sync(login.vault)
    async with vault.alone(login.name):
        was = await vault.delete(login.name)
    say(f"Your login is forgotten here. To take its rights away too: {APPS}" if was else "Nobody was logged in.")


def wanted(settings: Settings) -> list[str]:
    """The scopes to ask for: those that the operator named, or those of the tools and resources that are on."""
    if settings.app and settings.app.scopes:
        return list(settings.app.scopes)
    policy = Policy.of(settings)
    return asked_for(operations.of_tools(settings.tools, policy if policy.products else _of_both(policy)))


def _of_both(policy: Policy) -> Policy:
    return replace(policy, products=frozenset({"jira", "confluence"}))


def _app(settings: Settings) -> OAuthApp:
    if settings.app is None:
        raise SettingsError(NEW_APP.format(callback=OAuthApp("", "").redirect_uri))
    return settings.app


def _login(settings: Settings, app: OAuthApp, wire: Wire, pace: Pace) -> Login:
    config = settings.jira or settings.confluence
    return Logins(lambda: Vault.of(settings.logins), wire, pace).by(app, config.site if config else NOBODYS)


async def _consent(login: Login, scopes: Sequence[str], person: Person) -> tuple[str, str]:
    """A code, and what proves that it was we who asked for it."""
    verifier = token_urlsafe(64)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    callback = Callback(token_urlsafe(32))
    question = login.authority.question(login.app, scopes, state=callback.state, challenge=challenge)
    async with _listening(callback, login.app.redirect_uri):
        person.say(f"Your browser asks you now. If it does not open, go to:\n{question}")
        await anyio.to_thread.run_sync(person.browse, question)
        with anyio.move_on_after(PATIENCE):
            await callback.heard.wait()
    if not callback.code:
        why = "it was declined" if callback.heard.is_set() else "no answer came in ten minutes"
        raise WrongCredentials(f"Nobody is logged in: {why}. Run `isthmus login` again when you want to.")
    return callback.code, verifier


@dataclass
class Callback:
    """Where the authority sends a browser back to. Nothing that comes with the address is shown."""

    state: str
    heard: anyio.Event = field(default_factory=anyio.Event)
    code: str = ""

    async def answer(self, request: Request) -> Response:
        given = request.query_params
        if not compare_digest(given.get("state", "").encode(), self.state.encode()):
            return _page("This is not the login that was started here. Go back to your terminal.", 400)
        if self.heard.is_set():
            return _page("This login is done already. You may close this window.", 400)
        self.code = given.get("code", "")
        self.heard.set()
        if not self.code:
            return _page("Nobody was logged in. You may close this window.")
        return _page("Go back to your terminal. You may close this window.")


def _page(words: str, status: int = 200) -> Response:
    return HTMLResponse(PAGE.format(words=words), status, GUARDS)


@asynccontextmanager
async def _listening(callback: Callback, address: str) -> AsyncGenerator[None]:
    at = httpx2.URL(address)
    application = Starlette(routes=[Route(at.path, callback.answer, methods=["GET"])])
    # What is asked for is the code: no line of a log may have it.
    config = uvicorn.Config(application, http="h11", log_level="error", access_log=False, timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    with _bound(at) as listener:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(server.serve, [listener])
            try:
                yield
            finally:
                server.should_exit = True


def _bound(at: httpx2.URL) -> socket.socket:
    host, port = "::1" if at.host == "::1" else "127.0.0.1", at.port or 0
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(16)
    except OSError as error:
        listener.close()
        raise SettingsError(
            f"Can't listen on {host}:{port} ({error.strerror}), where your browser is to come back to. End what "
            "listens there, or set ATLASSIAN_OAUTH_REDIRECT_URI, here and in your app's settings, to another port."
        ) from error
    return listener


async def chosen(settings: Settings, opened: Sequence[Opened], person: Person) -> Opened:
    """The site that the settings name, or that the person does where there are several. Raises WrongCredentials."""
    known = {site.url: site for site in opened}
    configured = [config.site for config in (settings.jira, settings.confluence) if config]
    closed = [site for site in configured if site not in known]
    if closed or not known:
        raise WrongCredentials(
            f"You gave access to {', '.join(known) or 'no site'}, and not to {' and '.join(closed) or 'any'}. Run "
            "`isthmus login` again and choose that site when you are asked, or correct JIRA_URL and CONFLUENCE_URL."
        )
    if configured:
        return known[configured[0]]
    if len(opened) == 1:
        return opened[0]
    return opened[await anyio.to_thread.run_sync(person.choose, [site.url for site in opened])]


def _tell(settings: Settings, person: Person, site: Opened, kept: tuple[str, set[str]]) -> None:
    place, lacking = kept
    person.say(f"Logged in to {site.url}. It is kept in {place} and renews itself.")
    if lacking:
        person.say(f"Your app may not ask for: {' '.join(sorted(lacking))}. Tools that need it will say so.")
    if not (settings.jira or settings.confluence):
        person.say(f"Now set, for the server too:\n  JIRA_URL={site.url}\n  CONFLUENCE_URL={site.url}")
