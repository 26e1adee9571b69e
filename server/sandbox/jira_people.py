"""People and what they may do, as Jira tells it."""

from starlette.responses import Response

from server.sandbox import paging, people, refusals
from server.sandbox.call import Call, Operation, Table, answer
from server.sandbox.records import Json, Person, Project

API = "/rest/api/3"
READ_PERMISSIONS = ("BROWSE_PROJECTS", "VIEW_VOTERS_AND_WATCHERS")
WRITE_PERMISSIONS = (
    "CREATE_ISSUES",
    "EDIT_ISSUES",
    "ADD_COMMENTS",
    "TRANSITION_ISSUES",
    "ASSIGN_ISSUES",
    "DELETE_ISSUES",
    "WORK_ON_ISSUES",
    "LINK_ISSUES",
)
ADMIN_PERMISSIONS = ("ADMINISTER", "ADMINISTER_PROJECTS")


def myself(call: Call) -> Response:
    shown = dict(people.jira_user(call.person, call.base))
    groups = [
        {"name": name, "groupId": f"group-{name}", "self": f"{call.base}{API}/group?groupname={name}"}
        for name in sorted(call.person.groups)
    ]
    if "groups" in call.names("expand"):
        shown["groups"] = {"size": len(groups), "items": groups}
    return answer(shown | {"locale": "en_US"})


def _granted(call: Call) -> set[str]:
    scope: list[Project] = list(call.site.projects.values())
    wanted = call.query.get("projectKey") or call.query.get("projectId")
    issue_wanted = call.query.get("issueKey") or call.query.get("issueId")
    if issue_wanted:
        issue = call.site.issue_for(call.person, issue_wanted)
        if issue is None:
            raise refusals.jira(404, refusals.NO_ISSUE)
        scope = [call.site.projects[issue.project]]
    elif wanted:
        found = call.site.project_for(call.person, wanted)
        if found is None:
            raise refusals.jira(404, f"No project could be found with key '{wanted}'.")
        scope = [found]
    granted: set[str] = set()
    for project in scope:
        granted |= set(READ_PERMISSIONS) if project.readers & call.person.groups else set()
        granted |= set(WRITE_PERMISSIONS) if project.writers & call.person.groups else set()
    return granted


def permissions(call: Call) -> Response:
    wanted = call.names("permissions")
    known = (*READ_PERMISSIONS, *WRITE_PERMISSIONS, *ADMIN_PERMISSIONS)
    if not wanted:
        raise refusals.jira(400, "The 'permissions' query parameter is required.")
    if strange := [name for name in wanted if name not in known]:
        raise refusals.jira(400, f"Unrecognized permission '{strange[0]}'.")
    granted = _granted(call)
    shown: Json = {}
    for number, name in enumerate(known):
        if name in wanted:
            kind = "GLOBAL" if name == "ADMINISTER" else "PROJECT"
            words = name.replace("_", " ").title()
            shown[name] = {"id": str(number), "key": name, "name": words, "type": kind, "description": words}
            shown[name]["havePermission"] = name in granted
    return answer({"permissions": shown})


def user(call: Call) -> Response:
    found = call.site.people.get(call.query.get("accountId", ""))
    if found is None:
        raise refusals.jira(404, "Specified user does not exist or you do not have required permissions")
    return answer(people.jira_user(found, call.base))


def _matching(call: Call, found: list[Person]) -> Response:
    query, account_id = call.query.get("query"), call.query.get("accountId")
    if account_id is not None:
        found = [person for person in found if person.account_id == account_id]
    elif query is not None:
        found = [person for person in found if people.matches(person, query)]
    start = paging.number(call.query, "startAt", 0)
    most = paging.number(call.query, "maxResults", 50, 1_000)
    return answer([people.jira_user(person, call.base) for person in found[start : start + most]])


def users(call: Call) -> Response:
    if not {"query", "accountId", "property"} & set(call.query):
        raise refusals.jira(400, "The query parameter is required.")
    return _matching(call, list(call.site.people.values()))


def assignable(call: Call) -> Response:
    issue_wanted = call.query.get("issueKey") or call.query.get("issueId")
    if issue_wanted:
        issue = call.site.issue_for(call.person, issue_wanted)
        if issue is None:
            raise refusals.jira(404, refusals.NO_ISSUE)
        project = call.site.projects[issue.project]
    else:
        wanted = call.query.get("project", "")
        found = call.site.project_for(call.person, wanted)
        if found is None:
            raise refusals.jira(404, f"No project could be found with key '{wanted}'.")
        project = found
    able = (person for person in call.site.people.values() if person.active and person.account_type != "app")
    return _matching(call, [person for person in able if project.writers & person.groups])


TABLE: Table = (
    Operation("GET", API + "/myself", myself),
    Operation("GET", API + "/mypermissions", permissions, errors=(400, 404)),
    Operation("GET", API + "/user", user, errors=(404,)),
    Operation("GET", API + "/user/search", users, errors=(400,)),
    Operation("GET", API + "/user/assignable/search", assignable, errors=(404,)),
)
