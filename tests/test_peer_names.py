"""Who comes from mcp-atlassian keeps their prompts: its default tools are here, and what they require is enough."""

import re
from pathlib import Path

import pytest

import tools

CATALOGUE = Path(__file__).parents[2] / "shared" / "peers-catalogue.md"
CORE = re.compile(r"^\*\*(\w+)\*\* \(core\)", re.MULTILINE)
ROW = re.compile(r"^\| `((?:jira|confluence)_\w+)` \| [^|]+\| [^|]+\| ([^|]+) \|$", re.MULTILINE)

pytestmark = pytest.mark.skipif(not CATALOGUE.exists(), reason="the catalogue lies beside the checkout alone")


def _rows(text: str) -> dict[str, set[str]]:
    """Tools, each with its required parameters."""
    return {name: set(re.findall(r"(\w+)\*", parameters)) for name, parameters in ROW.findall(text)}


def test_the_peers_default_tools_are_here() -> None:
    sections = re.split(r"(?=^\*\*\w+\*\* )", CATALOGUE.read_text(), flags=re.MULTILINE)
    core = {name for section in sections if CORE.match(section) for name in _rows(section)}
    assert len(core) > 30
    assert core - {tool.name for tool in tools.all_tools()} == set()


def test_what_the_peer_requires_is_taken_and_is_enough() -> None:
    theirs = _rows(CATALOGUE.read_text())
    for tool in tools.all_tools():
        if tool.name not in theirs:
            continue
        schema = tools.offered(tool).parameters
        required, known = set(schema.get("required", ())), set(schema["properties"])
        assert theirs[tool.name] <= known, tool.name
        assert required <= theirs[tool.name], tool.name
