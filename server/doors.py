"""How each command runs: what is opened, served and closed. The only product code that knows the sandbox."""

import gc
import json
import os
import socket
import sys
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import anyio
import httpx2

from server import app
from server.addresses import is_loopback
from server.credentials import VARIABLES
from server.errors import AtlassianError, SettingsError, StoreError
from server.settings import Settings, demo_environment, read_settings

if TYPE_CHECKING:
    import uvicorn
    from starlette.types import ASGIApp

    from server.sandbox import Site
    from server.sandbox.saved import Keeper
    from server.store.store import Store

Say = Callable[[str], None]


def stdio(*, demo: bool) -> None:
    """Serve MCP on standard input and output until the host closes them."""
    from server import stdio

    with explained():
        mcp = app.build(settings(demo=demo), transport=_embedded() if demo else None)
    gc.freeze()
    gc.enable()
    sys.exit(anyio.run(stdio.serve, mcp))


def serve(*, demo: bool, host: str, port: int, say: Say) -> None:
    """Serve MCP over HTTP until interrupted."""
    with explained():
        chosen = settings(demo=demo)
        application = app.http_application(chosen, transport=_embedded() if demo else None)
        if not (chosen.callers.asked or is_loopback(host)):
            raise SettingsError(
                f"{host} is not loopback, and nobody is asked who they are: anyone who reaches this port would act "
                "with your account. Set ISTHMUS_TOKENS (`isthmus token NAME` makes one), ISTHMUS_OAUTH_ISSUER or "
                "ISTHMUS_CALLER_CREDENTIALS, or listen on 127.0.0.1."
            )
        listener = _listen(host, port)
    _serve(application, listener, lambda: say(f"Isthmus serves MCP at {_url(listener)}/mcp"))


@dataclass(frozen=True)
class Source:
    """Where the sandbox's site comes from: a seed and how many issues and pages to make up, a folder of documents to
    add, a file that keeps the site and is all that counts once it exists."""

    made_up: tuple[int, int, int]
    load: Path | None = None
    state: Path | None = None


def sandbox(source: Source, *, host: str, port: int, limits: bool, say: Say) -> None:
    """Serve the sandbox site over HTTP until interrupted."""
    from server.sandbox import application
    from server.sandbox.limits import REALISTIC

    with explained():
        if not is_loopback(host):
            raise SettingsError(f"{host} is not loopback: anyone could use this site's accounts. Listen on 127.0.0.1.")
        site, keeper = _site(source, say)
        listener = _listen(host, port)
    account = "\n".join(f"  export {name}={value}" for name, value in demo_environment(_url(listener)).items())
    _serve(
        application(site, limits=REALISTIC if limits else None, keeper=keeper),
        listener,
        lambda: say(f"An Atlassian site to try things on: {_url(listener)}\n{account}"),
        date_header=False,
    )


def _site(source: Source, say: Say) -> "tuple[Site, Keeper | None]":
    from server.sandbox import Site
    from server.sandbox.saved import Keeper, save

    state = source.state
    if state and state.exists():
        return _kept(state, say)
    site = Site.generated(*source.made_up)
    if source.load:
        _load(site.load_documents, source.load, say)
    if state is None:
        return site, None
    try:
        save(state, site)
    except OSError as error:
        raise SettingsError(f"--state {state}: it cannot be written ({error.strerror}).") from error
    say(f"The site is kept in {state}.")
    return site, Keeper(site, state, complain=say)


def _kept(state: Path, say: Say) -> "tuple[Site, Keeper]":
    from server.sandbox import Site
    from server.sandbox.saved import Keeper, Unreadable, load

    site = Site()
    try:
        load(state, site)
    except Unreadable as error:
        raise SettingsError(f"--state: {error}") from error
    except OSError as error:
        raise SettingsError(f"--state {state}: it cannot be read ({error.strerror}).") from error
    say(f"The site of {state}: {len(site.issues)} issues, {len(site.pages)} pages.")
    return site, Keeper(site, state, complain=say)


def tour(site: "Site | None" = None) -> bool:
    """The scripted conversation, against a sandbox on loopback; whether each step did what it says."""
    from server import demo

    async def conversation() -> bool:
        async with _sandbox_on_loopback(site) as url:
            return await demo.converse(url)

    return anyio.run(conversation)


def check(*, demo: bool, security: bool = False) -> bool:
    """Whether settings, credentials, reachability and permissions are in order; or what the settings leave open."""
    from server import doctor

    if security:
        return doctor.secure(_environment(demo=demo))
    transport = _embedded() if demo else None
    return anyio.run(lambda: doctor.examine(_environment(demo=demo), transport=transport))


def log_in(say: Say, choose: Callable[[Sequence[str]], int]) -> None:
    """Ask for somebody's consent in their browser, and keep what comes of it."""
    import webbrowser

    from server import login

    person = login.Person(say, webbrowser.open, choose)
    with explained():
        known = settings(demo=False)
        anyio.run(lambda: login.log_in(known, person))


def log_out(say: Say) -> None:
    """Forget a login."""
    from server import login

    with explained():
        anyio.run(login.log_out, settings(demo=False), say)


def new_token(name: str, say: Say) -> None:
    """A token for a caller of `serve`: itself, which is shown this once, and its entry in the settings."""
    from server.callers import tokens

    token = tokens.new()
    entry = f"{name}:{tokens.digest(token)}"
    with explained():
        read_settings({"ISTHMUS_TOKENS": entry})
    say(f"The caller sends  Authorization: Bearer {token}")
    say(f"The server has    ISTHMUS_TOKENS={entry}")
    say("The token is shown this once: the server knows its hash alone. Several entries are set with commas between.")


def verify_audit(say: Say) -> bool:
    """Whether the audit log is whole; it says so."""

    async def verify() -> bool:
        async with await _store() as store:
            broken = await store.broken()
            count = await store.size()
        whole = f"{count} record{'' if count == 1 else 's'}, each as it was written."
        say(whole if broken is None else f"Record {broken} is not what was written, or is missing.")
        return broken is None

    with explained():
        return anyio.run(verify)


def export_audit(say: Say) -> None:
    """Each record of the audit log as a line of JSON."""

    async def export() -> None:
        async with await _store() as store:
            async for number, record, sealed in store.records():
                say(json.dumps({"seq": number, **record.values(), "hash": sealed}, ensure_ascii=False))

    with explained():
        anyio.run(export)


async def _store() -> "Store":
    from server.store.store import Store

    return await Store.open(settings(demo=False).database)


def settings(*, demo: bool) -> Settings:
    return read_settings(_environment(demo=demo))


def _environment(*, demo: bool) -> dict[str, str]:
    if not demo:
        return dict(os.environ)
    return {**{name: value for name, value in os.environ.items() if name not in VARIABLES}, **demo_environment()}


@contextmanager
def explained() -> Generator[None]:
    """A wrong setting ends the program with its one sentence, not with a traceback."""
    try:
        yield
    except (SettingsError, StoreError, AtlassianError) as error:
        sys.exit(f"isthmus: {error}")


def _embedded() -> httpx2.AsyncBaseTransport:
    from server.sandbox import Site, application

    return httpx2.ASGITransport(app=application(Site.demo()))


@asynccontextmanager
async def _sandbox_on_loopback(site: "Site | None") -> AsyncGenerator[str]:
    from server.sandbox import Site, application

    server = _server(application(site or Site.demo()), date_header=False)
    with _listen("127.0.0.1", 0) as listener:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(server.serve, [listener])
            try:
                yield _url(listener)
            finally:
                server.should_exit = True


def _serve(
    application: "ASGIApp", listener: socket.socket, ready: Callable[[], None], *, date_header: bool = True
) -> None:
    with listener:
        anyio.run(_server(application, ready, date_header=date_header).serve, [listener])


def _server(
    application: "ASGIApp", ready: Callable[[], None] = lambda: None, *, date_header: bool = True
) -> "uvicorn.Server":
    """Calls `ready` when it answers requests and heeds signals, not before. The sandbox tells the date by itself."""
    import uvicorn

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready()

    # h11 by name: httptools, where it is installed, keeps blanks in headers that MCP says to trim.
    return Server(
        uvicorn.Config(
            application, http="h11", log_level="warning", timeout_graceful_shutdown=2, date_header=date_header
        )
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise SettingsError(f"Can't listen on {host}:{port} ({error.strerror}). Choose another with --port.") from error
    listener.listen(2048)
    return listener


def _url(listener: socket.socket) -> str:
    host, port, *_ = listener.getsockname()
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _load(load_documents: Callable[[Path], object], directory: Path, say: Say) -> None:
    if not directory.is_dir():
        raise SettingsError(f"--load {directory}: that is no folder.")
    say(str(load_documents(directory)))
