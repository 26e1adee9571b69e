"""Move Jira issues through their workflow."""

from functools import partial
from typing import Annotated, Any

from pydantic import AliasPath, BeforeValidator, Field

from server.client import JiraApiClient
from server.content import adf_to_markdown
from server.context import Jira
from server.entities import ISSUE, Model
from server.errors import Invalid
from tools.consent import Consent, Unlisted, asks
from tools.declare import reads, writes
from tools.descriptions import Changes, Document, Markdown, upon
from tools.field_refusals import with_choices
from tools.field_values import as_jira_takes
from tools.internal import for_colleagues
from tools.jira_setup import Screen
from tools.parameters import IssueKey, Text, quiet
from tools.rewrites import AllowLoss, DryRun, new_document, preview_new, tried
from tools.security_levels import who_sees_it


def _text(value: Any) -> Any:
    return str(value) if isinstance(value, int) else value


class Transition(Model):
    id: str
    name: str
    to: str = Field("", validation_alias=AliasPath("to", "name"))

    def text(self) -> str:
        return f"{self.id}: {self.name}" + ("" if self.to == self.name else f" (to {self.to})")


class Transitions(Model):
    transitions: list[Transition]

    def text(self) -> str:
        return "\n".join(transition.text() for transition in self.transitions) or "No transition is possible now."


class Moved(Model):
    key: str
    transition: str
    status: str
    also: str = ""
    preview: str = Field(default="", description="Of a dry run: nothing was written")

    def text(self) -> str:
        return self.preview or f"{self.key} is now {self.status} (by {self.transition}{self.also})"

    @property
    def touched(self) -> str | None:
        return None if self.preview else ISSUE.uri_of(self.key)


@reads
async def jira_get_transitions(issue_key: IssueKey, jira: Jira) -> Transitions:
    """List the transitions that a Jira issue can make now."""
    return await jira.get(Transitions, f"{ISSUE.path(issue_key)}/transitions", named=ISSUE.named(issue_key))


async def _who_sees_it(issue_key: str, fields: dict[str, Any] | None, dry_run: bool, jira: Jira) -> str | None:
    return None if dry_run else await who_sees_it(jira, issue_key, fields)


@writes(destructive=True, idempotent=False)
async def jira_transition_issue(
    issue_key: IssueKey,
    transition_id: Annotated[
        str, BeforeValidator(_text), Field(min_length=1, description="Or the name of the new status")
    ],
    jira: Jira,
    consent: Annotated[Consent, asks(_who_sees_it)],
    fields: Annotated[dict[str, Any] | None, Field(examples=['{"resolution": "Done"}'])] = None,
    comment: Text | None = None,
    allow_loss: Annotated[AllowLoss, quiet] = False,
    dry_run: DryRun = False,
    confirm: Unlisted = False,
) -> Moved:
    """Move a Jira issue to another status."""
    chosen = await _choose(jira, issue_key, transition_id)
    changes = await upon(jira, issue_key, await as_jira_takes(jira, {}, fields, document=Markdown))
    said = new_document(comment) if comment else None
    also = [f"{name} set" for name in fields or ()] + (["comment added"] if comment else [])
    moved = Moved(key=issue_key, transition=chosen.name, status=chosen.to, also="".join(f", {each}" for each in also))
    if dry_run:
        return moved.model_copy(update={"preview": _preview(moved, changes, said)})
    if not allow_loss:
        changes.refuse_losses()
    body: dict[str, object] = {"transition": {"id": chosen.id}}
    if changes.values:
        body["fields"] = changes.values
    if said:
        body["update"] = {"comment": [{"add": for_colleagues(said)}]}
    try:
        await jira.send("POST", f"{ISSUE.path(issue_key)}/transitions", body=body, named=ISSUE.named(issue_key))
    except Invalid as error:
        screen = partial(_screen, jira, issue_key, chosen.id)
        raise await with_choices(jira, error, issue_key.partition("-")[0], screen) from error
    return moved


def _preview(moved: Moved, changes: Changes, comment: Document | None) -> str:
    new = [preview_new(f"a new comment on {moved.key}", adf_to_markdown(comment))] if comment else []
    return tried(*changes.preview(), *new, f"{moved.key} would be {moved.status} (by {moved.transition}{moved.also}).")


class _Screens(Model):
    transitions: list[dict[str, Any]]


async def _screen(jira: JiraApiClient, issue_key: str, transition_id: str) -> Screen:
    """What the transition asks for."""
    query = {"expand": "transitions.fields", "transitionId": transition_id}
    found = await jira.get(_Screens, f"{ISSUE.path(issue_key)}/transitions", query, named=ISSUE.named(issue_key))
    return Screen.read({"fields": found.transitions[0].get("fields") or {} if found.transitions else {}})


async def _choose(jira: JiraApiClient, issue_key: str, wanted: str) -> Transition:
    """The one transition that `wanted` names by its id, its name or the status that it leads to."""
    path = f"{ISSUE.path(issue_key)}/transitions"
    possible = (await jira.get(Transitions, path, named=ISSUE.named(issue_key))).transitions
    name = wanted.strip().casefold()
    for key in ("id", "name", "to"):
        found = [transition for transition in possible if getattr(transition, key).casefold() == name]
        if len(found) == 1:
            return found[0]
    listed = "; ".join(transition.text() for transition in possible) or "none"
    raise Invalid(f"`{wanted}` is not one transition of {issue_key} now. Possible: {listed}.")
