"""Tokens of an authorization server (OAuth 2.1), as MCP has it: for this server, signed by a key of that server."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

import anyio
import httpx2
import jwt

from server.callers.caller import Caller, NotKnown, NotNow, Shown
from server.client import Memory

# Signatures by private keys alone: a key that is published must not also make tokens.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
TYPES = ("jwt", "at+jwt", "application/at+jwt")
LONGEST_TOKEN = 16 * 1024
SKEW = 30.0  # seconds that clocks may differ by
PAUSE = 30.0  # seconds between two looks for a key that was not there
PATIENCE = 10.0  # seconds for one answer
LONGEST_ANSWER = 2**20
NO_TOKEN = "This server does not take this token. Get one for it from its authorization server."  # noqa: S105 - a text
_WELL_KNOWN = ("oauth-authorization-server", "openid-configuration")


class Unreachable(Exception):
    """The authorization server did not say what it is asked for."""


@dataclass(frozen=True)
class Trusted:
    """Whose tokens are taken, and for whom they have to be."""

    issuer: str
    audience: str
    keys_url: str = ""  # where it is not to be found by the issuer
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Key:
    """A published key. To read one takes longer than to check a signature with it."""

    published: Mapping[str, Any]
    _read: dict[str, jwt.PyJWK] = field(default_factory=dict[str, jwt.PyJWK])

    def read(self, algorithm: str) -> jwt.PyJWK:
        """For what it says it is for; where it does not say, for this, if it is of that kind. Raises PyJWTError."""
        told = str(self.published.get("alg", algorithm))
        if told not in self._read:
            self._read[told] = jwt.PyJWK(dict(self.published), algorithm=told)
        return self._read[told]


class Keys:
    """The published keys of one issuer: fetched when they are needed, kept for a while, and again for a new one.

    Only the operator's settings and the issuer's own metadata say where from; never a token.
    """

    def __init__(self, trusted: Trusted, wire: httpx2.AsyncBaseTransport, clock: Callable[[], float]) -> None:
        self._trusted = trusted
        self._wire = wire
        self._clock = clock
        self._fresh = Memory[Mapping[str, Key]](clock)
        self._last: Mapping[str, Key] = {}
        self._looked = float("-inf")
        self._looking = anyio.Lock()

    async def find(self, name: str) -> Key | None:
        """Raises Unreachable where there is no key at all to look among."""
        keys = self._fresh.known("keys")
        if keys is None or name not in keys:
            async with self._looking:
                keys = await self._renewed(name)
        return keys.get(name)

    async def _renewed(self, name: str) -> Mapping[str, Key]:
        keys = self._fresh.known("keys")
        if keys is not None and name in keys:
            return keys
        if self._clock() - self._looked < PAUSE:
            # A stranger can name as many keys as it likes: the issuer hears of few of them.
            if not self._last:
                raise Unreachable
            return self._last
        self._looked = self._clock()
        try:
            found = await self._fetch()
        except Unreachable:
            if not self._last:
                raise
            return self._last
        self._last = found
        self._fresh.forget("keys")

        async def just_found() -> Mapping[str, Key]:
            return found

        return await self._fresh.get("keys", just_found)

    async def _fetch(self) -> Mapping[str, Key]:
        url = self._trusted.keys_url or await self._where()
        published = (await self._read(url)).get("keys")
        if not isinstance(published, list):
            raise Unreachable(f"{url} has no keys")
        given = [cast("dict[str, Any]", key) for key in cast("list[Any]", published) if isinstance(key, dict)]
        return {str(key.get("kid", "")): Key(key) for key in given if key.get("use", "sig") == "sig"}

    async def _where(self) -> str:
        """By the issuer's metadata, which has to be about the issuer itself."""
        for kind in _WELL_KNOWN:
            for url in _metadata(self._trusted.issuer, kind):
                try:
                    about = await self._read(url)
                except Unreachable:
                    continue
                where = about.get("jwks_uri")
                if about.get("issuer") == self._trusted.issuer and isinstance(where, str):
                    return where
        raise Unreachable(f"{self._trusted.issuer} does not publish where its keys are")

    async def _read(self, url: str) -> Mapping[str, Any]:
        timeout = {"timeout": dict.fromkeys(("connect", "read", "write", "pool"), PATIENCE)}
        try:
            request = httpx2.Request("GET", url, headers={"accept": "application/json"}, extensions=timeout)
            with anyio.fail_after(PATIENCE):
                response = await self._wire.handle_async_request(request)
                try:
                    content = b""
                    async for part in response.aiter_bytes():
                        content += part
                        if len(content) > LONGEST_ANSWER:
                            raise Unreachable(f"{url} answers without end")
                finally:
                    await response.aclose()
            answer = httpx2.Response(response.status_code, content=content).json() if response.is_success else None
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, ValueError) as error:
            raise Unreachable(f"{url} does not answer ({type(error).__name__})") from error
        if not isinstance(answer, dict):
            raise Unreachable(f"{url} answered {response.status_code}, and not with what was asked for")
        return cast("Mapping[str, Any]", answer)


def _metadata(issuer: str, kind: str) -> tuple[str, ...]:
    """Where an issuer with a path has its metadata: RFC 8414 puts the path last, OpenID Connect first."""
    url = httpx2.URL(issuer)
    path = url.path.rstrip("/")
    places = dict.fromkeys((f"/.well-known/{kind}{path}", f"{path}/.well-known/{kind}"))
    return tuple(str(url.copy_with(path=place)) for place in places)


class Issuer:
    name = "bearer"

    def __init__(self, trusted: Trusted, keys: Keys) -> None:
        self._trusted = trusted
        self._keys = keys

    async def caller(self, shown: Shown) -> Caller | None:
        claims = self._checked(shown.value, await self._key(shown.value))
        scopes = _scopes(claims)
        lacking = tuple(scope for scope in self._trusted.scopes if scope not in scopes)
        if lacking:
            raise NotKnown(f"The token lacks a scope: {' '.join(lacking)}.", lacking=lacking)
        return Caller(f"oauth:{claims['sub']}", issuer=self._trusted.issuer, scopes=scopes)

    async def _key(self, token: str) -> jwt.PyJWK:
        try:
            header = jwt.get_unverified_header(token) if len(token) <= LONGEST_TOKEN else {}
        except jwt.InvalidTokenError as error:
            raise NotKnown(NO_TOKEN) from error
        algorithm, kind = header.get("alg"), str(header.get("typ", "jwt")).lower()
        if algorithm not in ALGORITHMS or kind not in TYPES:
            raise NotKnown(NO_TOKEN)
        try:
            found = await self._keys.find(str(header.get("kid", "")))
        except Unreachable as error:
            raise NotNow(
                "The authorization server's keys can't be read now. Try again.", seconds=PAUSE, status=503
            ) from error
        if found is None:
            raise NotKnown(NO_TOKEN)
        try:
            return found.read(algorithm)
        except jwt.PyJWTError as error:
            raise NotKnown(NO_TOKEN) from error

    def _checked(self, token: str, key: jwt.PyJWK) -> Mapping[str, Any]:
        trusted = self._trusted
        try:
            return jwt.decode(
                token,
                key,
                algorithms=ALGORITHMS,
                audience=[trusted.audience, f"{trusted.audience}/"],
                issuer=trusted.issuer,
                leeway=SKEW,
                options={"require": ["exp", "iss", "aud", "sub"], "enforce_minimum_key_length": True},
            )
        # The signature was checked first: these two are told to those whom the issuer knows.
        except jwt.ExpiredSignatureError as error:
            raise NotKnown("The token has expired. Get a new one.") from error
        except jwt.InvalidAudienceError as error:
            raise NotKnown(
                f"The token is for another server. Ask for one whose resource is {trusted.audience}"
            ) from error
        except jwt.PyJWTError as error:
            raise NotKnown(NO_TOKEN) from error


def _scopes(claims: Mapping[str, Any]) -> tuple[str, ...]:
    told = claims.get("scope", claims.get("scp"))
    if isinstance(told, str):
        return tuple(told.split())
    return tuple(map(str, cast("list[Any]", told))) if isinstance(told, list) else ()
