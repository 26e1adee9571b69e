"""What of Jira is mirrored, and by which rule each part of it is merged."""

from collections.abc import Mapping
from typing import Any

from server.entities.canonical import iso, markdown, moment, number, of, set_of
from server.entities.mirror import Alone, ByJql, Heard, Mirror, Part, Within, by_id
from server.entities.synced import Rule, Value


def _by(name: str) -> Any:
    """A request names one thing by its id or account id."""

    def sent(value: str | None) -> Mapping[str, str] | None:
        return None if value is None else {name: value}

    return sent


def _fields(name: str, rule: Rule = "fixed", *, called: str = "", **more: Any) -> Part:
    return Part(name=called or name, at=("fields", name), rule=rule, **more)


def _one(name: str, rule: Rule, by: str = "id", **more: Any) -> Part:
    """A field that holds one thing."""
    return _fields(name, rule, reads=of(by), sent=_by(by), told=by_id, **more)


def _several(name: str, **more: Any) -> Part:
    """A field that holds several things."""
    return _fields(name, "set", reads=set_of(of("id")), sent=_by("id"), told=_ids, **more)


def _ids(identities: str | None, _: str | None) -> Value:
    return tuple(sorted(each.strip() for each in (identities or "").split(",") if each.strip()))


def _labels(_: str | None, words: str | None) -> Value:
    return tuple(sorted((words or "").split()))


_PERSON = of("accountId")

ISSUE_PARTS = (
    _fields("summary", "scalar"),
    _fields("description", "text", reads=markdown),
    _one("status", "status"),
    _one("issuetype", "scalar", called="type"),
    _one("priority", "scalar"),
    _one("assignee", "scalar", "accountId"),
    _one("reporter", "scalar", "accountId"),
    _one("parent", "scalar"),
    _fields("duedate", "scalar", called="due"),
    _fields("labels", "set", reads=set_of(), told=_labels),
    _several("components"),
    _several("fixVersions", called="fix_versions"),
    _one("resolution", "fixed"),
    _one("project", "fixed"),
    Part(name="key", at=("key",)),
)

_WITH_IT = ("comment", "worklog", "attachment")
_TIMES = ("created", "updated", "creator")

ISSUE_MIRROR = Mirror(
    found=ByJql(fields=(*(part.field for part in ISSUE_PARTS if part.at[0] == "fields"), *_TIMES, *_WITH_IT)),
    parts=ISSUE_PARTS,
    path="issue/{id}",
    changed=("fields", "updated"),
    created=("fields", "created"),
    author=("fields", "creator", "accountId"),
    key="key",
    title="summary",
    body="description",
    heard=Heard(events=("jira:issue_",), at=("issue", "id"), gone=("jira:issue_deleted",)),
    lookup_lags=True,
    logged=True,
)

COMMENT_MIRROR = Mirror(
    found=Within(held=("fields", "comment", "comments"), total=("fields", "comment", "total")),
    parts=(
        Part(name="body", at=("body",), rule="text", reads=markdown),
        Part(name="author", at=("author",), reads=_PERSON),
        Part(name="visibility", at=("visibility", "identifier")),
        Part(name="created", at=("created",), reads=moment),
    ),
    path="issue/{above}/comment/{id}",
    changed=("updated",),
    created=("created",),
    author=("author", "accountId"),
    body="body",
    heard=Heard(events=("comment_",), at=("comment", "id"), above=("issue", "id"), gone=("comment_deleted",)),
    ownership="append",
)

WORKLOG_MIRROR = Mirror(
    found=Within(held=("fields", "worklog", "worklogs"), total=("fields", "worklog", "total")),
    parts=(
        Part(name="seconds", at=("timeSpentSeconds",), rule="scalar", reads=number),
        Part(name="started", at=("started",), rule="scalar", reads=moment, sent=iso),
        Part(name="comment", at=("comment",), rule="text", reads=markdown),
        Part(name="author", at=("author",), reads=_PERSON),
        Part(name="visibility", at=("visibility", "identifier")),
    ),
    path="issue/{above}/worklog/{id}",
    changed=("updated",),
    created=("created",),
    author=("author", "accountId"),
    above=(("issueId",),),
    body="comment",
    heard=Heard(events=("worklog_",), at=("worklog", "id"), above=("worklog", "issueId"), gone=("worklog_deleted",)),
    ownership="append",
)

ISSUE_ATTACHMENT_MIRROR = Mirror(
    found=Within(held=("fields", "attachment")),
    parts=(
        Part(name="filename", at=("filename",)),
        Part(name="size", at=("size",), reads=number),
        Part(name="media_type", at=("mimeType",)),
        Part(name="author", at=("author",), reads=_PERSON),
    ),
    path="attachment/{id}",
    changed=("created",),
    created=("created",),
    author=("author", "accountId"),
    title="filename",
    heard=Heard(events=("attachment_",), at=("attachment", "id"), gone=("attachment_deleted",)),
    marked=False,
    told_by=("filename", "size"),
    ownership="append",
)

PROJECT_MIRROR = Mirror(
    found=Alone(),
    parts=(
        Part(name="key", at=("key",)),
        Part(name="name", at=("name",)),
        Part(name="type", at=("projectTypeKey",)),
        Part(name="lead", at=("lead",), reads=_PERSON),
        Part(name="description", at=("description",)),
    ),
    path="project/{id}",
    key="key",
    title="name",
    body="description",
    ownership="readonly",
    heard=Heard(events=("project_",), at=("project", "id"), gone=("project_deleted",)),
)
