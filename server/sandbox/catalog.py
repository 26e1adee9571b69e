"""Jira's configuration on this site: types, statuses, workflow, priorities, link types, fields."""

from dataclasses import dataclass
from functools import lru_cache

TODO, IN_PROGRESS, IN_REVIEW, DONE = "10000", "3", "10001", "10002"
EPIC, STORY, TASK, BUG, SUBTASK, REQUEST, INCIDENT = "10001", "10002", "10003", "10004", "10005", "10006", "10007"


@dataclass(frozen=True)
class Option:
    """Anything that Jira names by an id: a priority, a resolution, an allowed value."""

    id: str
    name: str
    description: str = ""


@dataclass(frozen=True)
class Choice(Option):
    """An option with others below it."""

    children: tuple[Option, ...] = ()


@dataclass(frozen=True)
class Category:
    id: int
    key: str
    color: str
    name: str


@dataclass(frozen=True)
class Status(Option):
    category: str = "new"


@dataclass(frozen=True)
class IssueType(Option):
    level: int = 0

    @property
    def subtask(self) -> bool:
        return self.level < 0


@dataclass(frozen=True)
class Transition:
    id: str
    name: str
    origins: tuple[str, ...]
    target: str
    screen: tuple[str, ...] = ()


@dataclass(frozen=True)
class LinkType:
    id: str
    name: str
    inward: str
    outward: str


@dataclass(frozen=True)
class Field:
    """`kind` is how a value is written and read: one kind, one row in the tables of `values` and `wire`."""

    id: str
    name: str
    kind: str
    clauses: tuple[str, ...] = ()
    custom: str = ""
    options: tuple[Option, ...] = ()
    editable: bool = True
    orderable: bool = True

    @property
    def navigable(self) -> bool:
        return self.kind not in {"comments", "worklogs", "attachments"}

    @property
    def clause_names(self) -> tuple[str, ...]:
        """How queries name it."""
        if not self.custom:
            return self.clauses or (self.id,)
        label = TYPE_LABELS.get(self.custom.rpartition(":")[2])
        labelled = (f"{self.name}[{label}]",) if label else ()
        return (f"cf[{self.id.rpartition('_')[2]}]", *self.clauses, *labelled)

    def option(self, option_id: str) -> Option:
        return options_by_id(self)[option_id]


TYPE_LABELS = {
    "textfield": "Short text",
    "textarea": "Paragraph",
    "float": "Number",
    "datepicker": "Date",
    "datetime": "Time stamp",
    "select": "Dropdown",
    "multiselect": "Select List (multiple choices)",
    "radiobuttons": "Radio Buttons",
    "multicheckboxes": "Checkboxes",
    "cascadingselect": "Select List (cascading)",
    "userpicker": "User Picker (single user)",
    "multiuserpicker": "User Picker (multiple users)",
    "grouppicker": "Group Picker (single group)",
    "multigrouppicker": "Group Picker (multiple groups)",
    "labels": "Labels",
    "url": "URL",
    "version": "Version Picker (single version)",
    "multiversion": "Version Picker (multiple versions)",
    "project": "Project Picker (single project)",
    "readonlyfield": "Text Field (read only)",
}


@lru_cache(maxsize=64)
def options_by_id(field: Field) -> dict[str, Option]:
    """With those below others."""
    below = (child for row in field.options if isinstance(row, Choice) for child in row.children)
    return {row.id: row for row in (*field.options, *below)}


CATEGORIES = {
    "new": Category(2, "new", "blue-gray", "To Do"),
    "indeterminate": Category(4, "indeterminate", "yellow", "In Progress"),
    "done": Category(3, "done", "green", "Done"),
}
STATUSES = {
    TODO: Status(TODO, "To Do", "Nobody has started."),
    IN_PROGRESS: Status(IN_PROGRESS, "In Progress", "Somebody is working on it.", "indeterminate"),
    IN_REVIEW: Status(IN_REVIEW, "In Review", "Waiting for a second pair of eyes.", "indeterminate"),
    DONE: Status(DONE, "Done", "Finished.", "done"),
}
TRANSITIONS = (
    Transition("11", "To Do", (IN_PROGRESS, IN_REVIEW), TODO),
    Transition("21", "In Progress", (TODO, IN_REVIEW), IN_PROGRESS),
    Transition("31", "In Review", (IN_PROGRESS,), IN_REVIEW),
    Transition("41", "Done", (IN_PROGRESS, IN_REVIEW), DONE, ("resolution",)),
    Transition("51", "Reopen", (DONE,), TODO),
)
PRIORITIES = {
    row.id: row
    for row in (
        Option("1", "Highest", "This problem will block progress."),
        Option("2", "High", "Serious problem that could block progress."),
        Option("3", "Medium", "Has the potential to affect progress."),
        Option("4", "Low", "Minor problem or easily worked around."),
        Option("5", "Lowest", "Trivial problem with little or no impact on progress."),
    )
}
RESOLUTIONS = {
    row.id: row
    for row in (
        Option("10000", "Done", "Work has been completed on this issue."),
        Option("10001", "Won't Do", "This issue won't be actioned."),
        Option("10002", "Duplicate", "The problem is a duplicate of an existing issue."),
        Option("10003", "Cannot Reproduce", "All attempts at reproducing this issue failed."),
    )
}
ISSUE_TYPES = {
    row.id: row
    for row in (
        IssueType(EPIC, "Epic", "A big user story that needs to be broken down.", 1),
        IssueType(STORY, "Story", "Functionality or a feature expressed as a user goal."),
        IssueType(TASK, "Task", "A small, distinct piece of work."),
        IssueType(BUG, "Bug", "A problem or error."),
        IssueType(SUBTASK, "Sub-task", "A small piece of work that is part of a larger task.", -1),
        IssueType(REQUEST, "Service Request", "Somebody needs something from us."),
        IssueType(INCIDENT, "Incident", "Something is broken for customers."),
    )
}
LINK_TYPES = {
    row.id: row
    for row in (
        LinkType("10000", "Blocks", "is blocked by", "blocks"),
        LinkType("10001", "Cloners", "is cloned by", "clones"),
        LinkType("10002", "Duplicate", "is duplicated by", "duplicates"),
        LinkType("10003", "Relates", "relates to", "relates to"),
    )
}
SEVERITIES = tuple(Option(str(10100 + i), name) for i, name in enumerate(("Critical", "Major", "Minor", "Cosmetic")))
AREAS = tuple(
    Option(str(10200 + i), name) for i, name in enumerate(("Web", "Mobile", "Payments", "Search", "Platform"))
)
IMPEDIMENT = (Option("10300", "Impediment"),)
RISKS = tuple(Option(str(10320 + i), name) for i, name in enumerate(("Low", "Medium", "High")))
PLATFORMS = tuple(Option(str(10340 + i), name) for i, name in enumerate(("Android", "iOS", "Windows", "macOS")))
CAUSES = (
    Choice("10360", "Code", children=(Option("10361", "Logic"), Option("10362", "Concurrency"))),
    Choice("10363", "Data", children=(Option("10364", "Import"), Option("10365", "Migration"))),
    Choice("10366", "Unknown"),
)
_PLUGIN = "com.atlassian.jira.plugin.system.customfieldtypes:"


def _custom(number: int, name: str, kind: str, key: str, options: tuple[Option, ...] = ()) -> Field:
    return Field(f"customfield_{number}", name, kind, (name,), _PLUGIN + key, options)


FIELDS = {
    row.id: row
    for row in (
        Field("summary", "Summary", "text"),
        Field("issuetype", "Issue Type", "issuetype", ("issuetype", "type")),
        Field("project", "Project", "project", orderable=False),
        Field("status", "Status", "status", editable=False, orderable=False),
        Field("statusCategory", "Status Category", "statuscategory", ("statusCategory",), editable=False),
        Field("resolution", "Resolution", "resolution"),
        Field("resolutiondate", "Resolved", "datetime", ("resolutiondate", "resolved"), editable=False),
        Field("priority", "Priority", "priority"),
        Field("assignee", "Assignee", "person"),
        Field("reporter", "Reporter", "person"),
        Field("creator", "Creator", "person", editable=False),
        Field("created", "Created", "datetime", ("created", "createdDate"), editable=False),
        Field("updated", "Updated", "datetime", ("updated", "updatedDate"), editable=False),
        Field("duedate", "Due date", "date", ("due", "duedate")),
        Field("labels", "Labels", "labels"),
        Field("description", "Description", "adf"),
        Field("environment", "Environment", "adf"),
        Field("parent", "Parent", "parent"),
        Field("subtasks", "Sub-tasks", "subtasks", ("subtasks",), editable=False),
        Field("issuelinks", "Linked Issues", "links", ("issueLink",), editable=False),
        Field("attachment", "Attachment", "attachments", ("attachments",), editable=False),
        Field("comment", "Comment", "comments", ("comment",), editable=False),
        Field("worklog", "Log Work", "worklogs", ("worklog",), editable=False),
        Field("watches", "Watchers", "watches", ("watchers",), editable=False),
        Field("votes", "Votes", "votes", ("votes",), editable=False),
        Field("timespent", "Time Spent", "seconds", ("timespent",), editable=False),
        Field("components", "Components", "components", ("component",)),
        Field("versions", "Affects versions", "versions", ("affectedVersion",)),
        Field("fixVersions", "Fix versions", "versions", ("fixVersion",)),
        Field("customfield_10014", "Epic Link", "text", ("Epic Link",), "com.pyxis.greenhopper.jira:gh-epic-link"),
        Field("customfield_10015", "Start date", "date", ("Start date",), f"{_PLUGIN}datepicker"),
        Field("customfield_10016", "Story Points", "number", ("Story Points",), f"{_PLUGIN}float"),
        Field("customfield_10020", "Sprint", "sprint", ("Sprint",), "com.pyxis.greenhopper.jira:gh-sprint"),
        Field("customfield_10021", "Flagged", "options", ("Flagged",), f"{_PLUGIN}multicheckboxes", IMPEDIMENT),
        Field("customfield_10031", "Severity", "option", ("Severity",), f"{_PLUGIN}select", SEVERITIES),
        Field("customfield_10032", "Acceptance criteria", "adf", ("Acceptance criteria",), f"{_PLUGIN}textarea"),
        Field("customfield_10033", "Areas", "options", ("Areas",), f"{_PLUGIN}multiselect", AREAS),
        Field("customfield_10034", "Reviewer", "person", ("Reviewer",), f"{_PLUGIN}userpicker"),
        Field("customfield_10035", "Design link", "url", ("Design link",), f"{_PLUGIN}url"),
        _custom(10036, "Customer", "text", "textfield"),
        _custom(10037, "Imported from", "text", "readonlyfield"),
        _custom(10038, "Detected at", "datetime", "datetime"),
        _custom(10039, "Risk", "option", "radiobuttons", RISKS),
        _custom(10040, "Platforms", "options", "multicheckboxes", PLATFORMS),
        _custom(10041, "Cause", "cascade", "cascadingselect", CAUSES),
        _custom(10042, "Testers", "people", "multiuserpicker"),
        _custom(10043, "Owning group", "group", "grouppicker"),
        _custom(10044, "Informed groups", "groups", "multigrouppicker"),
        _custom(10045, "Keywords", "labels", "labels"),
        _custom(10046, "Found in", "version", "version"),
        _custom(10047, "Fixed in", "versions", "multiversion"),
        _custom(10048, "Related project", "projectpicker", "project"),
    )
}
"""Every field of the site, in the order in which GET issue shows them."""


def transitions_from(status: str) -> list[Transition]:
    return [transition for transition in TRANSITIONS if status in transition.origins]
