"""Tokens that are all there is to an account: a Data Center's at the site, others at the gateway."""

from dataclasses import dataclass, field

from server.addresses import gateway_of
from server.client.auth.account import Identity, Signed
from server.client.auth.accounts import Tenant


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
