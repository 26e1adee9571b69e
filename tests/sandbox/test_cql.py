from collections.abc import Iterable

import httpx2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.sandbox import Site
from server.sandbox.cql import Asker, search
from server.sandbox.people import DEMO
from tests.sandbox.conftest import Clock, browsing

SITE = Site.demo(Clock())
ATOMS = (
    "space = ENG",
    "type = page",
    "label = checkout",
    'title ~ "decision"',
    "text ~ checkout",
    "creator = currentUser()",
)


def found(cql: str) -> set[str]:
    return {thing.id for thing in search(Asker(SITE, DEMO, SITE.now(), cql))}


def titles(cql: str) -> list[str]:
    things = search(Asker(SITE, DEMO, SITE.now(), cql))
    return [getattr(thing, "title", getattr(thing, "name", "")) for thing in things]


atom = st.sampled_from(ATOMS)


@settings(deadline=None)
@given(atom, atom, atom)
def test_and_binds_tighter_than_or(a: str, b: str, c: str) -> None:
    assert found(f"{a} or {b} and {c}") == found(a) | (found(b) & found(c))
    assert found(f"({a} or {b}) and {c}") == (found(a) | found(b)) & found(c)


@settings(deadline=None)
@given(atom, atom)
def test_not_turns_a_question_around(a: str, b: str) -> None:
    everything = found("type in (page, space)")
    assert found(f"not {a}") == everything - found(a)
    assert found(f"not ({a} or {b})") == found(f"not {a} and not {b}")


def some(*names: str) -> set[str]:
    return set(names)


@pytest.mark.parametrize(
    ("cql", "expected"),
    [
        ('title = "onboarding"', some("Onboarding")),
        ('title = "Onboarding" and space.key = ENG', some("Onboarding")),
        ('title ~ "run*" and label in (runbook)', some("Runbook: checkout outage", "Runbook: search index")),
        ("text ~ kubectl", some("Runbook: checkout outage")),
        ('siteSearch ~ "Þingvellir"', some("Shipping to the Nordics")),
        ('type = space and title ~ "engineering"', some("Engineering")),
        ("type = space and text ~ policies", some("Policies")),
        ("type = space", some("Engineering", "Product Documentation", "Policies")),
        ("space.title ~ policies and type != space and label = privacy", some("Privacy")),
        ("id = 131074", some("Onboarding")),
        ("content in (131074, 131075)", some("Onboarding", "Runbook: checkout outage")),
        (
            "parent = 131076 and label != login",
            some("Decision: one queue per tenant", "Decision: search index version 9"),
        ),
        (
            "ancestor = 131076 and title !~ passkeys",
            some("Decision: one queue per tenant", "Decision: search index version 9"),
        ),
        ("contributor = currentUser() and label = howto", some("Release checklist")),
        ('lastmodified >= "2026-01-18" and lastmodified < "2026-01-19"', some("How we review", "Onboarding")),
        ("created < now('-50d') and type = page", some("Engineering Home")),
        ("created >= startOfYear() and created < '2026/01/12' and type = page", some("Engineering Home")),
        ("created = 2026-01-11", some("Engineering Home")),
        ("type = page and created != 2026-01-11 and label = home and space = ENG", set[str]()),
        ('mention = "712020:5a9d3c10-41f6-4b7e-9c2d-000000000001"', some("Architecture of the shop")),
        ("owner not in (currentUser()) and label = release", set[str]()),
        ("space = LEAD", set[str]()),
    ],
)
def test_each_question_finds_its_pages(cql: str, expected: Iterable[str]) -> None:
    assert set(titles(cql)) == expected


def test_pages_come_in_the_order_asked_for() -> None:
    ordered = titles("space = ENG and type = page order by title")
    assert ordered == sorted(ordered, key=str.casefold)
    assert titles("space = ENG and type = page order by title desc") == ordered[::-1]
    assert titles("type = page and space = ENG order by created")[0] == "Engineering Home"
    assert titles("type = page and space = ENG order by id desc")[0] == "On-call rota"


@pytest.mark.anyio
async def test_a_result_carries_its_page_and_its_place(demo: httpx2.AsyncClient) -> None:
    asked = {"cql": 'title = "Onboarding"', "expand": "content.version,content.body.storage,content.ancestors"}
    body = (await demo.get("/wiki/rest/api/search", params=asked)).json()
    (result,) = body["results"]
    assert (body["size"], body["totalSize"], body["cqlQuery"]) == (1, 1, asked["cql"])
    assert result["content"]["space"]["key"] == "ENG"
    assert result["content"]["version"]["number"] == 3
    assert result["content"]["body"]["storage"]["value"].startswith("<p>Welcome!")
    assert [above["title"] for above in result["content"]["ancestors"]] == ["Engineering Home"]
    assert result["excerpt"].startswith("Welcome! This page takes you")
    silent = (await demo.get("/wiki/rest/api/search", params={"cql": asked["cql"], "excerpt": "none"})).json()
    assert silent["results"][0]["excerpt"] == ""


@pytest.mark.anyio
async def test_spaces_are_results_too(demo: httpx2.AsyncClient) -> None:
    body = (await demo.get("/wiki/rest/api/search", params={"cql": "type = space and space = ENG"})).json()
    assert [(one["entityType"], one["space"]["key"]) for one in body["results"]] == [("space", "ENG")]


@pytest.mark.anyio
@pytest.mark.parametrize("path", ["/wiki/rest/api/search", "/wiki/rest/api/content/search"])
async def test_the_next_page_is_relative_to_the_base(demo: httpx2.AsyncClient, path: str) -> None:
    seen: list[str] = []
    page = (await demo.get(path, params={"cql": "type = page and space = ENG", "limit": 5})).json()
    while True:
        seen += [one["title"] for one in page["results"]]
        if "next" not in page["_links"]:
            break
        assert page["_links"]["next"].startswith(path.removeprefix("/wiki") + "?")
        following = page["_links"]["base"] + page["_links"]["next"]
        page = (await demo.get(following)).json()
    assert len(seen) == len(set(seen)) == len(titles("type = page and space = ENG"))


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("cql", "words"),
    [
        ("space = ", "Could not parse cql : space = "),
        ("order by title", "Could not parse cql : order by title"),
        ("space = EMPTY", "Could not parse cql : space = EMPTY"),
        ("created > soon", "Could not parse cql : created > soon"),
        ("created ~ 2026-01-01", "Could not parse cql : created ~ 2026-01-01"),
        ("created > currentUser()", "Could not parse cql : created > currentUser()"),
        ("foo = 1", "Could not parse cql : No field exists with name: foo"),
        ("text = x", "Could not parse cql : The operator '=' is not supported by the field 'text'"),
        ("space was ENG", "Could not parse cql : The operator 'was' is not supported by the field 'space'"),
        ("type = page order by label", "Could not parse cql : Cannot order by field: label"),
    ],
)
async def test_a_bad_query_is_refused_in_confluences_words(demo: httpx2.AsyncClient, cql: str, words: str) -> None:
    refused = await demo.get("/wiki/rest/api/search", params={"cql": cql})
    assert refused.status_code == 400
    assert refused.json()["statusCode"] == 400
    assert refused.json()["message"].endswith(f"BadRequestException: {words}")


@pytest.mark.anyio
async def test_a_query_and_a_real_cursor_are_needed(rough: httpx2.AsyncClient) -> None:
    assert (await rough.get("/wiki/rest/api/search")).status_code == 400
    asked = {"cql": "type = page", "cursor": "nonsense"}
    assert (await rough.get("/wiki/rest/api/search", params=asked)).status_code == 400


@pytest.mark.anyio
async def test_everybody_finds_what_they_may_see(site: Site) -> None:
    async with browsing(site, "priya") as priya:
        body = (await priya.get("/wiki/rest/api/search", params={"cql": "space = LEAD and type = page"})).json()
    assert body["totalSize"] == 2
