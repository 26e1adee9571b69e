import httpx2
import pytest

from server.sandbox import Site
from tests.sandbox.conftest import Clock
from tests.sandbox.writing import doc, issue

pytestmark = pytest.mark.anyio
ISSUE = "/rest/api/3/issue"


async def created(client: httpx2.AsyncClient, **fields: object) -> str:
    made = await client.post(ISSUE, json=issue(**fields))  # pyright: ignore[reportArgumentType]
    assert made.status_code == 201, made.text
    return made.json()["key"]


async def test_an_issue_is_read_by_key_in_any_case_and_by_id(demo: httpx2.AsyncClient) -> None:
    by_key = (await demo.get(f"{ISSUE}/demo-7")).json()
    by_id = (await demo.get(f"{ISSUE}/{by_key['id']}")).json()
    assert by_key == by_id
    assert by_key["fields"]["status"]["name"] == "In Progress"
    assert by_key["fields"]["comment"]["total"] == len(by_key["fields"]["comment"]["comments"]) > 10


@pytest.mark.parametrize(
    ("asked", "present", "absent"),
    [
        ("summary,status", {"summary", "status"}, {"comment", "description"}),
        ("*all", {"summary", "comment", "worklog"}, {"nonsense"}),
        ("*navigable", {"summary", "description"}, {"comment", "worklog", "attachment"}),
        ("-comment", {"summary"}, {"comment"}),
        ("*all,-summary", {"comment"}, {"summary"}),
        ("nonsense", set[str](), {"summary"}),
    ],
)
async def test_fields_are_chosen(demo: httpx2.AsyncClient, asked: str, present: set[str], absent: set[str]) -> None:
    shown = (await demo.get(f"{ISSUE}/DEMO-7", params={"fields": asked})).json()["fields"]
    assert present <= set(shown)
    assert not absent & set(shown)


async def test_expansions_add_what_they_name(demo: httpx2.AsyncClient) -> None:
    expand = "renderedFields,names,schema,transitions,changelog"
    shown = (await demo.get(f"{ISSUE}/DEMO-7", params={"expand": expand, "properties": "*all"})).json()
    assert "<pre>" in shown["renderedFields"]["description"]
    assert shown["names"]["customfield_10016"] == "Story Points"
    assert shown["schema"]["customfield_10031"]["customId"] == 10031
    assert {row["name"] for row in shown["transitions"]} == {"To Do", "In Review", "Done"}
    assert shown["changelog"]["total"] == len(shown["changelog"]["histories"]) == 1
    assert shown["properties"]["shop.release"]["regression"] is True


async def test_relatives_are_embedded(demo: httpx2.AsyncClient) -> None:
    shown = (await demo.get(f"{ISSUE}/DEMO-7")).json()["fields"]
    assert shown["parent"]["key"] == "DEMO-1"
    assert [child["key"] for child in shown["subtasks"]] == ["DEMO-21", "DEMO-22", "DEMO-23"]
    assert {("inwardIssue" in link, link["type"]["name"]) for link in shown["issuelinks"]} == {
        (True, "Blocks"),
        (False, "Relates"),
        (True, "Relates"),
    }
    assert shown["attachment"][0]["filename"] == "screenshot.png"
    assert shown["worklog"]["worklogs"][1]["timeSpent"] == "1d"
    assert shown["customfield_10020"][0]["state"] == "active"


async def test_a_new_issue_holds_what_was_written(demo: httpx2.AsyncClient, site: Site, clock: Clock) -> None:
    zoe = next(person for person in site.people.values() if person.name.startswith("Zoë"))
    key = await created(
        demo,
        description=doc("Ünïcode 🚚"),
        labels=["one", "two", "one"],
        priority={"name": "high"},
        assignee={"accountId": zoe.account_id},
        duedate="2026-04-01",
        parent={"key": "DEMO-1"},
        customfield_10016=3,
        customfield_10031={"value": "Major"},
        customfield_10033=[{"value": "Web"}, {"id": "10202"}],
        customfield_10035="https://example.com",
        customfield_10020=2,
        environment=None,
    )
    shown = (await demo.get(f"{ISSUE}/{key}")).json()["fields"]
    assert shown["description"] == doc("Ünïcode 🚚")
    assert shown["labels"] == ["one", "two"]
    assert (shown["priority"]["name"], shown["assignee"]["displayName"]) == ("High", zoe.name)
    assert (shown["parent"]["key"], shown["status"]["name"]) == ("DEMO-1", "To Do")
    assert shown["created"] == "2026-03-02T12:00:00.000+0000"
    assert [area["value"] for area in shown["customfield_10033"]] == ["Web", "Payments"]


async def test_properties_and_comments_come_with_the_create(demo: httpx2.AsyncClient) -> None:
    body = issue() | {"properties": [{"key": "marker", "value": {"a": 1}}]}
    body["update"] = {"comment": [{"add": {"body": doc("first")}}]}
    key = (await demo.post(ISSUE, json=body)).json()["key"]
    assert (await demo.get(f"{ISSUE}/{key}/properties/marker")).json() == {"key": "marker", "value": {"a": 1}}
    assert (await demo.get(f"{ISSUE}/{key}/comment")).json()["comments"][0]["body"] == doc("first")


async def test_a_failed_create_burns_a_number(demo: httpx2.AsyncClient) -> None:
    before = await created(demo)
    assert (await demo.post(ISSUE, json=issue(priority={"name": "Nonsense"}))).status_code == 400
    after = await created(demo)
    assert int(after.partition("-")[2]) == int(before.partition("-")[2]) + 2


async def test_an_edit_is_written_and_remembered(demo: httpx2.AsyncClient, clock: Clock) -> None:
    key = await created(demo, labels=["a", "b"])
    clock.pass_by(minutes=1)
    verbs = {"labels": [{"add": "c"}, {"remove": "a"}, {"add": "c"}], "comment": [{"add": {"body": doc("why")}}]}
    edited = await demo.put(f"{ISSUE}/{key}", json={"fields": {"summary": "Better"}, "update": verbs})
    assert edited.status_code == 204
    shown = (await demo.get(f"{ISSUE}/{key}", params={"expand": "changelog"})).json()
    assert (shown["fields"]["summary"], shown["fields"]["labels"]) == ("Better", ["b", "c"])
    assert shown["fields"]["updated"] > shown["fields"]["created"]
    changes = shown["changelog"]["histories"][0]["items"]
    assert [(one["field"], one["fromString"], one["toString"]) for one in changes] == [
        ("summary", "A new issue", "Better"),
        ("labels", "a b", "b c"),
    ]


async def test_an_edit_may_return_the_issue(demo: httpx2.AsyncClient) -> None:
    edited = await demo.put(
        f"{ISSUE}/DEMO-20",
        params={"returnIssue": "true"},
        json={
            "fields": {"description": doc("New"), "customfield_10033": [{"value": "Web"}], "parent": None},
            "update": {"priority": [{"set": {"id": "1"}}]},
        },
    )
    assert edited.status_code == 200
    assert edited.json()["fields"]["priority"]["name"] == "Highest"
    history = (await demo.get(f"{ISSUE}/DEMO-20/changelog")).json()["values"][-1]
    texts = {change["fieldId"]: change["toString"] for change in history["items"]}
    assert texts == {"description": "New", "customfield_10033": "Web", "priority": "Highest"}


async def test_writing_the_same_again_leaves_no_history(demo: httpx2.AsyncClient) -> None:
    key = await created(demo)
    await demo.put(f"{ISSUE}/{key}", json={"fields": {"summary": "A new issue", "duedate": None}})
    assert (await demo.get(f"{ISSUE}/{key}/changelog")).json()["values"] == []


async def test_an_assignee_comes_and_goes(demo: httpx2.AsyncClient, site: Site) -> None:
    priya = next(person for person in site.people.values() if person.name == "Priya Raman")
    assign = f"{ISSUE}/DEMO-10/assignee"
    assert (await demo.put(assign, json={"accountId": priya.account_id})).status_code == 204
    shown = (await demo.get(f"{ISSUE}/DEMO-10", params={"fields": "assignee"})).json()["fields"]
    assert shown["assignee"]["displayName"] == "Priya Raman"
    await demo.put(assign, json={"accountId": "-1"})
    shown = (await demo.get(f"{ISSUE}/DEMO-10", params={"fields": "assignee"})).json()["fields"]
    assert shown["assignee"] is None
    await demo.put(f"{ISSUE}/DEMO-7", json={"fields": {"assignee": {"accountId": None}}})
    assert (await demo.get(f"{ISSUE}/DEMO-7", params={"fields": "assignee"})).json()["fields"]["assignee"] is None


async def test_a_deleted_issue_is_gone(demo: httpx2.AsyncClient) -> None:
    refused = await demo.delete(f"{ISSUE}/DEMO-7")
    assert refused.status_code == 400
    assert "has subtasks" in refused.json()["errorMessages"][0]
    assert (await demo.delete(f"{ISSUE}/DEMO-7", params={"deleteSubtasks": "true"})).status_code == 204
    assert (await demo.get(f"{ISSUE}/DEMO-7")).status_code == 404
    assert (await demo.get(f"{ISSUE}/DEMO-21")).status_code == 404
    await demo.delete(f"{ISSUE}/DEMO-2")
    assert (await demo.get(f"{ISSUE}/DEMO-12")).json()["fields"]["parent"] is None


async def test_times_are_told_in_the_readers_zone(site: Site) -> None:
    from tests.sandbox.conftest import browsing

    async with browsing(site) as demo, browsing(site, "kenji") as kenji:
        params = {"fields": "created"}
        here = (await demo.get(f"{ISSUE}/DEMO-7", params=params)).json()["fields"]["created"]
        there = (await kenji.get(f"{ISSUE}/DEMO-7", params=params)).json()["fields"]["created"]
    assert here.endswith("+0000")
    assert there.endswith("+0900")
