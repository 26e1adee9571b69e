"""What made-up issues refer to and hold: versions, components, sprints, custom values, files, watchers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from server.sandbox import catalog
from server.sandbox.catalog import Choice, Field
from server.sandbox.generated.vocabulary import LABELS, PARTS, TOPICS
from server.sandbox.people import PEOPLE
from server.sandbox.records import Attachment, Board, Component, Issue, Project, Sprint, Version
from server.sandbox.site import Site

GROUPS = ("developers", "leadership", "service-agents")
SPRINTS, VERSIONS = 12, 6
SPRINT_FIELD = "customfield_10020"
APART = {SPRINT_FIELD, "customfield_10014", "customfield_10016", "customfield_10021", "customfield_10032"}
CUSTOM = tuple(field for field in catalog.FIELDS.values() if field.custom and field.id not in APART)
FILE = b"part,state\nstorage,slow\n"


@dataclass
class Parts:
    """Of one project."""

    project: str
    versions: list[str]
    components: list[str]
    sprints: list[str]


def plan(site: Site, project: Project, since: datetime, span: timedelta) -> Parts:
    versions = [_version(site, project.id, number) for number in range(1, VERSIONS + 1)]
    components = [Component(site.next_id(), project.id, name, f"All of {name}") for name in PARTS[:5]]
    site.versions |= {row.id: row for row in versions}
    site.components |= {row.id: row for row in components}
    sprints = _sprints(site, project, since, span) if project.kind == "software" else []
    return Parts(project.id, [row.id for row in versions], [row.id for row in components], sprints)


def _version(site: Site, project: str, number: int) -> Version:
    return Version(site.next_id(), project, f"{number}.0", f"Release {number}.0", released=number < VERSIONS - 1)


def _sprints(site: Site, project: Project, since: datetime, span: timedelta) -> list[str]:
    board = Board(site.next_id(), f"{project.key} board", "scrum", project.id)
    site.boards[board.id] = board
    length = span / (SPRINTS - 1)
    for number in range(SPRINTS):
        state = "future" if number == SPRINTS - 1 else "active" if number == SPRINTS - 2 else "closed"
        sprint = Sprint(site.next_id(), f"{project.key} Sprint {number + 1}", board.id, state, since)
        if state != "future":
            sprint.start, sprint.end = since + length * number, since + length * (number + 1)
        sprint.completed = sprint.end if state == "closed" else None
        site.sprints[sprint.id] = sprint
    return [sprint.id for sprint in site.sprints.values() if sprint.board == board.id]


def give(chance: Random, parts: Parts, issue: Issue) -> None:
    """Values of a few custom fields, and what else an issue refers to."""
    values = issue.values
    for field in CUSTOM:
        if chance.random() < 0.12:
            values[field.id] = MAKERS[field.kind](chance, field, parts, issue)
    for name in ("versions", "fixVersions"):
        if chance.random() < 0.3:
            values[name] = [chance.choice(parts.versions)]
    if chance.random() < 0.4:
        values["components"] = [chance.choice(parts.components)]
    if parts.sprints and chance.random() < 0.4 and values["issuetype"] not in (catalog.EPIC, catalog.SUBTASK):
        values[SPRINT_FIELD] = [chance.choice(parts.sprints)]
    if chance.random() < 0.15:
        watcher = chance.choice(PEOPLE[:5]).account_id
        issue.watchers += [watcher] if watcher not in issue.watchers else []


def attach(chance: Random, site: Site, issue: Issue) -> None:
    if chance.random() < 0.08:
        author = chance.choice(PEOPLE[:5]).account_id
        file = Attachment(site.next_id(), "parts.csv", "text/csv", len(FILE), author, issue.created, FILE)
        issue.attachments.append(file)


def _options(chance: Random, field: Field, _: Parts, __: Issue) -> list[str]:
    return sorted(row.id for row in chance.sample(field.options, chance.randint(1, min(2, len(field.options)))))


def _cascade(chance: Random, field: Field, _: Parts, __: Issue) -> list[str]:
    above = chance.choice(field.options)
    below = above.children if isinstance(above, Choice) else ()
    return [above.id, chance.choice(below).id] if below else [above.id]


def _people(chance: Random, _: Field, __: Parts, ___: Issue) -> list[str]:
    return [person.account_id for person in chance.sample(PEOPLE[:5], 2)]


def _day(chance: Random, _: Field, __: Parts, issue: Issue) -> str:
    return (issue.created + timedelta(days=chance.randint(1, 60))).date().isoformat()


MAKERS: dict[str, Callable[[Random, Field, Parts, Issue], Any]] = {
    "text": lambda chance, _, __, ___: chance.choice(TOPICS),
    "url": lambda chance, _, __, ___: f"https://design.example.com/{chance.randrange(999)}",
    "date": _day,
    "datetime": lambda _, __, ___, issue: issue.created,
    "option": lambda chance, field, _, __: chance.choice(field.options).id,
    "options": _options,
    "cascade": _cascade,
    "person": lambda chance, _, __, ___: chance.choice(PEOPLE[:5]).account_id,
    "people": _people,
    "group": lambda chance, _, __, ___: chance.choice(GROUPS),
    "groups": lambda chance, _, __, ___: sorted(chance.sample(GROUPS, 2)),
    "labels": lambda chance, _, __, ___: chance.sample(LABELS, 2),
    "version": lambda chance, _, parts, __: chance.choice(parts.versions),
    "versions": lambda chance, _, parts, __: sorted(chance.sample(parts.versions, 2)),
    "projectpicker": lambda _, __, parts, ___: parts.project,
}
