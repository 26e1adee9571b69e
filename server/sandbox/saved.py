"""The state of a site in a file: written whole or not at all, and read only where it is whole."""

import gc
import hashlib
import json
import os
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import anyio
from anyio import to_thread
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from server.sandbox.adf import as_dict
from server.sandbox.records import Json
from server.sandbox.saved_codec import Reader, Writer
from server.sandbox.site import Site

FORMAT, VERSION = "isthmus-sandbox-state", 1
EVERY = 5.0  # seconds from a write to the file, at least
SHARE = 20  # of the time, the part that may go into saving
READ_ONLY = ("/search", "/bulkfetch", "/approximate-count", "/jql/", "/changelog/list")
"""Of POST requests that change nothing."""


class Unreadable(Exception):
    """Says what is wrong with a file and what to do."""


def digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def dumped(site: Site) -> bytes:
    """Two lines: what the file is, and the state."""
    site.settle()
    writer = Writer()
    with _undisturbed():
        state: Json = {"site": writer.record(site)}
        state |= {"classes": writer.classes, "shared": writer.shared}
        state |= {"documents": writer.documents, "blocks": writer.blocks}
        body = json.dumps(state, ensure_ascii=False, separators=(",", ":")).encode()
    head = {"format": FORMAT, "version": VERSION, "sha256": digest(body)}
    return json.dumps(head).encode() + b"\n" + body + b"\n"


def _head(raw: bytes, path: Path) -> Json:
    advice = "Name another file with --state, or move this one away to begin anew."
    try:
        head = as_dict(json.loads(raw[:1_000]))
    except (ValueError, RecursionError):
        head = {}
    if head.get("format") != FORMAT:
        raise Unreadable(f"{path} is not the saved state of a sandbox; it is left as it is. {advice}")
    if head.get("version") != VERSION:
        raise Unreadable(
            f"{path} is a sandbox's state in format {head.get('version')}, and this Isthmus reads format {VERSION}; it "
            f"is left as it is. Use the Isthmus that wrote it. {advice}"
        )
    return head


def load(path: Path, site: Site) -> None:
    """Makes the empty site what the file says; Unreadable where it says nothing that can be trusted."""
    first, _, body = path.read_bytes().partition(b"\n")
    head, body = _head(first, path), body.rstrip(b"\n")
    damaged = Unreadable(
        f"{path} is damaged: it is not what was written; it is left as it is. Put a copy of it in its place, or move "
        "it away to begin anew."
    )
    if digest(body) != head.get("sha256"):
        raise damaged
    try:
        with _undisturbed():
            state = cast(dict[str, Any], json.loads(body))
            reader = Reader(state["classes"], state["blocks"], state["documents"], state["shared"])
            reader.fill(site, state["site"])
            site.wake()
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise damaged from error


@contextmanager
def _undisturbed() -> Generator[None]:
    """Millions of new objects and no garbage: the collector would only look at them again and again."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def save(path: Path, site: Site) -> None:
    _write(path, dumped(site))


def _write(path: Path, raw: bytes) -> None:
    new = path.with_name(path.name + ".new")
    # It holds tokens: nobody else may read it.
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    _settle_on_disk(path.parent)


def _settle_on_disk(directory: Path) -> None:
    if os.name == "nt":
        return  # Windows opens no directories.
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@dataclass
class Keeper:
    """Saves a site that was written to, soon but not all the time."""

    site: Site
    path: Path
    every: float = EVERY
    complain: Callable[[str], None] = print
    due: bool = False

    def note(self) -> None:
        self.due = True

    async def save(self) -> None:
        """As it is now; the disk alone keeps nobody waiting. A full one ends nothing: it is tried again."""
        self.due = False
        try:
            await to_thread.run_sync(_write, self.path, dumped(self.site))
        except OSError as error:
            self.due = True
            self.complain(f"The state cannot be saved in {self.path}: {error.strerror}")

    async def run(self) -> None:
        pause = self.every
        while True:
            await anyio.sleep(pause)
            if self.due:
                begun = time.monotonic()
                await self.save()
                pause = max(self.every, SHARE * (time.monotonic() - begun))


class Noticing:
    """Tells the keeper of requests that may have changed the site."""

    def __init__(self, app: ASGIApp, keeper: Keeper) -> None:
        self.app = app
        self.keeper = keeper

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if _may_change(scope):
                self.keeper.note()
            await send(message)

        await self.app(scope, receive, sending)


def _may_change(scope: Scope) -> bool:
    if scope["type"] != "http":
        return False
    if scope["method"] in ("GET", "HEAD", "OPTIONS"):
        return scope["path"] == "/authorize"  # It gives out codes.
    return scope["method"] != "POST" or not any(part in scope["path"] for part in READ_ONLY)
