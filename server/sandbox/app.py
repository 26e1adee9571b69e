"""The ASGI application of a site."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import anyio
import httpx2
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.sandbox import (
    agile,
    agile_sprints,
    clients,
    consent,
    gateway,
    jira_attachments,
    jira_bulk,
    jira_comments,
    jira_fields,
    jira_issues,
    jira_links,
    jira_parts,
    jira_people,
    jira_projects,
    jira_properties,
    jira_remote_links,
    jira_search,
    jira_setup,
    jira_talk,
    jira_tasks,
    jira_webhooks,
    jira_worklogs,
    own,
    refusals,
    wiki_comments,
    wiki_content,
    wiki_copies,
    wiki_family,
    wiki_files,
    wiki_history,
    wiki_inline,
    wiki_label_lists,
    wiki_labels,
    wiki_pages,
    wiki_people,
    wiki_properties,
    wiki_restrictions,
    wiki_search,
    wiki_spaces,
    wiki_uploads,
)
from server.sandbox.call import answer, endpoint, said_no
from server.sandbox.courier import Courier
from server.sandbox.gate import Gate
from server.sandbox.gateway import CLOUD_ID
from server.sandbox.limits import Rules
from server.sandbox.own import OWN
from server.sandbox.people import DEMO
from server.sandbox.records import Json
from server.sandbox.saved import Keeper, Noticing
from server.sandbox.scopes import PRODUCTS
from server.sandbox.site import Site

TABLES = (
    jira_setup.TABLE,
    jira_fields.TABLE,
    jira_people.TABLE,
    jira_projects.TABLE,
    jira_parts.TABLE,
    jira_search.TABLE,
    jira_comments.TABLE,
    jira_worklogs.TABLE,
    jira_properties.TABLE,
    jira_talk.TABLE,
    jira_links.TABLE,
    jira_remote_links.TABLE,
    jira_bulk.TABLE,
    jira_tasks.TABLE,
    jira_attachments.TABLE,
    jira_issues.TABLE,
    jira_webhooks.TABLE,
    agile.TABLE,
    agile_sprints.TABLE,
    wiki_spaces.TABLE,
    wiki_search.TABLE,
    wiki_comments.TABLE,
    wiki_inline.TABLE,
    wiki_labels.TABLE,
    wiki_label_lists.TABLE,
    wiki_pages.TABLE,
    wiki_family.TABLE,
    wiki_files.TABLE,
    wiki_uploads.TABLE,
    wiki_properties.TABLE,
    wiki_content.TABLE,
    wiki_copies.TABLE,
    wiki_history.TABLE,
    wiki_people.TABLE,
    wiki_restrictions.TABLE,
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
        "gateway": {product: f"{base}/ex/{product}/{CLOUD_ID}" for product in PRODUCTS},
        "scoped_token": {"email": DEMO.email, "token": clients.SCOPED_TOKEN},
        "oauth": {
            "authorize": f"{base}/authorize",
            "token": f"{base}/oauth/token",
            "client_id": clients.DEMO_APP.client_id,
            "client_secret": clients.DEMO_APP.secret,
            "redirect_uri": clients.DEMO_APP.redirect_uris[0],
        },
        **{name: f"{base}{OWN}/{name}" for name in own.NAMES},
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
        "serverTime": site.clock.shown().strftime("%Y-%m-%dT%H:%M:%S.000+0000"),
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


async def _not_found(request: Request, _: Exception) -> Response:
    return said_no(refusals.unknown_path(gateway.site_path(request.scope), str(request.url)))


async def _not_allowed(request: Request, _: Exception) -> Response:
    return said_no(refusals.wrong_method(gateway.site_path(request.scope), request.method))


HANDLERS: dict[Any, Callable[[Request, Exception], Awaitable[Response]]] = {404: _not_found, 405: _not_allowed}


def application(
    site: Site,
    *,
    limits: Rules | None = None,
    webhooks: httpx2.AsyncBaseTransport | None = None,
    keeper: Keeper | None = None,
) -> Starlette:
    """The site over HTTP, with no limits unless they are given (limits.REALISTIC are Atlassian's).

    Webhooks leave by the network, or by the transport that is given; by themselves while the application's lifespan
    lasts, and otherwise when POST /__sandbox__/webhooks/deliver asks for it. A keeper saves the site while
    it lasts and at its end.
    """
    if limits:
        site.limits.change(limits)
    courier = Courier(site, webhooks)
    courier.attach()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        async with anyio.create_task_group() as group:
            group.start_soon(courier.run)
            if keeper:
                group.start_soon(keeper.run)
            yield
            group.cancel_scope.cancel()
        if keeper:
            await keeper.save()

    routes = _open_endpoints(site) + consent.routes(site) + own.routes(site, courier) + wiki_files.routes(site)
    for operation in OPERATIONS:
        routes.append(Route(operation.path, endpoint(site, operation), methods=[operation.method]))
    return Starlette(
        routes=routes,
        middleware=[Middleware(Gate, site=site), *([Middleware(Noticing, keeper=keeper)] if keeper else [])],
        exception_handlers=HANDLERS,
        lifespan=lifespan,
    )
