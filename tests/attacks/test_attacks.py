"""Attacks that are known of servers of this kind, where no other test stands against them."""

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from mcp import Client

from server.client import JiraApiClient, Pace
from server.entities import PROJECT
from server.errors import SettingsError
from server.settings import JiraConfig, demo_environment, read_settings
from tests.attacks.mutants import MUTANTS, Mutant
from tests.attacks.rows import ROWS
from tests.generate import ROOT
from tests.world import World, refused

OUTSIDE = "/etc/passwd"
SPELLINGS = ["AR\u200bCH-1", "%41RCH-1", "%2541RCH-1", "\uff21RCH-1", "ARCH\u20111", "A\u00adRCH-1"]
LIST = ROOT.parent / "shared" / "attacks.md"


def test_each_known_attack_has_its_tests_and_they_exist() -> None:
    for row in ROWS:
        assert row.tests or row.elsewhere, row.of
        for test in row.tests:
            file, _, name = test.partition("::")
            assert re.search(rf"def {name}\(", (ROOT / file).read_text(encoding="utf-8")), test


@pytest.mark.skipif(not LIST.exists(), reason="the list of attacks lies beside the checkout where it is worked on")
@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.gone)
def test_what_a_mutant_takes_away_is_there(mutant: Mutant) -> None:
    assert (ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.before) == 1


def test_no_known_attack_is_left_out() -> None:
    rows = [line.split("|")[1] for line in LIST.read_text(encoding="utf-8").splitlines() if line.startswith("| ")][1:]
    assert [row for row in rows if not any(each.of in row for each in ROWS)] == []


@pytest.mark.parametrize("folder", ["/", "/proc", "/proc/self", "/etc", "/dev/shm", str(Path.home())])  # noqa: S108
def test_the_system_and_a_home_are_no_folders_for_files(folder: str) -> None:
    with pytest.raises(SettingsError, match="ISTHMUS_FILES names a folder of the system, or your home"):
        read_settings({**demo_environment(), "ISTHMUS_FILES": folder})


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("tool", "arguments", "says"),
    [
        ("jira_update_issue", {"issue_key": "DEMO-1", "attachments": [OUTSIDE]}, "has no argument `attachments`"),
        (
            "jira_update_issue",
            {"issue_key": "DEMO-1", "fields": {"attachment": [OUTSIDE]}},
            "no field that is set",
        ),
        (
            "confluence_create_page",
            {"space_key": "ENG", "title": "x", "content_file": OUTSIDE},
            "has no argument",
        ),
        ("jira_upload_attachment", {"issue_key": "DEMO-1", "file_path": [OUTSIDE]}, "`file_path`"),
    ],
)
async def test_no_other_argument_takes_a_path(world: World, tool: str, arguments: dict[str, Any], says: str) -> None:
    async with Client(world.server(TOOLSETS="all")) as agent:
        assert says in await refused(agent, tool, arguments)


@pytest.mark.anyio
async def test_no_tool_takes_an_address(world: World) -> None:
    async with Client(world.server(TOOLSETS="all")) as agent:
        for tool in (await agent.list_tools()).tools:
            taken = [name for name in tool.input_schema["properties"] if re.search("url|host|site|header|token$", name)]
            assert [name for name in taken if name != "page_token"] == [], tool.name


@pytest.mark.anyio
@pytest.mark.parametrize("sprint", ["1 OR project = ARCH", "1) OR (project = ARCH", '1" OR "a" = "a', "1\\"])
async def test_a_number_is_no_query(world: World, sprint: str) -> None:
    async with Client(world.server(TOOLSETS="all")) as agent:
        assert "sprint_id" in await refused(agent, "jira_get_sprint_issues", {"sprint_id": sprint})
    assert await world.requests() == []


@pytest.mark.anyio
@pytest.mark.parametrize("key", ["../../etc/passwd", "DEMO-1/../../x", "..", "DEMO-1%2f..%2fx", "/etc/passwd"])
async def test_a_key_never_becomes_a_path(world: World, key: str) -> None:
    async with Client(world.server()) as agent:
        assert "issue_key" in await refused(agent, "jira_get_issue", {"issue_key": key})
    assert await world.requests() == []


@pytest.mark.anyio
@pytest.mark.parametrize(
    "key", ["AR\u200bCH-1", "%41RCH-1", "%2541RCH-1", "\uff21RCH-1", "ARCH\u20111", "A\u00adRCH-1"]
)
async def test_a_key_is_spelled_in_one_way(world: World, key: str) -> None:
    async with Client(world.server(JIRA_PROJECTS_FILTER="DEMO")) as agent:
        await refused(agent, "jira_get_issue", {"issue_key": key})
    assert not [each for each in await world.requests() if "RCH" in each["path"]]


class Resolving(asyncio.SelectorEventLoop):
    """A loop whose names lead here the first time they are asked for, and somewhere else each time after."""

    asked = 0

    async def getaddrinfo(self, host: Any, port: Any, **how: Any) -> Any:
        self.asked += 1
        return await super().getaddrinfo("127.0.0.1" if self.asked == 1 else "127.66.6.6", port, **how)


def test_a_name_is_looked_up_once_and_that_address_is_called() -> None:
    loop, answered = Resolving(), asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        body = b'{"id": "1", "key": "DEMO", "name": "Demo"}'
        headers = ["content-type: application/json", f"content-length: {len(body)}", "connection: close"]
        writer.write("\r\n".join(["HTTP/1.1 200 OK", *headers, "\r\n"]).encode() + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        answered.set()

    async def call() -> str:
        site = await asyncio.start_server(answer, "127.0.0.1", 0)
        loop.asked = 0
        config = JiraConfig(f"http://rebinding.localhost:{site.sockets[0].getsockname()[1]}", "t", "u", max_retries=0)
        async with site, JiraApiClient(config, pace=Pace()) as jira:
            found = await jira.read(PROJECT, "DEMO")
            await answered.wait()
            return found.key

    try:
        assert loop.run_until_complete(call()) == "DEMO"
    finally:
        loop.close()
    assert loop.asked == 1


def test_netrc_speaks_for_nobody(tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine sandbox.localhost login olga@example.com password olga-token\n")
    code = (
        "import anyio; from server import doctor; from server.sandbox import Site, application\n"
        "from server.settings import demo_environment; from tests.sandbox.transport import InProcess\n"
        "wire = InProcess(application(Site.demo()))\n"
        "anyio.run(lambda: doctor.examine(demo_environment(), transport=wire))"
    )
    environment = {**os.environ, "NETRC": str(netrc), "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment, cwd=ROOT, check=False
    )
    assert "knows you as Demo User" in done.stdout, done.stderr


def test_nobody_is_told_to_run_a_proxy() -> None:
    told = [ROOT / "README.md", ROOT / "mcp.json.example", *(ROOT / "docs").glob("*.md")]
    assert [each.name for each in told if "mcp-remote" in each.read_text(encoding="utf-8")] == []
