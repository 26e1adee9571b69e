"""From the rows to issues with a past."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from server.sandbox import adf, catalog
from server.sandbox.catalog import Option
from server.sandbox.demo.issues import LINKS, PROJECTS, ROWS, Row
from server.sandbox.demo.stories import DESCRIPTIONS, LOREM, THREADS
from server.sandbox.people import DEMO, PEOPLE, PRIYA, ROBOT, SAM_CARTER, ZOE
from server.sandbox.records import (
    Attachment,
    Board,
    Change,
    Comment,
    Component,
    History,
    Issue,
    Json,
    Link,
    Project,
    Sprint,
    Version,
    Worklog,
)
from server.sandbox.site import Site

EPOCH = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
FIRST_IDS = {"DEMO": 10_100, "HELP": 10_300, "VAULT": 10_400, "ARCH": 10_500}
PATHS = {
    "todo": (catalog.TODO,),
    "doing": (catalog.TODO, catalog.IN_PROGRESS),
    "review": (catalog.TODO, catalog.IN_PROGRESS, catalog.IN_REVIEW),
    "done": (catalog.TODO, catalog.IN_PROGRESS, catalog.IN_REVIEW, catalog.DONE),
    "wont": (catalog.TODO, catalog.IN_PROGRESS, catalog.DONE),
}
RESOLUTIONS = {"done": "10000", "wont": "10001"}


def _id_of(rows: tuple[Option, ...], name: str) -> str:
    return next(row.id for row in rows if row.name == name)


EXTRAS = {
    "points": "customfield_10016",
    "due": "duedate",
    "start": "customfield_10015",
    "parent": "parent",
    "severity": "customfield_10031",
    "areas": "customfield_10033",
    "sprint": "customfield_10020",
    "flagged": "customfield_10021",
    "reviewer": "customfield_10034",
}


def _extras(row: Row, first: int) -> Json:
    more = row.more
    made: Json = dict(more)
    if "points" in more:
        made["points"] = float(more["points"])
    if "parent" in more:
        made["parent"] = str(first + more["parent"])
    if "severity" in more:
        made["severity"] = _id_of(catalog.SEVERITIES, more["severity"])
    if "areas" in more:
        made["areas"] = [_id_of(catalog.AREAS, name) for name in str(more["areas"]).split()]
    if "sprint" in more:
        made["sprint"] = [more["sprint"]]
    if "flagged" in more:
        made["flagged"] = [catalog.IMPEDIMENT[0].id]
    if "reviewer" in more:
        made["reviewer"] = more["reviewer"].account_id
    return {EXTRAS[name]: value for name, value in made.items()}


def _values(row: Row, first: int) -> Json:
    kinds = {kind.name: kind.id for kind in catalog.ISSUE_TYPES.values()}
    plain = adf.paragraph(f"{row.summary}.", "Found by the team; details follow.") if row.priority < "4" else None
    values: Json = {
        "summary": row.summary,
        "issuetype": kinds[row.kind],
        "status": PATHS[row.state][-1],
        "priority": row.priority,
        "assignee": row.assignee.account_id if row.assignee else None,
        "reporter": PEOPLE[len(row.summary) % 5].account_id,
        "labels": row.labels.split(),
        "description": DESCRIPTIONS.get(row.key, plain),
        **_extras(row, first),
    }
    if row.kind == "Story" and row.priority <= "2":
        values["customfield_10032"] = adf.paragraph("It works without a mouse.", "It is covered by a test.")
        values["customfield_10035"] = "https://design.example.com/shop"
    if row.state in RESOLUTIONS:
        values["resolution"] = RESOLUTIONS[row.state]
    return values


def _move(issue: Issue, number: int, step: int, when: datetime, names: tuple[str, str]) -> History:
    old, new = names
    author = issue.values["assignee"] or ROBOT.account_id
    change = Change("status", "status", (old, catalog.STATUSES[old].name), (new, catalog.STATUSES[new].name))
    return History(str(30_000 + number * 10 + step), author, when, (change,))


def _past(issue: Issue, row: Row, number: int) -> None:
    """History and comments between the creation and the last change."""
    when = issue.created
    path = PATHS[row.state]
    for step, names in enumerate(pairwise(path)):
        when += timedelta(days=1, hours=number % 7, minutes=7 * step)
        issue.histories.append(_move(issue, number, step, when, names))
    if row.state in RESOLUTIONS:
        issue.values["resolutiondate"] = when
    thread = THREADS.get(row.key)
    if thread is None and number % 3 == 0:
        thread = tuple((PEOPLE[(number + i) % 5], adf.paragraph(LOREM[(number + i) % 5])) for i in range(number % 4))
    for step, (author, body) in enumerate(thread or ()):
        when += timedelta(hours=2, minutes=11)
        comment_id = str(20_000 + number * 20 + step)
        issue.comments.append(Comment(comment_id, author.account_id, body, when, when, author.account_id))
    issue.updated = min(when, EPOCH)


def _issue(row: Row, project: Project, number: int) -> Issue:
    first = FIRST_IDS[project.key]
    in_project = int(row.key.rpartition("-")[2])
    values = _values(row, first)
    age = timedelta(days=90) if project.key == "ARCH" else timedelta()
    created = EPOCH - timedelta(days=62 - in_project, hours=in_project % 5, minutes=13 * in_project % 60) - age
    issue = Issue(str(first + in_project), row.key, project.id, values["reporter"], created, created, values)
    issue.watchers += [values["reporter"]]
    _past(issue, row, number)
    return issue


def _decorate(site: Site) -> None:
    """What the rows do not say: attachments, worklogs, properties, watchers, links."""
    bug = site.issue("DEMO-7")
    if bug is None:
        raise LookupError("the demo has no DEMO-7")
    when = EPOCH - timedelta(days=20)
    bug.attachments.append(Attachment("40001", "screenshot.png", "image/png", 48_213, SAM_CARTER.account_id, when))
    note = adf.paragraph("Reproduced and wrote a failing test.")
    bug.worklogs.append(Worklog("41001", DEMO.account_id, note, when, when, 9_000))
    bug.worklogs.append(Worklog("41002", SAM_CARTER.account_id, None, when, when, 28_800))
    bug.values |= {"components": ["10700"], "versions": ["10600"], "fixVersions": ["10601"]}
    bug.properties["shop.release"] = {"version": "4.12.0", "regression": True}
    bug.watchers += [PRIYA.account_id, ZOE.account_id]
    kinds = {kind.name: kind.id for kind in catalog.LINK_TYPES.values()}
    for number, (kind, inward, outward) in enumerate(LINKS):
        ends = [site.issue(inward), site.issue(outward)]
        first, second = (end.id for end in ends if end)
        site.add_link(Link(str(42_001 + number), kinds[kind], first, second))


def _plan(site: Site) -> None:
    """The boards, and DEMO's sprints of two weeks each."""
    site.boards = {"1": Board("1", "DEMO board", "scrum", "10000"), "2": Board("2", "HELP board", "kanban", "10001")}
    for number, (state, begins) in enumerate((("closed", -21), ("active", -7), ("future", 7)), 1):
        start, end = EPOCH + timedelta(days=begins), EPOCH + timedelta(days=begins + 14)
        sprint = Sprint(str(number), f"DEMO Sprint {10 + number}", "1", state, EPOCH - timedelta(days=60))
        if state != "future":
            sprint.start, sprint.end = start, end
        sprint.completed = end if state == "closed" else None
        site.sprints[sprint.id] = sprint


def _name_parts(site: Site) -> None:
    """DEMO's versions and components."""
    for number, (name, released) in enumerate((("4.11", True), ("4.12", False), ("5.0", False))):
        release = f"2026-0{number + 2}-15"
        version = Version(str(10_600 + number), "10000", name, f"Release {name}", released=released, release=release)
        site.versions[version.id] = version
    for number, (name, lead) in enumerate((("Cart", SAM_CARTER), ("Search", ZOE), ("Account", PRIYA))):
        component = Component(str(10_700 + number), "10000", name, f"All of {name.lower()}", lead.account_id)
        site.components[component.id] = component


def fill_issues(site: Site) -> None:
    _plan(site)
    _name_parts(site)
    for project in PROJECTS:
        site.projects[project.id] = Project(**vars(project))
    by_key = {project.key: project for project in site.projects.values()}
    for number, row in enumerate(ROWS):
        project = by_key[row.key.partition("-")[0]]
        project.last_number += 1
        site.add_issue(_issue(row, project, number))
    _decorate(site)
