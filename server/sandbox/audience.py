"""Who may read a comment or worklog: all who see its issue, or the members of one group or project role alone."""

from typing import Any

from server.sandbox import refusals
from server.sandbox.adf import as_dict
from server.sandbox.records import Comment, Issue, Json, Person, Worklog

ROLES = {
    "Administrators": frozenset({"leadership"}),
    "Developers": frozenset({"developers"}),
    "Service Desk Team": frozenset({"service-agents"}),
}


def check(person: Person, raw: Any) -> Json | None:
    """The visibility of a new comment, for an author who is of that audience."""
    if raw is None:
        return None
    kind, name = as_dict(raw).get("type"), as_dict(raw).get("value") or as_dict(raw).get("identifier")
    if kind not in ("group", "role"):
        raise refusals.jira(400, errors={"commentLevel": "Comment visibility must be of type 'group' or 'role'."})
    if not _members(kind, str(name)) & person.groups:
        circle = "group" if kind == "group" else "project role"
        raise refusals.jira(400, errors={"commentLevel": f"You are currently not a member of the {circle}: {name}."})
    return {"type": kind, "value": str(name), "identifier": str(name)}


def heard(person: Person, issue: Issue) -> list[Comment]:
    """The comments that this person may read."""
    return [comment for comment in issue.comments if may_hear(person, comment)]


def logged(person: Person, issue: Issue) -> list[Worklog]:
    """The worklogs that this person may read."""
    return [worklog for worklog in issue.worklogs if may_hear(person, worklog)]


def may_hear(person: Person, comment: Comment | Worklog) -> bool:
    level = comment.visibility
    return level is None or bool(_members(level["type"], level["value"]) & person.groups)


def _members(kind: str, name: str) -> frozenset[str]:
    return ROLES.get(name, frozenset()) if kind == "role" else frozenset({name})
