"""One authenticated request, as the handlers see it, and the adapter that makes a Starlette endpoint of a handler."""

import json
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData, Headers, QueryParams
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from server.sandbox import auth, gateway, json_text, refusals
from server.sandbox.adf import as_dict
from server.sandbox.oauth import Pass
from server.sandbox.records import Json, Person
from server.sandbox.refusals import Refusal
from server.sandbox.site import Site


@dataclass(frozen=True)
class Call:
    site: Site
    person: Person
    base: str
    url: str
    path: Mapping[str, str]
    query: QueryParams
    body: Any
    headers: Headers
    form: FormData
    app: str = ""  # the client id of the OAuth app that calls

    @property
    def origin(self) -> str:
        return "/".join(self.url.split("/", 3)[:3])

    @property
    def json(self) -> Json:
        return as_dict(self.body)

    def names(self, parameter: str) -> list[str]:
        """A list parameter, repeated or separated by commas."""
        return [name.strip() for value in self.query.getlist(parameter) for name in value.split(",") if name.strip()]

    def flag(self, parameter: str) -> bool:
        return self.query.get(parameter, "").lower() == "true"


OF_ISSUE = re.compile(r"/issue/\{(\w+)\}")
Handler = Callable[[Call], Response]
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True)
class Operation:
    """One row of what the site can do. `errors`: the statuses that its handler may answer besides success; what the
    gate in front of all operations answers (401, 429, faults) and broken JSON are not among them."""

    method: str
    path: str
    handler: Handler
    errors: tuple[int, ...] = ()
    form: bool = False  # whether it takes a form rather than JSON
    only_errors: bool = False  # of what Atlassian refuses everybody, or has removed
    gone: bool = False  # whether the gateway does not know it any more


Table = tuple[Operation, ...]


def answer(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(body, status, headers, "application/json;charset=UTF-8")


def nothing(status: int = 204) -> Response:
    return Response(status_code=status)


def said_no(refusal: Refusal) -> Response:
    return answer(refusal.body, refusal.status, refusal.headers)


def _parsed(raw: bytes, path: str) -> Any:
    if not raw:
        return None
    try:
        return json_text.parse(raw)
    except ValueError:
        raise refusals.bad_json(path) from None


def _issue(site: Site, operation: Operation, request: Request) -> str:
    """The id of the issue that the address is about."""
    named = OF_ISSUE.search(operation.path)
    found = site.issue(str(request.path_params[named[1]])) if named else None
    return found.id if found else ""


def _admitted(site: Site, operation: Operation, request: Request) -> Pass:
    """Who sends the request, once it is known that they may and that it is within the limits."""
    path, root = gateway.site_path(request.scope), request.scope.get("root_path", "")
    origin = f"{request.url.scheme}://{request.url.netloc}"
    found = auth.identify(site, request.headers.get("authorization", ""), gateway=bool(root))
    if found is None:
        raise auth.unauthenticated(path, origin, gateway=bool(root))
    request.scope.get("noted", {})["who"] = found.person.email
    site.base = origin
    if root and operation.gone:
        raise refusals.legacy(410, "This deprecated endpoint has been removed.")
    auth.check_scopes(found, operation.method, operation.path)
    issue = _issue(site, operation, request)
    headers = site.limits.admit(operation.method, operation.path, site.now(), issue=issue, app=found.app)
    request.scope.get("headers_to_come", {}).update(headers)
    return found


def _call(site: Site, found: Pass, request: Request, raw: bytes, form: FormData) -> Call:
    base = gateway.base(request.scope, f"{request.url.scheme}://{request.url.netloc}")
    body = None if form else _parsed(raw, gateway.site_path(request.scope))
    path, query = request.path_params, request.query_params
    return Call(site, found.person, base, str(request.url), path, query, body, request.headers, form, found.app)


@asynccontextmanager
async def _form(operation: Operation, request: Request) -> AsyncGenerator[FormData]:
    """What a form sends, and nothing where the body is none."""
    if not operation.form or not request.headers.get("content-type", "").startswith("multipart/form-data"):
        yield FormData()
        return
    try:
        async with request.form(max_files=60) as form:
            yield form
    except HTTPException as error:
        refuse = refusals.legacy if "/wiki/" in operation.path else refusals.jira
        raise refuse(400, f"The form cannot be read: {error.detail}") from None


def endpoint(site: Site, operation: Operation) -> Endpoint:
    async def serve(request: Request) -> Response:
        raw = await request.body()
        try:
            found = _admitted(site, operation, request)
            async with _form(operation, request) as form:
                answered = operation.handler(_call(site, found, request, raw, form))
        except Refusal as refusal:
            return said_no(refusal)
        site.settle()
        if found.app and site.limits.rules.quota is not None:
            raw = bytes(answered.body)
            body = json_text.parse(raw) if raw.startswith((b"{", b"[")) else None
            site.limits.charge(operation.method, operation.path, found.app, body, site.now())
        return answered

    return serve
