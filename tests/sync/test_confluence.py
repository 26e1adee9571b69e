"""Pages, their comments and files are kept in step with a Confluence site."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import Any

import pytest

from server.errors import Conflict, Invalid
from server.store.port import Change
from server.store.rows import Intent
from server.sync.remote import Target
from tests.sync.engine import Engine, on_confluence
from tests.world import World

pytestmark = pytest.mark.anyio

HOME, ONBOARDING, SHOP, RUNBOOK = "131073", "131074", "131076", "131075"


@pytest.fixture
async def engine(world: World) -> AsyncGenerator[Engine]:
    async with on_confluence(world) as engine:
        yield engine


async def ask(world: World, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    async with world.http() as http:
        answer = await http.request(method, f"/wiki/api/v2/{path}", json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else {}


async def storage(world: World, page: str) -> str:
    return (await ask(world, "GET", f"pages/{page}?body-format=storage"))["body"]["storage"]["value"]


async def edit(world: World, page: str, *, body: str = "", title: str = "") -> None:
    now = await ask(world, "GET", f"pages/{page}?body-format=storage")
    value = body or now["body"]["storage"]["value"]
    await ask(
        world,
        "PUT",
        f"pages/{page}",
        {
            "id": page,
            "status": "current",
            "title": title or now["title"],
            "body": {"representation": "storage", "value": value},
            "version": {"number": now["version"]["number"] + 1},
        },
    )


async def comment(world: World, body: dict[str, Any], text: str) -> str:
    content = {"representation": "storage", "value": f"<p>{text}</p>"}
    return (await ask(world, "POST", "footer-comments", {**body, "body": content}))["id"]


async def parts(engine: Engine, page: str) -> dict[str, Any]:
    family = await engine.store.family((await engine.of(page, "page")).id)
    assert family
    return {str(each.remote_id): each for each in family.parts}


async def test_a_backfill_reads_every_list_once(engine: Engine, world: World) -> None:
    first = await comment(world, {"pageId": HOME}, "First")
    answer = await comment(world, {"parentCommentId": first}, "Second")
    before = len(await world.requests())
    told = await engine.backfill()
    assert (told[-1].filled, told[-1].total) == (12, 12)
    assert sorted(await engine.sent(before)) == [
        "GET /wiki/api/v2/attachments",
        "GET /wiki/api/v2/footer-comments",
        "GET /wiki/api/v2/inline-comments",
        "GET /wiki/api/v2/pages",
        "GET /wiki/api/v2/spaces",
        "GET /wiki/rest/api/search",
        "GET /wiki/rest/api/user/current",
    ]
    assert {each.kind for each in (await parts(engine, SHOP)).values()} == {"page_comment", "page_attachment"}
    assert set(await parts(engine, HOME)) == {first, answer}
    home = await engine.of(HOME, "page")
    assert home.base == home.local == home.remote


async def test_after_a_backfill_polls_and_a_census_change_nothing(engine: Engine, world: World) -> None:
    await engine.backfill()
    await engine.poll()
    await engine.census()
    assert await engine.poll() == 0
    assert not [each for each in await engine.sent() if each.startswith(("PUT", "DELETE"))]
    assert await engine.store.news(0) == ()


async def test_what_people_do_to_a_page_and_below_it_arrives_by_polls(engine: Engine, world: World) -> None:
    await engine.backfill()
    await engine.poll()
    await edit(world, ONBOARDING, title="Your first week")
    first = await comment(world, {"pageId": HOME}, "First")
    await comment(world, {"pageId": "131085"}, "In another space")
    assert await engine.poll() == 2
    page = await engine.of(ONBOARDING, "page")
    assert page.local
    assert page.local["title"] == "Your first week"
    assert set(await parts(engine, HOME)) == {first}
    assert await engine.store.linked("s", "page", "131085") is None
    answer = await comment(world, {"parentCommentId": first}, "Second")
    assert await engine.poll() == 1
    assert (await parts(engine, HOME))[answer].remote["body"] == "Second"
    assert await engine.poll() == 0


async def test_an_agents_edit_and_a_persons_become_one_page(engine: Engine, world: World) -> None:
    await engine.backfill()
    page = await engine.of(ONBOARDING, "page")
    await engine.records.link("n", "doc", page.id)
    assert page.local
    was = await storage(world, ONBOARDING)
    await edit(world, ONBOARDING, body=f"{was}<p>A person's last word.</p>")
    await engine.records.edit(page.id, {"body": f"An agent's first word.\n\n{page.local['body']}"})
    await engine.settle()
    now = await storage(world, ONBOARDING)
    assert now.startswith("<p>An agent")
    assert now.endswith("<p>A person's last word.</p>")
    assert was in now
    assert await engine.settle() == 0
    assert await engine.store.open_conflicts() == ()


async def test_a_page_and_a_comment_that_an_agent_makes_are_made_once(engine: Engine, world: World) -> None:
    await engine.backfill()
    await world.fault(method="POST", path="/wiki/api/v2/pages", drop="after", times=1)
    made = await engine.records.put(
        "n", "page", "doc", {"title": "Made here", "body": "# Why\n\nBecause.", "parent": HOME}, scope="p"
    )
    await engine.records.put("n", "page_comment", "word", {"body": "First *word*."}, scope="p", below=made.id)
    await engine.settle()
    pages = [each for each in world.site.pages.values() if each.title == "Made here"]
    assert [(each.parent, [one.latest.body for one in each.comments]) for each in pages] == [
        (HOME, ["<p>First <em>word</em>.</p>"])
    ]
    doc = await engine.store.record("n", "page", "doc")
    assert doc
    assert doc.remote_id == pages[0].id
    word = await engine.store.record("n", "page_comment", "word")
    assert word
    await engine.records.edit(word.id, {"body": "Second word."})
    await engine.settle()
    assert [one.latest.body for one in pages[0].comments] == ["<p>Second word.</p>"]


async def test_a_passage_is_commented_on(engine: Engine, world: World) -> None:
    await engine.backfill()
    page = await engine.of(ONBOARDING, "page")
    passage = {"body": "Which one?", "about": "first"}
    await edit(world, ONBOARDING, body="<p>The first day.</p>")
    await engine.records.put("n", "page_inline-comment", "ask", passage, scope="p", below=page.id)
    await engine.settle()
    asked = await engine.store.record("n", "page_inline-comment", "ask")
    assert asked
    assert asked.remote
    assert (asked.remote["about"], asked.remote["resolution"], asked.parked) == ("first", "open", "")
    await engine.records.unlink(asked.id, delete_remote=True)
    await engine.settle()
    assert "Which one?" not in str([one.latest.body for one in world.site.pages[ONBOARDING].comments])


async def test_a_page_in_the_trash_is_trashed_and_comes_back(engine: Engine, world: World) -> None:
    await engine.backfill()
    await ask(world, "DELETE", f"pages/{RUNBOOK}")
    await engine.census()
    assert (await engine.of(RUNBOOK, "page")).presence == "trashed"
    now = await ask(world, "GET", f"pages/{RUNBOOK}?body-format=storage")
    restored = {"id": RUNBOOK, "status": "current", "title": now["title"], "body": now["body"]["storage"]}
    await ask(world, "PUT", f"pages/{RUNBOOK}", {**restored, "version": {"number": now["version"]["number"] + 1}})
    await engine.poll()
    assert (await engine.of(RUNBOOK, "page")).presence == "present"


async def test_a_query_can_be_tracked(world: World) -> None:
    async with on_confluence(world, form="cql", value="label = runbook") as engine:
        told = await engine.backfill()
        found = told[-1].filled
        assert 0 < found < 12
        assert await engine.remote.visible(await engine.scope())
        assert await engine.poll() == 0
    async with on_confluence(world, form="cql", value="nonsense is nothing") as engine:
        assert not await engine.remote.visible(await engine.scope())
    async with on_confluence(world, value="NOPE") as engine:
        assert not await engine.remote.visible(await engine.scope())


async def test_an_agent_answers_a_comment_that_it_never_read(engine: Engine, world: World) -> None:
    await engine.backfill()
    first = await comment(world, {"pageId": HOME}, "First")
    await engine.poll()
    home = await engine.of(HOME, "page")
    said = {"body": "Second.", "answers": first}
    await engine.records.put("n", "page_comment", "word", said, scope="p", below=home.id)
    await engine.settle()
    word = await engine.store.record("n", "page_comment", "word")
    assert word
    assert [one.parent for one in world.site.pages[HOME].comments if one.id == word.remote_id] == [first]


async def test_an_answer_is_placed_though_nothing_is_remembered(world: World) -> None:
    first = await comment(world, {"pageId": HOME}, "First")
    async with on_confluence(world) as engine:
        await engine.backfill()
    second = await comment(world, {"parentCommentId": first}, "Second")
    third = await comment(world, {"parentCommentId": second}, "Third")
    async with on_confluence(world) as engine:
        page = await engine.remote.listed(await engine.scope(), "changed", since=engine.now - 1000, page=None)
        page = await engine.remote.listed(await engine.scope(), "changed", since=engine.now - 1000, page=page.following)
        assert {each.remote_id for each in page.items} == {HOME}
        await engine.backfill()
        assert set(await parts(engine, HOME)) == {first, second, third}


async def test_a_second_backfill_adds_nothing(engine: Engine) -> None:
    await engine.backfill()
    scope = await engine.scope()
    await engine.store.commit(Change(scopes=(replace(scope, complete=False, filled=0, rev=scope.rev + 1),)))
    await engine.backfill()
    assert (await engine.scope()).filled == 0
    assert len(await parts(engine, SHOP)) == 4


async def test_a_file_is_not_made_by_way_of_a_record(engine: Engine) -> None:
    await engine.backfill()
    home = await engine.of(HOME, "page")
    await engine.records.put("n", "page_attachment", "file", {"filename": "a.txt"}, scope="p", below=home.id)
    await engine.settle()
    file = await engine.store.record("n", "page_attachment", "file")
    assert file
    assert "upload it to its page" in file.parked


async def test_a_space_is_read_by_its_id(engine: Engine) -> None:
    assert (await engine.remote.read("space", "65537", 0)).root.fields["key"] == "ENG"


async def test_a_page_that_was_changed_meanwhile_is_not_written_over(engine: Engine, world: World) -> None:
    await engine.backfill()
    page = await engine.of(ONBOARDING, "page")
    await edit(world, ONBOARDING, title="Meanwhile")
    scope = await engine.scope()
    target = Target(kind="page", scope=scope, root_id=ONBOARDING, version=page.version)
    intent = Intent(entity=page.id, attempt=1, verb="update", target=ONBOARDING, fields={"title": "Mine"})
    with pytest.raises(Conflict, match=r"is not at version \d any more"):
        await engine.remote.update(target, intent)
    with pytest.raises(Invalid, match="has no workflow"):
        await engine.remote.transition(target, intent)
