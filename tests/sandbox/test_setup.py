import httpx2
import pytest

pytestmark = pytest.mark.anyio
API = "/rest/api/3"


async def test_fields_have_names_types_and_clauses(demo: httpx2.AsyncClient) -> None:
    fields = {field["id"]: field for field in (await demo.get(f"{API}/field")).json()}
    points = fields["customfield_10016"]
    assert (points["name"], points["schema"]["type"], points["clauseNames"][0]) == (
        "Story Points",
        "number",
        "cf[10016]",
    )
    assert fields["labels"]["schema"] == {"type": "array", "items": "string", "system": "labels"}


@pytest.mark.parametrize(
    ("path", "name"),
    [("priority", "Highest"), ("status", "In Review"), ("resolution", "Won't Do"), ("issuetype", "Sub-task")],
)
async def test_the_catalogue_is_told(demo: httpx2.AsyncClient, path: str, name: str) -> None:
    assert name in [row["name"] for row in (await demo.get(f"{API}/{path}")).json()]


async def test_projects_are_searched_page_by_page(demo: httpx2.AsyncClient) -> None:
    search = f"{API}/project/search"
    keys: list[str] = []
    page = (await demo.get(search, params={"maxResults": 1})).json()
    while True:
        keys += [project["key"] for project in page["values"]]
        if page["isLast"]:
            break
        page = (await demo.get(page["nextPage"])).json()
    assert keys == ["ARCH", "DEMO", "HELP"]


@pytest.mark.parametrize(
    ("asked", "keys"),
    [
        ({"query": "shop"}, ["ARCH", "DEMO"]),
        ({"query": "hel"}, ["HELP"]),
        ({"keys": "DEMO,VAULT"}, ["DEMO"]),
        ({"typeKey": "service_desk"}, ["HELP"]),
        ({"id": "10000"}, ["DEMO"]),
        ({"maxResults": "0"}, []),
    ],
)
async def test_projects_are_filtered(demo: httpx2.AsyncClient, asked: dict[str, str], keys: list[str]) -> None:
    found = (await demo.get(f"{API}/project/search", params=asked | {"expand": "lead,nonsense"})).json()["values"]
    assert [project["key"] for project in found] == keys
    assert all("lead" in project for project in found)


async def test_a_project_tells_its_types_and_statuses(demo: httpx2.AsyncClient) -> None:
    project = (await demo.get(f"{API}/project/demo")).json()
    assert project["lead"]["displayName"] == "Sam Carter"
    statuses = (await demo.get(f"{API}/project/{project['id']}/statuses")).json()
    assert [kind["name"] for kind in statuses] == [kind["name"] for kind in project["issueTypes"]]
    assert "In Review" in [status["name"] for status in statuses[0]["statuses"]]


@pytest.mark.parametrize(("wanted", "kind"), [("NOPE", "key"), ("VAULT", "key"), ("10002", "id")])
async def test_a_hidden_project_does_not_exist(demo: httpx2.AsyncClient, wanted: str, kind: str) -> None:
    missing = await demo.get(f"{API}/project/{wanted}")
    assert missing.status_code == 404
    assert missing.json()["errorMessages"] == [f"No project could be found with {kind} '{wanted}'."]


async def test_create_screens_tell_what_they_need(demo: httpx2.AsyncClient) -> None:
    meta = f"{API}/issue/createmeta/DEMO/issuetypes"
    kinds = {kind["name"]: kind["id"] for kind in (await demo.get(meta)).json()["issueTypes"]}
    fields = (await demo.get(f"{meta}/{kinds['Sub-task']}", params={"maxResults": 100})).json()["fields"]
    assert {field["fieldId"] for field in fields if field["required"]} == {"summary", "issuetype", "project", "parent"}
    severity = next(field for field in fields if field["name"] == "Severity")
    assert severity["allowedValues"][0]["value"] == "Critical"
    few = (await demo.get(f"{meta}/{kinds['Bug']}", params={"startAt": 2, "maxResults": 3})).json()
    assert (len(few["fields"]), few["startAt"]) == (3, 2)


async def test_there_is_no_create_screen_where_one_may_not_create(demo: httpx2.AsyncClient) -> None:
    for path in ("ARCH/issuetypes", "VAULT/issuetypes", "DEMO/issuetypes/99999"):
        assert (await demo.get(f"{API}/issue/createmeta/{path}")).status_code == 404


@pytest.mark.parametrize(
    ("scope", "granted"),
    [
        ({}, {"BROWSE_PROJECTS", "EDIT_ISSUES"}),
        ({"projectKey": "DEMO"}, {"BROWSE_PROJECTS", "EDIT_ISSUES"}),
        ({"projectKey": "ARCH"}, {"BROWSE_PROJECTS"}),
        ({"issueKey": "ARCH-1"}, {"BROWSE_PROJECTS"}),
    ],
)
async def test_permissions_depend_on_the_project(
    demo: httpx2.AsyncClient, scope: dict[str, str], granted: set[str]
) -> None:
    asked = scope | {"permissions": "BROWSE_PROJECTS,EDIT_ISSUES,ADMINISTER"}
    shown = (await demo.get(f"{API}/mypermissions", params=asked)).json()["permissions"]
    assert {name for name, row in shown.items() if row["havePermission"]} == granted


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 400),
        ({"permissions": "FLY"}, 400),
        ({"permissions": "ADMINISTER", "projectKey": "NOPE"}, 404),
        ({"permissions": "ADMINISTER", "issueKey": "NOPE-1"}, 404),
    ],
)
async def test_a_bad_question_about_permissions_is_refused(
    demo: httpx2.AsyncClient, asked: dict[str, str], status: int
) -> None:
    assert (await demo.get(f"{API}/mypermissions", params=asked)).status_code == status
