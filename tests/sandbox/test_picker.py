import httpx2
import pytest

pytestmark = pytest.mark.anyio
PICKER = "/rest/api/3/issue/picker"


async def picked(http: httpx2.AsyncClient, **query: str) -> dict[str, list[str]]:
    sections = (await http.get(PICKER, params=query)).json()["sections"]
    return {section["id"]: [issue["key"] for issue in section["issues"]] for section in sections}


async def test_an_issue_is_suggested_by_its_key_its_number_or_words(demo: httpx2.AsyncClient) -> None:
    everything = {"currentJQL": "created IS NOT EMPTY ORDER BY key"}
    assert "DEMO-7" in (await picked(demo, query="demo-7", **everything))["cs"]
    assert "DEMO-7" in (await picked(demo, query="7", **everything))["cs"]
    assert "DEMO-7" in (await picked(demo, query="redir log", **everything))["cs"]
    assert (await picked(demo, query="xylophone", **everything))["cs"] == []


async def test_without_a_search_only_what_one_had_to_do_with_is_suggested(demo: httpx2.AsyncClient) -> None:
    assert set(await picked(demo, query="demo")) == {"hs"}


async def test_the_words_typed_are_marked(demo: httpx2.AsyncClient) -> None:
    query = {"query": "login", "currentJQL": "key = DEMO-7"}
    [_, found] = (await demo.get(PICKER, params=query)).json()["sections"]
    assert found["sub"] == "Showing 1 of 1 matching issues"
    assert found["issues"][0]["summary"].startswith("<b>Login</b> redirect")
    assert found["issues"][0]["summaryText"].startswith("Login redirect")


async def test_an_issue_can_be_left_out_and_so_can_subtasks(demo: httpx2.AsyncClient) -> None:
    every = {"query": "DEMO", "currentJQL": "issue in (DEMO-7, DEMO-21)"}
    assert set((await picked(demo, **every))["cs"]) == {"DEMO-7", "DEMO-21"}
    assert (await picked(demo, **every, currentIssueKey="DEMO-7"))["cs"] == ["DEMO-21"]
    subtasks = {**every, "currentJQL": "issuetype = Sub-task"}
    assert (await picked(demo, **subtasks))["cs"]
    assert (await picked(demo, **subtasks, showSubTasks="false"))["cs"] == []


async def test_a_search_that_cannot_be_read_finds_nothing(rough: httpx2.AsyncClient) -> None:
    assert (await picked(rough, query="demo", currentJQL="status ="))["cs"] == []
