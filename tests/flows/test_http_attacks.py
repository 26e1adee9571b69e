"""What has been done to servers of this kind over HTTP, done to ours."""

import json
import os
import re
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from starlette.responses import JSONResponse, Response

from server.callers import tokens
from tests.served import ASKING, INITIALIZE, account, bearer, calling, knock, on_loopback, served
from tests.world import World, refused, told

pytestmark = pytest.mark.anyio

TOKEN = tokens.new()
ADA = {"ISTHMUS_TOKENS": f"ada:{tokens.digest(TOKEN)}"}
OWN = {"ISTHMUS_CALLER_CREDENTIALS": "true"}
MODERN = {"mcp-protocol-version": "2026-07-28", "mcp-method": "tools/list"}
DISCOVER: dict[str, Any] = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/list",
    "params": {
        "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
        }
    },
}


class Browser(httpx2.AsyncBaseTransport):
    """Asks a resolver for each connection, as browsers do when an address has gone stale, and keeps the name in `Host`.

    The resolver is the attacker's: first it tells the attacker's own address, from then on this machine's.
    """

    def __init__(self, port: int) -> None:
        self._inner = httpx2.AsyncHTTPTransport(trust_env=False)
        self._port = port
        self.answers: list[str] = []

    def _resolve(self) -> str:
        self.answers.append("203.0.113.66" if not self.answers else "127.0.0.1")
        return self.answers[-1]

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        address = self._resolve()
        if address != "127.0.0.1":
            return httpx2.Response(200, text="<script>the attacker's page</script>")
        request.url = request.url.copy_with(host=address, port=self._port)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


@pytest.mark.parametrize("asking", [{}, ADA, OWN])
@pytest.mark.parametrize(("headers", "message"), [({}, INITIALIZE), (MODERN, DISCOVER)])
async def test_a_page_whose_name_comes_to_mean_this_machine_reaches_nothing(
    world: World, asking: dict[str, str], headers: dict[str, str], message: dict[str, Any]
) -> None:
    async with served(world, **asking) as url:
        port = httpx2.URL(url).port
        assert port
        browser = Browser(port)
        async with httpx2.AsyncClient(transport=browser) as page:
            await page.get(f"http://evil.example:{port}/")
            for more in ({}, {"origin": f"http://evil.example:{port}"}, bearer(TOKEN), account("demo")):
                answer = await page.post(
                    f"http://evil.example:{port}/mcp", json=message, headers={**ASKING, **headers, **more}
                )
                assert answer.status_code == 421
    assert browser.answers[:2] == ["203.0.113.66", "127.0.0.1"]
    assert await world.requests() == []


async def test_a_page_of_elsewhere_may_not_call_even_with_credentials(world: World) -> None:
    async with served(world, **OWN) as url:
        for origin in ("https://evil.example", "null", "http://127.0.0.1.evil.example"):
            assert (await knock(url, {**account("zoe"), "origin": origin})).status_code == 403
    assert await world.requests() == []


async def raw(url: str, request: str) -> bytes:
    """What a server says to bytes that no client would send."""
    address = httpx2.URL(url)
    async with await anyio.connect_tcp(address.host, address.port or 80) as stream:
        await stream.send(request.encode("latin-1"))
        said = b""
        with anyio.move_on_after(20):
            while b"\r\n\r\n" not in said:
                try:
                    said += await stream.receive()
                except anyio.EndOfStream:
                    break
        return said


BODY = json.dumps(INITIALIZE)
REST = (
    f"accept: application/json, text/event-stream\r\ncontent-type: application/json\r\ncontent-length: {len(BODY)}\r\n"
)


@pytest.mark.parametrize(
    ("target", "hosts"),
    [
        ("/mcp", ["example.com/healthz?query="]),
        ("/mcp", ["127.0.0.1/healthz?query="]),
        ("/mcp", ["127.0.0.1/.well-known/oauth-protected-resource#"]),
        ("/mcp", ["localhost\\@evil.example"]),
        ("/mcp", ["127.0.0.1", "evil.example"]),
        ("/mcp", ["evil.example", "127.0.0.1"]),
        ("/mcp", []),
        ("/mcp", [""]),
        ("/mcp?/healthz", ["127.0.0.1"]),
        ("/mcp/", ["127.0.0.1"]),
        ("//mcp", ["127.0.0.1"]),
        ("/healthz/../mcp", ["127.0.0.1"]),
        ("/.well-known/../mcp", ["127.0.0.1"]),
        ("/.well-known/%2e%2e/mcp", ["127.0.0.1"]),
        ("/%6dcp", ["127.0.0.1"]),
        ("/mcp%00", ["127.0.0.1"]),
        ("/mcp;/healthz", ["127.0.0.1"]),
        ("http://127.0.0.1/mcp", ["127.0.0.1"]),
        ("http://evil.example/mcp", ["127.0.0.1"]),
        ("http://127.0.0.1/healthz", ["evil.example"]),
    ],
)
async def test_no_way_of_writing_the_address_leads_past_the_door(world: World, target: str, hosts: list[str]) -> None:
    async with served(world, **ADA) as url:
        head = "".join(f"host: {host}\r\n" for host in hosts)
        said = await raw(url, f"POST {target} HTTP/1.1\r\n{head}{REST}\r\n{BODY}")
    found = re.match(rb"HTTP/1\.1 (\d+)", said)
    assert found
    assert int(found[1]) in (400, 401, 404, 405, 421)
    assert b"serverInfo" not in said


class Trap:
    """A site of the attacker's: every issue has a file that wants to be written elsewhere."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        self.asked.append(scope["path"])
        files = [{"id": "1", "filename": "../../../.ssh/authorized_keys", "size": 3, "mimeType": "text/plain"}]
        answer: Response = JSONResponse({"key": "EVIL-1", "id": "1", "fields": {"attachment": files}})
        await answer(scope, receive, send)


@pytest.mark.parametrize("asking", [{}, ADA, OWN])
@pytest.mark.parametrize("known", [False, True])
async def test_no_caller_makes_it_call_a_site_of_theirs_nor_write_what_that_answers(
    world: World,
    tmp_path: Path,
    asking: dict[str, str],
    known: bool,  # noqa: FBT001 - a case
) -> None:
    """First the caller names a site, then a file from there is written to a place of its choice, to be run."""
    credentials = {ADA["ISTHMUS_TOKENS"]: bearer(TOKEN)} | dict.fromkeys(OWN.values(), account("zoe"))
    headers = credentials.get(next(iter(asking.values()), ""), {}) if known else {}
    trap = Trap()
    async with on_loopback(trap) as evil, served(world, TOOLSETS="all", ISTHMUS_FILES=str(tmp_path), **asking) as url:
        for theirs in (
            {"x-atlassian-jira-url": evil, "x-atlassian-jira-personal-token": "x"},
            {"X-Atlassian-Confluence-Url": evil, "X-Atlassian-Confluence-Personal-Token": "x"},
            {"x-atlassian-jira-url": "http://169.254.169.254/latest/meta-data"},
            {"x-atlassian-jira-url": "http://[::ffff:169.254.169.254]/"},
            {"x-atlassian-jira-url": "http://metadata.google.internal/"},
            {"x-atlassian-cloud-id": "11111111-2222-3333-4444-555555555555"},
        ):
            for era in ({}, MODERN):
                call = {"name": "jira_download_attachments", "arguments": {"issue_key": "EVIL-1", "delivery": "save"}}
                message = {**DISCOVER, "method": "tools/call", "params": {**DISCOVER["params"], **call}}
                answer = await knock(url, {**headers, **theirs, **era}, message if era else INITIALIZE)
                assert answer.status_code == 400
                assert "reaches the sites that its operator has set up and no others" in answer.text
                assert "169.254" not in answer.text
    assert trap.asked == []
    assert not os.listdir(tmp_path)  # noqa: PTH208 - pathlib's blocks, says the linter
    assert await world.requests() == []


async def test_known_callers_do_not_share_the_operators_folder(world: World, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("of the operator")
    async with served(world, TOOLSETS="all", ISTHMUS_FILES=str(tmp_path), **ADA) as url:
        async with calling(url, bearer(TOKEN)) as agent:
            upload = {"issue_key": "DEMO-7", "file_path": "secret.txt"}
            assert "no folder of files" in await refused(agent, "jira_upload_attachment", upload)


async def test_a_hidden_tool_is_unknown_over_http_too(world: World, era: str) -> None:
    async with served(world, READ_ONLY_MODE="true", **ADA) as url, calling(url, bearer(TOKEN), era) as agent:
        hidden = await refused(agent, "jira_delete_issue", {"issue_key": "DEMO-7", "confirm": True})
        absent = await refused(agent, "jira_no_such_tool", {})
    assert (hidden, absent) == ("Unknown tool: jira_delete_issue", "Unknown tool: jira_no_such_tool")
    assert await world.requests() == []


@pytest.mark.parametrize("asking", [ADA, OWN])
async def test_what_anybody_may_see_tells_nothing_of_the_site(world: World, asking: dict[str, str]) -> None:
    async with served(world, **asking) as url, httpx2.AsyncClient(trust_env=False) as http:
        root = url.removesuffix("/mcp")
        for path in ("/", "/healthz", "/.well-known/oauth-protected-resource/mcp", "/docs", "/metrics"):
            answer = await http.get(root + path)
            assert answer.status_code in (200, 401, 404)
            assert "sandbox.localhost" not in answer.text
            assert "demo" not in answer.text


async def test_secrets_that_callers_send_are_in_no_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    async with served(world, ISTHMUS_LOG_LEVEL="DEBUG", **OWN) as url:
        await knock(url, account("canary-of-a-stranger"))
        async with calling(url, account("zoe")) as agent:
            await told(agent, "jira_get_issue", {"issue_key": "DEMO-7"})
    secrets = (account("zoe"), account("canary-of-a-stranger"))
    ours = "\n".join(
        each.getMessage() for each in caplog.records if not each.name.startswith(("httpcore", "httpx", "mcp.client"))
    )
    assert "zoe-token" not in ours
    assert not [each for each in secrets if each["authorization"].partition(" ")[2] in ours]
    assert "canary-of-a-stranger-token" not in ours
