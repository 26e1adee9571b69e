"""Made-up issues with a past: moves, comments, work, links."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from random import Random

from server.sandbox import catalog
from server.sandbox.catalog import BUG, EPIC, INCIDENT, REQUEST, STORY, SUBTASK, TASK
from server.sandbox.generated.documents import document
from server.sandbox.generated.parts import attach, give, plan
from server.sandbox.generated.vocabulary import LABELS, change, chore, complaint
from server.sandbox.people import PEOPLE
from server.sandbox.records import Change, Comment, History, Issue, Json, Link, Project, Worklog
from server.sandbox.site import Site

PATHS = (
    (catalog.TODO,),
    (catalog.TODO, catalog.IN_PROGRESS),
    (catalog.TODO, catalog.IN_PROGRESS, catalog.IN_REVIEW),
    (catalog.TODO, catalog.IN_PROGRESS, catalog.IN_REVIEW, catalog.DONE),
    (catalog.TODO, catalog.IN_PROGRESS, catalog.DONE),
)


def _move(old: str, new: str) -> tuple[Change]:
    names = [(status, catalog.STATUSES[status].name) for status in (old, new)]
    return (Change("status", "status", names[0], names[1]),)


MOVES = {pair: _move(*pair) for path in PATHS for pair in pairwise(path)}
SUMMARIES = {BUG: complaint, INCIDENT: complaint, REQUEST: change, TASK: chore}
DOCUMENTS = 3_000  # different comments
LONG_THREAD = 60  # comments, in one issue of 200


@dataclass
class Issues:
    site: Site
    chance: Random
    pool: list[Json]
    first_id: int
    since: datetime
    span: timedelta

    def add(self, count: int) -> None:
        projects = [project for project in self.site.projects.values() if int(project.id) >= 20_000]
        people = [person.account_id for person in PEOPLE if person.active]
        talk = [document(self.chance, self.pool, 1, 2) for _ in range(min(DOCUMENTS, count))]
        parents: dict[tuple[str, int], list[str]] = {}
        parts = {project.id: plan(self.site, project, self.since, self.span) for project in projects}
        for number in range(count):
            project = projects[int(self.chance.random() ** 1.5 * len(projects))]
            when = self.since + self.span * (number / count)
            issue = self._issue(project, str(self.first_id + number), when, people, parents)
            give(self.chance, parts[project.id], issue)
            self._past(issue, people, talk)
            attach(self.chance, self.site, issue)
            self.site.add_issue(issue)
            if number > 10 and self.chance.random() < 0.08:
                self._link(number, issue)

    def _issue(
        self,
        project: Project,
        issue_id: str,
        when: datetime,
        people: list[str],
        parents: dict[tuple[str, int], list[str]],
    ) -> Issue:
        project.last_number += 1
        kind = self._kind(project, parents)
        reporter = self.chance.choice(people)
        values: Json = {
            "summary": SUMMARIES.get(kind, change)(self.chance),
            "issuetype": kind,
            "status": catalog.TODO,
            "priority": str(min(5, 1 + int(self.chance.random() ** 0.7 * 5))),
            "reporter": reporter,
            "assignee": self.chance.choice(people) if self.chance.random() < 0.8 else None,
            "labels": self.chance.sample(LABELS, self.chance.randint(0, 3)),
            "description": document(self.chance, self.pool, 2, 7) if self.chance.random() < 0.9 else None,
        }
        self._place(values, project.id, issue_id, parents)
        self._fields(values, when)
        issue = Issue(issue_id, f"{project.key}-{project.last_number}", project.id, reporter, when, when, values)
        issue.watchers.append(reporter)
        return issue

    def _kind(self, project: Project, parents: dict[tuple[str, int], list[str]]) -> str:
        kinds = [kind for kind in project.issue_types if kind not in (EPIC, SUBTASK)]
        drawn = self.chance.random()
        if EPIC in project.issue_types and (drawn < 0.03 or (project.id, 1) not in parents):
            return EPIC
        if SUBTASK in project.issue_types and drawn > 0.85 and (project.id, 0) in parents:
            return SUBTASK
        return self.chance.choice(kinds)

    def _place(self, values: Json, project: str, issue_id: str, parents: dict[tuple[str, int], list[str]]) -> None:
        level = catalog.ISSUE_TYPES[values["issuetype"]].level
        above = parents.get((project, level + 1))
        if above and (level < 0 or self.chance.random() < 0.6):
            values["parent"] = above[-1 - int(self.chance.random() * min(40, len(above)))]
        parents.setdefault((project, level), []).append(issue_id)

    def _fields(self, values: Json, when: datetime) -> None:
        chance = self.chance
        if values["issuetype"] == STORY:
            values["customfield_10016"] = float(chance.choice((1, 2, 3, 5, 8)))
            values["customfield_10032"] = document(chance, self.pool, 1, 2)
        if chance.random() < 0.4:
            values["duedate"] = (when + timedelta(days=chance.randint(5, 90))).date().isoformat()

    def _past(self, issue: Issue, people: list[str], talk: list[Json]) -> None:
        when, chance = issue.created, self.chance
        for pair in pairwise(chance.choice(PATHS)):
            when = self._later(when, 9_000)
            author = issue.values["assignee"] or issue.creator
            issue.histories.append(History(self._id(), author, when, MOVES[pair]))
            issue.values["status"] = pair[1]
        if issue.values["status"] == catalog.DONE:
            issue.values |= {"resolution": "10000", "resolutiondate": when}
        for _ in range(LONG_THREAD if chance.random() < 0.005 else int(chance.random() ** 2 * 6)):
            when = self._later(when, 2_000)
            author = chance.choice(people)
            issue.comments.append(Comment(self._id(), author, chance.choice(talk), when, when, author))
        if chance.random() < 0.2:
            when = self._later(when, 2_000)
            seconds = 900 * chance.randint(1, 32)
            issue.worklogs.append(Worklog(self._id(), issue.creator, None, when, when, seconds))
        issue.updated = when

    def _later(self, when: datetime, most: int) -> datetime:
        """By at most so many minutes, and not in the future."""
        return min(when + timedelta(minutes=self.chance.randint(3, most)), self.since + self.span)

    def _link(self, number: int, issue: Issue) -> None:
        other = self.site.issues[str(self.first_id + self.chance.randrange(number))]
        kind = self.chance.choice(list(catalog.LINK_TYPES))
        self.site.add_link(Link(self._id(), kind, issue.id, other.id))

    def _id(self) -> str:
        return self.site.next_id()
