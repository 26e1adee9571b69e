"""The sandbox's own endpoints: what a test may ask for that Atlassian has no word for."""

from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from server.sandbox import catalog, faults, json_text, limits, scopes, values
from server.sandbox.adf import as_dict
from server.sandbox.call import answer, nothing
from server.sandbox.courier import Courier
from server.sandbox.oauth import App
from server.sandbox.records import Json, Project
from server.sandbox.site import Site
from server.sandbox.webhooks import Unreliability

OWN = "/__sandbox__"
NAMES = ("faults", "requests", "clock", "limits", "settings", "apps", "tokens", "webhooks")
Change = Callable[[Site, Any], Json]


def routes(site: Site, courier: Courier) -> list[Route]:
    async def requests(_: Request) -> Response:
        return answer(list(site.faults.requests))

    async def clear(_: Request) -> Response:
        site.faults.clear()
        return nothing()

    async def clock(_: Request) -> Response:
        return answer(_time(site))

    async def webhooks(_: Request) -> Response:
        return answer(_deliveries(site))

    async def deliver(_: Request) -> Response:
        return answer({"sent": await courier.deliver()})

    return [
        Route(f"{OWN}/faults", clear, methods=["DELETE"]),
        Route(f"{OWN}/requests", requests, methods=["GET"]),
        Route(f"{OWN}/requests", clear, methods=["DELETE"]),
        Route(f"{OWN}/clock", clock, methods=["GET"]),
        Route(f"{OWN}/clock", _changing(site, _set_clock, 200), methods=["POST"]),
        Route(f"{OWN}/faults", _changing(site, _add_fault), methods=["POST"]),
        Route(f"{OWN}/limits", _changing(site, _limit, 200), methods=["POST"]),
        Route(f"{OWN}/settings", _changing(site, _settings, 200), methods=["POST"]),
        Route(f"{OWN}/apps", _changing(site, _register), methods=["POST"]),
        Route(f"{OWN}/tokens", _changing(site, _scoped_token), methods=["POST"]),
        Route(f"{OWN}/webhooks", webhooks, methods=["GET"]),
        Route(f"{OWN}/webhooks", _changing(site, _unreliable, 200), methods=["POST"]),
        Route(f"{OWN}/webhooks/deliver", deliver, methods=["POST"]),
    ]


def _changing(site: Site, change: Change, status: int = 201) -> Callable[[Request], Awaitable[Response]]:
    async def serve(request: Request) -> Response:
        try:
            return answer(change(site, json_text.parse(await request.body())), status)
        except ValueError as error:
            return answer({"error": str(error)}, 400)

    return serve


def _fields(raw: Any, *known: str) -> Json:
    if not isinstance(raw, dict):
        raise ValueError("a JSON object is wanted")  # noqa: TRY004 - a bad request, not a bug of ours
    given = as_dict(raw)  # pyright: ignore[reportUnknownArgumentType]
    if unknown := sorted(set(given) - set(known)):
        raise ValueError(f"unknown: {', '.join(unknown)}; known: {', '.join(known)}")
    return given


def _add_fault(site: Site, raw: Any) -> Json:
    site.faults.add(faults.read(raw))
    return {"waiting": len(site.faults.waiting)}


def _time(site: Site) -> Json:
    return {
        "now": site.now().isoformat(),
        "shown": site.clock.shown().isoformat(),
        "skew": site.clock.skew.total_seconds(),
    }


def _seconds(given: Json, name: str) -> timedelta:
    try:
        return timedelta(seconds=float(given.get(name, 0)))
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"{name} is a number of seconds") from None


def _set_clock(site: Site, raw: Any) -> Json:
    given = _fields(raw, "advance", "set", "skew")
    if "set" in given:
        moment = datetime.fromisoformat(str(given["set"]))
        site.clock.set(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    ahead, skew = _seconds(given, "advance"), _seconds(given, "skew")
    try:
        site.clock.move(ahead, skew if "skew" in given else site.clock.skew)
    except OverflowError:
        raise ValueError("there is no such time") from None
    return _time(site)


def _limit(site: Site, raw: Any) -> Json:
    rules = limits.read(_fields(raw, "realistic", "bursts", "per_issue", "quota", "kind"))
    site.limits.change(rules)
    return {"bursts": dict(rules.bursts), "per_issue": rules.per_issue, "quota": rules.quota, "kind": rules.kind}


def _settings(site: Site, raw: Any) -> Json:
    """What is not named stays."""
    given = _fields(raw, "lag", "task_seconds", "required")
    lag, seconds = _seconds(given, "lag").total_seconds(), _seconds(given, "task_seconds").total_seconds()
    for project, names in _required(site, given.get("required", {})):
        project.required = names
    if "lag" in given:
        site.slow_search(max(0.0, lag))
    if "task_seconds" in given:
        site.task_seconds = max(0.0, seconds)
    required = {project.key: list(project.required) for project in site.projects.values()}
    return {"lag": site.index.lag, "task_seconds": site.task_seconds, "required": required}


def _required(site: Site, raw: Any) -> list[tuple[Project, tuple[str, ...]]]:
    """The fields, by id or name, without which a project takes no issue."""
    if not isinstance(raw, dict):
        raise ValueError("required takes field names by project key")  # noqa: TRY004 - a bad request, not a bug of ours
    projects = {project.key: project for project in site.projects.values()}
    given = as_dict(raw)  # pyright: ignore[reportUnknownArgumentType]
    if unknown := sorted(set(given) - set(projects)):
        raise ValueError(f"unknown projects: {', '.join(unknown)}; known: {', '.join(projects)}")
    return [(projects[key], tuple(_field(name) for name in _texts(given, key))) for key in given]


def _field(name: str) -> str:
    for field in catalog.FIELDS.values():
        if name in (field.id, field.name) and field.editable and field.kind in values.READERS:
            return field.id
    raise ValueError(f"no field that people fill in is called '{name}'")


def _texts(given: Json, name: str) -> list[str]:
    found = given.get(name, [])
    if not isinstance(found, list):
        raise ValueError(f"{name} is a list")  # noqa: TRY004 - a bad request, not a bug of ours
    return [str(each) for each in found]  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]


def _account(site: Site, given: Any) -> str:
    email = str(given or "").casefold()
    for person in site.people.values():
        if person.email == email:
            return person.account_id
    raise ValueError(f"nobody here is {email or 'without an email'}")


def _scopes(given: Json) -> frozenset[str]:
    wanted = frozenset(_texts(given, "scopes"))
    if unknown := sorted(wanted - scopes.KNOWN):
        raise ValueError(f"unknown scopes: {' '.join(unknown)}")
    return wanted or scopes.KNOWN


def _register(site: Site, raw: Any) -> Json:
    """With an email the app is that account's own and may log in by itself; with an owner it is not public."""
    given = _fields(raw, "name", "redirect_uris", "scopes", "email", "owner", "client_id", "client_secret")
    app = App(
        client_id=str(given.get("client_id") or uuid4().hex),
        secret=str(given.get("client_secret") or uuid4().hex),
        name=str(given.get("name") or "App"),
        redirect_uris=tuple(_texts(given, "redirect_uris")),
        scopes=_scopes(given),
        account_id=_account(site, given["email"]) if "email" in given else "",
        owner=_account(site, given["owner"]) if "owner" in given else "",
    )
    site.authority.register(app)
    return {"client_id": app.client_id, "client_secret": app.secret, "name": app.name}


def _scoped_token(site: Site, raw: Any) -> Json:
    given = _fields(raw, "email", "scopes", "token")
    token = str(given.get("token") or uuid4().hex)
    site.authority.scoped[token] = (_account(site, given.get("email")), _scopes(given))
    return {"token": token}


# Webhooks


def _deliveries(site: Site) -> Json:
    state = site.webhooks
    registered = [
        {"id": row.id, "url": row.url, "events": list(row.events), "app": row.app or None}
        for row in state.alive(site.now())
    ]
    waiting = [
        {"id": each.id, "event": each.event, "due": each.due.isoformat(), "retry": each.retries}
        for each in state.waiting
    ]
    return {"registered": registered, "waiting": waiting, "deliveries": list(state.log)}


def _share(given: Json, name: str) -> float:
    found = _seconds(given, name).total_seconds()
    if not 0 <= found <= 1:
        raise ValueError(f"{name} is a share between 0 and 1")
    return found


def _unreliable(site: Site, raw: Any) -> Json:
    given = _fields(raw, "loss", "duplicates", "reordering", "delay", "seed")
    seed = given.get("seed", 0)
    if not isinstance(seed, int):
        raise ValueError("seed is a whole number")  # noqa: TRY004 - a bad request, not a bug of ours
    shares = {name: _share(given, name) for name in ("loss", "duplicates", "reordering")}
    how = Unreliability(**shares, delay=max(0.0, _seconds(given, "delay").total_seconds()), seed=seed)
    site.webhooks.misbehave(how)
    return asdict(how)
