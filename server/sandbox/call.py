"""One authenticated request, as the handlers see it, and the adapter that makes a Starlette endpoint of a handler."""

import base64
import binascii
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from server.sandbox import json_text, refusals
from server.sandbox.adf import as_dict
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

    @property
    def json(self) -> Json:
        return as_dict(self.body)

    def names(self, parameter: str) -> list[str]:
        """A list parameter, repeated or separated by commas."""
        return [name.strip() for value in self.query.getlist(parameter) for name in value.split(",") if name.strip()]

    def flag(self, parameter: str) -> bool:
        return self.query.get(parameter, "").lower() == "true"


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


Table = tuple[Operation, ...]


def answer(content: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return Response(body, status, headers, "application/json;charset=UTF-8")


def nothing(status: int = 204) -> Response:
    return Response(status_code=status)


def said_no(refusal: Refusal) -> Response:
    return answer(refusal.body, refusal.status, refusal.headers)


def identify(site: Site, authorization: str) -> Person | None:
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return site.login_token(rest.strip())
    if scheme.lower() != "basic":
        return None
    try:
        email, _, token = base64.b64decode(rest, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return site.login(email, token)


def _parsed(raw: bytes, path: str) -> Any:
    if not raw:
        return None
    try:
        return json_text.parse(raw)
    except ValueError:
        raise refusals.bad_json(path) from None


def endpoint(site: Site, handler: Handler) -> Endpoint:
    async def serve(request: Request) -> Response:
        path = request.url.path
        base = f"{request.url.scheme}://{request.url.netloc}"
        try:
            person = identify(site, request.headers.get("authorization", ""))
            if person is None:
                raise refusals.unauthenticated(path, base)
            body = _parsed(await request.body(), path)
            call = Call(site, person, base, str(request.url), request.path_params, request.query_params, body)
            answered = handler(call)
        except Refusal as refusal:
            return said_no(refusal)
        site.settle()
        return answered

    return serve
