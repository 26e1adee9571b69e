"""What a request names besides its path: (kind, id or key) in its parameters and in its body."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from server.policy.scope import ISSUE_KEY

Reference = tuple[str, str]

JIRA = {
    "project": "project",
    "projectKey": "project",
    "projectId": "project",
    "projectKeyOrId": "project",
    "projectIds": "project",
    "projectKeys": "project",
    "issue": "issue",
    "issueKey": "issue",
    "issueId": "issue",
    "issueIds": "issue",
    "issues": "issue",
    "issueIdsOrKeys": "issue",
    "selectedIssueIdsOrKeys": "issue",
    "rankBeforeIssue": "issue",
    "rankAfterIssue": "issue",
    "parent": "issue",
    "inwardIssue": "issue",
    "outwardIssue": "issue",
    "originBoardId": "board",
    "rapidViewId": "board",
}
CONFLUENCE = {
    "spaceId": "space",
    "space-id": "space",
    "spaceKey": "key",
    "space": "either",
    "parentId": "content",
    "pageId": "pages",
    "blogPostId": "blogposts",
    "parentCommentId": "comment",
    "attachmentId": "attachments",
    "container": "content",
    "ancestors": "content",
    "destinationPageId": "content",
    "contentIds": "content",
}
_DESTINATIONS = {"space": "key", "parent_page": "content", "existing_page": "content"}
_TEXTS = frozenset({"body", "value", "description", "comment", "properties"})  # people's words and programs' values


def mapping(value: Any) -> Mapping[str, Any]:
    """What is there by name: nothing, where it is no mapping."""
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def named(values: Any, names: Mapping[str, str]) -> Iterator[Reference]:
    """What stands in a body, or in the parameters."""
    if isinstance(values, list):
        for item in cast("list[Any]", values):
            yield from named(item, names)
    elif isinstance(values, Mapping):
        for name, value in mapping(values).items():
            yield from _under(name, value, names)


def destination(body: Any) -> Iterator[Reference]:
    """Where a copy of a page goes."""
    target = mapping(mapping(body).get("destination"))
    if target:
        yield _DESTINATIONS.get(str(target.get("type")), "unknown"), str(target.get("value"))


def _under(name: str, value: Any, names: Mapping[str, str]) -> Iterator[Reference]:
    kind = names.get(name)
    if kind:
        yield from ((kind, each) for each in _ids(value))
    elif name.startswith("customfield_") and isinstance(value, str):  # the epic of an issue, as it used to be told
        if ISSUE_KEY.fullmatch(value.strip().upper()):
            yield "issue", value
    elif name == "targetToSourcesMapping":
        yield from _moved(mapping(value), names)
    elif name not in _TEXTS and isinstance(value, Mapping | list):
        yield from named(value, names)


def _moved(moves: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[Reference]:
    for target, source in moves.items():
        project, _, rest = target.partition(",")
        yield "project", project
        yield from (("issue", each) for each in rest.split(",")[1:] if each)
        yield from named(source, names)


def _ids(value: Any) -> Iterator[str]:
    """The ids or keys in a value: itself, those of a list, of `{"key": ...}`, of `{"set": {"id": ...}}`."""
    if isinstance(value, str | int) and not isinstance(value, bool):
        yield str(value)
    elif isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from _ids(item)
    elif isinstance(value, Mapping):
        told = mapping(value)
        own = [told[name] for name in ("key", "id", "name") if told.get(name)]
        for each in own or [inner for inner in told.values() if isinstance(inner, Mapping | list)]:
            yield from _ids(each)
