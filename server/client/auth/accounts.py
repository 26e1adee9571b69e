"""One class for each way in: a token at the site, or one that may have to go to the gateway of all sites."""

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
    match config.login:
        case PersonalToken(token):
            return OfDataCenter(Signed(config.site, f"Bearer {token}"), product.upper())
        case AccessToken(token, variable):
            return AtGateway(tenant, token, variable)
        case ApiToken(username, token):
            return OfPerson(tenant, username, token)
        case OAuthApp() as app:
            # What keeps logins is loaded where there is one: other starts do not wait for it.
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


@dataclass(frozen=True)
class OfDataCenter:
    """A personal access token, at the site itself."""

    _signed: Signed
    prefix: str

    @property
    def identity(self) -> Identity:
        remedy = (
            f"Check that {self.prefix}_URL is the Data Center where the token was made; make a new one in your profile "
            f"there, set it as {self.prefix}_PERSONAL_TOKEN and restart the server."
        )
        return Identity("your account", "the personal access token", remedy, remedy)

    @property
    def way(self) -> str:
        return "a personal access token, at the site itself"

    async def signed(self) -> Signed:
        return self._signed

    async def anew(self, refused: Signed) -> Signed | None:
        return None


@dataclass
class AtGateway:
    """A service account's token, or an access token that somebody else renews."""

    tenant: Tenant
    token: str = field(repr=False)
    variable: str

    @property
    def identity(self) -> Identity:
        prefix = self.tenant.product.upper()
        remedy = (
            "It must be for this site; a service account's expires or is revoked, and one of OAuth lasts an hour. Set "
            f"a new one and restart the server, or use `isthmus login`, which renews by itself. A person's API token "
            f"belongs into {prefix}_API_TOKEN, with {prefix}_USERNAME."
        )
        wider = "Make a token with this scope (for a service account, in the administration of its organisation)."
        return Identity("this account", f"the token in {self.variable}", remedy, wider)

    @property
    def way(self) -> str:
        return f"the token in {self.variable}, at the gateway {gateway_of(self.tenant.site)}"

    async def signed(self) -> Signed:
        return Signed(await self.tenant.address(), f"Bearer {self.token}")

    async def anew(self, refused: Signed) -> Signed | None:
        return None


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
