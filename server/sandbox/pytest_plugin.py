"""For any project: the fixture `atlassian_site`, by `pytest_plugins = ["server.sandbox.pytest_plugin"]`."""

import contextlib
import socket
import threading
from collections.abc import Generator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import uvicorn

from server.sandbox import faults
from server.sandbox.app import application
from server.sandbox.gateway import CLOUD_ID
from server.sandbox.people import DEMO
from server.sandbox.site import Site


@dataclass(frozen=True)
class AtlassianSite:
    """A site that serves on loopback. `email` and `token` are its demo account's."""

    url: str
    site: Site
    email: str = DEMO.email
    token: str = DEMO.token
    cloud_id: str = CLOUD_ID

    @property
    def credentials(self) -> tuple[str, str]:
        return self.email, self.token

    def fault(self, **fault: Any) -> None:
        """What the next request meets, in the words of POST /__sandbox__/faults."""
        self.site.faults.add(faults.read(fault))

    def requests(self) -> list[dict[str, Any]]:
        """The requests so far, but for those to the sandbox's own endpoints."""
        return list(self.site.faults.requests)

    def advance(self, seconds: float) -> None:
        """Lets the site's time pass."""
        self.site.clock.move(timedelta(seconds=seconds), self.site.clock.skew)


@contextlib.contextmanager
def serving(site: Site) -> Generator[AtlassianSite]:
    """The site on a port of its own, in a thread."""
    answering = threading.Event()

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            answering.set()

    config = uvicorn.Config(
        application(site), http="h11", log_level="critical", date_header=False, timeout_graceful_shutdown=1
    )
    server = Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
        thread.start()
        try:
            if not answering.wait(30):
                raise TimeoutError("the sandbox has not started within 30 seconds")
            yield AtlassianSite(f"http://127.0.0.1:{listener.getsockname()[1]}", site)
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def atlassian_site() -> Generator[AtlassianSite]:
    """A fresh demo site for each test."""
    with serving(Site.demo()) as found:
        yield found
