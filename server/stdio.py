"""MCP on this process's own pipes, by the event loop.

The SDK sends every line through worker threads, which is a tenth of a call's CPU. What is not a pipe or a socket (a
terminal, a file, Windows) is left to it.
"""

import asyncio
import os
import stat
import sys
from collections.abc import AsyncIterator
from typing import Any, cast

import anyio
from mcp.server import MCPServer
from mcp.server.stdio import stdio_server

LONGEST_LINE = 64 * 1024 * 1024  # bytes of one message


async def serve(mcp: MCPServer[Any]) -> None:
    """Serve until the host closes our standard input."""
    if sys.platform == "win32" or not (_is_pipe(0) and _is_pipe(1)):
        await mcp.run_stdio_async()
        return
    wire_in, wire_out = _take(0), _take(1)
    lines, text = Lines(await _reader(wire_in)), Text(await _writer(wire_out))
    server = mcp._lowlevel_server  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - MCPServer runs only on streams of its own
    async with stdio_server(cast("anyio.AsyncFile[str]", lines), cast("anyio.AsyncFile[str]", text)) as (read, write):
        await server.run(read, write, server.create_initialization_options())


class Lines:
    """Standard input, line by line."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader

    async def __aiter__(self) -> AsyncIterator[str]:
        while line := await self._reader.readline():
            yield line.decode(errors="replace")


class Text:
    """Standard output. A host that has gone away closes it."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    async def write(self, text: str) -> None:
        self._writer.write(text.encode())

    async def flush(self) -> None:
        try:
            await self._writer.drain()
        except ConnectionError as error:
            raise anyio.ClosedResourceError from error


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
