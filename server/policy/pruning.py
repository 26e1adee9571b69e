"""What an answer may hold: each issue, project, page and space in it is asked for its place, and those outside go."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import is_
from typing import Any, cast
from urllib.parse import unquote

from server.policy.references import mapping
from server.policy.scope import ISSUE_KEY, Scope

Place = Callable[[Mapping[str, Any]], bool | None]  # None: it shows no place

OUTSIDE = object()
_ADDRESS = re.compile(r"(?:/wiki)?/(?:spaces|display)/([^/?#]+)")


@dataclass(frozen=True)
class Pruner:
    """`place` says where a thing is; what is `carried` by something takes it along when it goes."""

    place: Place
    carried: frozenset[str]

    def kept(self, value: Any) -> Any:
        """The value without what is outside, or OUTSIDE. What needs no change is not copied."""
        if type(value) is dict:
            return self._thing(cast("dict[str, Any]", value))
        if type(value) is list:
            return self._list(cast("list[Any]", value))
        return value

    def only(self, answer: Any, name: str) -> Any:
        """The answer with nothing in its list `name` but what shows that it is inside."""
        told = mapping(answer)
        if not isinstance(told.get(name), list):
            return answer
        before: list[Any] = told[name]
        after = [item for item in before if self.inside(item)]
        gone = len(before) - len(after)
        counts = {
            count: max(told[count] - gone, len(after))
            for count in ("total", "totalSize")
            if gone and isinstance(told.get(count), int)
        }
        return {**told, name: after, **counts}

    def inside(self, value: Any) -> bool:
        """Whether a thing shows, by itself or by what it carries, that it is inside."""
        thing = mapping(value)
        own = self.place(thing)
        if own is not None:
            return own
        return any(self.inside(thing[name]) for name in self.carried if name in thing)

    def _thing(self, thing: dict[str, Any]) -> Any:
        if thing.get("type") == "doc":  # a text: what people write in it is theirs
            return thing
        if self.place(thing) is False:
            return OUTSIDE
        changed: dict[str, Any] = {}
        for name, value in thing.items():
            if isinstance(value, (dict, list)) and name not in _NOBODYS:
                kept = self.kept(value)
                if kept is not value:
                    changed[name] = kept
        if not changed:
            return thing
        gone = {name for name, value in changed.items() if value is OUTSIDE}
        if gone & self.carried:
            return OUTSIDE
        return {name: changed.get(name, value) for name, value in thing.items() if name not in gone}

    def _list(self, items: list[Any]) -> list[Any]:
        kept = [self.kept(item) for item in items]
        if all(map(is_, kept, items)):
            return items
        return [item for item in kept if item is not OUTSIDE]


JIRA_CARRIED = frozenset({"inwardIssue", "outwardIssue", "location"})
CONFLUENCE_CARRIED = frozenset({"space", "content", "container", "resultGlobalContainer"})

# What holds no issue and no page: people, the words of a site, and texts.
_NOBODYS = frozenset({
    "status", "priority", "resolution", "issuetype", "statusCategory", "avatarUrls", "assignee", "reporter", "creator",
    "author", "updateAuthor", "names", "schema", "body", "version", "_expandable",
})  # fmt: skip
_JIRA_MARKS = frozenset({"key", "projectKey", "project", "projectId", "scope"})
_CONFLUENCE_MARKS = frozenset({"spaceId", "key", "displayUrl", "_links"})


def jira_place(scope: Scope, ids: Callable[[], frozenset[str] | None]) -> Place:
    """By keys; by the ids of projects where these are known."""

    def place(thing: Mapping[str, Any]) -> bool | None:
        if _JIRA_MARKS.isdisjoint(thing):
            return None
        key = thing.get("key")
        if isinstance(key, str):
            if ISSUE_KEY.fullmatch(key):
                return scope.issue(key)
            if "projectTypeKey" in thing or "/project/" in str(thing.get("self", "")):
                return scope.project(key)
        for name in ("projectKey", "project"):
            if isinstance(thing.get(name), str):
                return scope.project(thing[name])
        known = ids()
        project = thing.get("projectId") or _scoped(thing)
        return str(project) in known if project and known is not None else None

    return place


def _scoped(thing: Mapping[str, Any]) -> Any:
    """The project to which a team keeps an issue type or a status."""
    return mapping(mapping(thing.get("scope")).get("project")).get("id")


def confluence_place(scope: Scope, ids: Callable[[], frozenset[str]]) -> Place:
    """By the ids of spaces, by keys, by addresses."""

    def place(thing: Mapping[str, Any]) -> bool | None:
        if _CONFLUENCE_MARKS.isdisjoint(thing):
            return None
        if thing.get("spaceId"):
            return str(thing["spaceId"]) in ids()
        if isinstance(thing.get("key"), str) and "name" in thing and "type" in thing:
            return scope.space(thing["key"])
        address = thing.get("displayUrl") or mapping(thing.get("_links")).get("webui")
        found = _ADDRESS.match(address) if isinstance(address, str) else None
        return scope.space(unquote(found[1])) if found else None

    return place
