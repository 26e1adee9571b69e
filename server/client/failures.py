"""What a try that failed comes to: an error that is final, or one after which the call is sent again or looked for."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import httpx2
from pydantic import ValidationError

from server.client import limit_headers
from server.client.answers import Answer, Unreadable, failure
from server.client.auth import Account
from server.client.calls import Again, Call, Wait
from server.client.marks import Mark
from server.errors import (
    AtlassianDown,
    AtlassianError,
    BadAnswer,
    Invalid,
    OtherThing,
    RateLimited,
    TimedOut,
    UnknownOutcome,
)

_OTHERWISE = "answered with something else than what was asked for"
_CHECK_FIRST = "It may have been applied: read or search for it before you send it again."

# Looks for what a change without an answer has made: (call, mark, doubt, status, wait) -> what it found.
Seek = Callable[[Call, Mark, Again, int | None, Wait], Awaitable[Any]]


@dataclass(frozen=True)
class Failures:
    site: str
    account: Account
    timeout: float
    seek: Seek

    def on_the_wire(self, error: Exception, call: Call) -> Exception:
        """Of a try that got no whole answer."""
        match error:
            case httpx2.ConnectError() | httpx2.ConnectTimeout() | httpx2.PoolTimeout() | httpx2.ProxyError():
                reason = f"{self.site} can't be reached ({_reason(error)}). Check the URL and the network."
                return Again(AtlassianDown(reason))
            case TimeoutError() | httpx2.TimeoutException():
                return self._unanswered(f"did not answer in {self.timeout:g} s", call)
            case httpx2.InvalidURL():
                return Invalid(f"This is too long for an address ({call.named}). Ask for less.")
            case _:
                return self._unanswered(f"broke off its answer ({_reason(error)})", call)

    def answered(self, answer: Answer, call: Call, wall: datetime) -> Exception:
        """Of an answer that is not 2xx."""
        error = failure(
            answer,
            site=self.site,
            who=self.account.identity,
            asked=(call.method, call.path),
            named=call.named,
            wall=wall,
        )
        if isinstance(error, RateLimited):
            # 429 means that nothing was applied, so that any method may be sent again.
            return Again(error, least=error.retry_after)
        if isinstance(error, AtlassianDown | TimedOut):
            least = limit_headers.retry_after(answer.headers, wall)
            if call.safe:
                return Again(error, least=least)
            return self._unknown(f"answered {answer.status} to your change ({call.named})", call, answer.status, least)
        return error

    def misread(self, error: Exception, call: Call) -> Exception:
        """Of an answer that is not what was asked for: an Unreadable says how, the others that it has another shape."""
        place = _where(error) if isinstance(error, ValidationError) else ""
        said = str(error) if isinstance(error, Unreadable) else f"{_OTHERWISE}{place}"
        if call.safe:
            advice = "Check that the configured URL is the site's own; if it is, try again."
            bad = BadAnswer(f"{self.site} {said} ({call.named}). {advice}")
            return bad if call.misread() else Again(bad)
        return self._unknown(f"{said}, to your change ({call.named})", call)

    def about_something_else(self, other: str, call: Call) -> Again:
        return Again(OtherThing(f"{self.site} answered with `{other}` instead of {call.named}. Try again."))

    def _unanswered(self, what: str, call: Call) -> Exception:
        if call.safe:
            return Again(TimedOut(f"{self.site} {what} ({call.named}). Try again, or ask for less at once."))
        return self._unknown(f"{what} after your change ({call.named}) was sent", call)

    def _unknown(self, what: str, call: Call, status: int | None = None, least: float = 0.0) -> AtlassianError | Again:
        error = UnknownOutcome(f"{self.site} {what}. {_CHECK_FIRST}")
        if call.mark is None:
            return error
        doubt = Again(error, least)
        doubt.then = partial(self.seek, call, call.mark, doubt, status)
        return doubt


def _reason(error: Exception) -> str:
    return str(error) or type(error).__name__


def _where(error: ValidationError) -> str:
    places = [".".join(map(str, problem["loc"])) for problem in error.errors(include_url=False, include_input=False)]
    return f" (at {', '.join(places[:3])})"
