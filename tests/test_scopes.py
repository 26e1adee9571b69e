"""What a login asks for is what the tools need that are on, and nothing besides."""

import pytest

import tools
from server import login
from server.client.auth.scopes import OFFLINE, TABLE, alternatives, asked_for
from server.settings import demo_environment, read_settings
from tests import scopes
from tests.generate import SCOPES_OF_TOOLS
from tools import operations


def wanted(**environment: str) -> set[str]:
    return set(login.wanted(read_settings({**demo_environment(), **environment})))


def test_every_tool_has_its_operations_and_they_their_scopes() -> None:
    assert set(operations.TABLE) == {operations.RESOURCES, *(tool.name for tool in tools.all_tools())}
    assert {operation for each in operations.TABLE.values() for operation in each} == set(TABLE)


@pytest.mark.skipif(not scopes.SPECS.exists(), reason="Atlassian's documents are not beside the checkout")
def test_the_scopes_are_those_of_atlassians_documents() -> None:
    assert SCOPES_OF_TOOLS.read_text(encoding="utf-8") == scopes.text(TABLE)


@pytest.mark.parametrize("tool", operations.TABLE)
def test_no_scope_that_is_asked_for_could_be_left_out(tool: str) -> None:
    needed = operations.TABLE[tool]
    asked = set(asked_for(needed)) - {OFFLINE}
    for without in (asked - {scope} for scope in asked):
        assert not all(any(without.issuperset(each) for each in TABLE[name]) for name in needed if TABLE[name])


def test_what_is_off_is_not_asked_for() -> None:
    all_of_it, reading = wanted(TOOLSETS="all"), wanted(READ_ONLY_MODE="true")
    assert "write:jira-work" in all_of_it
    assert not any(scope.startswith(("write:", "delete:", "manage:")) for scope in reading)
    assert not any("confluence" in scope for scope in wanted(CONFLUENCE_URL="", **_without("CONFLUENCE")))
    assert len(wanted()) < len(all_of_it)
    assert not any(scope.startswith("manage:") for scope in all_of_it)


def test_without_a_site_both_products_are_asked_for() -> None:
    nowhere = read_settings({"ATLASSIAN_OAUTH_CLIENT_ID": "x", "ATLASSIAN_OAUTH_CLIENT_SECRET": "y"})
    assert set(login.wanted(nowhere)) == wanted()


def test_a_requests_scopes_are_found_by_its_path() -> None:
    assert ["write:jira-work"] in alternatives("POST", "/rest/api/3/issue/DEMO-7/comment")
    assert alternatives("GET", "/rest/api/3/nothing") == []


def _without(product: str) -> dict[str, str]:
    return {f"{product}_USERNAME": "", f"{product}_API_TOKEN": ""}
