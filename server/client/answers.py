"""What Atlassian's answers mean: a status and a body -> a named error whose text says the next step."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast

import httpx2
from pydantic_core import from_json

from server.errors import (
    AtlassianDown,
    AtlassianError,
    BadAnswer,
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    RateLimited,
    WrongCredentials,
)

_VERSIONS = re.compile(r"Current Version: \[(\d+)\]\. Provided version: \[(\d+)\]")


def parse(response: httpx2.Response, *, site: str) -> Any:
    """The JSON of a successful answer, or None where it has no body."""
    if response.status_code == 204 or not response.content:
        return None
    try:
        return from_json(response.content)
    except ValueError as error:
        kind = response.headers.get("content-type", "no content type").partition(";")[0]
        raise BadAnswer(
            f"{site} answered {response.status_code} with {kind}, not JSON: a login page, a proxy, or an answer cut "
            "off. Check that the configured URL is the site's own; if it is, try again."
        ) from error


def failure(response: httpx2.Response, *, site: str, username: str, named: str) -> AtlassianError:
    """The error of an answer that is not 2xx; `named` says in words what was asked for."""
    said, fields = _told(response)
    status = response.status_code
    if status == 409 or (status == 400 and _VERSIONS.search(said)):
        return _conflict(said, named)
    error: AtlassianError
    match status:
        case 401:
            error = WrongCredentials(
                f"{site} does not accept the credentials of `{username}`. Check the user name and the API token "
                "(tokens expire; a new one is made at id.atlassian.com), then restart the server."
            )
        case 403:
            error = Forbidden(f"`{username}` may not do this ({named}). {said or 'Ask an administrator of the site.'}")
        case 404:
            more = "Check the key or id, or search for it." if "permission" in said or not said else said
            error = NotFound(f"No {named}, or you may not see it. {more}")
        case 429:
            error = _limited(response, site)
        case _ if status >= 500:
            error = AtlassianDown(f"{site} is not available now (it answered {status}). Try again in a minute.")
        case _ if status < 400:
            where = response.headers.get("location", "nowhere")
            error = BadAnswer(f"{site} redirects to {where}. Set the configured URL to where the site really is.")
        case _:
            error = Invalid(f"{site} refused this ({named}): {said or f'status {status}.'}", fields)
    return error


def _conflict(said: str, named: str) -> Conflict:
    versions = _VERSIONS.search(said)
    if not versions:
        return Conflict(f"Somebody else changed this at the same time ({named}). {said} Read it again, then repeat.")
    theirs, provided = int(versions[1]), int(versions[2])
    yours = provided - 1
    return Conflict(stale(named, yours=yours, theirs=theirs), yours=yours, theirs=theirs)


def stale(named: str, *, yours: int, theirs: int) -> str:
    return (
        f"Nothing was written: {named} is at version {theirs}, and your edit is based on version {yours}. "
        f"Read it again, apply your edit to what it says now, and pass expected_version={theirs}."
    )


def _limited(response: httpx2.Response, site: str) -> RateLimited:
    limit = response.headers.get("ratelimit-reason", "unnamed limit")
    seconds = retry_after(response.headers)
    when = f"in {seconds:.0f} s" if seconds else "in a minute"
    return RateLimited(
        f"{site} asks us to slow down ({limit}). Nothing was done. Try again {when}.",
        retry_after=seconds,
        limit=limit,
    )


def retry_after(headers: Mapping[str, str]) -> float:
    """Seconds from a Retry-After header: a number or an HTTP date; 0 where it is missing, past or unreadable."""
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", value):
        return float(value)
    try:
        then = parsedate_to_datetime(value)
    except ValueError:
        return 0.0
    return max(0.0, (then - datetime.now(UTC)).total_seconds())


def _told(response: httpx2.Response) -> tuple[str, dict[str, str]]:
    """Atlassian's own words: (one text, {field: message}). Jira, Confluence v2 and v1 each have a shape."""
    try:
        body: Any = from_json(response.content)
    except ValueError:
        return "", {}
    if not isinstance(body, Mapping):
        return "", {}
    told = cast("Mapping[str, Any]", body)
    errors: Any = told.get("errors") or {}
    if not isinstance(errors, Mapping):
        return " ".join(_v2(error) for error in cast("list[Any]", errors)), {}
    fields = {str(name): str(text) for name, text in cast("Mapping[str, Any]", errors).items()}
    words = [str(text) for text in told.get("errorMessages") or ()] + [f"`{name}`: {fields[name]}" for name in fields]
    return " ".join(map(_sentence, words)) or _v1(told), fields


def _v2(error: Any) -> str:
    return " ".join(str(error[part]) for part in ("title", "detail") if error.get(part))


def _v1(told: Mapping[str, Any]) -> str:
    message = str(told.get("message") or "")
    # v1 puts its exception's class in front of the message.
    return re.sub(r"^[\w.]+Exception: ", "", message)


def _sentence(words: str) -> str:
    return words if words.endswith((".", "!", "?", ")")) else f"{words}."
