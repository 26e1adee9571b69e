"""The ASGI application of a site."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.sandbox import (
    faults,
    jira_issues,
    jira_people,
    jira_projects,
    jira_search,
    jira_setup,
    jira_talk,
    json_text,
    refusals,
    wiki_pages,
    wiki_search,
    wiki_spaces,
    wiki_talk,
)
from server.sandbox.call import Endpoint, answer, endpoint, nothing, said_no
from server.sandbox.gate import OWN, Gate
from server.sandbox.people import DEMO
from server.sandbox.records import Json
from server.sandbox.site import CLOUD_ID, Site

TABLES = (
    jira_setup.TABLE,
    jira_people.TABLE,
    jira_projects.TABLE,
    jira_search.TABLE,
    jira_talk.TABLE,
    jira_issues.TABLE,
    wiki_spaces.TABLE,
    wiki_search.TABLE,
    wiki_talk.TABLE,
    wiki_pages.TABLE,
)
OPERATIONS = tuple(operation for table in TABLES for operation in table)


def _base(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}"


def _about(base: str) -> Json:
    return {
        "what": "A sandbox: Jira and Confluence Cloud with demo content, in one process.",
        "account": {"email": DEMO.email, "token": DEMO.token},
        "jira": f"{base}/rest/api/3/myself",
        "confluence": f"{base}/wiki/api/v2/spaces",
        "faults": f"{base}{OWN}/faults",
        "requests": f"{base}{OWN}/requests",
    }


def _server_info(site: Site, base: str) -> Json:
    return {
        "baseUrl": base,
        "displayUrl": base,
        "version": "1001.0.0-SNAPSHOT",
        "versionNumbers": [1001, 0, 0],
        "deploymentType": "Cloud",
        "buildNumber": 100_300,
        "buildDate": "2026-03-02T09:00:00.000+0000",
        "serverTime": site.now().strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
        "scmInfo": "0000000000000000000000000000000000000000",
        "serverTitle": "Sandbox",
    }


def _open_endpoints(site: Site) -> list[Route]:
    """What needs no account."""

    async def home(request: Request) -> Response:
        return answer(_about(_base(request)))

    async def server_info(request: Request) -> Response:
        return answer(_server_info(site, _base(request)))

    async def tenant(_: Request) -> Response:
        return answer({"cloudId": CLOUD_ID})

    return [
        Route("/", home),
        Route("/rest/api/3/serverInfo", server_info),
        Route("/_edge/tenant_info", tenant),
    ]


def _own_endpoints(site: Site) -> list[Route]:
    """The sandbox's own: faults to come and the log of requests."""

    async def add_fault(request: Request) -> Response:
        try:
            site.faults.add(faults.read(json_text.parse(await request.body())))
        except ValueError as error:
            return answer({"error": str(error)}, 400)
        return answer({"waiting": len(site.faults.waiting)}, 201)

    async def requests(_: Request) -> Response:
        return answer(list(site.faults.requests))

    async def clear(_: Request) -> Response:
        site.faults.clear()
        return nothing()

    return [
        Route(f"{OWN}/faults", add_fault, methods=["POST"]),
        Route(f"{OWN}/faults", clear, methods=["DELETE"]),
        Route(f"{OWN}/requests", requests, methods=["GET"]),
        Route(f"{OWN}/requests", clear, methods=["DELETE"]),
    ]


async def _not_found(request: Request, _: Exception) -> Response:
    return said_no(refusals.unknown_path(request.url.path, str(request.url)))


async def _not_allowed(request: Request, _: Exception) -> Response:
    return said_no(refusals.wrong_method(request.url.path, request.method))


HANDLERS: dict[Any, Callable[[Request, Exception], Awaitable[Response]]] = {404: _not_found, 405: _not_allowed}


def application(site: Site, *, burst: int | None = None) -> Starlette:
    """The site over HTTP. `burst`: requests per second that each method may make before it meets a 429."""
    routes = _open_endpoints(site) + _own_endpoints(site)
    for operation in OPERATIONS:
        serve: Endpoint = endpoint(site, operation.handler)
        routes.append(Route(operation.path, serve, methods=[operation.method]))
    return Starlette(
        routes=routes,
        middleware=[Middleware(Gate, site=site, burst=burst)],
        exception_handlers=HANDLERS,
    )
