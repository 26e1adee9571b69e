"""The ways in which an account proves itself to Atlassian, read from the environment."""

from collections.abc import Callable
from dataclasses import dataclass, field

from httpx2 import URL, InvalidURL

from server.addresses import is_cloud, is_loopback, valid_port
from server.errors import SettingsError

DEFAULT_CALLBACK = "http://localhost:8080/callback"

Text = Callable[[str], str]


@dataclass(frozen=True)
class ApiToken:
    """Made by a person at id.atlassian.com: with scopes it works at the gateway, without them at the site."""

    username: str
    token: str = field(repr=False)


@dataclass(frozen=True)
class PersonalToken:
    """Made by a person in their profile on a Data Center."""

    token: str = field(repr=False)


@dataclass(frozen=True)
class AccessToken:
    """A service account's token, or one of OAuth that somebody else renews; `variable` is where it was set."""

    token: str = field(repr=False)
    variable: str = "ATLASSIAN_OAUTH_ACCESS_TOKEN"


@dataclass(frozen=True)
class OAuthApp:
    """An app with which people log in by `isthmus login`; its tokens are kept elsewhere. Without `scopes`, it asks for
    those that the tools need."""

    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str = DEFAULT_CALLBACK
    scopes: tuple[str, ...] = ()


Credentials = ApiToken | PersonalToken | AccessToken | OAuthApp

WAYS = ("USERNAME", "API_TOKEN", "PERSONAL_TOKEN", "OAUTH_ACCESS_TOKEN")  # of each product
SHARED = tuple(
    f"ATLASSIAN_OAUTH_{name}"
    for name in ("CLIENT_ID", "CLIENT_SECRET", "REDIRECT_URI", "SCOPE", "ACCESS_TOKEN", "CLOUD_ID")
)
VARIABLES = (*(f"{product}_{name}" for product in ("JIRA", "CONFLUENCE") for name in WAYS), *SHARED)


def read_credentials(text: Text, prefix: str, site: str) -> Credentials:
    """Of one product: its own come before those of both. Raises SettingsError."""
    username, token, personal, access = (text(f"{prefix}_{name}") for name in WAYS)
    own = [f"{prefix}_{name}" for name, value in zip(WAYS[1:], (token, personal, access), strict=True) if value]
    if len(own) > 1:
        raise SettingsError(f"{' and '.join(own)} are set, and each is a way in by itself. Unset all but one.")
    if personal:
        return _personal(prefix, personal, site)
    if access:
        return AccessToken(access, f"{prefix}_OAUTH_ACCESS_TOKEN")
    if token or username:
        return _api_token(prefix, username, token)
    if shared := text("ATLASSIAN_OAUTH_ACCESS_TOKEN"):
        return AccessToken(shared)
    if app := read_app(text):
        return app
    raise SettingsError(
        f"{prefix}_USERNAME and {prefix}_API_TOKEN are not set. {prefix} needs the account's e-mail address and an "
        f"API token from id.atlassian.com; or {prefix}_PERSONAL_TOKEN for a Data Center, ATLASSIAN_OAUTH_ACCESS_TOKEN "
        "for a service account, ATLASSIAN_OAUTH_CLIENT_ID and _CLIENT_SECRET for `isthmus login`."
    )


def read_app(text: Text) -> OAuthApp | None:
    """Raises SettingsError where only a part of it is set."""
    client_id, secret = text("ATLASSIAN_OAUTH_CLIENT_ID"), text("ATLASSIAN_OAUTH_CLIENT_SECRET")
    if not (client_id or secret):
        return None
    if not (client_id and secret):
        lacking = "CLIENT_SECRET" if client_id else "CLIENT_ID"
        raise SettingsError(
            f"ATLASSIAN_OAUTH_{lacking} is not set. It is on the page of your app in the Atlassian developer console, "
            "under Settings."
        )
    callback = text("ATLASSIAN_OAUTH_REDIRECT_URI") or DEFAULT_CALLBACK
    _check_callback(callback)
    return OAuthApp(client_id, secret, callback, tuple(text("ATLASSIAN_OAUTH_SCOPE").split()))


def _check_callback(address: str) -> None:
    try:
        found = URL(address)
        usable = found.scheme == "http" and is_loopback(found.host) and valid_port(found) and not found.userinfo
    except (InvalidURL, ValueError):
        usable = False
    if not usable:
        raise SettingsError(
            "ATLASSIAN_OAUTH_REDIRECT_URI is no address on this machine. Set it, here and in your app's settings, to "
            f"one with a port, such as {DEFAULT_CALLBACK}."
        )


def _personal(prefix: str, token: str, site: str) -> PersonalToken:
    if is_cloud(site):
        raise SettingsError(
            f"{prefix}_PERSONAL_TOKEN is for Data Center, and {prefix}_URL is a Cloud site. "
            f"Set {prefix}_USERNAME and {prefix}_API_TOKEN instead."
        )
    return PersonalToken(token)


def _api_token(prefix: str, username: str, token: str) -> ApiToken:
    missing = f"{prefix}_API_TOKEN" if username else f"{prefix}_USERNAME"
    if not (username and token):
        raise SettingsError(
            f"{missing} is not set. {prefix} needs its site's URL, the account's e-mail address and an API token from "
            f"id.atlassian.com. A service account's token has no e-mail address: set it as {prefix}_OAUTH_ACCESS_TOKEN."
        )
    return ApiToken(username, token)
