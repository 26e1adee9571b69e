"""Callers who bring their own account at Atlassian: known by what the site itself says of it."""

import base64
import binascii
from collections.abc import Awaitable, Callable
from hashlib import sha256

from server.callers.allowance import Allowance
from server.callers.caller import Caller, Login, NotKnown, NotNow, Shown
from server.client import Memory
from server.errors import AtlassianError, Forbidden, RateLimited, WrongCredentials

ASKED_A_MINUTE = 30  # about credentials that are new here, for one address: the site would lock out who guesses
SOON = 5.0
NO_ACCOUNT = "The site does not accept this account. Send its e-mail address and an API token from id.atlassian.com."

Ask = Callable[[Login], Awaitable[str]]


class OwnAccounts:
    """`ask` tells the account id of a login. Raises AtlassianError."""

    name = "basic"

    def __init__(self, ask: Ask, clock: Callable[[], float]) -> None:
        self._ask = ask
        self._known = Memory[str](clock)
        self._asked = Allowance(ASKED_A_MINUTE, clock)

    async def caller(self, shown: Shown) -> Caller | None:
        login = _login(shown.value)
        # By its hash: what is remembered for a while should not be the secret itself.
        key = sha256(shown.value.encode()).hexdigest()
        account = self._known.known(key) or await self._known.get(key, lambda: self._account(login, shown.address))
        return Caller(f"atlassian:{account}", login)

    async def _account(self, login: Login, address: str) -> str:
        if wait := self._asked.take(address):
            raise NotNow("Too many accounts were tried from here. Try again later.", seconds=wait)
        try:
            return await self._ask(login)
        except (WrongCredentials, Forbidden) as error:
            raise NotKnown(NO_ACCOUNT) from error
        except AtlassianError as error:
            seconds = error.retry_after if isinstance(error, RateLimited) else SOON
            raise NotNow(
                "The site can't say now whose account this is. Try again.", seconds=seconds, status=503
            ) from error


def _login(value: str) -> Login:
    try:
        username, colon, token = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        username = colon = token = ""
    if not (username and colon and token) or not (username + token).isprintable():
        raise NotKnown(NO_ACCOUNT)
    return Login(username, token)
