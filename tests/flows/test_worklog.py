"""Time is logged as people say it, and once."""

import pytest
from mcp import Client

from tests.world import World, refused, told
from tools.times import duration

pytestmark = pytest.mark.anyio
ADD = "jira_add_worklog"


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2h 30m", "2h 30m"),
        ("2h30m", "2h 30m"),
        ("1.5h", "1h 30m"),
        ("2 hours and 30 minutes", "2h 30m"),
        ("1W 2d", "1w 2d"),
        ("45 mins", "45m"),
    ],
)
def test_times_are_understood(said: str, meant: str) -> None:
    assert duration(said) == meant


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("90", "no unit"),
        ("soon", "such as 1d 4h"),
        ("0m", "a minute"),
        ("1.5d", "depends on the site"),
        ("2x", "takes"),
    ],
)
async def test_what_is_no_time_is_explained_and_not_sent(world: World, agent: Client, said: str, why: str) -> None:
    assert why in await refused(agent, ADD, {"issue_key": "DEMO-1", "time_spent": said})
    assert await world.requests() == []


async def test_time_is_logged_and_read_again(world: World, agent: Client) -> None:
    arguments = {"issue_key": "DEMO-1", "time_spent": "2h 30m", "comment": "**Wrote** it", "remaining_estimate": "1h"}
    said = await told(agent, ADD, arguments)
    assert said.startswith("Logged 2h 30m on DEMO-1, started 2026-06-01 09:30 UTC (worklog ")
    assert said.endswith(", remaining 1h")
    assert len(await world.requests()) == 1
    listed = await told(agent, "jira_get_worklog", {"issue_key": "DEMO-1"})
    assert "| 2026-06-01 09:30 | " in listed
    assert "| 2h 30m | **Wrote** it" in listed


async def test_no_work_is_said(agent: Client) -> None:
    assert await told(agent, "jira_get_worklog", {"issue_key": "DEMO-3"}) == "No work is logged."


@pytest.mark.parametrize("started", ["2026-05-31T14:00:00+00:00", "2026-05-31", "yesterday 14:00"])
async def test_when_it_started_is_said_in_plain_words(world: World, agent: Client, started: str) -> None:
    said = await told(agent, ADD, {"issue_key": "DEMO-1", "time_spent": "1h", "started": started})
    assert "2026-05-3" in said
    assert len(await world.requests()) <= 2


async def test_no_moment_is_refused_with_examples(agent: Client) -> None:
    said = await refused(agent, ADD, {"issue_key": "DEMO-1", "time_spent": "1h", "started": "once upon a time"})
    assert "today 9:30" in said


async def test_a_worklog_whose_answer_was_lost_is_found_and_not_doubled(world: World, agent: Client) -> None:
    await world.fault(path="*/worklog", method="POST", drop="after")
    before = len(world.site.issues[world.site.issue("DEMO-1").id].worklogs)  # pyright: ignore[reportOptionalMemberAccess]
    await told(agent, ADD, {"issue_key": "DEMO-1", "time_spent": "1h"})
    issue = world.site.issue("DEMO-1")
    assert issue
    assert len(issue.worklogs) == before + 1


async def test_an_estimate_that_is_refused_logs_nothing(world: World, agent: Client) -> None:
    await world.fault(path="/rest/api/3/issue/DEMO-1", method="PUT", status=400, body='{"errorMessages":["No."]}')
    arguments = {"issue_key": "DEMO-1", "time_spent": "1h", "original_estimate": "2d"}
    assert "Nothing was logged. " in await refused(agent, ADD, arguments)
    assert [each["method"] for each in await world.requests()] == ["PUT"]
