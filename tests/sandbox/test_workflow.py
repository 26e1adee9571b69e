from typing import Any

import httpx2
import pytest

from tests.sandbox.writing import doc, issue

pytestmark = pytest.mark.anyio
ISSUE = "/rest/api/3/issue"


async def moved(client: httpx2.AsyncClient, key: str, name: str, **more: Any) -> httpx2.Response:
    offered = (await client.get(f"{ISSUE}/{key}/transitions")).json()["transitions"]
    number = next(row["id"] for row in offered if row["name"] == name)
    return await client.post(f"{ISSUE}/{key}/transitions", json={"transition": {"id": number}} | more)


async def test_an_issue_walks_through_the_workflow_and_back(demo: httpx2.AsyncClient) -> None:
    key = (await demo.post(ISSUE, json=issue())).json()["key"]
    for name in ("In Progress", "In Review", "In Progress", "In Review", "Done"):
        assert (await moved(demo, key, name)).status_code == 204
    fields = (await demo.get(f"{ISSUE}/{key}")).json()["fields"]
    assert (fields["status"]["name"], fields["resolution"]["name"]) == ("Done", "Done")
    assert fields["resolutiondate"]
    await moved(demo, key, "Reopen")
    fields = (await demo.get(f"{ISSUE}/{key}")).json()["fields"]
    assert (fields["status"]["name"], fields["resolution"], fields["resolutiondate"]) == ("To Do", None, None)


async def test_a_transition_takes_fields_of_its_screen_and_a_comment(demo: httpx2.AsyncClient) -> None:
    update = {"comment": [{"add": {"body": doc("Not now")}}]}
    done = await moved(demo, "DEMO-7", "Done", fields={"resolution": {"name": "Won't Do"}}, update=update)
    assert done.status_code == 204
    shown = (await demo.get(f"{ISSUE}/DEMO-7", params={"expand": "changelog"})).json()
    assert shown["fields"]["resolution"]["name"] == "Won't Do"
    assert shown["fields"]["comment"]["comments"][-1]["body"] == doc("Not now")
    items = shown["changelog"]["histories"][0]["items"]
    assert [(item["field"], item["toString"]) for item in items] == [("status", "Done"), ("resolution", "Won't Do")]


async def test_screens_are_shown_on_request(demo: httpx2.AsyncClient) -> None:
    asked = {"expand": "transitions.fields", "transitionId": "41"}
    (done,) = (await demo.get(f"{ISSUE}/DEMO-7/transitions", params=asked)).json()["transitions"]
    assert done["hasScreen"] is True
    assert "Duplicate" in [row["name"] for row in done["fields"]["resolution"]["allowedValues"]]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"transition": {"id": "51"}}, "Transition id '51' is not valid for this issue."),
        ({"transition": {"id": "999"}}, "Transition id '999' is not valid for this issue."),
        ({}, "Missing 'transition' identifier"),
    ],
)
async def test_an_impossible_transition_is_refused(demo: httpx2.AsyncClient, body: dict[str, Any], words: str) -> None:
    refused = await demo.post(f"{ISSUE}/DEMO-7/transitions", json=body)
    assert (refused.status_code, refused.json()["errorMessages"]) == (400, [words])


async def test_a_field_that_is_not_on_the_screen_is_refused(demo: httpx2.AsyncClient) -> None:
    refused = await moved(demo, "DEMO-7", "Done", fields={"summary": "x"})
    assert "not on the appropriate screen" in refused.json()["errors"]["summary"]
    refused = await moved(demo, "DEMO-7", "Done", fields={"resolution": {"name": "Nonsense"}})
    assert refused.json()["errors"] == {"resolution": "Resolution name 'Nonsense' is not valid"}
    edited = await demo.put(f"{ISSUE}/DEMO-7", json={"fields": {"resolution": {"name": "Done"}}})
    assert "not on the appropriate screen" in edited.json()["errors"]["resolution"]
