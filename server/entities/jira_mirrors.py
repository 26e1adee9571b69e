"""What of Jira is mirrored, and by which rule each part of it is merged."""

import json
from collections.abc import Mapping
from typing import Any

from server.entities.canonical import document, moment, number, of, set_of, words_of_document
from server.entities.mirror import Alone, ByJql, Heard, Mirror, Part, Within
from server.entities.synced import Rule


def _by(name: str) -> Any:
    """A request names one thing by its id or account id."""

    def sent(value: str | None) -> Mapping[str, str] | None:
        return None if value is None else {name: value}

    return sent


def _link(value: Mapping[str, Any]) -> str:
    """One link as this issue sees it: the type, the side and the other issue, by their ids."""
    side = "outward" if "outwardIssue" in value else "inward"
    return f"{value['type']['id']} {side} {value[f'{side}Issue']['id']}"


def _loaded(value: str | None) -> Any:
    return None if value is None else json.loads(value)


def _fields(name: str, rule: Rule = "fixed", *, called: str = "", **more: Any) -> Part:
    return Part(name=called or name, at=("fields", name), rule=rule, **more)


_ID, _PERSON = of("id"), of("accountId")

ISSUE_PARTS = (
    _fields("summary", "scalar"),
    _fields("description", "text", reads=document, sent=_loaded),
    _fields("status", "status", reads=_ID),
    _fields("issuetype", "scalar", called="type", reads=_ID, sent=_by("id")),
    _fields("priority", "scalar", reads=_ID, sent=_by("id")),
    _fields("assignee", "scalar", reads=_PERSON, sent=_by("accountId")),
    _fields("reporter", "scalar", reads=_PERSON, sent=_by("accountId")),
    _fields("parent", "scalar", reads=_ID, sent=_by("id")),
    _fields("duedate", "scalar", called="due"),
    _fields("labels", "set", reads=set_of()),
    _fields("components", "set", reads=set_of(_ID), sent=_by("id")),
    _fields("fixVersions", "set", called="fix_versions", reads=set_of(_ID), sent=_by("id")),
    _fields("issuelinks", "set", called="links", reads=set_of(_link)),
    _fields("resolution", reads=_ID),
    _fields("project", reads=_ID),
    Part(name="key", at=("key",)),
)

_WITH_IT = ("comment", "worklog", "attachment")
_TIMES = ("created", "updated", "subtasks")

ISSUE_MIRROR = Mirror(
    found=ByJql(fields=(*(part.field for part in ISSUE_PARTS if part.at[0] == "fields"), *_TIMES, *_WITH_IT)),
    parts=ISSUE_PARTS,
    changed=("fields", "updated"),
    scope=("fields", "project", "id"),
    key=("key",),
    title="summary",
    body="description",
    words=words_of_document,
    heard=Heard(events=("jira:issue_",), at=("issue", "id"), gone=("jira:issue_deleted",)),
    lookup_lags=True,
)

COMMENT_MIRROR = Mirror(
    found=Within(held=("fields", "comment", "comments"), total=("fields", "comment", "total")),
    parts=(
        Part(name="body", at=("body",), rule="text", reads=document, sent=_loaded),
        Part(name="author", at=("author",), reads=_PERSON),
        Part(name="visibility", at=("visibility", "identifier")),
        Part(name="created", at=("created",), reads=moment),
    ),
    changed=("updated",),
    body="body",
    words=words_of_document,
    heard=Heard(events=("comment_",), at=("comment", "id"), above=("issue", "id"), gone=("comment_deleted",)),
    ownership="append",
)

WORKLOG_MIRROR = Mirror(
    found=Within(held=("fields", "worklog", "worklogs"), total=("fields", "worklog", "total")),
    parts=(
        Part(name="seconds", at=("timeSpentSeconds",), rule="scalar", reads=number),
        Part(name="started", at=("started",), rule="scalar", reads=moment),
        Part(name="comment", at=("comment",), rule="text", reads=document, sent=_loaded),
        Part(name="author", at=("author",), reads=_PERSON),
        Part(name="visibility", at=("visibility", "identifier")),
    ),
    changed=("updated",),
    above=(("issueId",),),
    body="comment",
    words=words_of_document,
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
    changed=("created",),
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
    scope=("id",),
    key=("key",),
    title="name",
    body="description",
    ownership="readonly",
    heard=Heard(events=("project_",), at=("project", "id"), gone=("project_deleted",)),
)
