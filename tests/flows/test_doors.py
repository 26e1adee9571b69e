"""The ways in: a process on pipes, a service on loopback; both eras of the protocol."""

import json
import os
import re
import signal
import socket
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest
from anyio import fail_after
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

from tests.world import ISTHMUS, refused, told

pytestmark = pytest.mark.anyio

HELLO = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}


def environment(**values: str) -> dict[str, str]:
    return {**os.environ, **values}


@asynccontextmanager
async def started(*arguments: str, says: str, **values: str) -> AsyncGenerator[tuple[Process, str]]:
    """A command that goes on, and the address that it told us."""
    process = await create_subprocess_exec(ISTHMUS, *arguments, stderr=PIPE, env=environment(**values))
    assert process.stderr
    try:
        with fail_after(60):
            line = ""
            while says not in line:
                line = (await process.stderr.readline()).decode()
                assert line, "the command ended before it was ready"
        found = re.search(r"http://\S+", line)
        assert found
        yield process, found[0]
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
        await process.communicate()


@asynccontextmanager
async def piped(*arguments: str, **values: str) -> AsyncGenerator[Process]:
    process = await create_subprocess_exec(
        ISTHMUS, *arguments, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment(**values)
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def send(process: Process, method: str, params: Mapping[str, Any], number: int | None = 1) -> None:
    assert process.stdin
    message = {"jsonrpc": "2.0", "method": method, "params": params} | ({} if number is None else {"id": number})
    process.stdin.write(json.dumps(message).encode() + b"\n")
    await process.stdin.drain()


async def receive(process: Process) -> dict[str, Any]:
    assert process.stdout
    with fail_after(60):
        return json.loads(await process.stdout.readline())


async def test_an_agent_works_over_stdio(era: str) -> None:
    parameters = StdioServerParameters(command=ISTHMUS, args=["stdio", "--demo"], env=environment())
    async with Client(stdio_client(parameters), mode=era) as agent:
        assert (await agent.list_tools()).tools
        assert (await told(agent, "jira_get_issue", {"issue_key": "DEMO-7"})).startswith("# DEMO-7")
        assert (await agent.read_resource("confluence://page/131074")).contents


async def test_an_agent_works_over_http(era: str) -> None:
    async with started("serve", "--demo", "--port", "0", says="serves MCP") as (_, url):
        async with Client(url, mode=era) as agent:
            assert (await agent.list_tools()).tools
            assert (await told(agent, "jira_get_issue", {"issue_key": "DEMO-7"})).startswith("# DEMO-7")


async def test_a_session_over_http_remembers_what_it_read_and_no_other_does() -> None:
    update = {"page_id": "131084", "title": "On-call", "content": "New."}
    async with started("serve", "--demo", "--port", "0", says="serves MCP") as (_, url):
        async with Client(url, mode="legacy") as reader, Client(url, mode="legacy") as other, Client(url) as modern:
            await told(reader, "confluence_get_page", {"page_id": "131084"})
            await told(modern, "confluence_get_page", {"page_id": "131084"})
            for stranger in (other, modern):
                assert (await stranger.call_tool("confluence_update_page", update)).is_error
            await told(reader, "confluence_update_page", update)
            await told(modern, "confluence_update_page", {**update, "expected_version": 2})


async def test_what_was_read_counts_for_its_session_or_for_all_whom_nothing_tells_apart() -> None:
    change = {"issue_key": "DEMO-9", "summary": "Changed"}
    outside = {"jql": "project = HELP"}
    async with started("serve", "--demo", "--port", "0", says="serves MCP") as (_, url):
        async with Client(url, mode="legacy") as reader, Client(url, mode="legacy") as other:
            await told(reader, "jira_search", outside)
            assert "people outside may have written" in await refused(reader, "jira_update_issue", change)
            await told(other, "jira_update_issue", change)
        async with Client(url) as reader, Client(url) as another:
            await told(another, "jira_update_issue", change)
            await told(reader, "jira_search", outside)
            assert "people outside may have written" in await refused(another, "jira_update_issue", change)


async def test_the_service_says_that_it_lives_and_answers_loopback_names_alone() -> None:
    async with started("serve", "--demo", "--port", "0", says="serves MCP") as (_, url):
        root = url.removesuffix("/mcp")
        async with httpx2.AsyncClient(base_url=root, trust_env=False) as http:
            health, home = await http.get("/healthz"), await http.get("/")
            shouted = await http.get("/healthz", headers={"host": "LOCALHOST:80"})
            for path in ("/mcp", "/mcp/", "/healthz", "/"):
                for host in ("evil.example", "127.0.0.1:80@evil.example", "127.0.0.1:evil", ""):
                    assert (await http.post(path, json={}, headers={"host": host})).status_code in (400, 421), host
                for origin in ("http://evil.example", "null", "http://127.0.0.1:80@evil.example"):
                    assert (await http.post(path, json={}, headers={"origin": origin})).status_code == 403, origin
    assert health.json()["status"] == shouted.json()["status"] == "ok"
    assert home.json()["mcp"] == "/mcp"


async def test_the_service_answers_to_names_that_the_operator_allows() -> None:
    allowed = {"ISTHMUS_ALLOWED_HOSTS": "mcp.example", "ISTHMUS_ALLOWED_ORIGINS": "https://app.example"}
    headers = {"host": "mcp.example", "origin": "https://app.example"}
    async with started("serve", "--demo", "--port", "0", says="serves MCP", **allowed) as (_, url):
        async with httpx2.AsyncClient(trust_env=False) as http:
            answer = await http.post(url, json={}, headers=headers)
    assert answer.status_code == 400  # it was read, and is no request


async def test_the_service_ends_when_it_is_interrupted() -> None:
    async with started("serve", "--demo", "--port", "0", says="serves MCP") as (process, _):
        process.send_signal(signal.SIGINT)
        with fail_after(10):
            assert await process.wait() == 128 + signal.SIGINT  # as a shell says it


async def test_a_host_that_goes_away_ends_the_process_in_the_middle_of_a_call() -> None:
    async with started("sandbox", "--port", "0", says="http://") as (_, site):
        async with httpx2.AsyncClient(base_url=site, trust_env=False) as http:
            await http.post("/__sandbox__/faults", json={"path": "/rest/api/3/issue/*", "delay": 60})
            account = {"JIRA_URL": site, "JIRA_USERNAME": "demo@example.com", "JIRA_API_TOKEN": "demo-token"}
            async with piped("stdio", **account) as process:
                await send(process, "initialize", HELLO)
                await receive(process)
                await send(process, "notifications/initialized", {}, None)
                await send(process, "tools/call", {"name": "jira_get_issue", "arguments": {"issue_key": "DEMO-7"}}, 2)
                with fail_after(20):
                    while not (await http.get("/__sandbox__/requests")).json():
                        pass
                    assert process.stdin
                    process.stdin.close()
                    assert await process.wait() == 0


@pytest.mark.parametrize(
    ("line", "code", "number"),
    [
        (b"hello?", -32700, None),
        (b"[]", -32600, None),
        (b'{"id": 7}', -32600, 7),
        (b'{"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"name": "\\ud83d"}}', -32700, 7),
    ],
)
async def test_what_is_no_message_is_answered_and_the_conversation_goes_on(
    line: bytes, code: int, number: int | None
) -> None:
    async with piped("stdio", "--demo") as process:
        assert process.stdin
        process.stdin.write(b"\n" + line + b"\n")
        answer = await receive(process)
        assert (answer["error"]["code"], answer["id"]) == (code, number)
        await send(process, "initialize", HELLO)
        assert (await receive(process))["result"]["serverInfo"]["name"] == "isthmus"


async def test_a_line_beyond_any_message_is_answered_too() -> None:
    async with piped("stdio", "--demo") as process:
        assert process.stdin
        process.stdin.write(b"x" * (65 * 2**20) + b"\n")
        with fail_after(60):
            await process.stdin.drain()
        assert "at most 67108864 bytes" in (await receive(process))["error"]["message"]


async def test_an_interrupt_ends_it_quietly() -> None:
    async with piped("stdio", "--demo") as process:
        await send(process, "initialize", HELLO)
        await receive(process)
        process.send_signal(signal.SIGINT)
        with fail_after(20):
            _, said = await process.communicate()
    assert (process.returncode, said) == (130, b"")


async def test_a_host_that_hears_nothing_any_more_gets_nothing_done() -> None:
    async with started("sandbox", "--port", "0", says="http://") as (_, site):
        account = {"JIRA_URL": site, "JIRA_USERNAME": "demo@example.com", "JIRA_API_TOKEN": "demo-token"}
        inside, outside = os.pipe()
        process = await create_subprocess_exec(ISTHMUS, "stdio", stdin=PIPE, stdout=outside, env=environment(**account))
        os.close(outside)
        os.close(inside)
        await send(process, "initialize", HELLO)
        with fail_after(60):
            assert await process.wait() == 0


async def test_standard_input_may_be_a_file(tmp_path: Any) -> None:
    script = tmp_path / "script"
    script.write_bytes(
        json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": HELLO}).encode() + b"\n"
    )
    with script.open("rb") as stdin:
        process = await create_subprocess_exec(ISTHMUS, "stdio", "--demo", stdin=stdin, stdout=PIPE, env=environment())
        with fail_after(60):
            out, _ = await process.communicate()
    assert b'"isthmus"' in out


@pytest.mark.parametrize(
    ("arguments", "values", "says"),
    [
        (("stdio",), {}, "No site is configured"),
        (("stdio",), {"JIRA_URL": "https://acme.atlassian.net"}, "JIRA_USERNAME and JIRA_API_TOKEN are not"),
        (("stdio", "--demo"), {"IGNORE_HEADER_AUTH": "true"}, "IGNORE_HEADER_AUTH would narrow"),
        (("serve", "--demo", "--host", "0.0.0.0"), {}, "0.0.0.0 is not loopback"),  # noqa: S104 - refused
        # An address of nobody's: that it can't be had is found out after it was allowed.
        (
            ("serve", "--demo", "--host", "192.0.2.1"),
            {"ISTHMUS_TOKENS": f"ada:{'0' * 64}"},
            "Can't listen on 192.0.2.1",
        ),
        (("sandbox", "--host", "0.0.0.0"), {}, "anyone could use this site's accounts"),  # noqa: S104 - refused
        (("stdio", "--demo"), {"ISTHMUS_CALLER_CREDENTIALS": "maybe"}, "is neither true nor false"),
        (
            ("stdio",),
            {"JIRA_URL": "https://acme.atlassian.net", "ISTHMUS_CALLER_CREDENTIALS": "true"},
            "is for `isthmus serve`, whose callers have their own",
        ),
        (("sandbox", "--load", "/nonexistent"), {}, "that is no folder"),
        (("sandbox", "--state", "/dev/null"), {}, "is not the saved state of a sandbox"),
        (("sandbox", "--state", "/"), {}, "it cannot be read"),
        (("sandbox", "--state", "/nonexistent/site.json"), {}, "it cannot be written"),
        (("serve", "--demo", "--port", "{taken}"), {}, "Choose another with --port"),
    ],
)
async def test_a_start_that_cannot_be_says_why_in_one_sentence(
    arguments: tuple[str, ...], values: dict[str, str], says: str
) -> None:
    taken = socket.create_server(("127.0.0.1", 0))
    port = str(taken.getsockname()[1])
    given = [argument.format(taken=port) for argument in arguments]
    async with piped(*given, **values) as process:
        with fail_after(60):
            _, said = await process.communicate()
    taken.close()
    assert process.returncode == 1
    assert said.decode().startswith("isthmus: ")
    assert says in said.decode()


async def test_the_sandbox_tells_how_to_reach_it_and_answers(tmp_path: Any) -> None:
    (tmp_path / "note.xml").write_text("<p>Loaded from a folder.</p>")
    (tmp_path / "torn.xml").write_text("<p>")
    async with started("sandbox", "--port", "0", "--load", str(tmp_path), says="Atlassian site") as (_, url):
        async with httpx2.AsyncClient(base_url=url, trust_env=False, auth=("demo@example.com", "demo-token")) as http:
            assert (await http.get("/")).is_success
            found = (await http.get("/wiki/rest/api/search", params={"cql": "title = note"})).json()
    assert found["totalSize"] == 1


async def test_a_sandbox_keeps_its_site_in_a_file(tmp_path: Any) -> None:
    state, account = str(tmp_path / "site.json"), ("demo@example.com", "demo-token")
    fields = {"project": {"key": "DEMO"}, "issuetype": {"name": "Task"}, "summary": "Kept"}
    keys: list[str] = []
    for _ in range(2):
        async with started("sandbox", "--port", "0", "--issues", "3", "--state", state, says="Atlassian site") as (
            process,
            url,
        ):
            async with httpx2.AsyncClient(base_url=url, trust_env=False, auth=account) as http:
                for key in keys:
                    assert (await http.get(f"/rest/api/3/issue/{key}")).json()["fields"]["summary"] == "Kept"
                made = await http.post("/rest/api/3/issue", json={"fields": fields})
                keys.append(made.json()["key"])
            process.send_signal(signal.SIGTERM)
            with fail_after(20):
                await process.wait()
    assert keys == ["DEMO-47", "DEMO-48"]


async def test_a_sandbox_may_have_atlassians_limits() -> None:
    async with started("sandbox", "--port", "0", "--limits", says="Atlassian site") as (_, url):
        async with httpx2.AsyncClient(base_url=url, auth=("demo@example.com", "demo-token")) as client:
            answered = await client.get("/rest/api/3/issue/DEMO-7")
        assert answered.headers["x-ratelimit-limit"] == "150"
        assert len(answered.headers.get_list("date")) == 1


async def test_the_tour_does_what_it_says() -> None:
    async with piped("demo") as process:
        with fail_after(120):
            out, _ = await process.communicate()
    assert process.returncode == 0, out.decode()
    assert re.search(r"[0-9]+ steps, each as it should be\.", out.decode())


async def test_the_version_is_told() -> None:
    async with piped("--version") as process:
        out, _ = await process.communicate()
    assert re.fullmatch(r"isthmus \d+\.\d+\.\d+\n", out.decode())


async def test_the_doctor_finds_the_demo_in_order_and_ends_with_what_it_found() -> None:
    async with piped("doctor", "--demo") as sound, piped("doctor") as empty:
        with fail_after(60):
            said, _ = await sound.communicate()
            complaint, _ = await empty.communicate()
    assert (sound.returncode, empty.returncode) == (0, 1)
    assert "FIX" not in said.decode()
    assert "FIX  site: none is configured" in complaint.decode()
