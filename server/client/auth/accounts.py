"""The account that a configuration speaks of; and that of an API token, which may have to go to the gateway."""

import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import anyio

from server.addresses import Product, gateway_of, has_gateway
from server.client.auth.account import Account, Identity, Signed
from server.client.auth.wire import Wire
from server.credentials import AccessToken, ApiToken, OAuthApp, PersonalToken
from server.errors import AtlassianError, WrongCredentials
from server.settings import ProductConfig

if TYPE_CHECKING:
    from server.client.auth.logins import Logins

MYSELF: dict[Product, str] = {"jira": "/rest/api/3/myself", "confluence": "/wiki/rest/api/user/current"}
NO_SCOPE = "scope does not match"
TOKENS = "id.atlassian.com"
CLOUD_ID = re.compile(r"[0-9A-Za-z-]{8,64}")


def account_of(
    config: ProductConfig, product: Product, wire: Wire, logins: "Callable[[], Logins] | None" = None
) -> Account:
    """`logins` is asked where people log in by `isthmus login`, and nowhere else."""
    tenant = Tenant(config.site, product, wire, config.cloud_id)
    # The rarer ways are loaded where they are gone: other starts do not wait for them.
    match config.login:
        case ApiToken(username, token):
            return OfPerson(tenant, username, token)
        case PersonalToken(token):
            from server.client.auth.bearers import OfDataCenter

            return OfDataCenter(Signed(config.site, f"Bearer {token}"), product.upper())
        case AccessToken(token, variable):
            from server.client.auth.bearers import AtGateway

            return AtGateway(tenant, token, variable)
        case OAuthApp() as app:
            from server.client.auth.logins import Logins, OfLogin

            known = logins() if logins else Logins.of(wire)
            return OfLogin(tenant, known.by(app, config.site))


@dataclass
class Tenant:
    """A product of a site, as the gateway knows it."""

    site: str
    product: Product
    wire: Wire
    cloud_id: str = ""

    async def address(self) -> str:
        """At the gateway. Raises WrongCredentials where the site has none, AtlassianDown."""
        if not self.cloud_id:
            found = await self.wire.ask("GET", f"{self.site}/_edge/tenant_info")
            told = str(found.said.get("cloudId"))
            self.cloud_id = told if CLOUD_ID.fullmatch(told) else ""
        if not self.cloud_id:
            raise WrongCredentials(
                f"{self.site} does not tell its id, which the gateway's address takes. Check that it is a Cloud site, "
                "or set ATLASSIAN_OAUTH_CLOUD_ID."
            )
        return f"{gateway_of(self.site)}/ex/{self.product}/{self.cloud_id}"

    async def accepts(self, signed: Signed) -> bool:
        """Whether the gateway or the site knows this proof, whatever its scopes are."""
        told = await self.wire.ask("GET", signed.root + MYSELF[self.product], authorization=signed.authorization)
        return told.status < 400 or (told.status in (401, 403) and NO_SCOPE in str(told.said.get("message")))


@dataclass
class OfPerson:
    """An API token. What kind it is shows in use alone: one without scopes is known at the site, one with them at the
    gateway, a service account's there too, without the e-mail address."""

    tenant: Tenant
    username: str
    token: str = field(repr=False)
    _chosen: int | None = None
    _looking: anyio.Lock = field(default_factory=anyio.Lock)

    @property
    def identity(self) -> Identity:
        remedy = (
            f"Check the user name and the API token (tokens expire; a new one is made at {TOKENS}), then restart the "
            "server."
        )
        wider = f"Make a token with this scope at {TOKENS}, set it and restart the server."
        return Identity(f"`{self.username}`", f"the credentials of `{self.username}`", remedy, wider)

    @property
    def way(self) -> str:
        gateway = f"at the gateway {gateway_of(self.tenant.site)}"
        ways = ("an API token without scopes, at the site itself", f"an API token with scopes, {gateway}")
        return (*ways, f"a service account's token, {gateway}")[self._chosen or 0]

    async def signed(self) -> Signed:
        return await self._signed(self._chosen or 0)

    async def anew(self, refused: Signed) -> Signed | None:
        """Looks once for where the token is known."""
        if self._chosen is not None or not has_gateway(self.tenant.site):
            return None
        async with self._looking:
            try:
                self._chosen = await self._found() if self._chosen is None else self._chosen
            except AtlassianError:
                # A site without a gateway, or one out of reach: what the site itself said is what counts.
                return None
        now = await self.signed()
        return now if now != refused else None

    async def _found(self) -> int:
        for each in (1, 2):
            if await self.tenant.accepts(await self._signed(each)):
                return each
        return 0

    async def _signed(self, chosen: int) -> Signed:
        basic = "Basic " + b64encode(f"{self.username}:{self.token}".encode()).decode()
        if not chosen:
            return Signed(self.tenant.site, basic)
        return Signed(await self.tenant.address(), basic if chosen == 1 else f"Bearer {self.token}")
