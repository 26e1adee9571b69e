"""Atlassian misbehaves; nothing is lost, doubled or left unsaid."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import anyio
import pytest
from anyio import fail_after
from mcp import Client
from starlette.types import Receive, Scope, Send

from server.app import build
from server.client import ConfluenceApiClient, JiraApiClient, Pace
from server.entities import ISSUE, Issue, Space
from server.errors import RateLimited
from server.sandbox.wiki_records import Page
from server.settings import JiraConfig
from tests.sandbox.transport import InProcess
from tests.sandbox.writing import issue
from tests.world import NOW, World, refused, told

pytestmark = pytest.mark.anyio

ONE = "/rest/api/3/issue/DEMO-7"
READ = ("jira_get_issue", {"issue_key": "DEMO-7"})
NEW_ISSUE = {"project_key": "DEMO", "summary": "Only one", "issue_type": "Task"}
EDIT = ("jira_update_issue", {"issue_key": "DEMO-7", "summary": "Once"})
COMMENT = ("jira_add_comment", {"issue_key": "DEMO-7", "body": "Once."})


async def comments(world: World) -> int:
    async with world.http() as http:
        return int((await http.get(f"{ONE}/comment")).json()["total"])


async def test_a_rate_limit_is_waited_for_and_the_call_succeeds(agent: Client, world: World) -> None:
    await world.fault(path=ONE, status=429, headers={"Retry-After": "7"})
    await told(agent, *READ)
    assert world.waits.seconds == [7.0]


async def test_a_rate_limit_is_waited_for_on_a_write_too(agent: Client, world: World) -> None:
    before = await comments(world)
    await world.fault(method="POST", path=f"{ONE}/comment", status=429, headers={"Retry-After": "2"})
    await told(agent, *COMMENT)
    assert await comments(world) == before + 1


async def test_a_limit_beyond_our_patience_says_when_to_come_back_and_which_it_is(agent: Client, world: World) -> None:
    headers = {"Retry-After": "1800", "RateLimit-Reason": "jira-quota-global-based"}
    await world.fault(path=ONE, status=429, headers=headers)
    said = await refused(agent, *READ)
    assert "Try again in 1800 s" in said
    assert "jira-quota-global-based" in said
    assert world.waits.seconds == []


@pytest.mark.parametrize("value", ["0", "-5", "soon", "Thu, 01 Jan 1970 00:00:00 GMT", ""])
async def test_a_retry_after_that_makes_no_sense_is_replaced_by_our_own_pace(
    agent: Client, world: World, value: str
) -> None:
    await world.fault(path=ONE, status=429, headers={"Retry-After": value, "X-RateLimit-Reset": "never"})
    await told(agent, *READ)
    assert world.waits.seconds == [0.5]


async def test_a_limit_without_a_retry_after_is_over_when_it_is_reset(agent: Client, world: World) -> None:
    reset = (NOW + timedelta(seconds=4)).isoformat()
    await world.fault(path=ONE, status=429, headers={"Retry-After": "", "X-RateLimit-Reset": reset})
    await told(agent, *READ)
    assert world.waits.seconds == [4.0]


async def test_limits_without_end_are_given_up_after_the_configured_retries(agent: Client, world: World) -> None:
    await world.fault(path=ONE, status=429, headers={"Retry-After": "1"}, times=99)
    assert "asks us to slow down" in await refused(agent, *READ)
    assert len(world.waits.seconds) == 3


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_read_is_repeated_when_atlassian_stumbles(agent: Client, world: World, status: int) -> None:
    await world.fault(path=ONE, status=status, times=2)
    await told(agent, *READ)
    assert world.waits.seconds == [0.5, 1.0]


async def test_a_search_is_a_read_although_it_is_posted(agent: Client, world: World) -> None:
    await world.fault(path="/rest/api/3/search/jql", status=503)
    await told(agent, "jira_search", {"jql": "project = DEMO"})


async def test_a_read_that_never_succeeds_says_that_atlassian_is_down(agent: Client, world: World) -> None:
    await world.fault(path=ONE, status=503, times=99)
    assert "is not available now (it answered 503). Try again in a minute" in await refused(agent, *READ)


async def test_a_write_that_may_have_been_applied_is_not_repeated(agent: Client, world: World) -> None:
    await world.fault(method="PUT", path=ONE, status=502)
    said = await refused(agent, *EDIT)
    assert "It may have been applied" in said
    assert world.waits.seconds == []


async def test_a_write_whose_answer_is_lost_is_said_to_be_unknown(agent: Client, world: World) -> None:
    await world.fault(method="PUT", path=ONE, drop="after")
    assert "It may have been applied: read or search for it" in await refused(agent, *EDIT)
    async with world.http() as http:
        assert (await http.get(ONE)).json()["fields"]["summary"] == EDIT[1]["summary"]


@pytest.mark.parametrize("fault", [{"drop": "after"}, {"truncate": True}, {"status": 500}, {"status": 503}])
async def test_a_comment_is_posted_once_where_that_can_be_known(
    agent: Client, world: World, fault: dict[str, Any]
) -> None:
    before = await comments(world)
    await world.fault(method="POST", path=f"{ONE}/comment", **fault)
    await told(agent, *COMMENT)
    assert await comments(world) == before + 1


@pytest.mark.parametrize("fault", [{"drop": "before"}, {"status": 502}, {"status": 504}])
async def test_a_comment_that_may_yet_arrive_is_not_posted_again(
    agent: Client, world: World, fault: dict[str, Any]
) -> None:
    before = await comments(world)
    await world.fault(method="POST", path=f"{ONE}/comment", **fault)
    assert "It may have been applied" in await refused(agent, *COMMENT)
    assert await comments(world) == before


async def test_the_first_comment_of_an_issue_is_looked_for_among_none(agent: Client, world: World) -> None:
    async with world.http() as http:
        key = (await http.post("/rest/api/3/issue", json=issue("No comments"))).json()["key"]
    await world.fault(method="POST", path=f"/rest/api/3/issue/{key}/comment", status=503)
    assert "Added comment" in await told(agent, "jira_add_comment", {"issue_key": key, "body": "First."})


DROPPED = [{"drop": "after"}, {"status": 502}, {"drop": "before"}, {"status": 503}, {"truncate": True}]
LANDS = [{"drop": "after"}, {"truncate": True}]


async def titled(world: World, title: str) -> list[dict[str, Any]]:
    async with world.http() as http:
        return (await http.get("/wiki/api/v2/pages", params={"title": title})).json()["results"]


async def new_page(agent: Client, world: World) -> Page:
    await told(agent, "confluence_create_page", {"space_key": "ENG", "title": "New", "content": "Old words."})
    return next(page for page in world.site.pages.values() if page.title == "New")


def edit(page: Page) -> dict[str, str]:
    return {"page_id": page.id, "title": "Told once", "content": "Words."}


@pytest.mark.parametrize("fault", DROPPED)
async def test_a_page_is_updated_once_whatever_becomes_of_the_answer(
    agent: Client, world: World, fault: dict[str, Any]
) -> None:
    page = await new_page(agent, world)
    await world.fault(method="PUT", path=f"/wiki/api/v2/pages/{page.id}", **fault)
    assert "version 2" in await told(agent, "confluence_update_page", edit(page))
    assert [(each.title, each.body) for each in page.versions[1:]] == [("Told once", "<p>Words.</p>")]


async def test_a_page_whose_update_arrives_late_is_updated_once(agent: Client, world: World) -> None:
    page = await new_page(agent, world)
    await world.fault(method="PUT", path=f"/wiki/api/v2/pages/{page.id}", drop="late", late=0)
    assert "version 2" in await told(agent, "confluence_update_page", edit(page))
    assert [each.title for each in page.versions[1:]] == ["Told once"]


async def test_somebody_elses_edit_is_not_taken_for_ours(agent: Client, world: World) -> None:
    page = await new_page(agent, world)

    def meanwhile() -> None:
        latest = page.latest
        page.versions.append(replace(latest, number=latest.number + 1, body="<p>Somebody else's.</p>"))

    await world.fault(method="PUT", path=f"/wiki/api/v2/pages/{page.id}", drop="before")
    world.waits.meanwhile = meanwhile
    assert "is at version 2, and your edit is based on version 1" in await refused(
        agent, "confluence_update_page", edit(page)
    )
    assert page.latest.body == "<p>Somebody else's.</p>"


@pytest.mark.parametrize("fault", DROPPED)
async def test_a_page_is_created_once_whatever_becomes_of_the_answer(
    agent: Client, world: World, fault: dict[str, Any]
) -> None:
    await world.fault(method="POST", path="/wiki/api/v2/pages", **fault)
    arguments = {"space_key": "ENG", "title": "Only one", "content": "Words."}
    (await told(agent, "confluence_create_page", arguments)).index("version 1")
    assert len(await titled(world, "Only one")) == 1


@pytest.mark.parametrize("fault", LANDS)
async def test_an_issue_that_was_created_without_an_answer_is_found(
    agent: Client, world: World, fault: dict[str, Any]
) -> None:
    await world.fault(method="POST", path="/rest/api/3/issue", **fault)
    said = await told(agent, "jira_create_issue", NEW_ISSUE)
    made = [issue for issue in world.site.issues.values() if issue.values["summary"] == "Only one"]
    assert len(made) == 1
    assert made[0].key in said


async def test_an_issue_that_is_not_found_is_not_created_again(agent: Client, world: World) -> None:
    await world.fault(method="POST", path="/rest/api/3/issue", status=503)
    assert "It may have been applied" in await refused(agent, "jira_create_issue", NEW_ISSUE)
    assert [row["method"] for row in await world.requests() if row["path"] == "/rest/api/3/issue"] == ["POST"]


async def test_somebody_elses_issue_of_the_same_name_is_not_taken_for_ours(agent: Client, world: World) -> None:
    async with world.http() as http:
        await http.post("/rest/api/3/issue", json=issue("Only one"))
    await world.fault(method="POST", path="/rest/api/3/issue", drop="before")
    assert "It may have been applied" in await refused(agent, "jira_create_issue", NEW_ISSUE)


async def test_what_cannot_be_looked_for_is_unknown(agent: Client, world: World) -> None:
    await world.fault(method="POST", path="/rest/api/3/issue", drop="after")
    await world.fault(path="/rest/api/3/search/jql", status=403, times=9)
    assert "It may have been applied" in await refused(agent, "jira_create_issue", NEW_ISSUE)


async def test_a_page_that_is_not_json_is_explained(agent: Client, world: World) -> None:
    await world.fault(path=ONE, status=200, body="<html>Log in</html>", content_type="text/html", times=2)
    said = await refused(agent, *READ)
    assert "answered 200 with text/html, not JSON" in said
    assert "Log in" not in said


async def test_a_write_whose_answer_makes_no_sense_is_said_to_be_unknown(agent: Client, world: World) -> None:
    await world.fault(
        method="POST", path=f"{ONE}/comment", status=201, body='{"id": "1', content_type="application/json"
    )
    said = await refused(agent, *COMMENT)
    assert "answered 201 with application/json, not JSON" in said
    assert "It may have been applied" in said


@pytest.mark.parametrize("fault", [{"login": True}, {"truncate": True}, {"status": 200, "body": "{}"}])
async def test_a_read_whose_answer_makes_no_sense_is_repeated_once(
    agent: Client, world: World, fault: dict[str, Any]
) -> None:
    await world.fault(path=ONE, **fault)
    await told(agent, *READ)
    assert world.waits.seconds == [0.5]


async def test_an_answer_that_cannot_be_unpacked_is_asked_for_again(agent: Client, world: World) -> None:
    await world.fault(path=ONE, status=200, body="not gzip", headers={"Content-Encoding": "gzip"})
    await told(agent, *READ)


async def test_an_answer_about_something_else_is_not_shown_as_what_was_asked_for(agent: Client, world: World) -> None:
    await world.fault(path=ONE, status=200, body='{"values": []}', content_type="application/json", times=2)
    assert "something else than what was asked for (at key)" in await refused(agent, *READ)


async def test_the_wrong_issue_is_asked_for_again(agent: Client, world: World) -> None:
    async with world.http() as http:
        other = (await http.get("/rest/api/3/issue/DEMO-11")).text
    await world.fault(path=ONE, status=200, body=other, content_type="application/json")
    assert "DEMO-11" not in (await told(agent, *READ)).partition("\n")[0]


async def test_an_issue_that_answers_twice_under_another_key_has_moved(agent: Client, world: World) -> None:
    async with world.http() as http:
        other = (await http.get("/rest/api/3/issue/DEMO-11")).text
    await world.fault(path=ONE, status=200, body=other, content_type="application/json", times=2)
    assert "DEMO-11" in (await told(agent, *READ)).partition("\n")[0]


async def test_a_read_that_gets_ever_other_issues_says_so(world: World) -> None:
    for key in ("HELP-1", "HELP-2"):
        body = json.dumps({"id": key, "key": key, "fields": {}})
        await world.fault(path=ONE, status=200, body=body, content_type="application/json")
    async with Client(world.server(ISTHMUS_MAX_RETRIES="1")) as agent:
        assert "answered with `HELP-2` instead of issue `DEMO-7`. Try again" in await refused(agent, *READ)


async def test_a_redirect_is_not_followed(agent: Client, world: World) -> None:
    await world.fault(path=ONE, status=302, headers={"Location": "http://169.254.169.254/"}, body="")
    assert "redirects to http://169.254.169.254/" in await refused(agent, *READ)


async def test_wrong_credentials_name_the_account_and_the_remedy(world: World) -> None:
    async with Client(world.server(JIRA_API_TOKEN="stale")) as agent:  # noqa: S106 - nobody's token
        said = await refused(agent, *READ)
    assert "does not accept the credentials of `demo@example.com`" in said
    assert "id.atlassian.com" in said
    assert "stale" not in said


async def test_a_site_that_does_not_answer_in_time_is_told_as_such(world: World) -> None:
    await world.fault(path=ONE, delay=60, times=9)
    async with Client(world.server(JIRA_TIMEOUT="0.1", ISTHMUS_MAX_RETRIES="1")) as agent:
        with fail_after(5):
            assert "did not answer in 0.1 s (issue `DEMO-7`)" in await refused(agent, *READ)
    assert world.waits.seconds == [0.5]


async def test_a_write_that_times_out_is_said_to_be_unknown(world: World) -> None:
    await world.fault(method="POST", path=f"{ONE}/comment", delay=60)
    async with Client(world.server(JIRA_TIMEOUT="0.1")) as agent:
        with fail_after(5):
            assert "did not answer in 0.1 s after your change" in await refused(agent, *COMMENT)


async def test_a_site_that_cannot_be_reached_says_so() -> None:
    config = JiraConfig("http://127.0.0.1:9", "token", "a@example.com", max_retries=0)
    async with JiraApiClient(config) as jira:
        with pytest.raises(Exception, match=r"Jira at http://127.0.0.1:9 can't be reached .*Check the URL"):
            await jira.read(ISSUE, "DEMO-1")


async def test_a_pause_is_anything_below_a_ceiling_that_doubles() -> None:
    assert [Pace(chance=lambda: 1.0).backoff(attempt) for attempt in range(3)] == [1.0, 2.0, 4.0]
    assert Pace(chance=lambda: 0.0).backoff(2) == 0.0
    assert Pace(chance=lambda: 1.0).backoff(9) == 30.0


async def test_a_cancelled_call_stops_its_request_upstream(world: World) -> None:
    started, stopped = anyio.Event(), anyio.Event()

    async def never_answers(scope: Scope, receive: Receive, send: Send) -> None:
        started.set()
        try:
            await anyio.sleep_forever()
        finally:
            stopped.set()

    async with Client(build(world.settings(), transport=InProcess(never_answers))) as agent:
        with fail_after(5):
            async with anyio.create_task_group() as calls:
                calls.start_soon(agent.call_tool, *READ)
                await started.wait()
                calls.cancel_scope.cancel()
            await stopped.wait()


async def test_the_clients_page_through_everything_from_python(world: World) -> None:
    settings = world.settings()
    assert settings.jira
    async with JiraApiClient(settings.jira, transport=world.wire) as jira:
        found = [issue.key async for issue in jira.issues(Issue, "project = DEMO", "summary")]
    assert len(found) == len(set(found)) > 40


async def test_the_named_errors_carry_what_a_program_needs(world: World) -> None:
    settings = world.settings()
    assert settings.jira
    await world.fault(path=ONE, status=429, headers={"Retry-After": "90", "RateLimit-Reason": "jira-burst-based"})
    async with JiraApiClient(settings.jira, transport=world.wire) as jira:
        with pytest.raises(RateLimited) as caught:
            await jira.read(ISSUE, "DEMO-7")
    assert (caught.value.retry_after, caught.value.limit) == (90.0, "jira-burst-based")


ODD = ["[]", "null", "{}", '{"values": 5}', '{"issues": 7}', '"text"', '{"results": [1], "totalSize": "x"}', ""]


@pytest.mark.parametrize("body", ODD)
@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        READ,
        ("jira_search", {"jql": "project = DEMO"}),
        ("jira_get_transitions", {"issue_key": "DEMO-7"}),
        ("confluence_search", {"query": "x"}),
        ("confluence_list_spaces", {}),
        ("confluence_get_page", {"page_id": "131074"}),
        ("confluence_get_page", {"title": "Onboarding", "space_key": "ENG"}),
    ],
)
async def test_a_read_that_is_answered_oddly_says_so(
    agent: Client, world: World, tool: str, arguments: dict[str, str], body: str
) -> None:
    await world.fault(status=200, body=body, content_type="application/json", times=9)
    said = await refused(agent, tool, arguments)
    assert "something else than what was asked for" in said or "No space `ENG`" in said


@pytest.mark.parametrize("body", ODD)
@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        COMMENT,
        ("jira_create_issue", {"project_key": "DEMO", "summary": "Once", "issue_type": "Task"}),
        ("jira_update_issue", {"issue_key": "DEMO-7", "summary": "Once"}),
    ],
)
async def test_a_write_that_is_answered_oddly_is_said_to_be_unknown(
    agent: Client, world: World, tool: str, arguments: dict[str, str], body: str
) -> None:
    await world.fault(method="POST", status=201, body=body, content_type="application/json")
    await world.fault(method="PUT", status=200, body="{", content_type="application/json")
    said = await refused(agent, tool, arguments)
    assert "It may have been applied" in said
    assert "try again" not in said.lower()


async def test_a_page_that_we_could_not_read_is_still_said_to_be_written(agent: Client, world: World) -> None:
    deep = "<div>" * 120 + "x" + "</div>" * 120  # as a site may make of what it is sent
    page = {"id": "98304", "status": "current", "title": "Deep", "spaceId": "65537", "version": {"number": 1}}
    body = json.dumps({**page, "body": {"storage": {"value": deep, "representation": "storage"}}, "_links": {}})
    await world.fault(method="POST", path="/wiki/api/v2/pages", status=200, body=body, content_type="application/json")
    said = await told(agent, "confluence_create_page", {"space_key": "ENG", "title": "Deep", "content": "Deep."})
    assert said.startswith("Created page")


@pytest.mark.parametrize("value", ["Fri, 01 Jan 2100 00:00:00 -0000", "Fri, 01 Jan 2100 00:00:00"])
async def test_a_retry_after_without_a_zone_is_utc(agent: Client, world: World, value: str) -> None:
    await world.fault(path=ONE, status=429, headers={"Retry-After": value})
    assert "Nothing was done. Try again in" in await refused(agent, *READ)


@pytest.mark.parametrize("body", ['{"errors": ["bad"]}', '{"errors": 5}', '{"errorMessages": "odd"}', "[1]", "<html>"])
async def test_a_refusal_in_an_odd_shape_is_still_a_refusal(agent: Client, world: World, body: str) -> None:
    await world.fault(path=ONE, status=400, body=body, content_type="application/json")
    assert "refused this (issue `DEMO-7`)" in await refused(agent, *READ)


async def test_a_refusal_of_great_length_is_cut(agent: Client, world: World) -> None:
    await world.fault(path=ONE, status=400, body=json.dumps({"errorMessages": ["x" * 100_000]}))
    assert len(await refused(agent, *READ)) < 3000


async def test_an_unavailable_site_may_say_when_to_come_back(agent: Client, world: World) -> None:
    await world.fault(path=ONE, status=503, headers={"Retry-After": "20"})
    await told(agent, *READ)
    assert world.waits.seconds == [20.0]


async def test_an_answer_without_end_is_given_up(world: World) -> None:
    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b" " * (65 * 2**20)})

    server = build(world.settings(), transport=InProcess(endless), pace=world.waits.pace())
    async with Client(server) as agent:
        assert "broke off its answer (over 64 MiB)" in await refused(agent, *READ)


async def test_the_same_cursor_again_ends_a_list(world: World) -> None:
    settings = world.settings()
    assert settings.confluence
    body = json.dumps({"results": [], "_links": {"next": "/wiki/api/v2/spaces?cursor=same"}})
    await world.fault(path="/wiki/api/v2/spaces", status=200, body=body, content_type="application/json", times=99)
    async with ConfluenceApiClient(settings.confluence, transport=world.wire) as confluence:
        assert [space async for space in confluence.results(Space, "spaces")] == []
    assert len(await world.requests()) == 2


async def test_a_refusal_stands_though_its_choices_cannot_be_had(agent: Client, world: World) -> None:
    await world.fault(path="/rest/api/3/priority", status=403)
    arguments = {"project_key": "DEMO", "summary": "New", "issue_type": "Task", "priority": "Urgent"}
    assert "Priority name 'Urgent' is not valid." in await refused(agent, "jira_create_issue", arguments)


async def test_a_space_that_was_made_anew_is_found_under_its_new_id(agent: Client, world: World) -> None:
    await told(agent, "confluence_create_page", {"space_key": "ENG", "title": "Before"})
    space = world.site.spaces.pop("65537")
    world.site.spaces["77777"] = replace(space, id="77777")
    for page in world.site.pages.values():
        page.space = "77777" if page.space == "65537" else page.space
    await told(agent, "confluence_create_page", {"space_key": "ENG", "title": "After"})
