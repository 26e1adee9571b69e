"""A site and servers on it, joined by the wire alone."""

import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
from mcp import Client
from mcp.server import MCPServer
from mcp.types import CallToolResult, TextContent

import tools
from server.app import build
from server.client import Pace
from server.context import Deps
from server.sandbox import Site, application
from server.settings import Settings, demo_environment, read_settings
from tests.attacks.canaries import leaked
from tests.sandbox.contract import Checked, checked
from tests.sandbox.transport import InProcess

ISTHMUS = shutil.which("isthmus", path=str(Path(sys.executable).parent)) or "isthmus"
tools.all_tools()  # a server is built before its loop runs; here it is built on one
NOW = datetime(2026, 6, 1, 9, 30, tzinfo=UTC)


@dataclass
class Waits:
    """A pace that waits no time and remembers how long it would have."""

    seconds: list[float] = field(default_factory=list[float])
    meanwhile: Callable[[], None] = lambda: None

    async def sleep(self, seconds: float) -> None:
        self.seconds.append(seconds)
        self.meanwhile()

    def clock(self) -> float:
        return sum(self.seconds)

    def pace(self) -> Pace:
        return Pace(sleep=self.sleep, chance=lambda: 0.5, clock=self.clock, wall=lambda: NOW)


class World:
    def __init__(self) -> None:
        self.site = Site.demo(now=lambda: NOW)
        self.checked: Checked = checked(application(self.site))
        self.wire = InProcess(self.checked.app)
        self.misbehaves = False
        self.waits = Waits()

    def environment(self, **more: str) -> dict[str, str]:
        return {**demo_environment(), **more}

    def settings(self, **environment: str) -> Settings:
        return read_settings(self.environment(**environment))

    def server(self, **environment: str) -> MCPServer[Deps]:
        """A server for the demo account, with these variables besides."""
        return build(self.settings(**environment), transport=self.wire, pace=self.waits.pace())

    def http(self, person: str = "demo") -> httpx2.AsyncClient:
        """Somebody at the site itself, past our server."""
        auth = (f"{person}@example.com", f"{person}-token")
        return httpx2.AsyncClient(base_url="http://sandbox.localhost", transport=self.wire, auth=auth)

    async def fault(self, **fault: Any) -> None:
        self.misbehaves = True
        async with self.http() as http:
            (await http.post("/__sandbox__/faults", json=fault)).raise_for_status()

    async def requests(self) -> list[dict[str, Any]]:
        """What has reached the site, but for the questions of tests."""
        async with self.http() as http:
            log = (await http.get("/__sandbox__/requests")).json()
        return [entry for entry in log if not entry["path"].startswith("/__sandbox__")]

    def violations(self) -> list[Any]:
        """What broke Atlassian's contract. A site told to misbehave may; our requests may not."""
        found = self.checked.violations
        return [each for each in found if not (self.misbehaves and each in self.checked.answers)]


def text(result: CallToolResult) -> str:
    assert not leaked(result.model_dump_json())
    return "\n".join(part.text for part in result.content if isinstance(part, TextContent))


async def called(agent: Client, tool: str, arguments: Mapping[str, Any]) -> CallToolResult:
    """The result of a call; of one with `confirm=True`, after the agent was told what to ask its person."""
    if arguments.get("confirm") is True:
        first = await agent.call_tool(tool, {**arguments, "confirm": False})
        if "call again with confirm=true" not in text(first):
            return first
    return await agent.call_tool(tool, dict(arguments))


async def told(agent: Client, tool: str, arguments: Mapping[str, Any]) -> str:
    """The text of a call that succeeds."""
    result = await called(agent, tool, arguments)
    assert not result.is_error, text(result)
    return text(result)


async def refused(agent: Client, tool: str, arguments: Mapping[str, Any]) -> str:
    """The text of a call that fails."""
    result = await called(agent, tool, arguments)
    assert result.is_error, text(result)
    return text(result)
