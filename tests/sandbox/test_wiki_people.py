"""People and groups, as Confluence tells them."""

import httpx2
import pytest

from server.sandbox.people import CUSTOMER, DEMO, KENJI, OLGA, PEOPLE

pytestmark = pytest.mark.anyio
V1 = "/wiki/rest/api"


async def test_a_person_is_found_by_account_id(rough: httpx2.AsyncClient) -> None:
    shown = (await rough.get(f"{V1}/user", params={"accountId": DEMO.account_id})).json()
    assert (shown["displayName"], shown["email"]) == ("Demo User", DEMO.email)
    assert (await rough.get(f"{V1}/user", params={"accountId": KENJI.account_id})).json()["email"] == ""
    for wrong in ({"accountId": "nobody"}, {"accountId": CUSTOMER.account_id}, {}):
        assert (await rough.get(f"{V1}/user", params=wrong)).status_code == 404


async def test_people_are_looked_up_together(demo: httpx2.AsyncClient) -> None:
    asked = {"accountId": f"{DEMO.account_id},{KENJI.account_id},nobody"}
    found = (await demo.get(f"{V1}/user/bulk", params=asked)).json()
    assert [row["accountId"] for row in found["results"]] == [DEMO.account_id, KENJI.account_id]
    ids = [OLGA.account_id, KENJI.account_id, "nobody"]
    rows = (await demo.post("/wiki/api/v2/users-bulk", json={"accountIds": ids})).json()["results"]
    assert [(row["accountStatus"], row["email"]) for row in rows] == [("active", ""), ("inactive", OLGA.email)]


@pytest.mark.parametrize("wrong", [{}, {"accountIds": []}, {"accountIds": "x"}, {"accountIds": ["x"] * 251}])
async def test_a_bad_look_up_is_refused(rough: httpx2.AsyncClient, wrong: dict[str, object]) -> None:
    assert (await rough.post("/wiki/api/v2/users-bulk", json=wrong)).status_code == 400


async def test_groups_are_listed_and_have_members(rough: httpx2.AsyncClient) -> None:
    first = (await rough.get(f"{V1}/group", params={"limit": 2})).json()
    assert [row["name"] for row in first["results"]] == ["archivists", "developers"]
    rest = (await rough.get(f"/wiki{first['_links']['next']}&limit=200")).json()
    assert "leadership" in [row["name"] for row in rest["results"]]
    admins = (await rough.get(f"{V1}/group", params={"accessType": "admin"})).json()["results"]
    assert [row["name"] for row in admins] == ["jira-administrators"]
    mine = (await rough.get(f"{V1}/user/memberof", params={"accountId": DEMO.account_id})).json()
    assert [row["name"] for row in mine["results"]] == sorted(DEMO.groups)
    assert (await rough.get(f"{V1}/user/memberof", params={"accountId": "nobody"})).status_code == 404
    picked = (await rough.get(f"{V1}/group/picker", params={"query": "LEAD"})).json()["results"]
    assert [row["id"] for row in picked] == ["group-leadership"]
    assert (await rough.get(f"{V1}/group/by-id", params={"id": "group-leadership"})).json()["name"] == "leadership"
    assert (await rough.get(f"{V1}/group/by-id", params={"id": "none"})).status_code == 404
    members = f"{V1}/group/group-developers/membersByGroupId"
    found = (await rough.get(members, params={"shouldReturnTotalSize": "true", "limit": 1})).json()
    developers = [person for person in PEOPLE if "developers" in person.groups]
    assert (found["size"], found["totalSize"]) == (1, len(developers))
    assert (await rough.get(members, params={"limit": 201})).status_code == 400
    assert (await rough.get(f"{V1}/group/none/membersByGroupId")).status_code == 404
