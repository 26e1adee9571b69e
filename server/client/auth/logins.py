"""Logins by `isthmus login`: kept in one place for all processes of a user, and renewed by one of them at a time."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

import anyio
import anyio.to_thread

from server.addresses import authority_of, gateway_of
from server.client.auth.account import Identity, Signed
from server.client.auth.accounts import Tenant
from server.client.auth.tokens import LOGIN_AGAIN, Authority, Tokens
from server.client.auth.vault import Vault
from server.client.auth.wire import Wire
from server.client.pace import Pace
from server.credentials import OAuthApp
from server.errors import WrongCredentials

EARLY = 60.0  # seconds before its end that a token is renewed: what is sent now must still be good when it arrives


def login_name(app: OAuthApp, authority: str) -> str:
    return f"{app.client_id}@{authority}"


@dataclass
class Login:
    """One app's, of one user."""

    app: OAuthApp
    authority: Authority
    vault: Callable[[], Vault]
    _held: Tokens | None = None
    _one: anyio.Lock = field(default_factory=anyio.Lock)

    async def tokens(self, *, instead_of: str = "") -> Tokens:
        """That are good for a while yet, and have another access token than the one that was refused.

        Raises WrongCredentials where nobody is logged in, or not any more; StoreError, AtlassianDown.
        """
        if self._held and self._usable(self._held, instead_of):
            return self._held
        async with self._one:
            if self._held and self._usable(self._held, instead_of):
                return self._held
            # A renewal that is broken off would leave the new tokens nowhere, and the old ones are spent.
            with anyio.CancelScope(shield=True):
                self._held = await self._found(instead_of)
        return cast("Tokens", self._held)

    async def _found(self, instead_of: str) -> Tokens:
        vault = await anyio.to_thread.run_sync(self.vault)
        stored = await self._stored(vault)
        if self._usable(stored, instead_of):
            return stored
        async with vault.alone(self.name):
            stored = await self._stored(vault)
            if self._usable(stored, instead_of):
                return stored
            fresh = await self.authority.renewed(self.app, stored)
            await vault.write(self.name, fresh.text())
            return fresh

    @property
    def name(self) -> str:
        return login_name(self.app, self.authority.url)

    def _usable(self, tokens: Tokens, instead_of: str) -> bool:
        return tokens.access != instead_of and tokens.expires - EARLY > self.authority.wall()

    async def _stored(self, vault: Vault) -> Tokens:
        text = await vault.read(self.name)
        if text is None:
            raise WrongCredentials("Nobody is logged in. Run `isthmus login`, with the same settings as this server.")
        try:
            return Tokens.read(text)
        except (ValueError, TypeError, KeyError):
            raise WrongCredentials(f"What is kept of your login can't be understood. {LOGIN_AGAIN}") from None


@dataclass
class Logins:
    """Those of one process: Jira and Confluence share one."""

    vault: Callable[[], Vault]
    wire: Wire
    pace: Pace
    _known: dict[tuple[OAuthApp, str], Login] = field(default_factory=dict[tuple[OAuthApp, str], Login])

    @classmethod
    def of(cls, wire: Wire) -> "Logins":
        return cls(lambda: Vault.of(None), wire, Pace())

    def by(self, app: OAuthApp, site: str) -> Login:
        url = authority_of(site)
        authority = Authority(self.wire, lambda: self.pace.wall().timestamp(), self.pace.sleep, url, gateway_of(site))
        return self._known.setdefault((app, url), Login(app, authority, self.vault))


@dataclass
class OfLogin:
    """Somebody who has logged in, at the gateway."""

    tenant: Tenant
    login: Login

    @property
    def identity(self) -> Identity:
        wider = f"{LOGIN_AGAIN} It asks for what the tools need which are on now; your app must have the scope too."
        return Identity("this login", "your login", LOGIN_AGAIN, wider)

    @property
    def way(self) -> str:
        return f"your login, at the gateway {gateway_of(self.tenant.site)}"

    async def signed(self) -> Signed:
        return await self._signed(await self.login.tokens())

    async def anew(self, refused: Signed) -> Signed | None:
        now = await self._signed(await self.login.tokens(instead_of=refused.authorization.removeprefix("Bearer ")))
        return now if now != refused else None

    async def _signed(self, tokens: Tokens) -> Signed:
        if not self.tenant.cloud_id and tokens.site == self.tenant.site:
            self.tenant.cloud_id = tokens.cloud_id
        return Signed(await self.tenant.address(), f"Bearer {tokens.access}")
