"""Links between Jira issues."""

from difflib import get_close_matches
from typing import Annotated, Any

from pydantic import Field

from server.client import Absence, JiraApiClient, Mark
from server.content import adf_to_markdown
from server.context import Jira
from server.entities import ISSUE, Model
from server.errors import Invalid, NotFound, Refused
from tools.consent import Confirm, Consent, asks
from tools.declare import reads, writes
from tools.internal import for_colleagues
from tools.parameters import IssueKey, Text, digits, quiet
from tools.rewrites import DryRun, new_document, preview_new, tried

KNOWN = "link types"
LinkId = Annotated[
    str, digits, Field(pattern=r"^[A-Za-z0-9_, -]+$", max_length=100, description="Its id, or both keys: A-1,B-2")
]


class LinkType(Model):
    id: str
    name: str
    inward: str
    outward: str


class LinkTypes(Model):
    types: list[LinkType] = Field(validation_alias="issueLinkTypes")

    def text(self) -> str:
        rows = [f"{each.name} | {each.outward} | {each.inward}" for each in self.types]
        return "\n".join(["name | outward | inward", *rows]) if rows else "No link type of that name."


class _End(Model):
    key: str


class _Link(Model):
    """One link; read from an issue, only its other end is told."""

    id: str
    type: LinkType
    inward: _End | None = Field(None, validation_alias="inwardIssue")
    outward: _End | None = Field(None, validation_alias="outwardIssue")

    def words(self, key: str = "") -> str:
        return _words(self.type, self.inward.key if self.inward else key, self.outward.key if self.outward else key)

    def joins(self, other: str) -> bool:
        return other in [end.key for end in (self.inward, self.outward) if end]


class _Links(Model):
    key: str
    fields: dict[str, Any]

    def to(self, other: str) -> list[_Link]:
        links = [_Link.read(each) for each in self.fields.get("issuelinks") or ()]
        return [each for each in links if each.joins(other)]


class Linked(Model):
    done: str
    inward_issue: str
    outward_issue: str
    preview: str = Field(default="", description="Of a dry run: nothing was written")

    def text(self) -> str:
        return self.preview or self.done

    @property
    def touched(self) -> str | None:
        return None if self.preview else ISSUE.uri_of(self.inward_issue)


class Removed(Model):
    link_id: str

    def text(self) -> str:
        return f"Removed link {self.link_id}"


@reads
async def jira_get_link_types(jira: Jira, name_filter: str = "") -> LinkTypes:
    """List the types of links between Jira issues."""
    wanted = name_filter.casefold()
    types = [each for each in await _types(jira) if wanted in f"{each.name} {each.outward} {each.inward}".casefold()]
    return LinkTypes(types=types)


@writes(destructive=False, idempotent=True)
async def jira_create_issue_link(
    link_type: Annotated[str, Field(min_length=1, examples=["Blocks"])],
    inward_issue_key: Annotated[IssueKey, Field(description="The one that blocks, duplicates, ...")],
    outward_issue_key: Annotated[IssueKey, Field(description="The one that is blocked, ...")],
    jira: Jira,
    comment: Text | None = None,
    dry_run: Annotated[DryRun, quiet] = False,
) -> Linked:
    """Link two Jira issues."""
    if inward_issue_key == outward_issue_key:
        raise Refused("Nothing was linked: an issue can't be linked to itself.")
    kind = await _type(jira, link_type, inward_issue_key, outward_issue_key)
    body: dict[str, Any] = {
        "type": {"name": kind.name},
        "inwardIssue": {"key": inward_issue_key},
        "outwardIssue": {"key": outward_issue_key},
    }
    if comment:
        body["comment"] = for_colleagues(new_document(comment))
    done = f"Linked: {_words(kind, inward_issue_key, outward_issue_key)}"
    linked = Linked(done=done, inward_issue=inward_issue_key, outward_issue=outward_issue_key)
    if dry_run:
        return linked.model_copy(update={"preview": _preview(linked, body.get("comment"))})

    async def look() -> bool | None:
        links = await _between(jira, inward_issue_key, outward_issue_key)
        return any(each.type.name == kind.name and each.outward for each in links) or None

    named = f"a link from {inward_issue_key} to {outward_issue_key}"
    # Jira takes the same link twice as one, but not its comment.
    mark = Mark(look, Absence.CURRENT if comment else Absence.HARMLESS)
    try:
        await jira.send("POST", "issueLink", body=body, named=named, mark=mark)
    except NotFound as error:
        jira.forget(KNOWN)
        raise error.then(ISSUE.finder) from None
    return linked


def _preview(linked: Linked, comment: dict[str, Any] | None) -> str:
    new = [preview_new("a new comment", adf_to_markdown(comment["body"]))] if comment else []
    return tried(*new, linked.done.replace("Linked", "Would be linked", 1))


async def _what_goes(link_id: str, jira: Jira) -> str:
    link, key = await _found(jira, link_id)
    return f"Remove the link `{link.words(key)}`?"


@writes(destructive=True, idempotent=True)
async def jira_remove_issue_link(
    link_id: LinkId, jira: Jira, consent: Annotated[Consent, asks(_what_goes)], confirm: Confirm = False
) -> Removed:
    """Remove a link between two Jira issues."""
    number = link_id if link_id.isdigit() else (await _found(jira, link_id))[0].id
    await jira.send("DELETE", f"issueLink/{number}", named=f"link `{number}`")
    return Removed(link_id=number)


async def _found(jira: JiraApiClient, link_id: str) -> tuple[_Link, str]:
    """The link, by its id or both of its ends, and the end that it was read from."""
    if link_id.isdigit():
        return await jira.get(_Link, f"issueLink/{link_id}", named=f"link `{link_id}`"), ""
    keys = link_id.upper().replace(",", " ").split()
    if len(keys) != 2:
        raise Refused(f"Nothing was removed: {link_id!a} is no link. Pass its id, or the keys of both issues: A-1,B-2.")
    links = await _between(jira, *keys)
    if len(links) == 1:
        return links[0], keys[0]
    if not links:
        raise NotFound(f"No link joins {keys[0]} and {keys[1]}.").then("jira_get_issue shows the links of an issue.")
    which = "; ".join(f"{each.id} ({each.words(keys[0])})" for each in links)
    raise Refused(f"Nothing was removed: which one? Pass link_id of one of these: {which}.")


async def _between(jira: JiraApiClient, key: str, other: str) -> list[_Link]:
    issue = await jira.get(_Links, ISSUE.path(key), {"fields": "issuelinks"}, named=ISSUE.named(key))
    return issue.to(other)


async def _types(jira: JiraApiClient) -> list[LinkType]:
    async def ask() -> list[LinkType]:
        return (await jira.get(LinkTypes, "issueLinkType", named="the link types")).types

    return await jira.known(KNOWN, ask)


async def _type(jira: JiraApiClient, wanted: str, inward: str, outward: str) -> LinkType:
    """By its name, its id or what its inward issue does; the other way round would be another link."""
    name = wanted.strip().casefold()
    types = await _types(jira)
    for said in ("name", "id", "outward"):
        found = [each for each in types if getattr(each, said).casefold() == name]
        if len(found) == 1:
            return found[0]
    jira.forget(KNOWN)
    if turned := next((each for each in types if each.inward.casefold() == name), None):
        raise Invalid(
            f"Nothing was linked: `{wanted}` is {turned.name} the other way round. To say that {inward} {wanted} "
            f"{outward}, pass link_type={turned.name}, inward_issue_key={outward}, outward_issue_key={inward}."
        )
    every = {each.name.casefold(): each.name for each in types}
    near = [every[each] for each in get_close_matches(name, every, n=3)] or list(every.values())
    raise Invalid(f"Nothing was linked: no link type `{wanted}`. Possible: {', '.join(near)}.")


def _words(kind: LinkType, inward: str, outward: str) -> str:
    return f"{inward} {kind.outward} {outward}"
