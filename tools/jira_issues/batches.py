"""Create many Jira issues at once."""

from collections.abc import Mapping
from functools import partial
from itertools import islice
from re import fullmatch
from typing import Annotated, Any, ClassVar, cast

from pydantic import Field

from server.client import MOST_AT_ONCE, JiraApiClient
from server.context import Jira
from server.entities import PROJECT, Model, line
from server.errors import AtlassianError, Invalid, IsthmusError, Refused
from tools.consent import Confirm, Consent, asks
from tools.declare import writes
from tools.field_refusals import with_choices
from tools.field_values import as_jira_takes
from tools.jira_setup import create_screen
from tools.lists import heading

MOST_UNASKED = 10  # issues that are created without the person's word
MOST = 1_000
MOST_SPELLED_OUT = 50  # to the person
_IDS = {"project_key": "project", "issue_type": "issuetype", "due_date": "duedate"}
MORE = "additional_fields"  # as they are passed for a single one
_REQUIRED = ("project_key", "summary", "issue_type")

New = Annotated[
    list[dict[str, Any]],
    Field(
        min_length=1,
        max_length=MOST,
        description="project_key, summary, issue_type and other fields by name",
    ),
]


class Made(Model):
    """`failed` says what is wrong with each of the others, by its place in the list, from 0."""

    narrower: ClassVar[str] = "Search for the rest."

    created: dict[int, str]
    failed: dict[int, str] = Field({})
    checked: int = Field(default=0, description="That could be created, where they were only to be checked")

    def text(self) -> str:
        done = f"{heading(self.checked, 'issue')} can be created" if self.checked else self._created()
        failed = [f"{places}: {why}" for places, why in _together(self.failed)]
        head = f"{len(self.failed)} failed; repeat these alone, by their place in the list from 0:" if failed else None
        return line(done, head, *failed, by="\n")

    def _created(self) -> str:
        keys = list(self.created.values())
        return f"Created {heading(len(keys), 'issue')}{': ' if keys else ''}{', '.join(_runs(keys))}"


def _together(failed: Mapping[int, str]) -> list[tuple[str, str]]:
    """Places that follow each other and failed for the same reason, as "50 to 99"."""
    runs: list[tuple[int, int, str]] = []
    for place, why in sorted(failed.items()):
        if runs and runs[-1][1:] == (place - 1, why):
            runs[-1] = (runs[-1][0], place, why)
        else:
            runs.append((place, place, why))
    return [(str(first) if first == last else f"{first} to {last}", why) for first, last, why in runs]


def _runs(keys: list[str]) -> list[str]:
    """Keys that follow each other, as "DEMO-1 to DEMO-9"."""
    runs: list[list[str]] = []
    for key in keys:
        if runs and _next(runs[-1][-1]) == key:
            runs[-1].append(key)
        else:
            runs.append([key])
    return [run[0] if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs]


def _next(key: str) -> str:
    project, _, number = key.rpartition("-")
    return f"{project}-{int(number) + 1}"


async def _how_many(issues: list[dict[str, Any]], validate_only: bool) -> str | None:
    if validate_only or len(issues) <= MOST_UNASKED:
        return None
    projects = sorted({str(issue.get("project_key")) for issue in issues})
    return f"Create {len(issues)} issues in {', '.join(projects)}?\n{_summaries(issues)}"


def _summaries(issues: list[dict[str, Any]]) -> str:
    shown = [f"- {issue.get('summary')}" for issue in issues[:MOST_SPELLED_OUT]]
    rest = len(issues) - len(shown)
    return "\n".join([*shown, f"and {rest} more, which the call holds"] if rest else shown)


@writes(destructive=False, idempotent=False)
async def jira_batch_create_issues(
    issues: New,
    jira: Jira,
    consent: Annotated[Consent, asks(_how_many)],
    validate_only: bool = False,
    confirm: Confirm = False,
) -> Made:
    """Create many Jira issues at once."""
    updates: dict[int, dict[str, Any]] = {}
    failed: dict[int, str] = {}
    for place, issue in enumerate(issues):
        try:
            updates[place] = {"fields": await _fields(jira, issue)}
        except (Refused, Invalid) as error:
            failed[place] = str(error)
    if validate_only:
        return Made(created={}, failed=failed, checked=len(updates))
    created = await _create(jira, issues, updates, failed)
    return Made(created=created, failed=failed)


async def _fields(jira: JiraApiClient, issue: Mapping[str, Any]) -> dict[str, Any]:
    absent = [name for name in _REQUIRED if not issue.get(name)]
    if absent:
        raise Refused(f"{', '.join(absent)}: required.")
    more = issue.get(MORE)
    if more is not None and not isinstance(more, Mapping):
        raise Refused(f"{MORE}: takes fields by name.")
    named = {_IDS.get(name, name): value for name, value in issue.items() if name != MORE}
    return await as_jira_takes(jira, named, cast("Mapping[str, Any] | None", more))


async def _create(
    jira: JiraApiClient, issues: list[dict[str, Any]], updates: Mapping[int, Any], failed: dict[int, str]
) -> dict[int, str]:
    """What was created by its place; `failed` is told of the others. Nothing is sent once a request failed."""
    created: dict[int, str] = {}
    stopped: IsthmusError | None = None
    every = iter(updates)
    while places := list(islice(every, MOST_AT_ONCE)):
        if stopped:
            failed.update(dict.fromkeys(places, "Not sent, since those before it failed."))
            continue
        try:
            batch = await jira.create_issues([updates[place] for place in places])
        except AtlassianError as error:
            stopped = error
            failed.update(dict.fromkeys(places, str(error)))
        else:
            created |= {places[number]: key.key for number, key in batch.created.items()}
            for number, why in batch.failed.items():
                failed[places[number]] = await _told(jira, issues[places[number]], why)
    if stopped and not created:
        raise stopped
    return created


async def _told(jira: JiraApiClient, issue: Mapping[str, Any], why: AtlassianError) -> str:
    """The refusal of one issue, with what Jira would have taken."""
    project_key, issue_type = (str(issue[name]).strip() for name in ("project_key", "issue_type"))
    if not isinstance(why, Invalid) or not fullmatch(PROJECT.pattern, project_key.upper()):
        return str(why)
    screen = partial(create_screen, jira, project_key.upper(), issue_type)
    return str(await with_choices(jira, why, project_key.upper(), screen))
