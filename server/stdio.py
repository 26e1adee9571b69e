"""MCP on this process's own pipes, by the event loop.

The SDK sends every line through worker threads, which is a tenth of a call's CPU. What is not a pipe or a socket (a
terminal, a file, Windows) is left to it.
"""

import asyncio
import json
import os
import signal
import stat
import sys
from collections.abc import AsyncIterator, Callable
from typing import Any, cast

import anyio
from mcp.server import MCPServer
from mcp.server.stdio import stdio_server
from mcp.types import INVALID_REQUEST, PARSE_ERROR
from pydantic_core import from_json

LONGEST_LINE = 64 * 1024 * 1024  # bytes of one message
INTERRUPTED = 128 + signal.SIGINT  # as shells say it


async def serve(mcp: MCPServer[Any]) -> int:
    """Serve until the host closes either pipe, or an interrupt; the exit status."""
    if sys.platform == "win32" or not (_is_pipe(0) and _is_pipe(1)):
        if sys.stdin is None or sys.stdout is None:  # pyright: ignore[reportUnnecessaryComparison] - None if closed
            sys.exit("isthmus: standard input and output must be open: an agent host speaks through them.")
        await mcp.run_stdio_async()
        return 0
    wire_in, wire_out = _take(0), _take(1)
    session = anyio.CancelScope()
    interrupted = _watch_interrupt(session.cancel)
    with session:
        text = Text(await _writer(wire_out), gone=session.cancel)
        await _converse(mcp, Lines(await _reader(wire_in), text), text)
        return 0
    return INTERRUPTED if interrupted.is_set() else 0


async def _converse(mcp: MCPServer[Any], lines: "Lines", text: "Text") -> None:
    server = mcp._lowlevel_server  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - MCPServer opens its own streams
    async with stdio_server(cast("anyio.AsyncFile[str]", lines), cast("anyio.AsyncFile[str]", text)) as (read, write):
        await server.run(read, write, server.create_initialization_options())


def _watch_interrupt(end: Callable[[], None]) -> asyncio.Event:
    interrupted = asyncio.Event()

    def interrupt() -> None:
        interrupted.set()
        end()

    asyncio.get_running_loop().add_signal_handler(signal.SIGINT, interrupt)
    return interrupted


class Text:
    """Standard output. When the host has closed it, nobody hears what a call would do: the session ends."""

    def __init__(self, writer: asyncio.StreamWriter, gone: Callable[[], None]) -> None:
        self._writer = writer
        self._gone = gone

    async def write(self, text: str) -> None:
        self._writer.write(text.encode())

    async def flush(self) -> None:
        try:
            await self._writer.drain()
        except ConnectionError:
            self._gone()


class Lines:
    """Standard input, line by line; what is no message is answered with what is wrong with it."""

    def __init__(self, reader: asyncio.StreamReader, answers: Text) -> None:
        self._reader = reader
        self._answers = answers

    async def __aiter__(self) -> AsyncIterator[str]:
        while True:
            try:
                line = await self._reader.readline()
            except ValueError:  # asyncio has dropped what it had of the line
                await self._answer(None, INVALID_REQUEST, f"A message is at most {LONGEST_LINE} bytes long.")
                continue
            if not line:
                return
            wrong = _wrong_with(line)
            if wrong is None:
                yield line.decode()
            elif line.strip():
                await self._answer(_id_in(line), *wrong)

    async def _answer(self, number: object, code: int, message: str) -> None:
        error = {"jsonrpc": "2.0", "id": number, "error": {"code": code, "message": message}}
        await self._answers.write(json.dumps(error) + "\n")
        await self._answers.flush()


def _wrong_with(line: bytes) -> tuple[int, str] | None:
    try:
        message = from_json(line, cache_strings="none")
    except ValueError as error:
        return PARSE_ERROR, f"Not JSON: {error}"
    if not isinstance(message, dict) or cast("dict[str, Any]", message).get("jsonrpc") != "2.0":
        return INVALID_REQUEST, "Not a JSON-RPC 2.0 message. One line is one message; batches are not taken."
    return None


def _id_in(line: bytes) -> object:
    """The id of a message that is not valid, where it can be read: a lone surrogate is JSON to some."""
    try:
        message: Any = json.loads(line)
    except (ValueError, RecursionError):
        return None
    number = message.get("id") if isinstance(message, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return number if isinstance(number, str | int) else None


def _is_pipe(descriptor: int) -> bool:
    try:
        mode = os.fstat(descriptor).st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)


def _take(descriptor: int) -> int:
    """A private copy of a standard stream; whoever still reads or prints there gets nothing, or standard error."""
    private = os.dup(descriptor)
    elsewhere = os.open(os.devnull, os.O_RDONLY) if descriptor == 0 else os.dup(2)
    os.dup2(elsewhere, descriptor)
    os.close(elsewhere)
    return private


async def _reader(descriptor: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    pipe = os.fdopen(descriptor, "rb", buffering=0)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    return reader


async def _writer(descriptor: int) -> asyncio.StreamWriter:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    pipe = os.fdopen(descriptor, "wb", buffering=0)
    transport, protocol = await loop.connect_write_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
    return asyncio.StreamWriter(transport, protocol, None, loop)
