"""What comes of a login, and who gives it out: the authority that asks people for their consent."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from server.addresses import AUTHORITY, GATEWAY
from server.client.auth.wire import Told, Wire
from server.credentials import OAuthApp
from server.errors import AtlassianDown, AtlassianError, Forbidden, WrongCredentials

TRIES = 3
LOGIN_AGAIN = "Run `isthmus login` again."


@dataclass(frozen=True)
class Tokens:
    """`expires` in seconds since 1970. The site is the one that was chosen at the login."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires: float
    scopes: tuple[str, ...]
    cloud_id: str = ""
    site: str = ""

    def text(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def read(cls, text: str) -> "Tokens":
        """Raises ValueError, TypeError."""
        known: dict[str, Any] = json.loads(text)
        known["scopes"] = tuple(known["scopes"])
        return cls(**known)


@dataclass(frozen=True)
class Opened:
    """A site that a token opens."""

    cloud_id: str
    url: str
    name: str


@dataclass(frozen=True)
class Authority:
    wire: Wire
    wall: Callable[[], float]  # seconds since 1970
    sleep: Callable[[float], Awaitable[None]]
    url: str = AUTHORITY
    gateway: str = GATEWAY

    def question(self, app: OAuthApp, scopes: Sequence[str], *, state: str, challenge: str) -> str:
        """The address where somebody is asked for consent."""
        asked = {
            "audience": "api.atlassian.com",
            "client_id": app.client_id,
            "scope": " ".join(scopes),
            "redirect_uri": app.redirect_uri,
            "state": state,
            "response_type": "code",
            "prompt": "consent",
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        return f"{self.url}/authorize?{urlencode(asked)}"

    async def tokens(self, app: OAuthApp, code: str, verifier: str) -> Tokens:
        """Those for a code. Raises WrongCredentials."""
        given = {"code": code, "redirect_uri": app.redirect_uri, "code_verifier": verifier}
        return _read(await self._ask(app, "authorization_code", given), self.wall())

    async def renewed(self, app: OAuthApp, tokens: Tokens) -> Tokens:
        """New tokens for old ones, which are of no use from then on. Raises WrongCredentials where the login is over.

        A question that no answer came to is asked again: the authority takes the old token for ten minutes more.
        """
        for attempt in range(TRIES):
            try:
                told = await self._ask(app, "refresh_token", {"refresh_token": tokens.refresh})
                break
            except AtlassianDown:
                if attempt == TRIES - 1:
                    raise
                await self.sleep(2.0**attempt)
        else:
            raise AssertionError("unreachable: the last try returns or raises")
        fresh = _read(told, self.wall())
        return replace(fresh, refresh=fresh.refresh or tokens.refresh, cloud_id=tokens.cloud_id, site=tokens.site)

    async def sites(self, tokens: Tokens) -> list[Opened]:
        """That the token opens; each once, though the gateway names it for each product."""
        address = f"{self.gateway}/oauth/token/accessible-resources"
        told = await self.wire.ask("GET", address, authorization=f"Bearer {tokens.access}")
        if told.status != 200:
            raise WrongCredentials(f"{self.gateway} does not say which sites this login opens ({told.status}).")
        found = {each["id"]: Opened(each["id"], str(each["url"]).rstrip("/"), each["name"]) for each in told.json()}
        return list(found.values())

    async def _ask(self, app: OAuthApp, kind: str, given: Mapping[str, str]) -> Mapping[str, Any]:
        body = {"grant_type": kind, "client_id": app.client_id, "client_secret": app.client_secret, **given}
        told = await self.wire.ask("POST", f"{self.url}/oauth/token", body=body)
        if told.status == 200:
            return told.said
        raise self._refusal(told)

    def _refusal(self, told: Told) -> AtlassianError:
        """Without the authority's own words: what they repeat may be a secret."""
        error = told.said.get("error")
        if told.status == 429 or told.status >= 500:
            return AtlassianDown(f"{self.url} is not available now (it answered {told.status}). Try again in a minute.")
        if error == "invalid_grant":
            return WrongCredentials(
                "Your login is over: it was revoked, not used for 90 days, or is older than a year. " + LOGIN_AGAIN
            )
        if told.status == 401 or error in ("access_denied", "invalid_client", "unauthorized_client"):
            return WrongCredentials(
                f"{self.url} does not know the app. Check ATLASSIAN_OAUTH_CLIENT_ID and ATLASSIAN_OAUTH_CLIENT_SECRET "
                "against its page in the Atlassian developer console."
            )
        return WrongCredentials(f"{self.url} gives out no token (it answered {told.status}). {LOGIN_AGAIN}")


def _read(said: Mapping[str, Any], now: float) -> Tokens:
    try:
        return Tokens(
            str(said["access_token"]),
            str(said.get("refresh_token") or ""),
            now + float(said["expires_in"]),
            tuple(str(said.get("scope") or "").split()),
        )
    except (KeyError, ValueError, TypeError):
        raise Forbidden("The authority answered with something else than a token. Try again.") from None
