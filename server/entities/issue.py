"""A Jira issue."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, cast

from pydantic import AliasPath, BeforeValidator, Field, model_validator

from server.content import ContentError, adf_to_markdown
from server.entities.entity import Entity
from server.entities.jira_mirrors import ISSUE_MIRROR
from server.entities.model import Model, line, minute

# What an issue is read with when nothing else was asked for, and what our own attributes are made of.
SHOWN = (
    "summary,issuetype,status,priority,resolution,assignee,reporter,parent,labels,duedate,created,updated,description,"
    "issuelinks,subtasks,comment"
)
_OWN = frozenset(SHOWN.split(","))

SUBTASK = "has subtask"


def plain(value: Any) -> Any:
    """A field's value as people name it: {"displayName": "Ada"} -> "Ada", a document -> Markdown; lists by item."""
    if isinstance(value, Mapping):
        known = cast("Mapping[str, Any]", value)
        if known.get("type") == "doc":
            return readable(known)
        if known.get("accountType") == "customer":
            return f"{known.get('displayName', '')} (external customer)"
        return next((known[name] for name in _NAMES if name in known), _short(known))
    if isinstance(value, list):
        return [plain(item) for item in cast("list[Any]", value)]
    return value


_NAMES = ("displayName", "name", "value", "key", "filename")


def _short(value: Mapping[str, Any]) -> str:
    """What has no name: its plain facts, without addresses; of a list that it holds, the number."""
    facts = {name: len(cast("list[Any]", each)) if isinstance(each, list) else each for name, each in value.items()}
    if "total" in facts:  # one page of a list
        return str(facts["total"])
    plain_facts = {name: each for name, each in facts.items() if name != "self" and not isinstance(each, Mapping)}
    return ", ".join(f"{name} {each}" for name, each in plain_facts.items())


def readable(document: Mapping[str, Any]) -> str:
    """A document as Markdown; one that can't be, says why, and the rest of its issue is shown all the same."""
    try:
        return adf_to_markdown(document)
    except ContentError as error:
        return f"(This text can't be shown as Markdown: {error})"


Plain = BeforeValidator(plain)
Text = Annotated[str, Plain]


def _field(*path: str) -> AliasPath:
    return AliasPath("fields", *path)


def _audience(value: Any) -> Any:
    return f"{value['type']} {value['value']}" if isinstance(value, Mapping) else value


class Comment(Model):
    """`visibility` names the one group or role that may read it, where not everybody may."""

    id: str
    author: Text = "unknown"
    created: datetime
    body: Text = ""
    visibility: Annotated[str | None, BeforeValidator(_audience)] = None

    def text(self) -> str:
        only = f", only for {self.visibility}" if self.visibility else ""
        return f"**{self.author}**, {minute(self.created)} (comment {self.id}{only}):\n{self.body}"


class Link(Model):
    """Another issue and what this one is to it, in Jira's words: "blocks", "is blocked by", "has subtask"."""

    relation: str
    key: str
    status: str = ""
    summary: str = ""

    def text(self) -> str:
        return line(self.relation, self.key, self.status and f"[{self.status}]", self.summary, by=" ")


class Issue(Model):
    narrower: ClassVar[str] = "Ask for some of its `fields` alone, or for fewer comments by comment_limit."

    key: str
    summary: str = Field("", validation_alias=_field("summary"))
    type: Text | None = Field(None, validation_alias=_field("issuetype"))
    status: Text | None = Field(None, validation_alias=_field("status"))
    priority: Text | None = Field(None, validation_alias=_field("priority"))
    resolution: Text | None = Field(None, validation_alias=_field("resolution"))
    assignee: Text | None = Field(None, validation_alias=_field("assignee"))
    reporter: Text | None = Field(None, validation_alias=_field("reporter"))
    parent: Text | None = Field(None, validation_alias=_field("parent"))
    labels: list[str] = Field([], validation_alias=_field("labels"))
    due: str | None = Field(None, validation_alias=_field("duedate"))
    created: datetime | None = Field(None, validation_alias=_field("created"))
    updated: datetime | None = Field(None, validation_alias=_field("updated"))
    description: Text | None = Field(None, validation_alias=_field("description"))
    links: list[Link] = Field([])
    comments: list[Comment] = Field([], validation_alias=_field("comment", "comments"))
    comment_count: int = Field(0, validation_alias=_field("comment", "total"))
    extra: dict[str, Any] = Field({}, description="Further fields that were asked for, by name")
    absent_fields: list[str] = Field([], description="Asked for, but not fields of this issue")
    near_fields: list[str] = Field([], description="Perhaps meant by them")
    names: dict[str, str] = Field({}, exclude=True)  # of its fields, by id, where they were asked for

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, data: Any) -> Any:
        if not isinstance(data, Mapping) or "fields" not in data:
            return cast("object", data)
        answer = cast("Mapping[str, Any]", data)
        fields: Mapping[str, Any] = answer["fields"] or {}
        return {**answer, "fields": fields, "links": _links(fields), "extra": _extra(fields, answer.get("names") or {})}

    @property
    def steps(self) -> tuple[str, ...]:
        logged = self.names.get("worklog") in self.extra
        return ("jira_get_worklog lists the work that is logged.",) if logged else ()

    def with_comments(self, most: int) -> "Issue":
        """This issue with its newest `most` comments."""
        return self.model_copy(update={"comments": self.comments[-most:] if most else []})

    def value(self, field: str) -> str:
        """What a table shows for a field, by Jira's id or, for further fields, by name."""
        own = {"issuetype": "type", "duedate": "due"}.get(field, field)
        if own in ("issuelinks", "subtasks"):
            subtasks = own == "subtasks"
            links = [link for link in self.links if (link.relation == SUBTASK) == subtasks]
            return ", ".join(f"{link.relation} {link.key}" for link in links)
        value = getattr(self, own) if own in Issue.model_fields else self.extra.get(field)
        if isinstance(value, datetime):
            return minute(value)
        return "" if value is None else _shown(value).replace("\n", " ")

    def text(self) -> str:
        parts = (
            line(f"# {line(self.key, self.summary, by=': ')}", self._facts(), by="\n"),
            self.description,
            "\n".join(link.text() for link in self.links),
            "\n".join(f"{name}: {_shown(value)}" for name, value in self.extra.items()),
            absent(self.absent_fields, self.near_fields),
            *self._comments(),
        )
        return line(*parts, by="\n\n")

    def _facts(self) -> str:
        unassigned = "nobody" if "assignee" in self.model_fields_set else None
        return line(
            self.type,
            self.status,
            self.resolution and f"resolution {self.resolution}",
            self.priority and f"priority {self.priority}",
            _labelled("assignee", self.assignee or unassigned),
            _labelled("reporter", self.reporter),
            _labelled("parent", self.parent),
            _labelled("labels", ", ".join(self.labels)),
            _labelled("due", self.due),
            _labelled("created", self.created and minute(self.created)),
            _labelled("updated", self.updated and minute(self.updated)),
        )

    def _comments(self) -> list[str]:
        shown = len(self.comments)
        if not self.comment_count:
            return []
        count = f"{shown}" if shown == self.comment_count else f"newest {shown} of {self.comment_count}"
        return [f"## Comments ({count})", *(comment.text() for comment in self.comments)]


def absent(fields: list[str], near: list[str]) -> str:
    """Jira passes over fields that it does not have, and over those that do not apply: neither may look empty."""
    perhaps = f"Perhaps {', '.join(near)}; " if near else ""
    return f"(No such field here: {', '.join(fields)}. {perhaps}*all shows those it has.)" if fields else ""


def _labelled(label: str, value: str | None) -> str | None:
    return f"{label} {value}" if value else None


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    return ", ".join(map(str, cast("list[object]", value))) if isinstance(value, list) else str(value)


def _links(fields: Mapping[str, Any]) -> list[dict[str, str]]:
    links: list[dict[str, str]] = [_other(SUBTASK, subtask) for subtask in fields.get("subtasks") or ()]
    for link in fields.get("issuelinks") or ():
        side = "outward" if "outwardIssue" in link else "inward"
        links.append(_other(link["type"][side], link[f"{side}Issue"]))
    return links


def _other(relation: str, issue: Mapping[str, Any]) -> dict[str, str]:
    fields: dict[str, Any] = issue.get("fields") or {}
    status: dict[str, str] = fields.get("status") or {}
    return {
        "relation": relation,
        "key": issue["key"],
        "status": status.get("name", ""),
        "summary": fields.get("summary") or "",
    }


def _empty(value: Any) -> bool:
    """Nothing, or one page of a list of nothing."""
    page = isinstance(value, Mapping) and cast("Mapping[str, Any]", value).get("total") == 0
    return page or value in (None, [], {}, "")


def _extra(fields: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, object]:
    return {
        names.get(field, field): plain(value)
        for field, value in fields.items()
        if field not in _OWN and not _empty(value)
    }


ISSUE = Entity(
    name="issue",
    product="jira",
    key="key",
    pattern="[A-Z][A-Z0-9_]*-[1-9][0-9]*",
    model=Issue,
    read_path="issue/{id}",
    read_query={"fields": SHOWN},
    hint="Check the key.",
    finder="Find it with jira_search.",
    mirror=ISSUE_MIRROR,
)
