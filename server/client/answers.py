"""What Atlassian's answers mean: a status and a body -> JSON, or a named error whose text says the next step."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from pydantic_core import from_json

from server.client import limit_headers
from server.client.auth.account import Identity
from server.client.auth.accounts import NO_SCOPE
from server.client.auth.scopes import alternatives
from server.errors import (
    AtlassianDown,
    AtlassianError,
    BadAnswer,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    RateLimited,
    TimedOut,
    WrongCredentials,
)

UNNAMED = "unnamed limit"
LONGEST_QUOTE = 2000  # characters of Atlassian's words in one of our errors

_VERSIONS = re.compile(r"Current Version: \[(\d+)\]\. Provided version: \[(\d+)\]")
_CHECK = "Check the key or id."
_SAYING_NOTHING = ("permission", "Not Found", "could be found")  # more than that it is not there
_LATER = frozenset({408, 425})
_MEANT = {
    410: "Atlassian removed this operation.",
    413: "It is too large for the site; send less.",
}


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def kind(self) -> str:
        return self.headers.get("content-type", "no content type").partition(";")[0]


class Unreadable(Exception):
    """A successful answer that can't be understood: its text is the fact, without advice."""


def parse(answer: Answer) -> Any:
    """The JSON of a successful answer, or None where it has no body. Raises Unreadable."""
    if answer.status == 204 or not answer.content:
        return None
    try:
        return from_json(answer.content)
    except ValueError as error:
        raise Unreadable(f"answered {answer.status} with {answer.kind}, not JSON") from error


def failure(
    answer: Answer, *, site: str, who: Identity, asked: tuple[str, str], named: str, wall: datetime
) -> AtlassianError:
    """The error of an answer that is not 2xx; `named` says in words what was asked for, `asked` in method and path;
    `wall` is the time of day."""
    said, fields = _told(answer)
    status = answer.status
    if status == 409 or (status == 400 and _VERSIONS.search(said)):
        return _conflict(said, named)
    error: AtlassianError
    match status:
        case 401 if lacks_scope(answer):
            error = Forbidden(
                f"{site} lets this token do less than what this takes ({named}). {_needed(*asked)} {who.wider}"
            )
        case 401:
            error = WrongCredentials(f"{site} does not accept {who.proof}. {who.remedy}")
        case 403:
            error = Forbidden(f"{who.name} may not do this ({named}). {said or 'Ask an administrator of the site.'}")
        case 404:
            error = _missing(said, site, named)
        case 429:
            error = limited(
                site, answer.headers.get("ratelimit-reason") or UNNAMED, limit_headers.pause(answer.headers, wall)
            )
        case _ if status in _LATER:
            error = TimedOut(f"{site} answered {status} ({named}). Try again.")
        case _ if status >= 500:
            error = AtlassianDown(f"{site} is not available now (it answered {status}). Try again in a minute.")
        case _ if status < 400:
            where = answer.headers.get("location", "nowhere")
            error = BadAnswer(f"{site} redirects to {where}. Set the configured URL to where the site really is.")
        case _:
            reason = said or _MEANT.get(status) or f"status {status}."
            error = Invalid(f"{site} refused this ({named}): {reason}", fields, _elements(answer))
    return error


def lacks_scope(answer: Answer) -> bool:
    """Whether the token is known, and this is none of what it may do."""
    return answer.status == 401 and NO_SCOPE in _told(answer)[0]


def _needed(method: str, path: str) -> str:
    sets = [" and ".join(f"`{scope}`" for scope in each) for each in alternatives(method, path)]
    return f"It takes the scope {', or '.join(sets)}." if sets else "It lacks a scope."


def _missing(said: str, site: str, named: str) -> NotFound:
    more = _CHECK if not said or any(words in said for words in _SAYING_NOTHING) else said
    return NotFound(f"{_none(site, named)} {more}")


def absent(site: str, named: str) -> str:
    """The text for what is not there, without Atlassian's words."""
    return f"{_none(site, named)} {_CHECK}"


def _none(site: str, named: str) -> str:
    # What is asked for by name is "page `7`"; the rest is "your JQL", "a new page in ENG".
    return f"No {named}, or you may not see it." if "`" in named else f"{site} did not find what this needs ({named})."


def _conflict(said: str, named: str) -> Conflict:
    versions = _VERSIONS.search(said)
    if not versions:
        words = said or "Somebody else was changing it at the same time."
        return Conflict(f"Nothing was written ({named}). {words} Read it again, then repeat.")
    theirs, provided = int(versions[1]), int(versions[2])
    yours = provided - 1
    return Conflict(stale(named, yours=yours, theirs=theirs), yours=yours, theirs=theirs)


def stale(named: str, *, yours: int, theirs: int) -> str:
    return (
        f"Nothing was written: {named} is at version {theirs}, and your edit is based on version {yours}. "
        f"Read it again, apply your edit to what it says now, and pass expected_version={theirs}."
    )


def limited(site: str, limit: str, seconds: float) -> RateLimited:
    when = f"in {math.ceil(seconds)} s" if seconds else "in a minute"
    return RateLimited(
        f"{site} asks us to slow down ({limit}). Nothing was done. Try again {when}.",
        retry_after=seconds,
        limit=limit,
    )


def _told(answer: Answer) -> tuple[str, dict[str, str]]:
    """Atlassian's own words: (one text, {field: message}). Jira, Confluence v2 and v1 each have a shape."""
    try:
        body: Any = from_json(answer.content)
    except ValueError:
        return "", {}
    if not isinstance(body, Mapping):
        return "", {}
    told = cast("Mapping[str, Any]", body)
    errors: Any = told.get("errors")
    fields: dict[str, str] = {}
    words = _texts(told.get("errorMessages"))
    if isinstance(errors, Mapping):
        fields = {str(name): str(text) for name, text in cast("Mapping[str, Any]", errors).items()}
        words += [f"`{name}`: {text}" for name, text in fields.items()]
    elif isinstance(errors, list):
        words += [_v2(error) for error in cast("list[Any]", errors)]
    said = " ".join(map(_sentence, words)) or _v1(told)
    return said if len(said) <= LONGEST_QUOTE else f"{said[:LONGEST_QUOTE]}...", fields


def _elements(answer: Answer) -> dict[int, Invalid]:
    """What is wrong with each of the things that one request was to create."""
    try:
        errors = from_json(answer.content)["errors"]
        return {int(each["failedElementNumber"]): refusal(each["elementErrors"]) for each in errors}
    except (ValueError, LookupError, TypeError):
        return {}


def refusal(told: Mapping[str, Any]) -> Invalid:
    """Jira's words about one thing: those about the whole, then those about its fields."""
    fields: Mapping[str, Any] = told.get("errors") or {}
    words = [*_texts(told.get("errorMessages")), *(f"`{name}`: {text}" for name, text in fields.items())]
    return Invalid(" ".join(map(_sentence, words)), fields)


def _texts(value: Any) -> list[str]:
    return [str(text) for text in cast("list[Any]", value)] if isinstance(value, list) else [value] if value else []


def _v2(error: Any) -> str:
    if not isinstance(error, Mapping):
        return str(error)
    told = cast("Mapping[str, Any]", error)
    title, detail = str(told.get("title") or told.get("message") or ""), str(told.get("detail") or "")
    return title if detail in title else f"{title} {detail}"


def _v1(told: Mapping[str, Any]) -> str:
    message = str(told.get("message") or "")
    # v1 puts its exception's class in front of the message.
    return re.sub(r"^[\w.]+Exception: ", "", message)


def _sentence(words: Any) -> str:
    text = str(words).strip()
    return text if text.endswith((".", "!", "?", ")")) else f"{text}."
