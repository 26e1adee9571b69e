"""What may be done to issues, and what Jira says when it may not."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from server.sandbox import adf, audience, catalog, entity_properties, refusals, value_texts, values
from server.sandbox.catalog import Transition
from server.sandbox.records import Change, Comment, History, Issue, Json, Person, Project
from server.sandbox.refusals import Refusal
from server.sandbox.site import Site
from server.sandbox.values import Desk, Invalid

NOT_ON_EDIT = {"resolution", "project", "status"}
SERVER_SET = {"project", "issuetype"}
INCOMPLETE = "You cannot edit this issue as you do not have permission. ({})"


def _tick(issue: Issue, now: datetime) -> datetime:
    """`updated` never goes back nor stands still, so that a poller sees each write."""
    return max(now, issue.updated + timedelta(milliseconds=1))


def record(site: Site, person: Person, issue: Issue, changes: Iterable[Change]) -> None:
    issue.updated = _tick(issue, site.now())
    site.changed(issue)
    found = tuple(changes)
    if found:
        entry = History(site.next_id(), person.account_id, issue.updated, found)
        issue.histories.append(entry)
        site.happened("jira:issue_updated", person, issue.id, issue=issue, history=entry)


def assign_values(site: Site, issue: Issue, new: Json) -> list[Change]:
    changes: list[Change] = []
    for field_id, value in new.items():
        field = catalog.FIELDS[field_id]
        old = issue.values.get(field_id)
        if old == value or (old in (None, []) and value in (None, [])):
            continue
        name = field.name if field.custom else field_id
        before = value_texts.shown(site, field, old)
        changes.append(Change(name, field_id, before, value_texts.shown(site, field, value), bool(field.custom)))
        issue.values[field_id] = value
    return changes


def must_write(project: Project, person: Person, message: str, *, status: int = 403) -> None:
    if not project.writers & person.groups:
        raise refusals.jira(status, message)


# Comments


def check_comment(body: Any) -> Json:
    if body in (None, ""):
        raise refusals.jira(400, errors={"comment": "Comment body can not be empty!"})
    try:
        return values.check_document(body)
    except Invalid as error:
        if str(error) == refusals.ADF_WANTED:
            raise refusals.jira(400, errors={"comment": "Comment body is not valid!"}) from None
        raise refusals.jira(400, str(error)) from None


def add_comment(site: Site, person: Person, issue: Issue, draft: Json) -> Comment:
    """`draft` is what people post: a body, and perhaps who alone may read it."""
    must_write(site.projects[issue.project], person, "You do not have the permission to comment on this issue.")
    doc, visibility = check_comment(draft.get("body")), audience.check(person, draft.get("visibility"))
    properties = entity_properties.given(draft.get("properties"))
    record(site, person, issue, ())
    author, now = person.account_id, issue.updated
    comment = Comment(site.next_id(), author, doc, now, now, author, visibility, properties)
    issue.comments.append(comment)
    site.happened("comment_created", person, issue.id, issue=issue, comment=comment)
    return comment


def _comments_to_add(person: Person, raw: Json) -> list[Json]:
    """The checked drafts of `update.comment`."""
    drafts: list[Json] = []
    for operation in adf.as_list(raw.get("comment")):
        added = adf.as_dict(operation).get("add")
        if added is None:
            raise refusals.jira(400, errors={"comment": "Only the operation 'add' is supported here."})
        draft = adf.as_dict(added)
        check_comment(draft.get("body"))
        audience.check(person, draft.get("visibility"))
        drafts.append(draft)
    return drafts


# Fields


def _value(desk: Desk, field_id: str, current: Json, fields: Json, verbs: Json) -> Any:
    if field_id not in verbs:
        return values.read(desk, field_id, fields[field_id])
    if field_id in fields:
        raise Invalid(f"Field '{field_id}' cannot be in both 'fields' and 'update'.")
    return values.update(desk, field_id, current.get(field_id), verbs[field_id])


def _gather(desk: Desk, current: Json, body: Json, barred: Iterable[str]) -> tuple[Json, dict[str, str]]:
    """The new stored values of `fields` and `update`, and what is wrong with them."""
    new: Json = {}
    errors: dict[str, str] = {}
    off = set(barred)
    fields, verbs = adf.as_dict(body.get("fields")), adf.as_dict(body.get("update"))
    for field_id in [*fields, *(name for name in verbs if name != "comment")]:
        if field_id in off:
            errors[field_id] = values.OFF_SCREEN.format(field_id)
            continue
        try:
            new[field_id] = _value(desk, field_id, current, fields, verbs)
        except Invalid as error:
            errors[field_id] = str(error)
    return new, errors


def _empty(project: Project, stored: Json) -> dict[str, str]:
    """The fields that the project requires and that hold nothing."""
    without = [each for each in project.required if stored.get(each) in (None, [])]
    return {each: f"{catalog.FIELDS[each].name} is required." for each in without}


def _parent_fault(site: Site, issue_type: str, parent: str | None) -> Refusal | None:
    level = catalog.ISSUE_TYPES[issue_type].level
    if parent is None:
        if level < 0:
            return refusals.jira(400, "Issue type is a sub-task but parent issue key or id not specified.")
        return None
    if catalog.ISSUE_TYPES[site.issues[parent].values["issuetype"]].level != level + 1:
        words = "Given parent work item does not belong to appropriate hierarchy."
        return refusals.jira(400, errors={"parentId": words})
    return None


def _set_properties(site: Site, person: Person, issue: Issue, properties: Json) -> None:
    for key, value in properties.items():
        issue.properties[key] = value
        site.happened("issue_property_set", person, issue.id, issue=issue, property=key)


# Issues


def _project(site: Site, person: Person, raw: Any) -> Project:
    given = adf.as_dict(raw)
    found = site.project_for(person, str(given.get("key") or given.get("id") or ""))
    if found is None:
        raise refusals.jira(400, errors={"project": "Specify a valid project ID or key"})
    must_write(found, person, "You do not have permission to create issues in this project.")
    return found


def _issue_type(project: Project, desk: Desk, fields: Json) -> str:
    if "issuetype" not in fields:
        raise Invalid("Specify an issue type")
    wanted = values.read(desk, "issuetype", fields["issuetype"])
    if wanted not in project.issue_types:
        raise Invalid("The issue type selected is invalid.")
    return wanted


def _created(desk: Desk, project: Project, fields: Json) -> Json:
    """All values of a new issue, or the refusal that names each bad field."""
    errors: dict[str, str] = {}
    issue_type = ""
    try:
        issue_type = _issue_type(project, desk, fields)
    except Invalid as error:
        errors["issuetype"] = str(error)
    if "summary" not in fields:
        errors["summary"] = values.REQUIRED["summary"]
    rest = {name: raw for name, raw in fields.items() if name not in SERVER_SET}
    new, more = _gather(desk, {}, {"fields": rest}, ("resolution", "status"))
    defaults: Json = {"status": catalog.TODO, "priority": "3", "reporter": desk.person.account_id, "labels": []}
    errors |= _empty(project, defaults | new) | more
    if errors:
        raise refusals.jira(400, errors=errors)
    if fault := _parent_fault(desk.site, issue_type, new.get("parent")):
        raise fault
    return {**defaults, **new, "issuetype": issue_type}


def create(site: Site, person: Person, body: Json) -> Issue:
    fields = adf.as_dict(body.get("fields"))
    project = _project(site, person, fields.get("project"))
    project.last_number += 1
    desk = Desk(site, person, project.id)
    stored = _created(desk, project, fields)
    verbs, errors = _gather(desk, stored, {"update": body.get("update")}, NOT_ON_EDIT)
    if errors:
        raise refusals.jira(400, errors=errors)
    drafts = _comments_to_add(person, adf.as_dict(body.get("update")))
    properties = entity_properties.given(body.get("properties"))
    now = site.now()
    key = f"{project.key}-{project.last_number}"
    issue = Issue(site.next_id(), key, project.id, person.account_id, now, now, stored | verbs)
    issue.watchers.append(person.account_id)
    site.add_issue(issue)
    site.happened("jira:issue_created", person, issue.id, issue=issue)
    _set_properties(site, person, issue, properties)
    for draft in drafts:
        add_comment(site, person, issue, draft)
    return issue


def edit(site: Site, person: Person, issue: Issue, body: Json) -> None:
    must_write(site.projects[issue.project], person, "You do not have permission to edit issues in this project.")
    new, errors = _gather(Desk(site, person, issue.project), issue.values, body, NOT_ON_EDIT)
    missing = _empty(site.projects[issue.project], issue.values | new)
    errors = {field: words for field, words in missing.items() if field in new} | errors
    if errors:
        raise refusals.jira(400, errors=errors)
    drafts = _comments_to_add(person, adf.as_dict(body.get("update")))
    if "parent" in new or "issuetype" in new:
        merged = issue.values | new
        if fault := _parent_fault(site, merged["issuetype"], merged.get("parent")):
            raise fault
    _set_properties(site, person, issue, entity_properties.given(body.get("properties")))
    record(site, person, issue, assign_values(site, issue, new))
    for draft in drafts:
        add_comment(site, person, issue, draft)


def set_value(site: Site, person: Person, issue: Issue, field_id: str, value: Any) -> None:
    """One stored value, written as an edit of its own."""
    record(site, person, issue, assign_values(site, issue, {field_id: value}))


def assign(site: Site, person: Person, issue: Issue, account_id: str | None) -> None:
    raw = None if account_id is None else {"accountId": account_id}
    edit(site, person, issue, {"fields": {"assignee": raw}})


def delete(site: Site, person: Person, issue: Issue, *, with_subtasks: bool) -> None:
    must_write(site.projects[issue.project], person, "You do not have permission to delete issues in this project.")
    subtasks = site.subtasks(issue)
    if subtasks and not with_subtasks:
        raise refusals.jira(
            400,
            f"The issue '{issue.key}' has subtasks.  You must specify the 'deleteSubtasks' parameter to delete this "
            "issue and all its subtasks.",
        )
    with site.fallout():
        for subtask in subtasks:
            _remove(site, person, subtask)
    for child in site.children(issue):
        child.values["parent"] = None
        site.changed(child)
    _remove(site, person, issue)


def _remove(site: Site, person: Person, issue: Issue) -> None:
    """What hears of it can still see the issue."""
    site.happened("jira:issue_deleted", person, issue.id, issue=issue)
    for link in site.links_of(issue):
        site.happened("issuelink_deleted", person, link.id, link=link)
    site.remove_issue(issue)


# Workflow


def transitions(site: Site, person: Person, issue: Issue) -> list[Transition]:
    if not site.projects[issue.project].writers & person.groups:
        return []
    return catalog.transitions_from(issue.values["status"])


def _outcome(site: Site, target: str, chosen: Json) -> Json:
    done = catalog.STATUSES[target].category == "done"
    return {
        "status": target,
        "resolution": chosen.get("resolution", "10000") if done else None,
        "resolutiondate": site.now() if done else None,
    }


def transition(site: Site, person: Person, issue: Issue, body: Json) -> None:
    wanted = adf.as_dict(body.get("transition")).get("id")
    if wanted is None:
        raise refusals.jira(400, "Missing 'transition' identifier")
    found = next((row for row in transitions(site, person, issue) if row.id == str(wanted)), None)
    if found is None:
        raise refusals.jira(400, f"Transition id '{wanted}' is not valid for this issue.")
    barred = set(catalog.FIELDS) - {*found.screen, "comment"}
    new, errors = _gather(Desk(site, person, issue.project), issue.values, body, barred)
    if errors:
        raise refusals.jira(400, errors=errors)
    drafts = _comments_to_add(person, adf.as_dict(body.get("update")))
    outcome = _outcome(site, found.target, new)
    issue.values["resolutiondate"] = outcome.pop("resolutiondate")
    record(site, person, issue, assign_values(site, issue, outcome))
    for draft in drafts:
        add_comment(site, person, issue, draft)
