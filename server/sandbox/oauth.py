"""Who may act for whom: registered apps, consents, and the tokens that come of them."""

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import compare_digest, token_urlsafe

from server.sandbox import scopes
from server.sandbox.records import Json, Person

CODE_LIFE = timedelta(minutes=10)
ACCESS_LIFE = timedelta(hours=1)
IDLE = timedelta(days=90)
ABSOLUTE = timedelta(days=365)
LEEWAY = timedelta(minutes=10)
NO_REFRESH = "Unknown or invalid refresh token."


@dataclass
class Refused(Exception):
    """What the authorization server answers instead of tokens."""

    error: str
    description: str
    status: int = 403


@dataclass(frozen=True)
class App:
    """`account_id` is the service account for which the app may log in by itself. An app with an `owner` is not public:
    its webhooks are delivered where the owner registered them."""

    client_id: str
    secret: str
    name: str
    redirect_uris: tuple[str, ...] = ()
    scopes: frozenset[str] = scopes.KNOWN
    account_id: str = ""
    owner: str = ""


@dataclass(frozen=True)
class Pass:
    """Who sends a request and what it may do; without `scopes`, all that the person may."""

    person: Person
    scopes: frozenset[str] | None = None
    app: str = ""


@dataclass(frozen=True)
class Consent:
    """What somebody was asked on the way to a code."""

    app: App
    account_id: str
    scopes: frozenset[str]
    redirect_uri: str
    challenge: str
    challenge_method: str
    until: datetime


@dataclass
class Family:
    """All refresh tokens that came of one code, and the access tokens that came of those."""

    app: App
    account_id: str
    began: datetime
    alive: bool = True


@dataclass
class Refresh:
    family: Family
    issued: datetime
    used: datetime | None = None


@dataclass(frozen=True)
class Access:
    family: Family
    scopes: frozenset[str]
    until: datetime


@dataclass
class Authority:
    now: Callable[[], datetime]
    apps: dict[str, App] = field(default_factory=dict[str, App])
    scoped: dict[str, tuple[str, frozenset[str]]] = field(default_factory=dict[str, tuple[str, frozenset[str]]])
    _codes: dict[str, Consent] = field(default_factory=dict[str, Consent])
    _granted: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict[tuple[str, str], frozenset[str]])
    _refreshes: dict[str, Refresh] = field(default_factory=dict[str, Refresh])
    _accesses: dict[str, Access] = field(default_factory=dict[str, Access])

    def register(self, app: App) -> None:
        self.apps[app.client_id] = app

    def code(self, app: App, account_id: str, asked: Mapping[str, str]) -> str:
        """For somebody who agrees to what the app asks; its scopes take the place of what they agreed to before."""
        wanted = frozenset(asked.get("scope", "").split())
        self._granted[app.client_id, account_id] = wanted
        challenge, method = asked.get("code_challenge", ""), asked.get("code_challenge_method", "plain")
        code = token_urlsafe(24)
        until = self.now() + CODE_LIFE
        self._codes[code] = Consent(app, account_id, wanted, asked["redirect_uri"], challenge, method, until)
        return code

    def tokens(self, given: Mapping[str, str]) -> Json:
        """The answer of the token endpoint."""
        grants = {
            "authorization_code": self._exchange,
            "refresh_token": self._refresh,
            "client_credentials": self._service,
        }
        kind = given.get("grant_type", "")
        if kind not in grants:
            raise Refused("unsupported_grant_type", f"Unsupported grant type: {kind}")
        app = self.apps.get(given.get("client_id", ""))
        if app is None or not compare_digest(app.secret.encode(), given.get("client_secret", "").encode()):
            raise Refused("access_denied", "Unauthorized", 401)
        return grants[kind](app, given)

    def bearer(self, token: str) -> tuple[str, Access] | None:
        """The account and the access of a token that still lives."""
        access = self._accesses.get(token)
        if access is None or not access.family.alive or access.until <= self.now():
            return None
        return access.family.account_id, access

    def _exchange(self, app: App, given: Mapping[str, str]) -> Json:
        consent = self._codes.pop(given.get("code", ""), None)
        if consent is None or consent.app != app or consent.until <= self.now():
            raise Refused("invalid_grant", "Invalid authorization code")
        if consent.redirect_uri != given.get("redirect_uri"):
            raise Refused("invalid_grant", "The redirect_uri does not match the one of the authorization request")
        if consent.challenge and _challenge(consent, given.get("code_verifier", "")) != consent.challenge:
            raise Refused("invalid_grant", "Failed to verify code verifier")
        return self._issued(Family(app, consent.account_id, self.now()), consent.scopes)

    def _refresh(self, app: App, given: Mapping[str, str]) -> Json:
        found, now = self._refreshes.get(given.get("refresh_token", "")), self.now()
        if found is None or found.family.app != app or not found.family.alive:
            raise Refused("invalid_grant", NO_REFRESH)
        if found.used and now - found.used > LEEWAY:
            found.family.alive = False
            raise Refused("invalid_grant", NO_REFRESH)
        if now - found.issued >= IDLE or now - found.family.began >= ABSOLUTE:
            raise Refused("invalid_grant", NO_REFRESH)
        found.used = found.used or now
        return self._issued(found.family, self._granted[app.client_id, found.family.account_id])

    def _service(self, app: App, _: Mapping[str, str]) -> Json:
        if not app.account_id:
            raise Refused("unauthorized_client", "Grant type 'client_credentials' not allowed for the client.")
        return self._issued(Family(app, app.account_id, self.now()), app.scopes - {scopes.OFFLINE})

    def _issued(self, family: Family, granted: frozenset[str]) -> Json:
        token = token_urlsafe(48)
        self._accesses[token] = Access(family, granted - {scopes.OFFLINE}, self.now() + ACCESS_LIFE)
        answer: Json = {
            "access_token": token,
            "expires_in": int(ACCESS_LIFE.total_seconds()),
            "token_type": "Bearer",
            "scope": " ".join(sorted(granted)),
        }
        if scopes.OFFLINE in granted:
            answer["refresh_token"] = token_urlsafe(48)
            self._refreshes[answer["refresh_token"]] = Refresh(family, self.now())
        return answer


def _challenge(consent: Consent, verifier: str) -> str:
    if consent.challenge_method != "S256":
        return verifier
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
