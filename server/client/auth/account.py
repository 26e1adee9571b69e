"""What a connection must know of the account that it acts for."""

from dataclasses import dataclass
from typing import NamedTuple, Protocol


class Signed(NamedTuple):
    """Where requests go, and the header that proves whose they are."""

    root: str
    authorization: str


@dataclass(frozen=True)
class Identity:
    """An account in the words of errors: who it is, what it proved itself by, and what to do when that is refused."""

    name: str
    proof: str
    remedy: str
    wider: str  # what to do where a scope is lacking


class Account(Protocol):
    @property
    def identity(self) -> Identity: ...

    @property
    def way(self) -> str:
        """How requests go now, in words."""
        ...

    async def signed(self) -> Signed:
        """Raises AtlassianError where there is nothing to sign with."""
        ...

    async def anew(self, refused: Signed) -> Signed | None:
        """After 401: another way to sign, or None. Raises AtlassianError."""
        ...
