from pathlib import Path

import pytest

from server import doctor
from server.settings import demo_environment
from tests.world import World

pytestmark = pytest.mark.anyio


async def test_a_setup_in_order_is_said_to_be(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    assert await doctor.examine(demo_environment(), transport=world.wire)
    said = capsys.readouterr().out
    assert "FIX" not in said
    assert "Jira: http://sandbox.localhost knows you as Demo User" in said
    assert "you may see 3 spaces: ENG, DOCS, POLICY" in said


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"JIRA_API_TOKEN": "stale"}, "FIX  Jira: Jira at http://sandbox.localhost does not accept the credentials"),
        ({"CONFLUENCE_USERNAME": "x@example.com"}, "FIX  Confluence: "),
        ({"JIRA_URL": "acme"}, "FIX  settings: JIRA_URL is wrong: it is not an http(s) address"),
        (dict.fromkeys(demo_environment(), ""), "FIX  site: none is configured"),
        ({"READ_ONLY_MODE": "true"}, "read-only: tools that change something are off"),
    ],
)
async def test_what_is_wrong_is_told_with_its_remedy(
    world: World, capsys: pytest.CaptureFixture[str], change: dict[str, str], says: str
) -> None:
    sound = await doctor.examine({**demo_environment(), **change}, transport=world.wire)
    assert says in capsys.readouterr().out
    assert sound == ("READ_ONLY_MODE" in change)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({}, "asks nobody who they are, and so listens on loopback alone"),
        ({"ISTHMUS_TOKENS": f"ada:{'0' * 64}"}, "known callers act as you: tokens of ada"),
        ({"ISTHMUS_TOKENS": f"ada:{'0' * 64}"}, "open: it speaks no TLS"),
        (
            {"ISTHMUS_OAUTH_ISSUER": "https://login.example.com", "ISTHMUS_PUBLIC_URL": "https://mcp.example.com/mcp"},
            "act as you: tokens of https://login.example.com",
        ),
        ({"ISTHMUS_CALLER_CREDENTIALS": "true"}, "acts with an Atlassian account of its own, never with yours"),
    ],
)
async def test_who_may_call_over_http_is_told(
    world: World, capsys: pytest.CaptureFixture[str], change: dict[str, str], says: str
) -> None:
    assert await doctor.examine({**demo_environment(), **change}, transport=world.wire)
    assert says in capsys.readouterr().out


async def test_a_server_for_accounts_of_others_needs_none_of_its_own(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    site = {"JIRA_URL": "http://sandbox.localhost", "ISTHMUS_CALLER_CREDENTIALS": "true"}
    assert await doctor.examine(site, transport=world.wire)
    assert "FIX" not in capsys.readouterr().out
    assert await world.requests() == []


async def test_an_account_without_anything_to_see_is_told_whom_to_ask(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    world.site.projects.clear()
    world.site.spaces.clear()
    assert not await doctor.examine(demo_environment(), transport=world.wire)
    said = capsys.readouterr().out
    assert "you may not see any project" in said
    assert "you may not see any space" in said


async def test_rights_that_are_lacking_are_named(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    for number, project in list(world.site.projects.items()):
        if project.key != "ARCH":
            del world.site.projects[number]
    assert not await doctor.examine(demo_environment(), transport=world.wire)
    assert "lacks CREATE_ISSUES, EDIT_ISSUES" in capsys.readouterr().out


async def test_reading_alone_needs_no_right_to_write(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    for number, project in list(world.site.projects.items()):
        if project.key != "ARCH":
            del world.site.projects[number]
    assert await doctor.examine({**demo_environment(), "READ_ONLY_MODE": "true"}, transport=world.wire)
    assert "FIX" not in capsys.readouterr().out


async def test_spaces_that_may_only_be_read_are_told_as_such(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    for number, space in list(world.site.spaces.items()):
        if space.key != "POLICY":
            del world.site.spaces[number]
    assert not await doctor.examine(demo_environment(), transport=world.wire)
    assert "FIX  Confluence: you may not create pages in any space" in capsys.readouterr().out


_NO_TOKENS = dict.fromkeys(("JIRA_USERNAME", "JIRA_API_TOKEN", "CONFLUENCE_USERNAME", "CONFLUENCE_API_TOKEN"), "")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({}, "open changes: made on request; READ_ONLY_MODE=true takes them away"),
        ({}, "ok   lockdown: each change is asked about after customers'"),
        ({}, "ok   files: none are read from this machine"),
        ({}, "open secrets: JIRA_API_TOKEN and CONFLUENCE_API_TOKEN in the environment can be read"),
        ({**_NO_TOKENS, "ATLASSIAN_OAUTH_ACCESS_TOKEN": "x"}, "open secrets: ATLASSIAN_OAUTH_ACCESS_TOKEN in the"),
        (
            {**_NO_TOKENS, "ATLASSIAN_OAUTH_CLIENT_ID": "x", "ATLASSIAN_OAUTH_CLIENT_SECRET": "y"},
            "open secrets: ATLASSIAN_OAUTH_CLIENT_SECRET in the",
        ),
        (
            {**_NO_TOKENS, "JIRA_PERSONAL_TOKEN": "x", "CONFLUENCE_PERSONAL_TOKEN": "y"},
            "open secrets: JIRA_PERSONAL_TOKEN and CONFLUENCE_PERSONAL_TOKEN in the",
        ),
        ({"READ_ONLY_MODE": "true"}, "ok   changes: off"),
        ({"ISTHMUS_LOCKDOWN": "off"}, "open lockdown: off: text from outside is followed by changes unasked"),
        ({"JIRA_PROJECTS_FILTER": "ENG"}, "ok   Jira: narrowed by project or key"),
        ({"CONFLUENCE_SPACES_FILTER": "ENG"}, "ok   Confluence: only ENG"),
        ({"ISTHMUS_MAX_BULK": "5"}, "ok   bulk: capped"),
        ({"ISTHMUS_DESTRUCTIVE_PER_MINUTE": "5"}, "ok   deletions: at most 5 a minute"),
        ({"ISTHMUS_DATABASE": ":memory:"}, "open audit: forgotten at the end"),
        ({"ISTHMUS_DATABASE": "kept.db"}, "ok   audit: every change and refused call is recorded in kept.db"),
        ({"ISTHMUS_ALLOWED_HOSTS": "me.example.com"}, "open HTTP: serve answers to me.example.com"),
        ({"HTTPS_PROXY": "http://p.example.com:3128"}, "open proxy: requests leave by HTTPS_PROXY"),
        ({"JIRA_URL": "acme"}, "FIX  settings: JIRA_URL is wrong"),
    ],
)
def test_what_a_setup_leaves_open_is_listed(
    capsys: pytest.CaptureFixture[str], change: dict[str, str], says: str
) -> None:
    assert doctor.secure({**demo_environment(), **change}) == ("JIRA_URL" not in change)
    assert says in capsys.readouterr().out


def test_a_folder_for_files_is_told_and_more_so_where_programs_are_started(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert doctor.secure({**demo_environment(), "ISTHMUS_FILES": str(tmp_path)})
    assert f"open files: taken from and saved to {tmp_path}; unset ISTHMUS_FILES" in capsys.readouterr().out
    assert doctor.secure({**demo_environment(), "ISTHMUS_FILES": str(Path.cwd())})
    assert "which is the working folder" in capsys.readouterr().out
