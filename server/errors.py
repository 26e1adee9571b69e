"""Every failure this program names. The text of each tells an agent its next step.

IsthmusError
├── SettingsError         a setting is missing, wrong or not honoured: the program does not start
├── StoreError            our own database can't be read or written
├── Refused               we do not send this: it would lose or overwrite something
│   └── Unasked           the person has to be asked first; its text is for them, and for no log
├── CallerError           (server.callers) a request over HTTP that is not let in, and why
├── ContentError          (server.content) a text that can't be read or written, and where
└── AtlassianError        what Atlassian answered, or that it did not
    ├── WrongCredentials  401: the account or its token
    ├── Forbidden         403: the account may not do this
    ├── NotFound          404: not there, or not yours to see
    ├── Invalid           400, 413, 422: `fields` maps a field to what is wrong with it
    ├── Conflict          409: somebody else was first
    ├── RateLimited       429: `retry_after` seconds, `limit` as Atlassian names it
    ├── BadAnswer         not JSON (a login page, a proxy's error), cut off, or not what was asked for
    │   └── OtherThing    about something else
    ├── AtlassianDown     5xx, refused or dropped connections
    ├── TimedOut          no answer in time to something that changes nothing
    └── UnknownOutcome    a change was sent and no answer came: it may have been applied
"""

import re
from collections.abc import Container, Iterable, Mapping
from copy import copy
from typing import Self

_TOOL = re.compile(r"\b(?:jira|confluence)_[a-z_]+\b")


class IsthmusError(Exception):
    """What went wrong, in words that say what to do next.

    What takes a tool is one of `steps`: a sentence that is told only where the tools that it names are on.
    """

    steps: tuple[str, ...] = ()

    def then(self, *steps: str) -> Self:
        """This error with further steps."""
        self.steps = tuple(dict.fromkeys([*self.steps, *filter(None, steps)]))
        return self

    def saying(self, *words: str) -> Self:
        """The same with more words at the end."""
        other = copy(self)
        other.args = (" ".join([str(self), *filter(None, words)]),)
        return other

    def told(self, on: Container[str]) -> str:
        """The whole text for whoever has the tools that are `on`."""
        return " ".join([str(self), *possible(self.steps, on)])


def possible(steps: Iterable[str], on: Container[str]) -> list[str]:
    """Those that can be taken with the tools that are `on`."""
    return [step for step in steps if all(tool in on for tool in _TOOL.findall(step))]


class SettingsError(IsthmusError):
    pass


class StoreError(IsthmusError):
    pass


class Refused(IsthmusError):
    pass


class Unasked(Refused):
    pass


class AtlassianError(IsthmusError):
    pass


class WrongCredentials(AtlassianError):
    pass


class Forbidden(AtlassianError):
    pass


class NotFound(AtlassianError):
    pass


class Invalid(AtlassianError):
    """`elements` says what is wrong with each of many, by its place."""

    def __init__(
        self, message: str, fields: Mapping[str, str] | None = None, elements: "Mapping[int, Invalid] | None" = None
    ) -> None:
        super().__init__(message)
        self.fields = dict(fields or {})
        self.elements = dict(elements or {})


class Conflict(AtlassianError):
    """`yours` and `theirs` are version numbers where Atlassian has them."""

    def __init__(self, message: str, *, yours: int | None = None, theirs: int | None = None) -> None:
        super().__init__(message)
        self.yours = yours
        self.theirs = theirs


class RateLimited(AtlassianError):
    def __init__(self, message: str, *, retry_after: float, limit: str) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.limit = limit


class BadAnswer(AtlassianError):
    pass


class OtherThing(BadAnswer):
    pass


class AtlassianDown(AtlassianError):
    pass


class TimedOut(AtlassianError):
    pass


class UnknownOutcome(AtlassianError):
    pass
