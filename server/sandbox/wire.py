"""Issues on their way out: the JSON that Jira v3 sends."""

from collections.abc import Callable, Iterable
from typing import Any

from server.sandbox import adf, audience, catalog, shapes, worktime
from server.sandbox.catalog import Field
from server.sandbox.records import Attachment, Comment, History, Issue, Json, Sprint, Worklog
from server.sandbox.shapes import View

ISSUE_EXPAND = "renderedFields,names,schema,operations,editmeta,changelog,versionedRepresentations"
EMBEDDED_WORKLOGS = 20


def brief(view: View, issue: Issue, *names: str) -> Json:
    """An issue inside another one: parent, sub-task, link."""
    fields = names or ("summary", "status", "priority", "issuetype")
    return {
        "id": issue.id,
        "key": issue.key,
        "self": f"{view.api}/issue/{issue.id}",
        "fields": {name: render(view, issue, catalog.FIELDS[name]) for name in fields},
    }


def comment(view: View, issue: Issue, found: Comment, *, rendered: bool = False, properties: bool = False) -> Json:
    shown: Json = {
        "self": f"{view.api}/issue/{issue.id}/comment/{found.id}",
        "id": found.id,
        "author": view.user(found.author),
        "body": found.body,
        "updateAuthor": view.user(found.update_author),
        "created": view.moment(found.created),
        "updated": view.moment(found.updated),
        "jsdPublic": True,
    }
    if rendered:
        shown["renderedBody"] = adf.render(found.body)
    return shown | _further(found, properties=properties)


def worklog(view: View, issue: Issue, found: Worklog, *, properties: bool = False) -> Json:
    shown: Json = {
        "self": f"{view.api}/issue/{issue.id}/worklog/{found.id}",
        "author": view.user(found.author),
        "updateAuthor": view.user(found.editor or found.author),
        "created": view.moment(found.created),
        "updated": view.moment(found.updated),
        "started": view.moment(found.started),
        "timeSpent": worktime.text(found.seconds),
        "timeSpentSeconds": found.seconds,
        "id": found.id,
        "issueId": issue.id,
    }
    if found.comment:
        shown["comment"] = found.comment
    return shown | _further(found, properties=properties)


def _further(found: Comment | Worklog, *, properties: bool) -> Json:
    """For whom alone it is, and what it is marked by."""
    shown: Json = {"visibility": found.visibility} if found.visibility else {}
    if properties:
        shown["properties"] = [{"key": key, "value": value} for key, value in found.properties.items()]
    return shown


def history(view: View, found: History) -> Json:
    items = [
        {
            "field": change.field,
            "fieldtype": "custom" if change.custom else "jira",
            "fieldId": change.field_id,
            "from": change.old[0],
            "fromString": change.old[1],
            "to": change.new[0],
            "toString": change.new[1],
        }
        for change in found.changes
    ]
    created = view.moment(found.created)
    return {"id": found.id, "author": view.user(found.author), "created": created, "items": items}


def _links(view: View, issue: Issue) -> list[Json]:
    shown: list[Json] = []
    for link in view.site.links_of(issue):
        kind = catalog.LINK_TYPES[link.kind]
        side, other = ("outwardIssue", link.outward) if link.inward == issue.id else ("inwardIssue", link.inward)
        if view.site.issue_for(view.person, other) is None:
            continue
        shown.append(
            {
                "id": link.id,
                "self": f"{view.api}/issueLink/{link.id}",
                "type": shapes.link_type(view, kind),
                side: brief(view, view.site.issues[other]),
            }
        )
    return shown


def attachment(view: View, found: Attachment) -> Json:
    return {
        "self": f"{view.api}/attachment/{found.id}",
        "id": found.id,
        "filename": found.filename,
        "author": view.user(found.author),
        "created": view.moment(found.created),
        "size": found.size,
        "mimeType": found.mime_type,
        "content": f"{view.api}/attachment/content/{found.id}",
    }


def _attachments(view: View, issue: Issue) -> list[Json]:
    return [attachment(view, found) for found in issue.attachments]


def _comments(view: View, issue: Issue) -> Json:
    shown = [comment(view, issue, found) for found in audience.heard(view.person, issue)]
    self = f"{view.api}/issue/{issue.id}/comment"
    return {"comments": shown, "self": self, "maxResults": len(shown), "total": len(shown), "startAt": 0}


def _worklogs(view: View, issue: Issue) -> Json:
    heard = audience.logged(view.person, issue)
    shown = [worklog(view, issue, found) for found in heard[:EMBEDDED_WORKLOGS]]
    total = len(heard)
    return {"startAt": 0, "maxResults": EMBEDDED_WORKLOGS, "total": total, "worklogs": shown}


def _sprints(view: View, value: list[str]) -> list[Json]:
    return [_sprint(view, view.site.sprints[sprint_id]) for sprint_id in value if sprint_id in view.site.sprints]


def _sprint(view: View, found: Sprint) -> Json:
    """As the Sprint field shows it."""
    shown: Json = {"id": int(found.id), "name": found.name, "state": found.state, "boardId": int(found.board)}
    dates = {"startDate": found.start, "endDate": found.end, "completeDate": found.completed}
    return shown | {"goal": found.goal} | {name: view.instant(when) for name, when in dates.items() if when}


def _watches(view: View, issue: Issue) -> Json:
    self = f"{view.api}/issue/{issue.key}/watchers"
    watching = view.person.account_id in issue.watchers
    return {"self": self, "watchCount": len(issue.watchers), "isWatching": watching}


def _picked_project(view: View, value: str) -> Json | None:
    found = view.site.projects.get(value)
    return shapes.project(view, found) if found else None


def votes(view: View, issue: Issue) -> Json:
    self, voted = f"{view.api}/issue/{issue.key}/votes", view.person.account_id in issue.voters
    return {"self": self, "votes": len(issue.voters), "hasVoted": voted}


OF_ISSUE: dict[str, Callable[[View, Issue], Any]] = {
    "project": lambda view, issue: shapes.project(view, view.site.projects[issue.project]),
    "creator": lambda view, issue: view.user(issue.creator),
    "created": lambda view, issue: view.moment(issue.created),
    "updated": lambda view, issue: view.moment(issue.updated),
    "statusCategory": lambda view, issue: shapes.category(view, catalog.STATUSES[issue.values["status"]].category),
    "subtasks": lambda view, issue: [brief(view, child) for child in view.site.subtasks(issue)],
    "issuelinks": _links,
    "attachment": _attachments,
    "comment": _comments,
    "worklog": _worklogs,
    "watches": _watches,
    "votes": votes,
    "timespent": lambda _, issue: sum(found.seconds for found in issue.worklogs) or None,
    "labels": lambda _, issue: issue.values.get("labels", []),
}
OF_VALUE: dict[str, Callable[[View, Any], Any]] = {
    "status": shapes.status,
    "priority": shapes.priority,
    "issuetype": shapes.issue_type,
    "resolution": shapes.resolution,
    "person": View.user,
    "datetime": View.moment,
    "parent": lambda view, value: brief(view, view.site.issues[value]),
    "sprint": _sprints,
    "versions": lambda view, value: [shapes.version(view, view.site.versions[each]) for each in value],
    "components": lambda view, value: [shapes.component(view, view.site.components[each]) for each in value],
    "people": lambda view, value: [view.user(each) for each in value],
    "group": shapes.group,
    "groups": lambda view, value: [shapes.group(view, each) for each in value],
    "version": lambda view, value: shapes.version(view, view.site.versions[value]),
    "projectpicker": _picked_project,
}


def _cascade(view: View, field: Field, value: list[str]) -> Json:
    above, *below = (shapes.option(view, field.option(each)) for each in value)
    return above | {"child": below[0]} if below else above


OF_OPTIONS: dict[str, Callable[[View, Field, Any], Any]] = {
    "option": lambda view, field, value: shapes.option(view, field.option(value)),
    "options": lambda view, field, value: [shapes.option(view, field.option(each)) for each in value],
    "cascade": _cascade,
}


def render(view: View, issue: Issue, field: Field) -> Any:
    if field.id in OF_ISSUE:
        return OF_ISSUE[field.id](view, issue)
    value = issue.values.get(field.id)
    if value is None or value == []:
        return [] if field.kind in ("versions", "components") and not field.custom else None
    if field.kind in OF_OPTIONS:
        return OF_OPTIONS[field.kind](view, field, value)
    return OF_VALUE[field.kind](view, value) if field.kind in OF_VALUE else value


def chosen(names: Iterable[str]) -> list[Field]:
    """The fields that `fields=` asks for: names, *all, *navigable, -name."""
    wanted = list(names)
    picked: dict[str, Field] = {}
    for name in wanted if any(not name.startswith("-") for name in wanted) else ["*all", *wanted]:
        if name == "*all":
            picked |= catalog.FIELDS
        elif name == "*navigable":
            picked |= {field.id: field for field in catalog.FIELDS.values() if field.navigable}
        elif name.startswith("-"):
            picked.pop(name[1:], None)
        elif name in catalog.FIELDS:
            picked[name] = catalog.FIELDS[name]
    return list(picked.values())


def _rendered(view: View, issue: Issue, field: Field) -> Any:
    value = issue.values.get(field.id)
    if field.kind == "adf":
        return adf.render(value) if value else ""
    if field.kind == "comments":
        shown = _comments(view, issue)
        for one in shown["comments"]:
            one["body"] = adf.render(one["body"])
        return shown
    return None


def issue(view: View, found: Issue, fields: list[Field], expand: Iterable[str] = ()) -> Json:
    wanted = set(expand)
    shown: Json = {
        "expand": ISSUE_EXPAND,
        "id": found.id,
        "self": f"{view.api}/issue/{found.id}",
        "key": found.key,
        "fields": {field.id: render(view, found, field) for field in fields},
    }
    if "renderedFields" in wanted:
        shown["renderedFields"] = {field.id: _rendered(view, found, field) for field in fields}
    if "changelog" in wanted:
        histories = [history(view, entry) for entry in reversed(found.histories)]
        total = len(histories)
        shown["changelog"] = {"startAt": 0, "maxResults": total, "total": total, "histories": histories}
    return shown


def names(fields: list[Field]) -> Json:
    return {field.id: field.name for field in fields}
