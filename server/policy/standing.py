"""Who wrote what a call was shown, and how far it can be trusted."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, cast

from server.policy.references import mapping

Standing = Literal["colleague", "external customer", "unknown"]

WIKI = "Confluence"  # as a place: of pages nobody is told who wrote them
SOMEWHERE = "?"  # in Jira, but an id does not tell where
_OF_TYPE: dict[str, Standing] = {"atlassian": "colleague", "customer": "external customer"}
_KEY = re.compile(r"([A-Z][A-Z0-9_]*)-[1-9][0-9]*")
_LISTS = ("comments", "worklogs", "values", "changeHistories")
_BY_AUTHOR = re.compile(r"/(?:comment|worklog|changelog)(?:/|$)")
# Of an issue: what people choose, and what is looked at by itself.
_NO_TEXT = frozenset({
    "project", "issuetype", "status", "statusCategory", "priority", "resolution", "assignee", "reporter", "creator",
    "created", "updated", "duedate", "resolutiondate", "timetracking", "timespent", "timeestimate", "watches", "votes",
    "comment", "worklog", "attachment", "issuelinks", "subtasks", "parent", "security", "workratio", "lastViewed",
})  # fmt: skip
_PARTS = frozenset({"comment", "worklog", "attachment", "issuelinks", "subtasks", "parent"})
_WIKI_TEXTS = re.compile(
    r"/(?:pages|blogposts|content|search|footer-comments|inline-comments|attachments|tasks)(?:/|$)"
)


@dataclass
class Shown:
    """`external`: the places of customers' text; `unknown`: of text of which it can't be told who wrote it; `titles`:
    of issues that were named beside the one that was read."""

    authors: dict[str, Standing] = field(default_factory=dict[str, Standing])
    external: set[str] = field(default_factory=set[str])
    unknown: set[str] = field(default_factory=set[str])
    titles: set[str] = field(default_factory=set[str])

    @property
    def trusted(self) -> bool:
        return not (self.external or self.unknown or self.titles)

    def label(self) -> dict[str, Any]:
        """For `_meta`: who has to keep flows of information apart finds it under the name that others use as well."""
        integrity = "trusted" if self.trusted else "untrusted"
        told: dict[str, Any] = {"ifc": {"integrity": integrity, "confidentiality": "private"}}
        return {**told, "isthmus/authors": dict(self.authors)} if self.authors else told

    def take(self, path: str, answer: Any) -> None:
        told = mapping(answer)
        if path.startswith("/wiki/"):
            self._of_wiki(path, told)
        elif "fields" in told and "key" in told:  # what a screen has are fields as well
            self._issue(told)
        elif isinstance(told.get("issues"), list):
            for issue in told["issues"]:
                self._issue(mapping(issue))
        elif _BY_AUTHOR.search(path):
            self._by_authors(path, answer, told)

    def _of_wiki(self, path: str, told: Mapping[str, Any]) -> None:
        if path.endswith("/users-bulk"):
            for person in told.get("results") or ():
                self._by(person, WIKI)
        elif told and _WIKI_TEXTS.search(path):
            self.unknown.add(WIKI)

    def _by_authors(self, path: str, answer: Any, told: Mapping[str, Any]) -> None:
        found = _KEY.search(path)
        place = found[1] if found else SOMEWHERE
        if "author" in told:
            self._by(told["author"], place)
        lists = [told.get(name) for name in _LISTS] + [answer]
        lists += [mapping(each).get("changeHistories") for each in told.get("issueChangeLogs") or ()]
        for each in lists:
            self._all(each, place)

    def _all(self, things: Any, place: str) -> None:
        for thing in cast("list[Any]", things) if isinstance(things, list) else ():
            self._by(mapping(thing).get("author"), place)

    def _issue(self, issue: Mapping[str, Any]) -> None:
        fields = mapping(issue.get("fields"))
        place = _project(issue)
        named = fields.keys()
        if any(fields[name] for name in named - _NO_TEXT):
            self._by(fields.get("reporter"), place)
        if named.isdisjoint(_PARTS):  # as of most that a search finds
            return
        for name, held in (("comment", "comments"), ("worklog", "worklogs")):
            self._all(mapping(fields.get(name)).get(held), place)
        self._all(fields.get("attachment"), place)
        for other in _others(fields):
            if mapping(other.get("fields")).get("summary"):
                self.titles.add(_project(other))

    def _by(self, author: Any, place: str) -> None:
        person = mapping(author)
        standing = "external customer" if person.get("isExternalCollaborator") else standing_of(person)
        if person:
            self.authors[str(person.get("displayName") or person.get("accountId"))] = standing
        if standing == "external customer":
            self.external.add(place)
        elif standing == "unknown":
            self.unknown.add(place)


def standing_of(person: Mapping[str, Any]) -> Standing:
    return _OF_TYPE.get(str(person.get("accountType")), "unknown")


def _project(issue: Mapping[str, Any]) -> str:
    found = _KEY.fullmatch(str(issue.get("key")))
    return found[1] if found else SOMEWHERE


def _others(fields: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    yield mapping(fields.get("parent"))
    yield from map(mapping, fields.get("subtasks") or ())
    for link in map(mapping, fields.get("issuelinks") or ()):
        yield mapping(link.get("inwardIssue"))
        yield mapping(link.get("outwardIssue"))
