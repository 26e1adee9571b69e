"""A caller, from what its request shows to what is known of it."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken

from server.errors import IsthmusError


@dataclass(frozen=True)
class Shown:
    """The credentials of a request: its `Authorization` header in two parts, and where it came from."""

    scheme: str
    value: str = field(repr=False)
    address: str = ""


@dataclass(frozen=True)
class Login:
    """An account at Atlassian, as its owner has sent it."""

    username: str = field(repr=False)
    api_token: str = field(repr=False)


@dataclass(frozen=True)
class Caller:
    """`name` is what the audit log calls it; with a `login` it acts with that account, else with the operator's."""

    name: str
    login: Login | None = None
    issuer: str = ""
    scopes: tuple[str, ...] = ()

    @property
    def account(self) -> str:
        """Who has the same sees the same at Atlassian."""
        return self.name if self.login else ""


class CallerError(IsthmusError):
    """A request that is not let in; the text is for the caller."""

    status = 400


class NotKnown(CallerError):
    """`wrong` where something was shown; `lacking` are scopes, where that alone is amiss."""

    def __init__(self, message: str, *, wrong: bool = True, lacking: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.status = 403 if lacking else 401
        self.wrong = wrong
        self.lacking = lacking


class NotNow(CallerError):
    """Come back in `seconds`: too much was asked for (429), or whoever knows the caller can't be asked (503)."""

    def __init__(self, message: str, *, seconds: float, status: int = 429) -> None:
        super().__init__(message)
        self.status = status
        self.seconds = seconds


class Scheme(Protocol):
    """One way to show who one is."""

    name: str  # of the scheme in `Authorization`, in lower case

    async def caller(self, shown: Shown) -> Caller | None:
        """None where this is not one of its own. Raises CallerError."""
        ...


class User(AuthenticatedUser):
    """A caller as the SDK knows it: it binds sessions and unfinished calls to it. The token itself stays behind."""

    def __init__(self, caller: Caller) -> None:
        claims = {"iss": caller.issuer} if caller.issuer else None
        super().__init__(
            AccessToken(
                token="",  # nosec - that is the point
                client_id=caller.name,
                subject=caller.name,
                scopes=list(caller.scopes),
                claims=claims,
            )
        )
        self.caller = caller


def known(request: Any) -> Caller | None:
    """Who sent this request; None where nobody was asked, as on stdio."""
    user = request.scope.get("user") if request is not None else None
    return user.caller if isinstance(user, User) else None
