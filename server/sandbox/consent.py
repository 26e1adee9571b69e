"""The authorization server over HTTP: a page to consent on, codes, tokens, and the sites that a token opens."""

import html
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from server.sandbox import json_text, refusals, scopes
from server.sandbox.adf import as_dict
from server.sandbox.call import answer, said_no
from server.sandbox.gateway import CLOUD_ID
from server.sandbox.oauth import App, Refused
from server.sandbox.records import Json, Person
from server.sandbox.site import Site

AUDIENCE = "api.atlassian.com"
ASKED = ("client_id", "scope", "redirect_uri", "state", "code_challenge", "code_challenge_method", "response_type")
DENIED = {"error": "access_denied", "error_description": "User did not authorize the request"}
PAGE = """<!doctype html><meta charset="utf-8"><title>{app} wants access</title>
<h1>{app} wants access to your Atlassian account</h1><ul>{scopes}</ul>
<form method="post" action="/authorize">{hidden}
<label>As <select name="approve">{people}</select></label>
<button>Accept</button> <button name="deny" value="true">Cancel</button></form>
"""


def routes(site: Site) -> list[Route]:
    async def authorize(request: Request) -> Response:
        given = dict(request.query_params)
        if request.method == "POST":
            given = _form(await request.body())
        try:
            return _authorized(site, given)
        except Refused as refused:
            return _refused(refused)

    async def token(request: Request) -> Response:
        try:
            return answer(site.authority.tokens(_given(request, await request.body())))
        except Refused as refused:
            return _refused(refused)

    async def resources(request: Request) -> Response:
        _, _, bearer = request.headers.get("authorization", "").partition(" ")
        found = site.authority.bearer(bearer)
        if found is None:
            return said_no(refusals.gateway(401, "Unauthorized"))
        origin = f"{request.url.scheme}://{request.url.netloc}"
        return answer(_resources(origin, found[1].scopes))

    return [
        Route("/authorize", authorize, methods=["GET", "POST"]),
        Route("/oauth/token", token, methods=["POST"]),
        Route("/oauth/token/accessible-resources", resources, methods=["GET"]),
    ]


def _form(raw: bytes) -> dict[str, str]:
    return dict(parse_qsl(raw.decode(errors="replace"), keep_blank_values=True))


def _given(request: Request, raw: bytes) -> Mapping[str, str]:
    """The parameters of the token endpoint, which takes JSON and forms."""
    if "json" not in request.headers.get("content-type", ""):
        return _form(raw)
    try:
        found = json_text.parse(raw)
    except ValueError:
        raise Refused("invalid_request", "Invalid JSON", 400) from None
    return {name: str(value) for name, value in as_dict(found).items()}


def _refused(refused: Refused) -> Response:
    return answer({"error": refused.error, "error_description": refused.description}, refused.status)


def _client(site: Site, given: Mapping[str, str]) -> App:
    """The app that asks. Where its address is wrong, nobody is sent there."""
    app = site.authority.apps.get(given.get("client_id", ""))
    if app is None:
        raise Refused("unauthorized_client", f"Unknown client: {given.get('client_id', '')}")
    address = given.get("redirect_uri", "")
    if address not in app.redirect_uris:
        raise Refused(
            "unauthorized_client",
            f"The redirect URI is wrong. You sent {address}, and we expected {', '.join(app.redirect_uris)}",
        )
    return app


def _fault(app: App, given: Mapping[str, str]) -> dict[str, str] | None:
    """What is wrong with the question itself."""
    if given.get("response_type") != "code":
        return {"error": "unsupported_response_type", "error_description": "Only response_type=code is supported"}
    if given.get("audience", AUDIENCE) != AUDIENCE:
        return {"error": "access_denied", "error_description": f"Service not found: {given['audience']}"}
    unknown = sorted(set(given.get("scope", "").split()) - app.scopes)
    if unknown or not given.get("scope", "").split():
        return {"error": "invalid_scope", "error_description": f"The app may not ask for: {' '.join(unknown)}"}
    return None


def _authorized(site: Site, given: Mapping[str, str]) -> Response:
    app = _client(site, given)
    if problem := _fault(app, given):
        return _back(given, problem)
    if "deny" in given:
        return _back(given, DENIED)
    if "approve" not in given:
        return HTMLResponse(_page(app, given, site))
    person = _consenting(site, given["approve"])
    return _back(given, {"code": site.authority.code(app, person.account_id, given)})


def _consenting(site: Site, email: str) -> Person:
    wanted = email.casefold()
    for person in site.people.values():
        if person.email == wanted and person.active:
            return person
    raise Refused("access_denied", f"Nobody here is {email}", 403)


def _back(given: Mapping[str, str], said: dict[str, str]) -> Response:
    state = {"state": given["state"]} if "state" in given else {}
    address = given["redirect_uri"]
    mark = "&" if "?" in address else "?"
    return RedirectResponse(f"{address}{mark}{urlencode({**said, **state})}", 302)


def _page(app: App, given: Mapping[str, str], site: Site) -> str:
    people = [person for person in site.people.values() if person.active and person.account_type != "app"]
    hidden = (
        f'<input type="hidden" name="{name}" value="{html.escape(given[name])}">' for name in ASKED if name in given
    )
    return PAGE.format(
        app=html.escape(app.name),
        scopes="".join(f"<li>{html.escape(scope)}</li>" for scope in given["scope"].split()),
        hidden="".join(hidden),
        people="".join(f'<option value="{each.email}">{html.escape(each.name)}</option>' for each in people),
    )


def _resources(origin: str, granted: frozenset[str]) -> list[Json]:
    """One entry for each product that the scopes are about; both carry the same id."""
    about = {product: scopes.of_product(product, granted) for product in scopes.PRODUCTS}
    return [
        {"id": CLOUD_ID, "name": "sandbox", "url": origin, "scopes": of, "avatarUrl": f"{origin}/avatar/{product}.png"}
        for product, of in about.items()
        if of
    ]
