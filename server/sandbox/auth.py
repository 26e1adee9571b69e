"""Who sends a request: API tokens at the site, scoped and OAuth tokens at the gateway of all sites."""

import base64
import binascii

from server.sandbox import refusals, scopes
from server.sandbox.oauth import Pass
from server.sandbox.refusals import Refusal
from server.sandbox.site import Site

UNKNOWN = "Unauthorized"
NO_SCOPE = "Unauthorized; scope does not match"


def identify(site: Site, authorization: str, *, gateway: bool) -> Pass | None:
    """None for a stranger. Scoped tokens are unknown at the site, and those without scopes at the gateway."""
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return _bearer(site, rest.strip(), gateway=gateway)
    if scheme.lower() != "basic":
        return None
    try:
        email, _, token = base64.b64decode(rest, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    if not gateway:
        person = site.login(email, token)
        return Pass(person) if person else None
    found = _scoped(site, token)
    return found if found and found.person.email == email.casefold() else None


def _bearer(site: Site, token: str, *, gateway: bool) -> Pass | None:
    if not gateway:
        person = site.login_token(token)
        return Pass(person) if person else None
    if found := site.authority.bearer(token):
        account_id, access = found
        person = site.person(account_id)
        return Pass(person, access.scopes, access.family.app.client_id) if person.active else None
    return _scoped(site, token)


def _scoped(site: Site, token: str) -> Pass | None:
    if token not in site.authority.scoped:
        return None
    account_id, granted = site.authority.scoped[token]
    person = site.person(account_id)
    return Pass(person, granted) if person.active else None


def unauthenticated(path: str, base: str, *, gateway: bool) -> Refusal:
    return refusals.gateway(401, UNKNOWN) if gateway else refusals.unauthenticated(path, base)


def check_scopes(found: Pass, method: str, path: str) -> None:
    if found.scopes is not None and not scopes.enough(method, path, found.scopes):
        raise refusals.gateway(401, NO_SCOPE)
