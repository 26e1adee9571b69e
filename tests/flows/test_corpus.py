"""Real documents that nobody here wrote: each is read, searched and shown without an error."""

import re

import pytest
from mcp import Client

from server.sandbox import Loaded
from tests.generate import ROOT
from tests.world import World, told

pytestmark = pytest.mark.anyio

CORPUS = ROOT.parent / "shared" / "corpus"


@pytest.fixture
def loaded(world: World) -> Loaded:
    if not CORPUS.exists():
        pytest.skip("the corpus of real documents is not beside this checkout")
    return world.site.load_documents(CORPUS)


async def test_each_description_is_shown_and_found(loaded: Loaded, agent: Client) -> None:
    keys: list[str] = []
    token: str | None = None
    while token is not None or not keys:
        arguments = {"jql": "project = CORP ORDER BY key ASC", "limit": 100} | ({"page_token": token} if token else {})
        found = (await agent.call_tool("jira_search", arguments)).structured_content
        assert found
        keys += [issue["key"] for issue in found["issues"]]
        token = found.get("next_page_token")
    assert len(keys) == loaded.issues > 50
    for key in keys:
        assert (await told(agent, "jira_get_issue", {"issue_key": key})).startswith(f"# {key}: ")


async def test_each_page_is_shown_and_found(loaded: Loaded, agent: Client) -> None:
    ids: list[str] = []
    cursor: str | None = None
    while cursor is not None or not ids:
        arguments = {"query": "space = CORP AND type = page", "limit": 100} | ({"cursor": cursor} if cursor else {})
        found = (await agent.call_tool("confluence_search", arguments)).structured_content
        assert found
        ids += [hit["id"] for hit in found["hits"]]
        cursor = found.get("next_cursor")
    assert len(ids) >= loaded.pages > 100
    for page_id in ids:
        assert f"\npage {page_id} · space CORP" in await told(agent, "confluence_get_page", {"page_id": page_id})


async def test_each_is_found_by_its_own_words(loaded: Loaded, world: World, agent: Client) -> None:
    searched = 0
    for issue in [issue for issue in world.site.issues.values() if issue.key.startswith("CORP-")]:
        word = own_word(await told(agent, "jira_get_issue", {"issue_key": issue.key, "fields": "description"}))
        if word:
            searched += 1
            query = f'project = CORP AND text ~ "{word}" AND key = {issue.key}'
            assert issue.key in await told(agent, "jira_search", {"jql": query}), word
    for page in [page for page in world.site.pages.values() if page.space == "65900"]:
        word = own_word(await told(agent, "confluence_get_page", {"page_id": page.id}))
        if word:
            searched += 1
            query = f'space = CORP AND text ~ "{word}" AND id = {page.id}'
            assert page.id in await told(agent, "confluence_search", {"query": query}), word
    assert searched > (loaded.issues + loaded.pages) / 2  # the others are pictures, tables, a single macro


def own_word(said: str) -> str | None:
    """A plain word of the body: after the head, outside what Markdown adds."""
    body = said.partition("\n\n")[2]
    found = re.search(r"(?m)^(?:#+ )?([A-Za-z]{4,})(?= [a-z])", body)
    return found[1] if found else None
