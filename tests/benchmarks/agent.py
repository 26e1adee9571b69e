"""A lean MCP client on a process's pipes, and what that process has used: the client must not be what is measured."""

import json
import os
import time
from asyncio import Future, StreamReader, Task, create_task, get_running_loop
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

_TICK = os.sysconf("SC_CLK_TCK")
_HELLO = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "benchmark", "version": "1"},
}


class Agent:
    def __init__(self, process: Process) -> None:
        self.process = process
        self._ids = count(1)
        self._waiting: dict[int, Future[dict[str, Any]]] = {}
        self._reading: Task[None] = create_task(self._read())

    async def ask(self, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
        number = next(self._ids)
        self._waiting[number] = get_running_loop().create_future()
        self._write({"jsonrpc": "2.0", "id": number, "method": method, "params": params})
        answer = await self._waiting[number]
        return answer["result"]

    async def call(self, tool: str, arguments: Mapping[str, Any]) -> str:
        """The text that a model reads. Raises AssertionError where the tool failed: a benchmark of errors is none."""
        result = await self.ask("tools/call", {"name": tool, "arguments": arguments})
        text = "\n".join(part["text"] for part in result["content"])
        assert not result.get("isError"), text
        return text

    async def greet(self) -> None:
        await self.ask("initialize", _HELLO)
        self._write({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def cpu(self) -> float:
        """Seconds of processor that the server has used."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICK

    def megabytes(self) -> float:
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1024

    def _write(self, message: Mapping[str, Any]) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(message).encode() + b"\n")

    async def _read(self) -> None:
        assert self.process.stdout
        lines: StreamReader = self.process.stdout
        while line := await lines.readline():
            message = json.loads(line)
            if "id" in message and "method" not in message:
                self._waiting.pop(message["id"]).set_result(message)

    async def close(self) -> None:
        assert self.process.stdin
        self.process.stdin.close()
        await self.process.wait()
        await self._reading


@asynccontextmanager
async def agent_of(command: Sequence[str], environment: Mapping[str, str]) -> AsyncGenerator[Agent]:
    """An agent that has greeted the server which `command` starts."""
    process = await create_subprocess_exec(
        *command, stdin=PIPE, stdout=PIPE, env={**os.environ, **environment}, limit=1 << 26
    )
    agent = Agent(process)
    try:
        await agent.greet()
        yield agent
    finally:
        await agent.close()


async def cold_start(command: Sequence[str], environment: Mapping[str, str]) -> tuple[float, float, float]:
    """Seconds from the start to an answered tools/list, CPU seconds of it, megabytes then."""
    begun = time.perf_counter()
    async with agent_of(command, environment) as agent:
        await agent.ask("tools/list", {})
        return time.perf_counter() - begun, agent.cpu(), agent.megabytes()
