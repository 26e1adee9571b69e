"""What each JQL field holds, which operators it knows, and how the values of a query are read for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from server.sandbox import adf, catalog, jql_pickers, jql_words, moments, words
from server.sandbox.catalog import Field, Option
from server.sandbox.index import DOCUMENTS, POSTED, TEXTS
from server.sandbox.jql_asker import Asker, word
from server.sandbox.people import jira_user
from server.sandbox.query import Function, Nothing, Operand
from server.sandbox.records import Issue

EQUAL = frozenset({"=", "!=", "in", "not in", "is", "is not"})
ORDERED = EQUAL | {"<", "<=", ">", ">="}
TEXT = frozenset({"~", "!~", "is", "is not"})
WORDS = "words"  # of fields whose texts the index looks through
HISTORIC = frozenset({"was", "was not", "changed", "not changed"})


Reads = Callable[[Issue], Sequence[Any]]
Resolve = Callable[[Asker, str, Operand], list[Any]]


@dataclass(frozen=True)
class Dimension:
    """One field: its values of an issue, its operators, how an operand becomes such values, how they are ranked."""

    name: str
    values: Reads
    operators: frozenset[str]
    resolve: Resolve
    rank: Callable[[Any], Any] = lambda value: value
    field_id: str = ""

    @property
    def posted(self) -> str:
        """The name under which the index finds issues by this field's values, if it does."""
        return self.field_id if self.field_id in POSTED else ""


def _stored(field_id: str) -> Reads:
    def values(issue: Issue) -> Sequence[Any]:
        value = issue.values.get(field_id)
        if value is None:
            return ()
        return value if isinstance(value, list) else (value,)  # pyright: ignore[reportUnknownVariableType]

    return values


def _from_table(rows: Mapping[str, Option]) -> Resolve:
    def resolve(_: Asker, name: str, operand: Operand) -> list[Any]:
        wanted = word(name, operand)
        found = [row.id for row in rows.values() if wanted.casefold() in (row.name.casefold(), row.id)]
        if not found:
            raise jql_words.unknown_value(wanted, name)
        return found

    return resolve


def _project(asker: Asker, name: str, operand: Operand) -> list[Any]:
    wanted = word(name, operand).casefold()
    for project in asker.site.projects_for(asker.person):
        if wanted in (project.key.casefold(), project.id, project.name.casefold()):
            return [project.id]
    raise jql_words.unknown_value(word(name, operand), name)


def _category(_: Asker, name: str, operand: Operand) -> list[Any]:
    wanted = word(name, operand).casefold()
    for row in catalog.CATEGORIES.values():
        if wanted in (row.key, row.name.casefold(), str(row.id)):
            return [row.key]
    raise jql_words.unknown_value(word(name, operand), name)


def _members(asker: Asker, function: Function) -> list[Any]:
    group = function.arguments[0] if function.arguments else ""
    members = [person.account_id for person in asker.site.people.values() if group in person.groups]
    if not members:
        raise jql_words.refusal(
            f"Function 'membersOf' can not generate a list of usernames for group '{group}'; the group does not exist."
        )
    return members


def _person(asker: Asker, name: str, operand: Operand) -> list[Any]:
    if isinstance(operand, Function) and operand.name.casefold() == "currentuser":
        return [asker.person.account_id]
    if isinstance(operand, Function) and operand.name.casefold() == "membersof":
        return _members(asker, operand)
    wanted = word(name, operand)
    for person in asker.site.people.values():
        visible = jira_user(person, "")
        keys = (person.account_id, person.name.casefold(), visible.get("emailAddress"))
        if wanted in keys or wanted.casefold() in keys:
            return [person.account_id]
    raise jql_words.unknown_value(wanted, name)


def _moment(asker: Asker, name: str, operand: Operand) -> list[Any]:
    if isinstance(operand, Function):
        if operand.name.casefold() not in moments.FUNCTIONS:
            raise jql_words.unknown_function(operand.name)
        offset = operand.arguments[0] if operand.arguments else ""
        found = moments.call(operand.name, offset, asker.now, asker.person.zone)
        wanted = offset
    else:
        wanted = word(name, operand)
        found = moments.read(wanted, asker.now, asker.person.zone)
    if found is None:
        raise jql_words.bad_date(wanted, name)
    return [found]


def _day(asker: Asker, name: str, operand: Operand) -> list[Any]:
    return [moment.astimezone(asker.person.zone).date().isoformat() for moment in _moment(asker, name, operand)]


def _number(_: Asker, name: str, operand: Operand) -> list[Any]:
    wanted = word(name, operand)
    try:
        return [float(wanted)]
    except ValueError:
        raise jql_words.refusal(f"The value '{wanted}' is not a valid number for the field '{name}'.") from None


def _label(_: Asker, name: str, operand: Operand) -> list[Any]:
    return [word(name, operand).casefold()]


def _issue(asker: Asker, name: str, operand: Operand) -> list[Any]:
    if isinstance(operand, Function) and operand.name.casefold() == "linkedissues":
        found = asker.site.issue_for(asker.person, operand.arguments[0] if operand.arguments else "")
        links = asker.site.links_of(found) if found else []
        return [link.outward if found and link.inward == found.id else link.inward for link in links]
    wanted = word(name, operand)
    found = asker.site.issue_for(asker.person, wanted)
    if found is None:
        raise jql_words.refusal(f"An issue with key '{wanted}' does not exist for field '{name}'.")
    return [found.id]


def _sprint(asker: Asker, name: str, operand: Operand) -> list[Any]:
    sprints = asker.site.sprints.values()
    if isinstance(operand, Function):
        states = {"opensprints": "active", "closedsprints": "closed", "futuresprints": "future"}
        wanted = states.get(operand.name.casefold())
        if wanted is None:
            raise jql_words.unknown_function(operand.name)
        return [sprint.id for sprint in sprints if sprint.state == wanted]
    text = word(name, operand).casefold()
    found = [sprint.id for sprint in sprints if text in (sprint.id, sprint.name.casefold())]
    if not found:
        raise jql_words.unknown_value(word(name, operand), name)
    return found


RELEASED = {"releasedversions": True, "unreleasedversions": False}


def _version(asker: Asker, name: str, operand: Operand) -> list[Any]:
    seen = {project.id for project in asker.site.projects_for(asker.person)}
    versions = [version for version in asker.site.versions.values() if version.project in seen]
    if isinstance(operand, Function):
        if operand.name.casefold() not in RELEASED:
            raise jql_words.unknown_function(operand.name)
        wanted = RELEASED[operand.name.casefold()]
        return [version.id for version in versions if version.released == wanted and not version.archived]
    return _by_name(name, operand, [(version.id, version.name) for version in versions])


def _component(asker: Asker, name: str, operand: Operand) -> list[Any]:
    seen = {project.id for project in asker.site.projects_for(asker.person)}
    rows = [(each.id, each.name) for each in asker.site.components.values() if each.project in seen]
    return _by_name(name, operand, rows)


def _by_name(name: str, operand: Operand, rows: list[tuple[str, str]]) -> list[Any]:
    wanted = word(name, operand)
    found = [row_id for row_id, named in rows if wanted.casefold() in (row_id, named.casefold())]
    if not found:
        raise jql_words.unknown_value(wanted, name)
    return found


def _plain(_: Asker, name: str, operand: Operand) -> list[Any]:
    if isinstance(operand, Nothing):
        raise jql_words.unknown_value("EMPTY", name)
    return [word(name, operand)]


def _comment_texts(issue: Issue) -> list[list[str]]:
    # Words find what everybody may read; a restricted comment is read on its issue.
    return [adf.blocks(comment.body) for comment in issue.comments if comment.visibility is None]


def _document_texts(field_id: str) -> Callable[[Issue], list[list[str]]]:
    def texts(issue: Issue) -> list[list[str]]:
        value = issue.values.get(field_id)
        return [adf.blocks(value)] if value else []

    return texts


def _all_texts(issue: Issue) -> list[words.Text]:
    documents = [issue.values.get(name) for name in DOCUMENTS]
    plain = [text for name in TEXTS if (text := issue.values.get(name))]
    return [*plain, *(adf.blocks(doc) for doc in documents if doc), *_comment_texts(issue)]


def _priority_rank(priority_id: str) -> int:
    return -int(priority_id)


def _moments(field: Field) -> Reads:
    if field.id == "created":
        return lambda issue: (issue.created,)
    if field.id == "updated":
        return lambda issue: (issue.updated,)
    return _stored(field.id)


def _listed(field: Field) -> Mapping[str, Option]:
    """The values of a field that has a list of them."""
    tables: dict[str, Mapping[str, Option]] = {
        "status": catalog.STATUSES,
        "resolution": catalog.RESOLUTIONS,
        "issuetype": catalog.ISSUE_TYPES,
    }
    return tables.get(field.kind) or {row.id: row for row in field.options}


def _of_kind(field: Field, name: str) -> Dimension | None:
    """The dimension of a field by its kind; None where JQL cannot ask for it."""
    values, listed = _stored(field.id), _listed(field)
    if field.kind == "cascade":
        return Dimension(name, jql_pickers.cascaded(field), EQUAL, jql_pickers.cascade(field), jql_pickers.cascade_rank)
    if listed:
        history = HISTORIC if field.id in {"status", "resolution"} else frozenset[str]()
        return Dimension(name, values, EQUAL | history, _from_table(listed), int, field.id)
    if field.kind == "datetime":
        return Dimension(name, _moments(field), ORDERED, _moment, field_id=field.id)
    if field.kind == "adf":
        return Dimension(name, _document_texts(field.id), TEXT, _plain, field_id=WORDS)
    rows: dict[str, tuple[Reads, frozenset[str], Resolve, Callable[[Any], Any]]] = {
        "priority": (values, ORDERED | HISTORIC, _from_table(catalog.PRIORITIES), _priority_rank),
        "date": (values, ORDERED, _day, str),
        "person": (values, EQUAL if field.custom else EQUAL | HISTORIC, _person, str),
        "number": (values, ORDERED, _number, float),
        "labels": (lambda issue: [label.casefold() for label in values(issue)], EQUAL, _label, str),
        "sprint": (values, EQUAL, _sprint, int),
        "versions": (values, EQUAL, _version, int),
        "components": (values, EQUAL, _component, int),
        "url": (values, EQUAL, _plain, str),
        "text": (values, TEXT, _plain, str),
        "people": (values, EQUAL, _person, str),
        "group": (values, EQUAL, jql_pickers.group, str),
        "groups": (values, EQUAL, jql_pickers.group, str),
        "version": (values, EQUAL, _version, int),
        "projectpicker": (values, EQUAL, _project, int),
        "parent": (values, EQUAL, _issue, int),
    }
    if field.kind not in rows:
        return None
    reads, operators, resolve, rank = rows[field.kind]
    return Dimension(name, reads, operators, resolve, rank, field.id)


def _special(name: str) -> Dimension | None:
    wanted = name.casefold()
    if wanted in {"key", "issuekey", "issue", "id"}:
        return Dimension(name, lambda issue: (issue.id,), ORDERED, _issue, int, "key")
    rows: dict[str, Dimension] = {
        "project": Dimension(name, lambda issue: (issue.project,), EQUAL, _project, int, "project"),
        "statuscategory": Dimension(
            name, lambda issue: (catalog.STATUSES[issue.values["status"]].category,), EQUAL, _category
        ),
        "summary": Dimension(name, _stored("summary"), TEXT, _plain, field_id=WORDS),
        "comment": Dimension(name, _comment_texts, TEXT, _plain, field_id=WORDS),
        "text": Dimension(name, _all_texts, TEXT, _plain, field_id=WORDS),
        "creator": Dimension(name, lambda issue: (issue.creator,), EQUAL, _person),
        "watcher": Dimension(name, lambda issue: issue.watchers, EQUAL, _person),
        "rank": Dimension(name, lambda issue: (issue.rank,), ORDERED, _number, float),
        "epic link": Dimension(name, _stored("parent"), EQUAL, _issue, int),
    }
    return rows.get(wanted)


def _field(name: str) -> Field | None:
    wanted = name.casefold()
    if wanted.startswith("cf["):
        return catalog.FIELDS.get(f"customfield_{wanted[3:-1].strip()}")
    for field in catalog.FIELDS.values():
        if wanted in (field.id.casefold(), *(clause.casefold() for clause in field.clause_names)):
            return field
    return None


def dimension(name: str) -> Dimension:
    found = _special(name)
    field = None if found else _field(name.replace(" ", "") if name.casefold().startswith("cf") else name)
    if field:
        found = _of_kind(field, name)
    if found is None:
        raise jql_words.unknown_field(name)
    return found
