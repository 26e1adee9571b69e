"""Issues that move to another project or become of another type; they keep their ids, and old keys lead to them."""

from collections.abc import Callable
from dataclasses import dataclass

from server.sandbox import catalog, writes
from server.sandbox.records import Change, Issue, Json, Person, Project
from server.sandbox.refusals import bulk
from server.sandbox.site import Site

Work = tuple[Issue, Callable[[], None]]
PARTS = ("fixVersions", "versions", "components")
FORMAT = "The format of a target is <project ID or key>,<issueType ID>,<parent ID or key>: '{}'"


@dataclass(frozen=True)
class Target:
    project: Project
    kind: str
    parent: str | None = None


def target(site: Site, person: Person, name: str) -> Target:
    """The place that a mapping names, for somebody who may create issues there."""
    project_name, comma, rest = name.partition(",")
    if not comma:
        raise bulk(FORMAT.format(name))
    kind, _, parent_name = rest.partition(",")
    project = site.project_for(person, project_name)
    if project is None:
        raise bulk(f"The target project '{project_name}' does not exist.")
    if not project.writers & person.groups:
        raise bulk(f"You don't have permission to create issues in {project.key}.")
    if kind not in project.issue_types:
        raise bulk(f"The target issue type '{kind}' is not one of {project.key}.")
    return Target(project, kind, _parent(site, person, kind, parent_name))


def _parent(site: Site, person: Person, kind: str, name: str) -> str | None:
    if not name:
        if catalog.ISSUE_TYPES[kind].subtask:
            raise bulk("A sub-task needs a parent as the third part of its target.")
        return None
    found = site.issue_for(person, name)
    if found is None:
        raise bulk(f"The target parent '{name}' does not exist.")
    if catalog.ISSUE_TYPES[found.values["issuetype"]].level != catalog.ISSUE_TYPES[kind].level + 1:
        raise bulk("The target parent does not belong to the appropriate hierarchy.")
    return found.id


def planned(site: Site, person: Person, to: Target, issues: list[Issue], how: Json) -> list[Work]:
    """What is to be done, in order: each issue, and its sub-tasks where they shall come with it."""
    works: list[Work] = []
    for issue in issues:
        if not site.projects[issue.project].writers & person.groups:
            raise bulk(f"You don't have permission to move issues of {site.projects[issue.project].key}.")
        works.append((issue, lambda issue=issue: _move(site, person, issue, to)))
        if how.get("inferSubtaskTypeDefault") and to.project.id != issue.project:
            for child in site.subtasks(issue):
                below = Target(to.project, _subtask_type(to.project), issue.id)
                works.append((child, lambda child=child, below=below: _move(site, person, child, below)))
    return works


def _subtask_type(project: Project) -> str:
    for kind in project.issue_types:
        if catalog.ISSUE_TYPES[kind].subtask:
            return kind
    raise bulk(f"{project.key} has no issue type for sub-tasks.")


def _move(site: Site, person: Person, issue: Issue, to: Target) -> None:
    changes: list[Change] = []
    new: Json = {"issuetype": to.kind, "parent": to.parent}
    if issue.project != to.project.id:
        changes = _rekeyed(site, issue, to.project)
        new |= _known_parts(site, issue)
    writes.record(site, person, issue, [*changes, *writes.assign_values(site, issue, new)])


def _rekeyed(site: Site, issue: Issue, project: Project) -> list[Change]:
    old = site.projects[issue.project]
    project.last_number += 1
    key = f"{project.key}-{project.last_number}"
    changes = [
        Change("project", "project", (old.id, old.name), (project.id, project.name)),
        Change("Key", "issuekey", (None, issue.key), (None, key)),
    ]
    issue.project = project.id
    site.rename(issue, key)
    return changes


def _known_parts(site: Site, issue: Issue) -> Json:
    """Versions and components are a project's own: those of the same name stay, the others fall away."""
    new: Json = {}
    for name in PARTS:
        held: list[str] = issue.values.get(name) or []
        if not held:
            continue
        rows = site.components if name == "components" else site.versions
        here = {row.name: row.id for row in rows.values() if row.project == issue.project}
        new[name] = [here[rows[each].name] for each in held if rows[each].name in here]
    return new
