import contextlib
import hashlib
import hmac
import json
import queue
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx2
import jwt
import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from server.sandbox import Site, application
from server.sandbox.people import SAM_CARTER
from server.sandbox.pytest_plugin import AtlassianSite, serving
from tests.sandbox.conftest import BASE, Clock, account
from tests.sandbox.contract import checked
from tests.sandbox.declared import Declared
from tests.sandbox.test_gateway import JIRA
from tests.sandbox.test_oauth import bearer, granted
from tests.sandbox.writing import doc as document

pytestmark = pytest.mark.anyio
WEBHOOK, ADMIN = "/rest/api/3/webhook", "/rest/webhooks/1.0/webhook"
URL = "http://127.0.0.1:9/webhooks/jira"
ADA, SAM = account("ada"), account("sam.carter")
COMMENTS = "/rest/api/3/issue/DEMO-7/comment"
SCOPES = "read:jira-work write:jira-work manage:jira-webhook"


@dataclass
class Received:
    method: str
    url: str
    headers: dict[str, str]
    raw: bytes

    @property
    def said(self) -> dict[str, Any]:
        return json.loads(self.raw)


@dataclass
class Listener:
    """Who is told: an application that keeps what it gets and answers as it is told to."""

    heard: list[Received] = field(default_factory=list[Received])
    answers: Callable[[Received], int] = lambda _: 200

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        got = Received(request.method, str(request.url), dict(request.headers), await request.body())
        self.heard.append(got)
        await Response(status_code=self.answers(got))(scope, receive, send)

    @property
    def events(self) -> list[str]:
        return [got.said["webhookEvent"] for got in self.heard]


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
async def web(site: Site, listener: Listener) -> AsyncIterator[httpx2.AsyncClient]:
    held = checked(application(site, webhooks=httpx2.ASGITransport(app=listener)))
    declared = Declared(held.app)
    async with httpx2.AsyncClient(
        transport=httpx2.ASGITransport(app=declared), base_url=BASE, auth=account()
    ) as client:
        yield client
    assert declared.undeclared == []
    assert held.answers == []


async def deliver(web: httpx2.AsyncClient) -> int:
    return (await web.post("/__sandbox__/webhooks/deliver")).json()["sent"]


async def comment(web: httpx2.AsyncClient, text: str = "Hello") -> None:
    assert (await web.post(COMMENTS, json={"body": document(text)})).status_code == 201


async def listening(web: httpx2.AsyncClient, *events: str, **more: Any) -> dict[str, Any]:
    """An administrator's webhook."""
    body = {"name": "Ours", "url": URL, "events": events, **more}
    made = await web.post(ADMIN, json=body, auth=ADA)
    assert made.status_code == 201, made.text
    return made.json()


async def app_of(web: httpx2.AsyncClient, **more: str) -> httpx2.Auth:
    """The demo app, by its token."""
    tokens = await granted(web, scope=SCOPES, **more)

    class Token(httpx2.Auth):
        def auth_flow(self, request: httpx2.Request) -> Any:
            request.headers.update(bearer(tokens))
            yield request

    return Token()


async def registered(
    web: httpx2.AsyncClient, auth: httpx2.Auth, *webhooks: dict[str, Any], url: str = URL
) -> list[dict[str, Any]]:
    made = await web.post(JIRA + WEBHOOK, json={"url": url, "webhooks": webhooks}, auth=auth)
    assert made.status_code == 200, made.text
    return made.json()["webhookRegistrationResult"]


# What is told


async def test_an_edit_is_told_with_its_changelog_in_the_older_json(
    web: httpx2.AsyncClient, listener: Listener, clock: Clock
) -> None:
    await listening(web, "jira:issue_updated")
    fields = {"summary": "New words", "description": document("Some *stars*")}
    assert (await web.put("/rest/api/3/issue/DEMO-7", json={"fields": fields})).status_code == 204
    assert await deliver(web) == 1
    said = listener.heard[0].said
    assert said["webhookEvent"] == "jira:issue_updated"
    assert said["issue_event_type_name"] == "issue_updated"
    assert said["timestamp"] == int(clock.time.timestamp() * 1_000)
    assert said["user"]["accountId"]
    assert said["issue"]["key"] == "DEMO-7"
    assert said["issue"]["self"].startswith(f"{BASE}/rest/api/2/issue/")
    assert said["issue"]["fields"]["description"] == "Some *stars*"
    assert "comment" not in said["issue"]["fields"]
    changed = {item["fieldId"]: item["toString"] for item in said["changelog"]["items"]}
    assert changed["summary"] == "New words"
    history = (await web.get("/rest/api/3/issue/DEMO-7/changelog", params={"maxResults": 100})).json()
    assert said["changelog"]["id"] == history["values"][-1]["id"]


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (("PUT", "", {"fields": {"summary": "x"}}), "issue_updated"),
        (("PUT", "/assignee", {"accountId": None}), "issue_assigned"),
        (("POST", "/transitions", {"transition": {"id": "31"}}), "issue_generic"),
    ],
)
async def test_an_update_says_of_which_kind_it_is(
    web: httpx2.AsyncClient, listener: Listener, change: tuple[str, str, Any], kind: str
) -> None:
    await listening(web, "jira:issue_updated")
    await web.put("/rest/api/3/issue/DEMO-7/assignee", json={"accountId": SAM_CARTER.account_id})
    await deliver(web)
    method, below, body = change
    answered = await web.request(method, f"/rest/api/3/issue/DEMO-7{below}", json=body)
    assert answered.status_code == 204, answered.text
    await deliver(web)
    assert listener.heard[-1].said["issue_event_type_name"] == kind


async def test_a_comment_is_told_with_six_fields_of_its_issue_and_no_user(
    web: httpx2.AsyncClient, listener: Listener
) -> None:
    await listening(web, "comment_created", "comment_updated", "comment_deleted", "jira:issue_updated")
    made = (await web.post(COMMENTS, json={"body": document("One")})).json()
    await web.put(f"{COMMENTS}/{made['id']}", json={"body": document("Two")})
    await web.delete(f"{COMMENTS}/{made['id']}")
    assert await deliver(web) == 3
    assert listener.events == ["comment_created", "comment_updated", "comment_deleted"]
    said = [got.said for got in listener.heard]
    assert [each["comment"]["body"] for each in said] == ["One", "Two", "Two"]
    assert set(said[0]) == {"timestamp", "webhookEvent", "comment", "issue"}
    assert set(said[0]["issue"]["fields"]) == {"summary", "issuetype", "project", "assignee", "priority", "status"}


async def test_every_kind_of_write_is_told(web: httpx2.AsyncClient, listener: Listener) -> None:
    every = ["jira:issue_created", "jira:issue_deleted", "issue_property_set", "issue_property_deleted"]
    every += ["worklog_created", "attachment_created", "attachment_deleted", "issuelink_created", "issuelink_deleted"]
    every += ["sprint_created", "sprint_deleted", "jira:version_created", "jira:version_released"]
    await listening(web, *every)
    fields = {"project": {"key": "DEMO"}, "issuetype": {"name": "Task"}, "summary": "Told"}
    key = (await web.post("/rest/api/3/issue", json={"fields": fields})).json()["key"]
    issue = f"/rest/api/3/issue/{key}"
    await web.put(f"{issue}/properties/mine", json={"a": 1})
    await web.delete(f"{issue}/properties/mine")
    await web.post(f"{issue}/worklog", json={"timeSpent": "1h"})
    file = {"file": ("a.txt", b"words", "text/plain")}
    added = await web.post(f"{issue}/attachments", files=file, headers={"X-Atlassian-Token": "no-check"})
    await web.delete(f"/rest/api/3/attachment/{added.json()[0]['id']}")
    ends = {"inwardIssue": {"key": key}, "outwardIssue": {"key": "DEMO-7"}}
    await web.post("/rest/api/3/issueLink", json={"type": {"name": "Blocks"}, **ends})
    board = (await web.get("/rest/agile/1.0/board", params={"type": "scrum"})).json()["values"][0]["id"]
    sprint = (await web.post("/rest/agile/1.0/sprint", json={"name": "S", "originBoardId": board})).json()
    await web.delete(f"/rest/agile/1.0/sprint/{sprint['id']}")
    version = (await web.post("/rest/api/3/version", json={"name": "9.9", "project": "DEMO"})).json()
    await web.put(f"/rest/api/3/version/{version['id']}", json={"released": True})
    await web.delete(issue)
    await deliver(web)
    assert sorted(listener.events) == sorted(every)
    said = {got.said["webhookEvent"]: got.said for got in listener.heard}
    assert said["jira:issue_created"]["issue"]["key"] == said["jira:issue_deleted"]["issue"]["key"] == key
    assert said["issue_property_set"]["property"]["value"] == {"a": 1}
    assert "value" not in said["issue_property_deleted"]["property"]
    assert said["worklog_created"]["worklog"]["timeSpent"] == "1h"
    assert said["attachment_created"]["attachment"]["filename"] == "a.txt"
    assert said["issuelink_created"]["issueLink"]["issueLinkType"]["name"] == "Blocks"
    assert said["sprint_created"]["sprint"]["name"] == "S"
    assert said["jira:version_released"]["version"]["released"] is True


async def test_rich_texts_are_told_as_wiki_markup(web: httpx2.AsyncClient, listener: Listener) -> None:
    await listening(web, "comment_created")
    body = (await web.get("/rest/api/3/issue/DEMO-7", params={"fields": "description"})).json()["fields"]["description"]
    assert (await web.post(COMMENTS, json={"body": body})).status_code == 201
    await deliver(web)
    told = listener.heard[0].said["comment"]["body"]
    for piece in ("h2. ", "* ", "# ", "||", "{code", "[~accountid:", "{warning}", "2026-"):
        assert piece in told, told


async def test_confluence_tells_nobody(web: httpx2.AsyncClient, listener: Listener) -> None:
    await listening(web, "comment_created", "attachment_created")
    page = (await web.get("/wiki/api/v2/pages", params={"limit": 1})).json()["results"][0]["id"]
    storage = {"representation": "storage", "value": "<p>Hi</p>"}
    made = await web.post("/wiki/api/v2/footer-comments", json={"pageId": page, "body": storage})
    assert made.status_code in (200, 201)
    assert await deliver(web) == 0


# Administrators' webhooks


async def test_a_delivery_is_signed_with_the_secret_over_its_bytes(web: httpx2.AsyncClient, listener: Listener) -> None:
    made = await listening(web, "comment_created", secret="whisper")  # noqa: S106
    assert made["isSigned"] is True
    await comment(web, "Grüße, 日本")
    await deliver(web)
    got = listener.heard[0]
    assert got.headers["x-hub-signature"] == "sha256=" + hmac.new(b"whisper", got.raw, hashlib.sha256).hexdigest()
    assert got.headers["x-atlassian-webhook-flow"] == "Primary"
    assert "x-atlassian-webhook-retry" not in got.headers
    assert got.headers["content-type"].startswith("application/json")


async def test_administrators_write_read_change_and_delete_webhooks(
    web: httpx2.AsyncClient, listener: Listener
) -> None:
    made = await listening(web, "comment_created", filters={"issue-related-events-section": "project = HELP"})
    assert (await web.get(ADMIN, auth=ADA)).json() == [made]
    assert (await web.get(made["self"], auth=ADA)).json() == made
    await comment(web)
    assert await deliver(web) == 0
    changed: dict[str, Any] = {"filters": {"issue-related-events-section": "project = DEMO"}, "excludeBody": True}
    changed["url"] = "http://localhost:9/hooks/${project.key}/${issue.key}/${comment.id}"
    put = (await web.put(made["self"], json=changed, auth=ADA)).json()
    assert (put["excludeBody"], put["events"]) == (True, ["comment_created"])
    await comment(web)
    await deliver(web)
    assert listener.heard[0].url.startswith("http://localhost:9/hooks/DEMO/DEMO-7/")
    assert listener.heard[0].raw == b""
    await web.put(made["self"], json={"enabled": False}, auth=ADA)
    await comment(web)
    assert await deliver(web) == 0
    assert (await web.delete(made["self"], auth=ADA)).status_code == 204
    assert (await web.get(made["self"], auth=ADA)).status_code == 404


async def test_only_administrators_register_them(web: httpx2.AsyncClient) -> None:
    body = {"name": "x", "url": URL, "events": ["comment_created"]}
    one = [await web.request(method, f"{ADMIN}/1", json=body) for method in ("GET", "PUT", "DELETE")]
    for answered in (await web.post(ADMIN, json=body), await web.get(ADMIN), *one):
        assert answered.status_code == 403
        assert answered.json()["errorMessages"]


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"name": ""}, "name"),
        ({"url": "https://example.com/hook"}, "localhost"),
        ({"url": "http://[broken"}, "not valid"),
        ({"events": []}, "event"),
        ({"events": ["nonsense"]}, "nonsense"),
        ({"filters": {"issue-related-events-section": "nonsense = 1"}}, "nonsense"),
    ],
)
async def test_a_webhook_that_makes_no_sense_is_refused(web: httpx2.AsyncClient, wrong: Any, word: str) -> None:
    body = {"name": "x", "url": URL, "events": ["comment_created"], **wrong}
    made = await listening(web, "comment_created")
    for refused in (await web.post(ADMIN, json=body, auth=ADA), await web.put(made["self"], json=wrong, auth=ADA)):
        assert refused.status_code == 400
        assert word in refused.text
    for method in ("GET", "PUT", "DELETE"):
        assert (await web.request(method, f"{ADMIN}/77", auth=ADA, json={})).status_code == 404


# Apps' webhooks


async def test_an_app_registers_lists_refreshes_and_withdraws(web: httpx2.AsyncClient, clock: Clock) -> None:
    app = await app_of(web)
    hook = {"events": ["jira:issue_updated"], "jqlFilter": "project = DEMO", "fieldIdsFilter": ["summary"]}
    odd: list[dict[str, Any]] = [
        {"events": ["jira:issue_updated"], "jqlFilter": "watchers = 1"},
        {"events": ["jira:issue_updated"], "jqlFilter": "project = DEMO AND labels = x"},
        {"events": ["jira:issue_updated"], "jqlFilter": "status was Done"},
        {"events": ["jira:issue_updated"], "jqlFilter": "project = DEMO ORDER BY key"},
        {"events": ["worklog_created"], "jqlFilter": "project = DEMO"},
        {"events": [], "jqlFilter": "project = DEMO"},
    ]
    results = await registered(web, app, hook, *odd)
    made = results[0]["createdWebhookId"]
    assert [set(result) for result in results[1:]] == [{"errors"}] * len(odd)
    assert results[2]["errors"] == ["The clause labels is unsupported"]
    listed = (await web.get(JIRA + WEBHOOK, auth=app)).json()
    until = int(clock.time.timestamp() * 1_000) + 30 * 86_400_000
    assert listed["total"] == 1
    assert listed["values"] == [{**hook, "id": made, "url": URL, "expirationDate": until}]
    clock.pass_by(days=29)
    app = await app_of(web)
    renewed = await web.put(f"{JIRA}{WEBHOOK}/refresh", json={"webhookIds": [made, 1]}, auth=app)
    assert renewed.json() == {"expirationDate": until + 29 * 86_400_000}
    gone = await web.request("DELETE", JIRA + WEBHOOK, json={"webhookIds": [made]}, auth=app)
    assert gone.status_code == 202
    assert (await web.get(JIRA + WEBHOOK, auth=app)).json()["values"] == []


async def test_an_app_is_told_by_a_signed_token_which_of_its_webhooks_match(
    web: httpx2.AsyncClient, listener: Listener, clock: Clock
) -> None:
    app = await app_of(web)
    hooks = [{"events": ["jira:issue_updated"], "jqlFilter": f"project {how} DEMO"} for how in ("=", "!=", "=")]
    ids = [result["createdWebhookId"] for result in await registered(web, app, *hooks)]
    await web.put("/rest/api/3/issue/DEMO-7", json={"fields": {"summary": "x"}})
    assert await deliver(web) == 1
    got = listener.heard[0]
    assert got.said["matchedWebhookIds"] == [ids[0], ids[2]]
    token = got.headers["authorization"].removeprefix("Bearer ")
    claims = jwt.decode(
        token, "demo-app-secret-for-this-sandbox-only", algorithms=["HS256"], options={"verify_exp": False}
    )
    assert (claims["iss"], claims["iat"]) == ("demo-app", int(clock.time.timestamp()))
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token, "another" * 5, algorithms=["HS256"])


async def test_filters_of_fields_and_properties_hold(web: httpx2.AsyncClient, listener: Listener) -> None:
    app = await app_of(web)
    events = ["jira:issue_updated", "issue_property_set"]
    only = {"fieldIdsFilter": ["summary"], "issuePropertyKeysFilter": ["mine"]}
    await registered(web, app, {"events": events, "jqlFilter": "project = DEMO", **only})
    await web.put("/rest/api/3/issue/DEMO-7", json={"fields": {"labels": ["new"]}})
    await web.put("/rest/api/3/issue/DEMO-7/properties/yours", json=1)
    assert await deliver(web) == 0
    await web.put("/rest/api/3/issue/DEMO-7", json={"fields": {"labels": ["newer"], "summary": "x"}})
    await web.put("/rest/api/3/issue/DEMO-7/properties/mine", json=1)
    await deliver(web)
    assert listener.events == events


async def test_a_webhook_dies_after_30_days(web: httpx2.AsyncClient, listener: Listener, clock: Clock) -> None:
    await registered(web, await app_of(web), {"events": ["comment_created"], "jqlFilter": "project = DEMO"})
    clock.pass_by(days=30, seconds=-1)
    await comment(web)
    assert await deliver(web) == 1
    clock.pass_by(seconds=1)
    await comment(web)
    assert await deliver(web) == 0
    assert (await web.get(JIRA + WEBHOOK, auth=await app_of(web))).json()["total"] == 0
    assert listener.events == ["comment_created"]


async def test_an_app_has_one_address_and_five_webhooks_for_each_person(web: httpx2.AsyncClient) -> None:
    app = await app_of(web)
    hook = {"events": ["comment_created"], "jqlFilter": "project = DEMO"}
    results = await registered(web, app, *[hook] * 6)
    assert ["createdWebhookId" in result for result in results] == [True] * 5 + [False]
    other = {"url": "http://127.0.0.1:9/other", "webhooks": [hook]}
    assert (await web.post(JIRA + WEBHOOK, json=other, auth=app)).status_code == 400
    sam = await app_of(web, approve="sam.carter@example.com")
    assert (await web.get(JIRA + WEBHOOK, auth=sam)).json()["total"] == 0
    assert "createdWebhookId" in (await registered(web, sam, hook))[0]


async def test_only_apps_register_their_own(web: httpx2.AsyncClient) -> None:
    hook = {"url": URL, "webhooks": [{"events": ["comment_created"], "jqlFilter": "project = DEMO"}]}
    ids = {"webhookIds": [1]}
    refused = [
        await web.post(WEBHOOK, json=hook),
        await web.get(WEBHOOK),
        await web.request("DELETE", WEBHOOK, json=ids),
        await web.put(f"{WEBHOOK}/refresh", json=ids),
        await web.get(f"{WEBHOOK}/failed"),
    ]
    assert [answered.status_code for answered in refused] == [403] * 5


async def test_a_registration_that_makes_no_sense_is_refused(web: httpx2.AsyncClient) -> None:
    app = await app_of(web)
    hook = {"events": ["comment_created"], "jqlFilter": "project = DEMO"}
    bodies: list[Any] = [{"url": URL, "webhooks": []}, {"url": "https://example.com", "webhooks": [hook]}]
    for body in bodies:
        assert (await web.post(JIRA + WEBHOOK, json=body, auth=app)).status_code == 400
    for method, path in (("DELETE", ""), ("PUT", "/refresh")):
        none = await web.request(method, JIRA + WEBHOOK + path, json={"webhookIds": []}, auth=app)
        assert none.status_code == 400


async def test_an_app_hears_what_the_person_may_see_who_registered_it(
    web: httpx2.AsyncClient, listener: Listener
) -> None:
    kenji = await app_of(web, approve="kenji@example.com")
    hook = {"events": ["comment_created"], "jqlFilter": "project = DEMO"}
    await registered(web, kenji, hook)
    limited = {"body": document("Psst"), "visibility": {"type": "group", "value": "developers"}}
    assert (await web.post(COMMENTS, json=limited)).status_code == 201
    assert await deliver(web) == 0
    await comment(web)
    assert await deliver(web) == 1
    assert listener.heard[0].said["comment"]["body"] == "Hello"


async def test_an_app_that_is_not_public_is_told_what_its_owner_registered(
    site: Site, web: httpx2.AsyncClient, listener: Listener
) -> None:
    demo = site.authority.apps["demo-app"]
    site.authority.register(replace(demo, owner=SAM_CARTER.account_id))
    hook = {"events": ["comment_created"], "jqlFilter": "project = DEMO"}
    await registered(web, await app_of(web), hook)
    await comment(web)
    assert await deliver(web) == 0
    await registered(web, await app_of(web, approve="sam.carter@example.com"), hook)
    await comment(web)
    assert await deliver(web) == 1


# On the way


async def test_a_delivery_that_fails_is_repeated_five_times_with_the_same_identifier(
    web: httpx2.AsyncClient, listener: Listener, clock: Clock
) -> None:
    listener.answers = lambda _: 503
    await listening(web, "comment_created")
    await comment(web)
    for _ in range(10):
        await deliver(web)
        clock.pass_by(minutes=5, seconds=-1)
        assert await deliver(web) == 0
        clock.pass_by(minutes=10, seconds=1)
    assert len(listener.heard) == 6
    assert len({got.headers["x-atlassian-webhook-identifier"] for got in listener.heard}) == 1
    assert [got.headers.get("x-atlassian-webhook-retry") for got in listener.heard] == [None, "1", "2", "3", "4", "5"]
    log = (await web.get("/__sandbox__/webhooks")).json()["deliveries"]
    assert [row["outcome"] for row in log] == ["to be retried"] * 5 + ["given up"]


@pytest.mark.parametrize(("status", "again"), [(200, 0), (404, 0), (301, 0), (408, 1), (409, 1), (425, 1), (429, 1)])
async def test_an_answer_decides_whether_a_delivery_is_repeated(
    web: httpx2.AsyncClient, listener: Listener, status: int, again: int
) -> None:
    listener.answers = lambda _: status
    await listening(web, "comment_created")
    await comment(web)
    await deliver(web)
    assert len((await web.get("/__sandbox__/webhooks")).json()["waiting"]) == again


async def test_nobody_at_the_address_is_a_failure_that_is_repeated(site: Site) -> None:
    class Nobody(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            raise httpx2.ConnectError("refused", request=request)

    transport = httpx2.ASGITransport(app=application(site, webhooks=Nobody()))
    async with httpx2.AsyncClient(transport=transport, base_url=BASE, auth=account()) as web:
        await listening(web, "comment_created")
        await comment(web)
        await deliver(web)
        state = (await web.get("/__sandbox__/webhooks")).json()
        assert [row["retry"] for row in state["waiting"]] == [1]
        assert state["deliveries"][0]["status"] is None


def _in_time(served: AtlassianSite, heard: queue.Queue[str | None]) -> str | None:
    """What is heard next, while the site's time passes a quarter of an hour at a time."""
    for _ in range(30):
        served.advance(900)
        with contextlib.suppress(queue.Empty):
            return heard.get(timeout=1)
    raise TimeoutError("nothing was delivered")


def test_a_served_site_delivers_by_itself_and_again_when_its_time_has_passed() -> None:
    heard: queue.Queue[str | None] = queue.Queue()

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            retry = self.headers["X-Atlassian-Webhook-Retry"]
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(204 if retry else 503)
            self.end_headers()
            heard.put(retry)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """The test looks at what was heard."""

    with HTTPServer(("127.0.0.1", 0), Receiver) as receiver, serving(Site.demo()) as served:
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        with httpx2.Client(base_url=served.url, auth=served.credentials) as web:
            hook = {"name": "x", "url": f"http://127.0.0.1:{receiver.server_port}/", "events": ["comment_created"]}
            assert web.post(ADMIN, json=hook, auth=ADA).status_code == 201
            web.post(COMMENTS, json={"body": document()})
            assert heard.get(timeout=30) is None
            assert _in_time(served, heard) == "1"
        receiver.shutdown()


async def test_what_is_withdrawn_meanwhile_is_not_sent(web: httpx2.AsyncClient, listener: Listener) -> None:
    made = await listening(web, "comment_created")
    await comment(web)
    await web.delete(made["self"], auth=ADA)
    await deliver(web)
    assert listener.heard == []


async def test_deliveries_get_lost_doubled_and_overtaken_on_demand(
    web: httpx2.AsyncClient, listener: Listener, clock: Clock
) -> None:
    await listening(web, "comment_created")
    how = {"loss": 0.2, "duplicates": 0.2, "reordering": 0.3, "seed": 3}
    assert (await web.post("/__sandbox__/webhooks", json=how)).json()["loss"] == 0.2
    for number in range(60):
        await comment(web, str(number))
        await deliver(web)
        clock.pass_by(seconds=1)
    clock.pass_by(minutes=1)
    await deliver(web)
    told = [int(got.said["comment"]["body"]) for got in listener.heard]
    assert len(set(told)) < 60  # some were lost
    assert len(told) > len(set(told))  # some came twice
    assert told != sorted(told)  # some were overtaken
    doubles = {got.headers["x-atlassian-webhook-identifier"] for got in listener.heard}
    assert len(doubles) == len(set(told))
    log = (await web.get("/__sandbox__/webhooks")).json()["deliveries"]
    assert sum(row["outcome"] == "lost" for row in log) == 60 - len(set(told))


async def test_a_delay_holds_every_delivery_back(web: httpx2.AsyncClient, listener: Listener) -> None:
    await listening(web, "comment_created")
    await web.post("/__sandbox__/webhooks", json={"delay": 90})
    await comment(web)
    assert await deliver(web) == 0
    await web.post("/__sandbox__/clock", json={"advance": 90})
    assert await deliver(web) == 1
    assert listener.events == ["comment_created"]


@pytest.mark.parametrize("wrong", [{"loss": 2}, {"duplicates": "many"}, {"seed": "x"}, {"noise": 1}])
async def test_unknown_trouble_is_refused(web: httpx2.AsyncClient, wrong: Any) -> None:
    assert (await web.post("/__sandbox__/webhooks", json=wrong)).status_code == 400


async def test_the_fallout_of_a_write_flows_behind(web: httpx2.AsyncClient, listener: Listener) -> None:
    await listening(web, "jira:issue_created")
    fields = {"project": {"key": "DEMO"}, "issuetype": {"name": "Task"}, "summary": "One of many"}
    made = await web.post("/rest/api/3/issue/bulk", json={"issueUpdates": [{"fields": fields}] * 2})
    assert made.status_code == 201
    await deliver(web)
    assert [got.headers["x-atlassian-webhook-flow"] for got in listener.heard] == ["Secondary"] * 2
