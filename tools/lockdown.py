"""After text from outside was read, a change asks the person first: whoever wrote that text may be who wants it."""

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import sha256
from typing import Any, NamedTuple

from mcp.server.mcpserver import Context

from server.client import JiraApiClient
from server.context import Deps, Exposure, deps, known_as, shared
from server.errors import AtlassianError
from server.policy.standing import SOMEWHERE, WIKI, Shown

MOST_SHOWN = 4_000  # characters of one argument
_TRIES = ("dry_run", "validate_only")  # arguments by which nothing is written


class Call(NamedTuple):
    """The call in hand. `inward`: the argument that is an issue, where only colleagues will see what is written."""

    tool: str
    arguments: Mapping[str, Any]
    inward: str | None = None


_call: ContextVar[Call] = ContextVar("call")


@contextmanager
def calling(call: Call) -> Generator[None]:
    token = _call.set(call)
    try:
        yield
    finally:
        _call.reset(token)


def in_hand() -> Call:
    return _call.get()


def remember(context: Context[Deps], shown: Shown) -> None:
    """What the caller has read from now on."""
    if shown.trusted:
        return
    who, exposed = known_as(context), shared(context).exposed
    before = exposed.get(who) or Exposure()
    pairs = zip(before, (shown.external, shown.unknown, shown.titles), strict=True)
    exposed.set(who, Exposure(*(known | now for known, now in pairs)))


async def question(context: Context[Deps]) -> str | None:
    """What to ask before the call in hand, None where nothing from outside was read or only colleagues will see it."""
    site, call = deps(context), in_hand()
    exposure = site.exposed.get(known_as(context))
    if site.lockdown == "off" or exposure is None or any(call.arguments.get(name) for name in _TRIES):
        return None
    places = exposure.external | await _doubtful(site, exposure)
    if not places or (site.lockdown == "service" and _stays_inside(call, places)):
        return None
    told = "\n".join(f"{name}: {_whole(value)}" for name, value in call.arguments.items() if name != "confirm")
    return f"This agent has read what people outside may have written ({_listed(places)}). Let it {call.tool}?\n{told}"


async def _doubtful(site: Deps, exposure: Exposure) -> frozenset[str]:
    """Where text of which nobody is known to have written it may come from outside.

    A title beside what was read is a line, and a colleague linked it: were it to count, nearly every issue that a
    customer's request stands behind would.
    """
    if site.lockdown == "all":
        return exposure.unknown | exposure.titles
    projects = exposure.unknown - exposure.external - {WIKI}
    if not (projects and site.jira):
        return frozenset()
    return projects & (await _service_projects(site.jira, projects) | {SOMEWHERE})


async def _service_projects(jira: JiraApiClient, otherwise: frozenset[str]) -> frozenset[str]:
    try:
        return await jira.service_projects()
    except AtlassianError:  # then any of them may be one
        return otherwise


def _stays_inside(call: Call, places: frozenset[str]) -> bool:
    """Whether it goes where the text came from, and nobody from outside will see it."""
    return call.inward is not None and _project(call.arguments.get(call.inward)) in places


def _project(issue_key: Any) -> str:
    return str(issue_key).strip().upper().rpartition("-")[0]


def _whole(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if len(text) <= MOST_SHOWN:
        return text
    seal = sha256(text.encode()).hexdigest()[:12]
    return f"{text[:MOST_SHOWN]}... ({len(text):,} characters in all, sha256 {seal})"


def _listed(places: frozenset[str]) -> str:
    return ", ".join(sorted(places)).replace(SOMEWHERE, "an issue")
