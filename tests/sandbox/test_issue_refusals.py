from typing import Any

import httpx2
import pytest

from server.sandbox import Site
from tests.sandbox.conftest import browsing
from tests.sandbox.writing import doc, issue

pytestmark = pytest.mark.anyio
ISSUE = "/rest/api/3/issue"
OLGA = "712020:5a9d3c10-41f6-4b7e-9c2d-000000000006"
NO_ADF = "Operation value must be an Atlassian Document (see the Atlassian Document Format)"
LONG = doc("x" * 32_768)
EMPTY_TEXT = {
    "type": "doc",
    "version": 1,
    "content": [{"type": "paragraph", "content": [{"type": "text", "text": ""}]}],
}


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("summary", " ", "You must specify a summary of the issue."),
        ("summary", "two\nlines", "The summary is invalid because it contains newline characters."),
        ("summary", "x" * 256, "Summary can't exceed 255 characters."),
        ("summary", None, "You must specify a summary of the issue."),
        ("summary", 7, "Operation value must be a string"),
        ("description", "plain", NO_ADF),
        ("description", LONG, "CONTENT_LIMIT_EXCEEDED"),
        ("description", EMPTY_TEXT, "INVALID_INPUT"),
        ("description", {"type": "doc", "version": 1, "content": [{"type": "x"}]}, "INVALID_INPUT"),
        ("priority", {"name": "Urgent"}, "Priority name 'Urgent' is not valid"),
        ("priority", {"id": "99"}, "Priority id '99' is not valid"),
        ("priority", "High", "Specify a valid 'id' or 'name' for Priority"),
        ("priority", {}, "Specify a valid 'id' or 'name' for Priority"),
        ("priority", None, "Priority is required."),
        ("assignee", {"accountId": "nobody"}, "User 'nobody' does not exist."),
        ("assignee", {"accountId": OLGA}, f"User '{OLGA}' cannot be assigned issues."),
        ("labels", ["a b"], "The label 'a b' contains spaces which is invalid."),
        ("labels", "a", "data was not an array"),
        ("labels", [1], "Operation value must be a string"),
        ("duedate", "tomorrow", "Error parsing date string: tomorrow"),
        ("customfield_10016", "3", "Operation value must be a number"),
        ("customfield_10031", {"value": "Huge"}, "Option value 'Huge' is not valid"),
        ("customfield_10035", "nowhere", "The entered URL is not valid."),
        ("customfield_10020", 99, "Number value expected as the Sprint id."),
        ("parent", {"key": "NOPE-1"}, "Could not find issue by id or key."),
    ],
)
async def test_each_bad_value_is_refused_under_its_field(
    rough: httpx2.AsyncClient, field: str, value: Any, words: str
) -> None:
    for refused in (
        await rough.post(ISSUE, json=issue(**{field: value})),
        await rough.put(f"{ISSUE}/DEMO-20", json={"fields": {field: value}}),
    ):
        assert refused.status_code == 400
        assert refused.json() == {"errorMessages": [], "errors": {field: words}}


async def test_all_bad_fields_of_a_create_are_named_at_once(demo: httpx2.AsyncClient) -> None:
    body = {"fields": {"project": {"key": "DEMO"}, "issuetype": {"name": "Wish"}, "status": {"id": "3"}, "nonsense": 1}}
    errors = (await demo.post(ISSUE, json=body)).json()["errors"]
    assert errors == {
        "issuetype": "Specify a valid issue type",
        "summary": "You must specify a summary of the issue.",
        "status": "Field 'status' cannot be set. It is not on the appropriate screen, or unknown.",
        "nonsense": "Field 'nonsense' cannot be set. It is not on the appropriate screen, or unknown.",
    }


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"project": {"key": "NOPE"}}, {"project": "Specify a valid project ID or key"}),
        ({"project": None}, {"project": "Specify a valid project ID or key"}),
        ({"project": {"key": "VAULT"}}, {"project": "Specify a valid project ID or key"}),
        ({"issuetype": {"name": "Incident"}}, {"issuetype": "The issue type selected is invalid."}),
        (
            {"parent": {"key": "DEMO-7"}},
            {"parentId": "Given parent work item does not belong to appropriate hierarchy."},
        ),
    ],
)
async def test_an_issue_needs_a_place(demo: httpx2.AsyncClient, fields: dict[str, Any], errors: dict[str, str]) -> None:
    refused = await demo.post(ISSUE, json=issue(**fields))
    assert refused.status_code == 400
    assert refused.json()["errors"] == errors


async def test_an_issue_needs_a_type(demo: httpx2.AsyncClient) -> None:
    refused = await demo.post(ISSUE, json={"fields": {"project": {"key": "DEMO"}, "summary": "x"}})
    assert refused.json()["errors"] == {"issuetype": "Specify an issue type"}


async def test_a_subtask_needs_a_parent(demo: httpx2.AsyncClient) -> None:
    refused = await demo.post(ISSUE, json=issue(issuetype={"name": "Sub-task"}))
    words = "Issue type is a sub-task but parent issue key or id not specified."
    assert refused.json() == {"errorMessages": [words], "errors": {}}
    moved = await demo.put(f"{ISSUE}/DEMO-21", json={"fields": {"parent": None}})
    assert moved.json()["errorMessages"] == [words]


@pytest.mark.parametrize(
    ("update", "errors"),
    [
        (
            {"labels": [{"shuffle": "a"}]},
            "Field with id 'labels' and name 'Labels' does not support operation 'shuffle'",
        ),
        ({"priority": [{"add": "a"}]}, "Field with id 'priority' and name 'Priority' does not support operation 'add'"),
        ({"labels": [{"add": "a", "remove": "b"}]}, "An operation has exactly one verb."),
        ({"labels": {"add": "a"}}, "data was not an array"),
        ({"status": [{"set": "x"}]}, "Field 'status' cannot be set. It is not on the appropriate screen, or unknown."),
        (
            {"creator": [{"set": "x"}]},
            "Field 'creator' cannot be set. It is not on the appropriate screen, or unknown.",
        ),
    ],
)
async def test_a_wrong_verb_is_refused(rough: httpx2.AsyncClient, update: dict[str, Any], errors: str) -> None:
    refused = await rough.put(f"{ISSUE}/DEMO-20", json={"update": update})
    assert refused.status_code == 400
    assert list(refused.json()["errors"].values()) == [errors]
    refused = await rough.post(ISSUE, json=issue() | {"update": update})
    assert list(refused.json()["errors"].values()) == [errors]


async def test_one_field_is_not_written_in_two_ways(demo: httpx2.AsyncClient) -> None:
    body = {"fields": {"labels": ["a"]}, "update": {"labels": [{"add": "b"}]}}
    refused = await demo.put(f"{ISSUE}/DEMO-20", json=body)
    assert "cannot be in both" in refused.json()["errors"]["labels"]


async def test_a_comment_in_an_update_can_only_be_added(demo: httpx2.AsyncClient) -> None:
    refused = await demo.put(f"{ISSUE}/DEMO-20", json={"update": {"comment": [{"remove": {"id": "1"}}]}})
    assert refused.json()["errors"]["comment"] == "Only the operation 'add' is supported here."


@pytest.mark.parametrize("key", ["NOPE-1", "VAULT-1", "99999999"])
async def test_what_cannot_be_seen_does_not_exist(demo: httpx2.AsyncClient, key: str) -> None:
    missing = await demo.get(f"{ISSUE}/{key}")
    assert missing.status_code == 404
    words = "Issue does not exist or you do not have permission to see it."
    assert missing.json() == {"errorMessages": [words], "errors": {}}


async def test_a_read_only_project_is_read_only(demo: httpx2.AsyncClient, site: Site) -> None:
    assert (await demo.get(f"{ISSUE}/ARCH-1")).status_code == 200
    assert (await demo.get(f"{ISSUE}/ARCH-1/transitions")).json()["transitions"] == []
    body = {"body": doc()}
    for refused in (
        await demo.post(ISSUE, json=issue(project={"key": "ARCH"})),
        await demo.put(f"{ISSUE}/ARCH-1", json={"fields": {"summary": "x"}}),
        await demo.delete(f"{ISSUE}/ARCH-1"),
        await demo.post(f"{ISSUE}/ARCH-1/comment", json=body),
        await demo.post(f"{ISSUE}/ARCH-1/worklog", json={"timeSpent": "1h"}),
        await demo.put(f"{ISSUE}/ARCH-1/properties/a", json=1),
    ):
        assert refused.status_code == 403
        assert "permission" in refused.json()["errorMessages"][0]
    async with browsing(site, "zoe") as zoe:
        assert (await zoe.post(f"{ISSUE}/ARCH-1/comment", json=body)).status_code == 201


async def test_malformed_json_is_a_bad_request(rough: httpx2.AsyncClient) -> None:
    headers = {"content-type": "application/json"}
    jira = await rough.post(ISSUE, content=b"{", headers=headers)
    assert (jira.status_code, jira.json()["errors"]) == (400, {})
    assert (await rough.post("/wiki/api/v2/pages", content=b"{", headers=headers)).json()["errors"][0]["status"] == 400
    v1 = await rough.post("/wiki/rest/api/content/131073/label", content=b"{", headers=headers)
    assert v1.json()["statusCode"] == 400


@pytest.mark.parametrize("path", ["/rest/api/3/nothing", "/wiki/api/v2/nothing", "/wiki/rest/api/nothing"])
async def test_an_unknown_path_is_not_found(rough: httpx2.AsyncClient, path: str) -> None:
    assert (await rough.get(path)).status_code == 404


@pytest.mark.parametrize("path", ["/rest/api/3/issue/DEMO-7", "/wiki/api/v2/pages/131073", "/wiki/rest/api/search"])
async def test_a_wrong_method_is_not_allowed(rough: httpx2.AsyncClient, path: str) -> None:
    assert (await rough.patch(path, json={})).status_code == 405
