"""Every change and every refused call leaves a record that cannot be changed unseen."""

import json
import os
import sqlite3
import stat
import subprocess
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, MCPError

from server.app import build
from server.callers import tokens
from tests.served import bearer, calling, knock, served
from tests.world import ISTHMUS, NOW, World, refused, told

pytestmark = pytest.mark.anyio


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "kept" / "isthmus.db"


def isthmus(*command: str, file: Path) -> "subprocess.CompletedProcess[str]":
    environment = {**os.environ, "ISTHMUS_DATABASE": str(file)}
    return subprocess.run([ISTHMUS, *command], capture_output=True, text=True, env=environment, check=False, timeout=60)


def records(file: Path) -> list[dict[str, Any]]:
    done = isthmus("audit", "export", file=file)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


async def test_a_change_is_recorded_with_who_what_and_what_came_of_it(world: World, file: Path) -> None:
    async with Client(world.server(ISTHMUS_DATABASE=str(file), ISTHMUS_AGENT="scribe")) as agent:
        await told(agent, "jira_add_comment", {"issue_key": "DEMO-7", "body": "Nobody else may read this."})
        await told(agent, "jira_get_issue", {"issue_key": "DEMO-1"})
        await refused(agent, "jira_add_comment", {"issue_key": "DEMO-999", "body": "Hello."})
    done, failed = records(file)
    assert (done["who"], done["door"], done["tool"], done["outcome"]) == (
        "scribe",
        "mcp stdio",
        "jira_add_comment",
        "done",
    )
    assert done["arguments"]["issue_key"] == "DEMO-7"
    assert "(26 characters)" in done["arguments"]["body"]
    assert len(done["requests"]) == 1
    assert (failed["outcome"], failed["seq"]) == ("failed", 2)
    assert "No issue `DEMO-999`" in failed["reason"]
    assert "Nobody else" not in str(done)


async def test_a_refused_call_is_recorded(world: World, file: Path) -> None:
    async with Client(world.server(ISTHMUS_DATABASE=str(file))) as agent:
        await refused(agent, "confluence_update_page", {"page_id": "131073", "title": "Blind", "content": "Over all."})
        await refused(agent, "confluence_get_page", {})
    assert [(each["tool"], each["outcome"]) for each in records(file)] == [
        ("confluence_update_page", "refused"),
        ("confluence_get_page", "refused"),
    ]


async def test_what_a_person_is_to_be_asked_stands_in_no_record(world: World, file: Path) -> None:
    async with Client(world.server(ISTHMUS_DATABASE=str(file))) as agent:
        await refused(agent, "jira_add_comment", {"issue_key": "HELP-1", "body": "Nobody else.", "public": True})
    (record,) = records(file)
    assert record["outcome"] == "refused"
    assert record["reason"].startswith("The person has to be asked first (question sha256:")
    assert "Nobody else" not in str(record)


async def test_a_change_of_unknown_outcome_is_recorded_as_such(world: World, file: Path) -> None:
    async with Client(world.server(ISTHMUS_DATABASE=str(file))) as agent:
        await world.fault(method="PUT", path="/rest/api/3/issue/DEMO-7", drop="after", times=1)
        await refused(agent, "jira_update_issue", {"issue_key": "DEMO-7", "summary": "Perhaps"})
    assert [each["outcome"] for each in records(file)] == ["unknown"]


async def test_the_file_is_its_owners_alone(world: World, file: Path) -> None:
    async with Client(world.server(ISTHMUS_DATABASE=str(file))) as agent:
        await told(agent, "jira_add_comment", {"issue_key": "DEMO-7", "body": "Hello."})
        assert {stat.S_IMODE(each.stat().st_mode) for each in file.parent.iterdir()} == {0o600}


async def test_a_record_that_was_tampered_with_is_found(world: World, file: Path) -> None:
    async with Client(world.server(ISTHMUS_DATABASE=str(file))) as agent:
        for number in range(3):
            await told(agent, "jira_add_comment", {"issue_key": "DEMO-7", "body": f"Comment {number}"})
    assert isthmus("audit", "verify", file=file).stdout == "3 records, each as it was written.\n"
    with sqlite3.connect(file) as database:
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            database.execute("UPDATE audit SET outcome = 'refused' WHERE seq = 2")
        database.execute("DROP TRIGGER audit_UPDATE")
        database.execute("UPDATE audit SET outcome = 'refused' WHERE seq = 2")
    found = isthmus("audit", "verify", file=file)
    assert found.returncode == 1
    assert found.stdout == "Record 2 is not what was written, or is missing.\n"


async def test_no_change_is_made_that_could_not_be_recorded(world: World, tmp_path: Path) -> None:
    broken = tmp_path / "isthmus.db"
    broken.write_text("This is no database, but a text that is long enough to be read as one." * 20)
    async with Client(world.server(ISTHMUS_DATABASE=str(broken))) as agent:
        said = await refused(agent, "jira_add_comment", {"issue_key": "DEMO-7", "body": "Hello."})
        await told(agent, "jira_get_issue", {"issue_key": "DEMO-7"})
    assert "Nothing was done: changes are made only where they can be recorded." in said
    assert str(broken) in said
    assert [each["method"] for each in await world.requests()] == ["GET"]


async def test_a_log_of_a_newer_version_is_left_alone(world: World, file: Path) -> None:
    async with Client(world.server(ISTHMUS_DATABASE=str(file))) as agent:
        await told(agent, "jira_add_comment", {"issue_key": "DEMO-7", "body": "Hello."})
    with sqlite3.connect(file) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    said = isthmus("audit", "verify", file=file)
    assert said.returncode == 1
    assert "newer version of Isthmus" in said.stderr
    assert "Traceback" not in said.stderr


async def test_recording_goes_on_after_a_failure(world: World, file: Path) -> None:
    async with Client(world.server(ISTHMUS_DATABASE=str(file))) as agent:
        await told(agent, "jira_add_comment", {"issue_key": "DEMO-7", "body": "One."})
        with sqlite3.connect(file) as database:
            database.execute("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'disk full'); END")
        assert "Added comment" in await told(agent, "jira_add_comment", {"issue_key": "DEMO-7", "body": "Two."})
        assert "disk full" in await refused(agent, "jira_add_comment", {"issue_key": "DEMO-7", "body": "Three."})
        with sqlite3.connect(file) as database:
            database.execute("DROP TRIGGER full")
        await told(agent, "jira_add_comment", {"issue_key": "DEMO-7", "body": "Four."})
    assert [each["tool"] for each in records(file)] == ["jira_add_comment", "audit", "jira_add_comment"]


async def test_a_database_that_is_none_of_ours_is_named(world: World) -> None:
    async with Client(world.server(ISTHMUS_DATABASE="mysql://localhost/isthmus")) as agent:
        said = await refused(agent, "jira_add_comment", {"issue_key": "DEMO-7", "body": "Hello."})
    assert "is no database of this version" in said


async def test_what_is_not_offered_is_recorded_when_it_is_called(world: World, file: Path) -> None:
    async with Client(world.server(ISTHMUS_DATABASE=str(file), READ_ONLY_MODE="true")) as agent:
        await refused(agent, "jira_delete_issue", {"issue_key": "DEMO-7"})
        await refused(agent, "x" * 5_000, {"token": "canary"})
        await refused(agent, "jira_get_issue", {"issue_key": "DEMO-7", "y" * 5_000: 1})
        for ask in (agent.get_prompt("no-such-prompt"), agent.read_resource("jira://no/such/thing")):
            with pytest.raises(MCPError):
                await ask
    found = records(file)
    assert [each["tool"] for each in found] == [
        "jira_delete_issue",
        "x" * 120,
        "jira_get_issue",
        "prompts/get",
        "resources/read",
    ]
    assert {each["outcome"] for each in found} == {"refused"}
    assert max(len(str(each)) for each in found) < 2_000
    assert "canary" not in str(found)


async def test_who_is_refused_without_end_does_not_fill_the_log(world: World, file: Path) -> None:
    moments = [NOW]
    pace = replace(world.waits.pace(), wall=lambda: moments[-1])
    server = build(world.settings(ISTHMUS_DATABASE=str(file)), transport=world.wire, pace=pace)
    async with Client(server) as agent:
        for number in range(40):
            await refused(agent, "jira_get_issue", {"issue_key": "DEMO-7", f"made_up_{number}": 1})
            await refused(agent, f"no_such_tool_{number}", {})
        moments.append(NOW + timedelta(minutes=2))
        await refused(agent, "no_such_tool", {})
    found = records(file)
    assert len(found) == 62
    assert found[-2]["reason"] == "20 more calls were refused before"


async def test_strangers_at_the_door_are_recorded_and_soon_only_counted(world: World, file: Path) -> None:
    known = tokens.new()
    asking = {"ISTHMUS_TOKENS": f"ada:{tokens.digest(known)}", "ISTHMUS_DATABASE": str(file)}
    async with served(world, **asking) as url:
        for _ in range(10):
            await knock(url, bearer("canary-token"))
        async with calling(url, bearer(known)) as agent:
            await told(agent, "jira_add_comment", {"issue_key": "DEMO-7", "body": "Hello."})
    *strangers, done = records(file)
    assert len(strangers) == 6
    assert {(each["who"], each["door"], each["outcome"]) for each in strangers} == {("nobody", "mcp http", "refused")}
    assert strangers[0]["arguments"] == {"address": "127.0.0.1", "status": 401}
    assert (done["who"], done["outcome"]) == ("token:ada", "done")
    assert "canary" not in str(strangers)
