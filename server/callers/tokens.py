"""Tokens that the operator gave out: known by their hashes, which is all that the settings have."""

import secrets
from collections.abc import Mapping
from hashlib import sha256

from server.callers.caller import Caller, Shown

PREFIX = "isthmus_"  # by which scanners of leaked secrets find them


def new() -> str:
    return PREFIX + secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """A token is as long as a key: its plain hash tells nothing of it."""
    return sha256(token.encode()).hexdigest()


class Tokens:
    """`names` by the hash of each token; one name may have several, while it changes from one to the next."""

    name = "bearer"

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names

    async def caller(self, shown: Shown) -> Caller | None:
        # Looked up by its hash, so that the time it takes tells nothing of the tokens that there are.
        name = self._names.get(digest(shown.value))
        return Caller(f"token:{name}") if name else None
