"""Who registers webhooks: OAuth apps their own, which die after 30 days, and administrators theirs."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import Response

from server.sandbox import jql, paging, refusals
from server.sandbox.adf import as_dict, as_list
from server.sandbox.call import Call, Operation, Table, answer, nothing
from server.sandbox.jira_search import asker_of
from server.sandbox.query import Clause, Tree
from server.sandbox.records import Json
from server.sandbox.refusals import Refusal
from server.sandbox.webhooks import ADMIN_EVENTS, DYNAMIC_EVENTS, LIFE, MOST_OF_AN_APP, Webhook

API = "/rest/api/3/webhook"
ADMIN = "/rest/webhooks/1.0/webhook"
ADMINISTRATORS = "jira-administrators"
FILTERED_BY = frozenset({"issuekey", "key", "project", "issuetype", "status", "assignee", "reporter"})
OPERATORS = frozenset({"=", "!=", "in", "not in"})
SECTION = "issue-related-events-section"


def _loopback(url: str) -> bool:
    """The sandbox calls nobody but this machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        return parts.scheme in ("http", "https") and (host == "localhost" or ip_address(host).is_loopback)
    except ValueError:
        return False


def _address(raw: Any) -> str:
    url = str(raw or "")
    if not _loopback(url):
        raise refusals.jira(400, f"The URL '{url}' is not valid: the sandbox delivers to localhost and 127.0.0.1.")
    return url


def _texts(raw: Any) -> tuple[str, ...]:
    return tuple(str(each) for each in as_list(raw))


def _events(raw: Any, known: frozenset[str]) -> tuple[str, ...]:
    """ValueError says what is wrong with them."""
    events = _texts(raw)
    if not events:
        raise ValueError("At least one event must be specified.")
    if unknown := [name for name in events if name not in known]:
        raise ValueError(f"The event {unknown[0]} is not supported.")
    return events


# Apps


def _of_app(call: Call) -> str:
    if not call.app:
        raise refusals.jira(403, "Only Connect and OAuth 2.0 apps can use this operation.")
    return call.app


def _clauses(tree: Tree | None) -> Sequence[Clause]:
    if tree is None or isinstance(tree, Clause):
        return [tree] if tree else []
    return [clause for part in tree.parts for clause in _clauses(part)]


def _filter(call: Call, raw: Any) -> str:
    """Apps may filter by a part of JQL."""
    text = str(raw or "")
    try:
        found = jql.parse(text)
        jql.condition(text, asker_of(call))
    except Refusal as refusal:
        raise ValueError(" ".join(refusal.body["errorMessages"])) from None
    if found.where is None or found.order:
        raise ValueError("The JQL filter must have a condition and no order.")
    for clause in _clauses(found.where):
        if clause.field.text.casefold() not in FILTERED_BY:
            raise ValueError(f"The clause {clause.field.text} is unsupported")
        if clause.operator not in OPERATORS:
            raise ValueError(f"The operator {clause.operator} is unsupported")
    return text


def _dynamic(call: Call, url: str, raw: Any) -> Webhook:
    details = as_dict(raw)
    return Webhook(
        id=call.site.webhooks.next_id(),
        url=url,
        events=_events(details.get("events"), DYNAMIC_EVENTS),
        jql=_filter(call, details.get("jqlFilter")),
        account_id=call.person.account_id,
        app=call.app,
        fields=_texts(details.get("fieldIdsFilter")),
        properties=_texts(details.get("issuePropertyKeysFilter")),
        until=call.site.now() + LIFE,
    )


def _registered(call: Call, url: str, raw: Any) -> Json:
    own = [row for row in call.site.webhooks.of_app(call.app, call.site.now()) if _own(call, row)]
    if len(own) >= MOST_OF_AN_APP:
        return {"errors": [f"The limit of {MOST_OF_AN_APP} webhooks for this app and user has been reached."]}
    try:
        made = _dynamic(call, url, raw)
    except ValueError as error:
        return {"errors": [str(error)]}
    call.site.webhooks.register(made)
    return {"createdWebhookId": made.id}


def register(call: Call) -> Response:
    app, url = _of_app(call), _address(call.json.get("url"))
    rows = as_list(call.json.get("webhooks"))
    if not rows:
        raise refusals.jira(400, "The list of webhooks must not be empty.")
    if any(row.url != url for row in call.site.webhooks.of_app(app, call.site.now())):
        raise refusals.jira(400, "Only a single URL per app is allowed to be registered via REST API.")
    return answer({"webhookRegistrationResult": [_registered(call, url, row) for row in rows]})


def _own(call: Call, row: Webhook) -> bool:
    return row.app == call.app and row.account_id == call.person.account_id


def _milliseconds(when: datetime) -> int:
    return int(when.timestamp() * 1_000)


def _shown(row: Webhook) -> Json:
    filters = {"fieldIdsFilter": row.fields, "issuePropertyKeysFilter": row.properties}
    shown: Json = {"id": row.id, "url": row.url, "jqlFilter": row.jql, "events": list(row.events)}
    if row.until:
        shown["expirationDate"] = _milliseconds(row.until)
    return shown | {name: list(value) for name, value in filters.items() if value}


def listed(call: Call) -> Response:
    app = _of_app(call)
    own = [row for row in call.site.webhooks.of_app(app, call.site.now()) if _own(call, row)]
    envelope, page = paging.bean(call.url, call.query, own, size=100)
    return answer(envelope | {"values": [_shown(row) for row in page]})


def _named(call: Call) -> list[Webhook]:
    """Those in the body that are the app's own; the others are ignored, as Jira does it."""
    _of_app(call)
    ids = as_list(call.json.get("webhookIds"))
    if not ids:
        raise refusals.jira(400, "The list of webhook IDs is missing.")
    return [row for row in call.site.webhooks.alive(call.site.now()) if row.id in ids and _own(call, row)]


def refresh(call: Call) -> Response:
    until = call.site.now() + LIFE
    for row in _named(call):
        call.site.webhooks.register(replace(row, until=until))
    return answer({"expirationDate": _milliseconds(until)})


def withdraw(call: Call) -> Response:
    for row in _named(call):
        del call.site.webhooks.registered[row.id]
    return nothing(202)


def failures(_: Call) -> Response:
    raise refusals.jira(403, "Only Connect apps can use this operation.")


# Administrators


def _must_administer(call: Call) -> None:
    if ADMINISTRATORS not in call.person.groups:
        raise refusals.jira(403, "You must be a Jira administrator to use webhooks.")


def _webhook(call: Call) -> Webhook:
    _must_administer(call)
    for row in call.site.webhooks.of_admins():
        if str(row.id) == call.path["webhook"]:
            return row
    raise refusals.jira(404, f"There is no webhook with id {call.path['webhook']}.")


def _condition(call: Call, raw: Any) -> str:
    text = str(as_dict(raw).get(SECTION) or "")
    jql.condition(text, asker_of(call))
    return text


def _written(call: Call, row: Webhook) -> Webhook:
    given = call.json
    name = str(given.get("name", row.name) or "")
    if not name:
        raise refusals.jira(400, "The webhook must have a name.")
    try:
        events = _events(given.get("events", list(row.events)), ADMIN_EVENTS)
    except ValueError as error:
        raise refusals.jira(400, str(error)) from None
    return replace(
        row,
        name=name,
        url=_address(given.get("url", row.url)),
        events=events,
        description=str(given.get("description", row.description) or ""),
        jql=_condition(call, given["filters"]) if "filters" in given else row.jql,
        secret=str(given.get("secret", row.secret) or ""),
        body=not given.get("excludeBody", not row.body),
        enabled=bool(given.get("enabled", row.enabled)),
        account_id=call.person.account_id,
        updated=call.site.now(),
    )


def _shown_to_admins(call: Call, row: Webhook) -> Json:
    changed = _milliseconds(row.updated) if row.updated else 0
    return {
        "name": row.name,
        "description": row.description,
        "url": row.url,
        "excludeBody": not row.body,
        "filters": {SECTION: row.jql},
        "events": list(row.events),
        "enabled": row.enabled,
        "self": f"{call.base}{ADMIN}/{row.id}",
        "lastUpdatedUser": row.account_id,
        "lastUpdatedDisplayName": call.site.person(row.account_id).name,
        "lastUpdated": changed,
        "isSigned": bool(row.secret),
    }


def admin_register(call: Call) -> Response:
    _must_administer(call)
    made = _written(call, Webhook(call.site.webhooks.next_id(), "", (), "", call.person.account_id))
    call.site.webhooks.register(made)
    return answer(_shown_to_admins(call, made), 201)


def admin_list(call: Call) -> Response:
    _must_administer(call)
    return answer([_shown_to_admins(call, row) for row in call.site.webhooks.of_admins()])


def admin_get(call: Call) -> Response:
    return answer(_shown_to_admins(call, _webhook(call)))


def admin_edit(call: Call) -> Response:
    written = _written(call, _webhook(call))
    call.site.webhooks.register(written)
    return answer(_shown_to_admins(call, written))


def admin_delete(call: Call) -> Response:
    del call.site.webhooks.registered[_webhook(call).id]
    return nothing()


TABLE: Table = (
    Operation("POST", API, register, errors=(400, 403)),
    Operation("GET", API, listed, errors=(403,)),
    Operation("DELETE", API, withdraw, errors=(400, 403)),
    Operation("PUT", API + "/refresh", refresh, errors=(400, 403)),
    Operation("GET", API + "/failed", failures, errors=(403,), only_errors=True),
    Operation("POST", ADMIN, admin_register, errors=(400, 403)),
    Operation("GET", ADMIN, admin_list, errors=(403,)),
    Operation("GET", ADMIN + "/{webhook}", admin_get, errors=(403, 404)),
    Operation("PUT", ADMIN + "/{webhook}", admin_edit, errors=(400, 403, 404)),
    Operation("DELETE", ADMIN + "/{webhook}", admin_delete, errors=(403, 404)),
)
