"""What a webhook says of an event: Jira's older JSON, in which texts are wiki markup."""

from collections.abc import Callable
from typing import Any, cast

from server.sandbox import adf, catalog, shapes, wire
from server.sandbox.events import Event
from server.sandbox.records import Attachment, Comment, History, Issue, Json, Link, Sprint, Version, Worklog
from server.sandbox.shapes import View
from server.sandbox.wiki_markup import markup

WITH_COMMENT = ("summary", "issuetype", "project", "assignee", "priority", "status")
WHOLE = ("*all", "-comment", "-worklog")
ADDRESSES = frozenset({"self", "content", "iconUrl"})


def body(view: View, event: Event) -> Json:
    """The payload, as the issue, comment, sprint ... is at this moment."""
    said: Json = {"timestamp": int(event.at.timestamp() * 1_000), "webhookEvent": event.name}
    if event.name.startswith("jira:issue_"):
        return said | _issue_event(view, event)
    kind = event.name.removeprefix("jira:").rpartition("_")[0]
    return said | _older(view, PARTS[kind](view, event))


def _older(view: View, value: Any) -> Any:
    """The same of API version 2."""
    if adf.is_document(value):
        return markup(value)
    if isinstance(value, list):
        return [_older(view, each) for each in cast(list[Any], value)]
    if isinstance(value, dict):
        rows = cast(Json, value).items()
        return {name: _address(view, each) if name in ADDRESSES else _older(view, each) for name, each in rows}
    return value


def _address(view: View, value: Any) -> Any:
    if isinstance(value, str) and value.startswith(view.api):
        return f"{view.base}/rest/api/2{value.removeprefix(view.api)}"
    return _older(view, value)


def _named(view: View, issue: Issue, *names: str) -> Json:
    shown = wire.issue(view, issue, wire.chosen(names))
    del shown["expand"]
    return shown


def _kind(event: Event, history: History | None) -> str:
    """`issue_event_type_name`."""
    if event.name != "jira:issue_updated":
        return event.name.removeprefix("jira:")
    changed = {change.field_id for change in history.changes} if history else set[str]()
    if "status" in changed:
        return "issue_generic"
    return "issue_assigned" if changed == {"assignee"} else "issue_updated"


def _issue_event(view: View, event: Event) -> Json:
    history: History | None = event.detail.get("history")
    issue: Issue = event.detail["issue"]
    said: Json = {
        "issue_event_type_name": _kind(event, history),
        "user": view.user(event.actor),
        "issue": _named(view, issue, *WHOLE),
    }
    if history:
        shown = wire.history(view, history)
        said["changelog"] = {"id": shown["id"], "items": shown["items"]}
    return _older(view, said)


def _comment(view: View, event: Event) -> Json:
    issue: Issue = event.detail["issue"]
    comment: Comment = event.detail["comment"]
    return {"comment": wire.comment(view, issue, comment), "issue": _named(view, issue, *WITH_COMMENT)}


def _worklog(view: View, event: Event) -> Json:
    issue: Issue = event.detail["issue"]
    worklog: Worklog = event.detail["worklog"]
    return {"worklog": wire.worklog(view, issue, worklog)}


def _attachment(view: View, event: Event) -> Json:
    attachment: Attachment = event.detail["attachment"]
    return {"attachment": wire.attachment(view, attachment)}


def _property(view: View, event: Event) -> Json:
    issue: Issue = event.detail["issue"]
    key = str(event.detail["property"])
    shown: Json = {"self": f"{view.api}/issue/{issue.id}/properties/{key}", "key": key}
    if event.name == "issue_property_set":
        shown["value"] = issue.properties[key]
    return {"property": shown, "issue": _named(view, issue, *WITH_COMMENT)}


def _link(_: View, event: Event) -> Json:
    link: Link = event.detail["link"]
    row = catalog.LINK_TYPES[link.kind]
    kind = {"id": int(row.id), "name": row.name, "outwardName": row.outward, "inwardName": row.inward}
    return {
        "issueLink": {
            "id": int(link.id),
            "sourceIssueId": int(link.inward),
            "destinationIssueId": int(link.outward),
            "issueLinkType": kind | {"isSubTaskLinkType": False, "isSystemLinkType": False},
            "systemLink": False,
        }
    }


def _sprint(view: View, event: Event) -> Json:
    sprint: Sprint = event.detail["sprint"]
    dates = {"createdDate": sprint.created, "startDate": sprint.start, "endDate": sprint.end} | {
        "completeDate": sprint.completed
    }
    shown: Json = {
        "id": int(sprint.id),
        "self": f"{view.base}/rest/agile/1.0/sprint/{sprint.id}",
        "state": sprint.state,
        "name": sprint.name,
        "originBoardId": int(sprint.board),
        "goal": sprint.goal,
    }
    return {"sprint": shown | {name: view.instant(when) for name, when in dates.items() if when}}


def _version(view: View, event: Event) -> Json:
    version: Version = event.detail["version"]
    return {"version": shapes.version(view, version) | {"projectId": int(version.project)}}


PARTS: dict[str, Callable[[View, Event], Json]] = {
    "comment": _comment,
    "worklog": _worklog,
    "attachment": _attachment,
    "issue_property": _property,
    "issuelink": _link,
    "sprint": _sprint,
    "version": _version,
}
