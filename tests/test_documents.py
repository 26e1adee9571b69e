"""What the documents say is what happens."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
import typer
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client
from typer.core import TyperGroup

import tools
from server import commands
from server.sandbox import Site
from server.sandbox.pytest_plugin import serving
from server.settings import VARIABLES, read_settings
from tests.generate import ROOT, generated, stale
from tests.world import ISTHMUS

README = (ROOT / "README.md").read_text(encoding="utf-8")
EXAMPLE = json.loads((ROOT / "mcp.json.example").read_text(encoding="utf-8"))["mcpServers"]


def test_generated_files_are_up_to_date() -> None:
    assert stale(generated()) == []


@pytest.mark.anyio
async def test_the_example_starts_a_working_server() -> None:
    entry = EXAMPLE["isthmus"]
    assert Path(entry["command"]).name == Path(ISTHMUS).name
    parameters = StdioServerParameters(command=ISTHMUS, args=entry["args"], env=dict(os.environ))
    async with Client(stdio_client(parameters)) as agent:
        assert (await agent.list_tools()).tools


def test_the_examples_real_site_is_understood_as_it_stands() -> None:
    settings = read_settings(EXAMPLE["isthmus-your-site"]["env"])
    assert settings.jira
    assert settings.confluence
    assert settings.jira.site == settings.confluence.site == "https://your-site.atlassian.net"


def test_the_readmes_block_is_the_examples_first() -> None:
    block = re.search(r"```json\n(.*?)```", README, re.DOTALL)
    assert block
    shown = json.loads(block[1])["mcpServers"]["isthmus"]
    assert shown["args"] == EXAMPLE["isthmus"]["args"]


def test_the_readmes_two_commands_are_one_line_each() -> None:
    commands = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    assert [command.count("\n") for command in commands] == [1, 1]
    assert [command.split()[-1] for command in commands] == ["demo", "-q"]


@pytest.mark.anyio
async def test_the_tool_that_the_readme_adds_works(tmp_path: Path) -> None:
    code = re.search(r"```python\n(# tools/.*?)```", README, re.DOTALL)
    assert code
    (tmp_path / "jira_watchers.py").write_text(code[1])
    script = (
        "import tools, anyio, httpx2; tools.__path__.append(%r);"
        "from tools import toolsets; toolsets.TOOLSETS += (tools.Toolset('jira_watchers', '', default=True),);"
        "from mcp import Client; from server.app import build; from server.settings import *;"
        "from server.sandbox import Site, application;"
        "wire = httpx2.ASGITransport(app=application(Site.demo()));"
        "mcp = build(read_settings(demo_environment()), transport=wire)\n"
        "async def main():\n"
        "    async with Client(mcp) as agent:\n"
        "        print((await agent.call_tool('jira_get_watchers', {'issue_key': 'DEMO-7'})).content[0].text)\n"
        "anyio.run(main)"
    )
    import subprocess

    command = [sys.executable, "-c", script % str(tmp_path)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: ASYNC221 - nobody else waits
    assert re.fullmatch(r"\d+ watching\n", ended.stdout), ended.stderr


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: variable.name)
def test_each_setting_is_documented_where_people_look(variable: object) -> None:
    assert f"| `{getattr(variable, 'name', '')}` |" in README


@pytest.mark.parametrize("tool", tools.all_tools(), ids=lambda tool: tool.name)
def test_each_tool_says_in_one_sentence_what_it_does(tool: tools.Declared) -> None:
    assert re.fullmatch(r"[A-Z][^\n]{10,90}\.", tool.fn.__doc__ or "")


RECIPES = (ROOT / "docs" / "misbehaving-site.md").read_text(encoding="utf-8")
CURL = re.compile(r"^curl -s (?:-X (?P<method>[A-Z]+) )?http://127.0.0.1:8322(?P<path>\S+)(?: -d '(?P<data>.*)')?$")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", RECIPES, re.DOTALL)


def test_every_command_of_the_recipes_is_one_that_the_sandbox_takes() -> None:
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    started, *asked = lines
    arguments = started.removeprefix("isthmus ").split()
    group = typer.main.get_command(commands.app)
    assert isinstance(group, TyperGroup)
    assert group.commands[arguments[0]].make_context(arguments[0], arguments[1:]).params["issues"] == 2_000
    with serving(Site.demo()) as site:
        for line in asked:
            curl = CURL.match(line)
            assert curl, line
            data = curl["data"]
            method = curl["method"] or ("POST" if data else "GET")
            request = Request(site.url + curl["path"], data.encode() if data else None, method=method)  # noqa: S310 - loopback
            with urlopen(request) as answer:  # noqa: S310 - loopback
                assert answer.status < 300, line


def test_the_recipes_test_passes_in_a_project_of_its_own(tmp_path: Path) -> None:
    conftest, test = blocks("python")
    (tmp_path / "conftest.py").write_text(conftest, encoding="utf-8")
    (tmp_path / "test_mine.py").write_text(test, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
