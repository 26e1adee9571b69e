"""By what a change can be found again when no answer says what became of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

FINISHED = frozenset({500, 503})  # statuses of a server that has done with the request; 502 and 504 are a proxy's


class Absence(Enum):
    """What it means that a change is not found."""

    HARMLESS = "the site refuses to apply it twice, so that it may be sent again"
    CURRENT = "it has not been applied; what is still on its way may yet be"
    UNPROVEN = "nothing: lists lag behind writes"


@dataclass(frozen=True)
class Mark:
    """`look` reads what the change has made, None where it is not there. Raises AtlassianError."""

    look: Callable[[], Awaitable[Any]]
    absence: Absence

    def may_repeat(self, status: int | None) -> bool:
        """Whether the change may be sent again once it was looked for in vain; without a status there was no answer."""
        return self.absence is Absence.HARMLESS or (self.absence is Absence.CURRENT and status in FINISHED)
