"""From events to deliveries, and from deliveries to those who listen: signed, in order of their time, tried again."""

import asyncio
import hashlib
import hmac
import json
import math
import ssl
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import cast
from uuid import uuid4

import anyio
import httpx2
import jwt

from server.sandbox import audience, jql, webhook_bodies, webhooks
from server.sandbox.events import Event
from server.sandbox.jql_fields import Asker
from server.sandbox.records import Comment, History, Issue, Json, Person
from server.sandbox.refusals import Refusal
from server.sandbox.shapes import View
from server.sandbox.site import Site
from server.sandbox.webhooks import Delivery, Webhook

MOST_RETRIES = 5
AGAIN = frozenset({408, 409, 425, 429})
PATIENCE = 30.0  # seconds
PASS_LIFE = timedelta(minutes=3)
OF_AN_ISSUE = ("jira:issue_", "comment_", "worklog_", "attachment_", "issue_property_")


def _wire() -> httpx2.AsyncBaseTransport:
    """Trusts nobody's certificates: webhooks go to this machine."""
    return httpx2.AsyncHTTPTransport(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))


@dataclass
class Courier:
    """`deliver` sends what is due; `run` does so for as long as the site is served."""

    site: Site
    transport: httpx2.AsyncBaseTransport | None = None
    _loop: asyncio.AbstractEventLoop | None = None
    _bell: anyio.Event | None = None

    def attach(self) -> None:
        """Takes the place of the courier that the site had."""
        self.site.listeners["webhooks"] = self.hear
        self.site.clock.on_move = self.wake

    # What is to be sent

    def hear(self, event: Event) -> None:
        found = [row for row in self.site.webhooks.alive(event.at) if self._wants(row, event)]
        if not found:
            return
        said = webhook_bodies.body(View(self.site, self.site.person(event.actor), self.site.base), event)
        for rows in _by_app(found):
            self.site.webhooks.send(self._delivery(rows, event, said))
        self.wake()

    def _delivery(self, rows: list[Webhook], event: Event, said: Json) -> Delivery:
        """One for all webhooks of an app; administrators' webhooks stand alone."""
        first = rows[0]
        if first.app:
            said = {**said, "matchedWebhookIds": [row.id for row in rows]}
        body = json.dumps(said, ensure_ascii=False) if first.body else ""
        url = _filled(first.url, event)
        return Delivery(uuid4().hex, first.id, event.name, url, body, event.at, secondary=event.secondary)

    def _wants(self, webhook: Webhook, event: Event) -> bool:
        if event.name not in webhook.events or not webhook.enabled:
            return False
        if not event.name.startswith(OF_AN_ISSUE):
            return True
        issue = event.detail.get("issue")
        if not isinstance(issue, Issue):  # a comment or attachment of Confluence
            return False
        asker = Asker(self.site, self.site.person(webhook.account_id), event.at)
        return _told(webhook, event) and self._may_hear(webhook, event, issue) and _matches(webhook, asker, issue)

    def _may_hear(self, webhook: Webhook, event: Event, issue: Issue) -> bool:
        """Apps hear what the person may see who registered them; administrators hear everything."""
        if not webhook.app:
            return True
        app, person = self.site.authority.apps.get(webhook.app), self.site.person(webhook.account_id)
        if app is None or app.owner not in ("", webhook.account_id):
            return False
        seen = bool(self.site.projects[issue.project].readers & person.groups)
        return seen and _hears_comment(person, event)

    # Sending

    async def deliver(self) -> int:
        """Sends what is due by the site's clock; how many were sent."""
        due = self.site.webhooks.due(self.site.now())
        if due:
            self.transport = self.transport or _wire()
            async with httpx2.AsyncClient(transport=_Shared(self.transport), timeout=PATIENCE) as client:
                for delivery in due:
                    await self._send(client, delivery)
        return len(due)

    async def _send(self, client: httpx2.AsyncClient, delivery: Delivery) -> None:
        state = self.site.webhooks
        webhook = state.registered.get(delivery.webhook)
        if webhook is None:
            state.note(delivery, "withdrawn")
            return
        try:
            answered = await client.post(
                delivery.url, content=delivery.body.encode(), headers=self._headers(webhook, delivery)
            )
            status = answered.status_code
        except httpx2.HTTPError:
            status = None
        if status is not None and status < 500 and status not in AGAIN:
            state.note(delivery, "delivered" if status < 400 else "refused", status)
            return
        last = delivery.retries >= MOST_RETRIES
        state.note(delivery, "given up" if last else "to be retried", status)
        if last:
            state.fail(delivery, self.site.now())
            return
        pause = timedelta(minutes=state.chance.uniform(5, 15))
        state.waiting.append(replace(delivery, retries=delivery.retries + 1, due=self.site.now() + pause))

    def _headers(self, webhook: Webhook, delivery: Delivery) -> dict[str, str]:
        headers = {
            "Content-Type": "application/json; charset=UTF-8",
            "User-Agent": "Atlassian Webhook HTTP Client",
            "X-Atlassian-Webhook-Identifier": delivery.id,
            "X-Atlassian-Webhook-Flow": "Secondary" if delivery.secondary else "Primary",
        }
        if delivery.retries:
            headers["X-Atlassian-Webhook-Retry"] = str(delivery.retries)
        if webhook.app:
            headers["Authorization"] = f"Bearer {self._pass(webhook.app)}"
        elif webhook.secret:
            digest = hmac.new(webhook.secret.encode(), delivery.body.encode(), hashlib.sha256).hexdigest()
            headers["X-Hub-Signature"] = f"sha256={digest}"
        return headers

    def _pass(self, client_id: str) -> str:
        now = self.site.clock.shown()
        claims = {"iss": client_id, "iat": int(now.timestamp()), "exp": int((now + PASS_LIFE).timestamp())}
        return jwt.encode(claims, self.site.authority.apps[client_id].secret, algorithm="HS256")

    # Over time

    def wake(self) -> None:
        """From any thread: there is something new, or the clock has moved."""
        if self._loop and self._bell and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._bell.set)

    async def run(self) -> None:
        self._loop = asyncio.get_running_loop()
        while True:
            self._bell = anyio.Event()
            await self.deliver()
            with anyio.move_on_after(self._pause()):
                await self._bell.wait()

    def _pause(self) -> float:
        """Seconds until something is due, as far as the site's clock goes by itself."""
        dues = [each.due for each in self.site.webhooks.waiting]
        return max(0.05, (min(dues) - self.site.now()).total_seconds()) if dues else math.inf


class _Shared(httpx2.AsyncBaseTransport):
    """A transport that outlives the client."""

    def __init__(self, inner: httpx2.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        return await self._inner.handle_async_request(request)


def _by_app(found: Iterable[Webhook]) -> list[list[Webhook]]:
    apps: dict[str, list[Webhook]] = {}
    for row in found:
        apps.setdefault(row.app or f"#{row.id}", []).append(row)
    return list(apps.values())


def _told(webhook: Webhook, event: Event) -> bool:
    """Whether the change is one of those that the webhook is about."""
    if event.name in webhooks.OF_PROPERTIES:
        return not webhook.properties or event.detail["property"] in webhook.properties
    history = event.detail.get("history")
    if event.name != "jira:issue_updated" or not webhook.fields:
        return True
    return any(change.field_id in webhook.fields for change in cast(History, history).changes)


def _matches(webhook: Webhook, asker: Asker, issue: Issue) -> bool:
    try:
        return jql.condition(webhook.jql, asker)(issue)
    except Refusal:  # what the filter names is gone by now
        return False


def _hears_comment(person: Person, event: Event) -> bool:
    comment: Comment | None = event.detail.get("comment")
    return comment is None or audience.may_hear(person, comment)


def _filled(url: str, event: Event) -> str:
    """The variables that the address of a webhook may have."""
    issue: Issue | None = event.detail.get("issue")
    known = {f"{name}.id": getattr(event.detail.get(name), "id", "") for name in ("comment", "sprint", "version")}
    if issue:
        known |= {"issue.id": issue.id, "issue.key": issue.key, "project.id": issue.project}
        known["project.key"] = issue.key.rpartition("-")[0]
    for name, value in known.items():
        url = url.replace(f"${{{name}}}", value)
    return url
