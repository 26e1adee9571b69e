"""Files go up from the operator's one folder and come down into it, or within the call; nothing else is touched."""

import os
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import pytest
from mcp import Client
from mcp.server import MCPServer
from mcp.types import BlobResourceContents, CallToolResult, EmbeddedResource, ImageContent, ResourceLink
from mcp.types import TextResourceContents as TextContents

from server.context import Deps
from server.sandbox.people import DEMO
from server.sandbox.records import Attachment
from tests.world import NOW, World, refused, text, told

pytestmark = pytest.mark.anyio

PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
UP = "jira_upload_attachment"
DOWN = "jira_download_attachments"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "files"
    place.mkdir()
    return place


@pytest.fixture
def server(world: World) -> MCPServer[Deps]:
    return world.server(TOOLSETS="all")


@pytest.fixture
def filing(world: World, folder: Path) -> MCPServer[Deps]:
    """A server whose operator named the folder."""
    return world.server(TOOLSETS="all", ISTHMUS_FILES=str(folder))


def names(folder: Path) -> list[str]:
    return sorted(each.name for each in folder.iterdir())


def attach(world: World, name: str, content: bytes, kind: str = "application/octet-stream", key: str = "DEMO-1") -> str:
    issue = world.site.issue(key)
    assert issue
    made = Attachment(world.site.next_id(), name, kind, len(content), DEMO.account_id, NOW, content)
    issue.attachments.append(made)
    return made.id


def content_of(world: World, name: str, key: str = "DEMO-1") -> list[bytes]:
    issue = world.site.issue(key)
    assert issue
    return [each.content for each in issue.attachments if each.filename == name]


async def fetched(agent: Client, **arguments: Any) -> CallToolResult:
    result = await agent.call_tool(DOWN, {"issue_key": "DEMO-1", **arguments})
    assert not result.is_error, text(result)
    return result


async def writes(world: World) -> list[str]:
    return [each["path"] for each in await world.requests() if each["method"] in ("POST", "PUT")]


# Up


async def test_a_file_of_the_folder_is_attached(world: World, filing: MCPServer[Deps], folder: Path) -> None:
    (folder / "below").mkdir()
    (folder / "below" / "größe.csv").write_bytes(b"a;b\n" * 200_000)
    async with Client(filing) as agent:
        said = await told(agent, UP, {"issue_key": "DEMO-1", "file_path": "below/größe.csv"})
    assert said.startswith("Attached größe.csv (800.0 KB, attachment ")
    assert said.endswith(" to DEMO-1")
    assert content_of(world, "größe.csv") == [b"a;b\n" * 200_000]


async def test_a_file_within_the_call_is_attached_with_its_kind(world: World, server: MCPServer[Deps]) -> None:
    async with Client(server) as agent:
        given = {"issue_key": "DEMO-1", "content_base64": b64encode(PNG).decode(), "filename": "shot.png"}
        await told(agent, UP, given)
    assert content_of(world, "shot.png") == [PNG]
    issue = world.site.issue("DEMO-1")
    assert issue
    assert issue.attachments[-1].mime_type == "image/png"


async def test_the_folders_own_path_may_stand_in_front(world: World, filing: MCPServer[Deps], folder: Path) -> None:
    (folder / "a.txt").write_text("a")
    async with Client(filing) as agent:
        await told(agent, UP, {"issue_key": "DEMO-1", "file_path": str(folder / "a.txt")})
    assert content_of(world, "a.txt") == [b"a"]


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "below/../../secret.txt",
        "/etc/passwd",
        "/proc/self/environ",
        "..",
        ".env",
        "below/.env",
        "link.txt",
        "linked/secret.txt",
        "below",
        "pipe",
        "a\x00b",
        "..\\secret.txt",
        "//etc/passwd",
        "~/.ssh/id_rsa",
        "no.txt",
    ],
)
async def test_nothing_outside_the_folder_is_read(
    world: World, filing: MCPServer[Deps], folder: Path, path: str
) -> None:
    (folder.parent / "secret.txt").write_text("secret")
    (folder / "below").mkdir()
    for hidden in (folder / ".env", folder / "below" / ".env"):
        hidden.write_text("secret")
    (folder / "link.txt").symlink_to(folder.parent / "secret.txt")
    (folder / "linked").symlink_to(folder.parent)
    os.mkfifo(folder / "pipe")
    async with Client(filing) as agent:
        said = await refused(agent, UP, {"issue_key": "DEMO-1", "file_path": path})
    assert "secret" not in said.replace("secret.txt", "")
    assert await writes(world) == []


async def test_a_name_that_is_not_there_gets_those_that_are(
    world: World, filing: MCPServer[Deps], folder: Path
) -> None:
    (folder / "report-may.pdf").write_bytes(b"x")
    (folder / ".hidden").write_bytes(b"x")
    async with Client(filing) as agent:
        said = await refused(agent, UP, {"issue_key": "DEMO-1", "file_path": "report-mai.pdf"})
    assert "There are: report-may.pdf." in said
    assert "hidden" not in said


async def test_without_a_folder_no_path_is_taken(world: World, server: MCPServer[Deps]) -> None:
    async with Client(server) as agent:
        said = await refused(agent, UP, {"issue_key": "DEMO-1", "file_path": "a.txt"})
    assert "ISTHMUS_FILES" in said
    assert "content_base64" in said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({}, "which file?"),
        ({"file_path": "a", "content_base64": "YQ=="}, "which file?"),
        ({"content_base64": "YQ=="}, "needs a filename"),
        ({"content_base64": "!", "filename": "a.txt"}, "no base64"),
        ({"content_base64": "YQ==", "filename": "../a.txt"}, "such as 'a.txt'"),
        ({"content_base64": "YQ==", "filename": 'a".txt'}, "no name for a file"),
    ],
)
async def test_what_is_no_file_is_refused_before_it_is_sent(
    world: World, server: MCPServer[Deps], arguments: dict[str, str], says: str
) -> None:
    async with Client(server) as agent:
        assert says in await refused(agent, UP, {"issue_key": "DEMO-1", **arguments})
    assert await writes(world) == []


async def test_a_file_over_the_sites_limit_is_told_of_and_not_sent(
    world: World, filing: MCPServer[Deps], folder: Path
) -> None:
    with (folder / "big.bin").open("wb") as file:
        file.truncate(21 * 2**20)
    async with Client(filing) as agent:
        said = await refused(agent, UP, {"issue_key": "DEMO-1", "file_path": "big.bin"})
    assert "has 22.0 MB, and the site takes 21.0 MB a file" in said
    assert await writes(world) == []


async def test_the_limit_is_asked_for_once(world: World, server: MCPServer[Deps]) -> None:
    async with Client(server) as agent:
        for name in ("a.txt", "b.txt"):
            await told(agent, UP, {"issue_key": "DEMO-1", "content_base64": "YQ==", "filename": name})
    assert len(await world.requests()) == 3


async def test_an_upload_whose_answer_was_lost_is_found_and_not_doubled(world: World, server: MCPServer[Deps]) -> None:
    await world.fault(path="*/attachments", method="POST", drop="after")
    async with Client(server) as agent:
        said = await told(agent, UP, {"issue_key": "DEMO-1", "content_base64": "YQ==", "filename": "a.txt"})
    assert "Attached a.txt" in said
    assert content_of(world, "a.txt") == [b"a"]


async def test_an_upload_that_the_site_gave_up_is_sent_again(
    world: World, filing: MCPServer[Deps], folder: Path
) -> None:
    (folder / "a.txt").write_bytes(b"a" * 1_000_000)
    await world.fault(path="*/attachments", method="POST", status=503)
    async with Client(filing) as agent:
        await told(agent, UP, {"issue_key": "DEMO-1", "file_path": "a.txt"})
    assert content_of(world, "a.txt") == [b"a" * 1_000_000]


async def test_an_upload_of_which_nothing_is_known_says_so(world: World, server: MCPServer[Deps]) -> None:
    await world.fault(path="*/attachments", method="POST", drop="before", times=9)
    async with Client(server) as agent:
        said = await refused(agent, UP, {"issue_key": "DEMO-1", "content_base64": "YQ==", "filename": "a.txt"})
    assert "may have been applied" in said


async def test_progress_is_told(world: World, filing: MCPServer[Deps], folder: Path) -> None:
    (folder / "a.bin").write_bytes(bytes(900_000))
    heard: list[tuple[float, float | None, str | None]] = []

    async def hear(progress: float, total: float | None, message: str | None) -> None:
        heard.append((progress, total, message))

    async with Client(filing) as agent:
        await agent.call_tool(UP, {"issue_key": "DEMO-1", "file_path": "a.bin"}, progress_callback=hear)
        await agent.call_tool(DOWN, {"issue_key": "DEMO-1", "delivery": "save"}, progress_callback=hear)
    assert (900_000, 900_000, "a.bin: 900.0 KB of 900.0 KB") in heard
    assert len(heard) < 50
    assert [done for done, _, said in heard if said and said.startswith("a.bin")] != []


# Down


async def test_images_come_as_images_texts_as_texts_and_the_rest_as_bytes(
    world: World, server: MCPServer[Deps]
) -> None:
    attach(world, "shot.png", PNG, "image/png")
    attach(world, "log.txt", "größer\n".encode(), "text/plain")
    attach(world, "data.bin", b"\x00\x01")
    async with Client(server) as agent:
        result = await fetched(agent)
    image, log, data = result.content[1:]
    assert isinstance(image, ImageContent)
    assert (image.mime_type, b64decode(image.data)) == ("image/png", PNG)
    assert isinstance(log, EmbeddedResource)
    assert isinstance(log.resource, TextContents)
    assert log.resource.text == "größer\n"
    assert log.resource.uri.startswith("jira://issue/DEMO-1/attachment/")
    assert isinstance(data, EmbeddedResource)
    assert isinstance(data.resource, BlobResourceContents)
    assert b64decode(data.resource.blob) == b"\x00\x01"
    assert "shot.png | 108 B | below" in text(result)


async def test_what_only_says_that_it_is_an_image_is_none(world: World, server: MCPServer[Deps]) -> None:
    attach(world, "shot.png", b"<svg onload=alert(1)>", "image/png")
    async with Client(server) as agent:
        result = await fetched(agent)
    assert not any(isinstance(part, ImageContent) for part in result.content)


async def test_files_come_as_links_where_that_is_asked_for(world: World, server: MCPServer[Deps]) -> None:
    number = attach(world, "shot.png", PNG, "image/png")
    async with Client(server) as agent:
        result = await fetched(agent, delivery="link")
    link = result.content[1]
    assert isinstance(link, ResourceLink)
    assert (link.uri, link.name, link.size) == (f"jira://issue/DEMO-1/attachment/{number}", "shot.png", 108)
    assert len(await world.requests()) == 1


async def test_a_file_too_large_for_an_answer_comes_as_a_link_that_says_what_to_do(
    world: World, server: MCPServer[Deps], filing: MCPServer[Deps]
) -> None:
    attach(world, "big.bin", bytes(2**21 + 1))
    for door, says in ((server, "too large here"), (filing, "too large here; delivery=save writes it")):
        async with Client(door) as agent:
            result = await fetched(agent)
        assert isinstance(result.content[1], ResourceLink)
        assert text(result).endswith(says)


@pytest.mark.parametrize(("named", "count"), [("", 2), ("a.txt,", 1)])
async def test_files_that_are_named_by_nothing_are_no_files_of_that_name(
    world: World, server: MCPServer[Deps], named: str, count: int
) -> None:
    attach(world, "a.txt", b"a")
    attach(world, "b.txt", b"b")
    async with Client(server) as agent:
        said = await told(agent, DOWN, {"issue_key": "DEMO-1", "attachments": named, "delivery": "link"})
    assert len(said.splitlines()) == count
    assert len(await world.requests()) == 1


async def test_files_are_saved_into_the_folder_and_never_over_another(
    world: World, filing: MCPServer[Deps], folder: Path
) -> None:
    (folder / "a.txt").write_text("mine")
    attach(world, "a.txt", b"theirs")
    async with Client(filing) as agent:
        said = text(await fetched(agent, delivery="save"))
    assert "saved as a (2).txt" in said
    assert (folder / "a.txt").read_text() == "mine"
    assert (folder / "a (2).txt").read_bytes() == b"theirs"
    assert (folder / "a (2).txt").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../evil.py", "evil.py"),
        ("/etc/cron.d/evil", "evil"),
        ("..\\..\\evil.py", "evil.py"),
        (".bashrc", "bashrc"),
        ("...", "attachment"),
        ("a\x00b\n\u202egpj.txt", "abgpj.txt"),
        ("n" * 400 + ".txt", "n" * 196 + ".txt"),
    ],
)
async def test_whatever_an_attachment_is_called_it_stays_in_the_folder(
    world: World, filing: MCPServer[Deps], folder: Path, name: str, kept: str
) -> None:
    attach(world, name, b"x")
    async with Client(filing) as agent:
        await fetched(agent, delivery="save")
    assert names(folder) == [kept]
    assert names(folder.parent) == ["files"]


async def test_a_link_in_the_folder_is_not_written_through(world: World, filing: MCPServer[Deps], folder: Path) -> None:
    (folder / "a.txt").symlink_to(folder.parent / "target.txt")
    attach(world, "a.txt", b"x")
    async with Client(filing) as agent:
        await fetched(agent, delivery="save")
    assert not (folder.parent / "target.txt").exists()
    assert (folder / "a (2).txt").read_bytes() == b"x"


async def test_without_a_folder_nothing_is_saved(world: World, server: MCPServer[Deps]) -> None:
    attach(world, "a.txt", b"x")
    async with Client(server) as agent:
        said = await refused(agent, DOWN, {"issue_key": "DEMO-1", "delivery": "save"})
    assert "ISTHMUS_FILES" in said


async def test_a_download_that_breaks_off_starts_anew(world: World, filing: MCPServer[Deps], folder: Path) -> None:
    attach(world, "a.bin", b"abc" * 100_000)
    await world.fault(path="*/attachment/content/*", truncate=True)
    async with Client(filing) as agent:
        await fetched(agent, delivery="save")
    assert (folder / "a.bin").read_bytes() == b"abc" * 100_000


async def test_a_download_that_fails_leaves_nothing_behind(world: World, filing: MCPServer[Deps], folder: Path) -> None:
    attach(world, "a.bin", b"abc" * 100_000)
    await world.fault(path="*/attachment/content/*", truncate=True, times=9)
    async with Client(filing) as agent:
        await refused(agent, DOWN, {"issue_key": "DEMO-1", "delivery": "save"})
    assert names(folder) == []


async def test_a_site_that_sends_more_than_it_said_fills_no_disk(
    world: World, filing: MCPServer[Deps], folder: Path
) -> None:
    attach(world, "a.bin", b"abc")
    await world.fault(path="*/attachment/content/*", status=200, body="abcdef")
    async with Client(filing) as agent:
        said = await refused(agent, DOWN, {"issue_key": "DEMO-1", "delivery": "save"})
    assert "sends more than the 3 bytes" in said
    assert names(folder) == []


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data",
        "https://evil.example/file",
        "https://media.atlassian.com.evil.example/",
        "http://api.media.atlassian.com/file",
        "https://api.media.atlassian.com@evil.example/",
        "https://api.media.atlassian.com:8443/",
        "http://sandbox.localhost:81/file",
        "file:///etc/passwd",
        "http://[::1/",
    ],
)
async def test_a_site_that_sends_us_elsewhere_is_not_followed(
    world: World, server: MCPServer[Deps], location: str
) -> None:
    attach(world, "a.bin", b"abc")
    await world.fault(path="*/attachment/content/*", status=303, headers={"Location": location}, times=9)
    async with Client(server) as agent:
        said = await refused(agent, DOWN, {"issue_key": "DEMO-1"})
    assert "Nothing was fetched" in said
    assert len(await world.requests()) == 2


async def test_of_several_files_one_that_fails_does_not_hold_up_the_rest(world: World, server: MCPServer[Deps]) -> None:
    attach(world, "a.txt", b"a", "text/plain")
    attach(world, "b.txt", b"b", "text/plain")
    await world.fault(path="*/attachment/content/*", status=404)
    async with Client(server) as agent:
        result = await fetched(agent)
    assert "a.txt | 1 B | failed: " in text(result)
    assert "b.txt | 1 B | below" in text(result)


async def test_files_are_chosen_by_id_or_name(world: World, server: MCPServer[Deps]) -> None:
    number = attach(world, "a.txt", b"a", "text/plain")
    attach(world, "b.txt", b"b", "text/plain")
    attach(world, "c.txt", b"c", "text/plain")
    async with Client(server) as agent:
        said = text(await fetched(agent, attachments=f"{number},c.txt", delivery="link"))
        wrong = await refused(agent, DOWN, {"issue_key": "DEMO-1", "attachments": "d.txt"})
        none = await told(agent, DOWN, {"issue_key": "DEMO-3"})
    assert [row.split(" | ")[1] for row in said.splitlines()] == ["a.txt", "c.txt"]
    assert "no attachment `d.txt`" in wrong
    assert "b.txt" in wrong
    assert none == "DEMO-3 has no files."


# Confluence

PAGE = "98304"


async def test_a_page_gets_a_file_and_then_a_new_version_of_it(world: World, server: MCPServer[Deps]) -> None:
    page = next(iter(world.site.pages))
    file = {"content_id": page, "content_base64": "YQ==", "filename": "a.txt", "comment": "as of May"}
    async with Client(server) as agent:
        first = await told(agent, "confluence_upload_attachment", file)
        second = await told(agent, "confluence_upload_attachment", {**file, "content_base64": "YmI="})
        listed = await told(agent, "confluence_get_attachments", {"content_id": page, "filename": "a.txt"})
    assert first.startswith("Attached a.txt (1 B, attachment att")
    assert first.endswith(f", version 1) to page {page}")
    assert "version 2" in second
    assert listed.splitlines()[0] == "1 file"
    assert "| a.txt | 2 B | text/plain | 2: as of May" in listed
    assert len(await writes(world)) == 2


async def test_a_file_of_a_page_comes_down_without_our_credentials_on_the_way(
    world: World, server: MCPServer[Deps]
) -> None:
    attached = world.site.files["att140001"]
    async with Client(server) as agent:
        result = await agent.call_tool("confluence_download_attachment", {"attachment_id": "140001"})
        linked = await agent.call_tool(
            "confluence_download_attachment", {"attachment_id": "att140001", "delivery": "link"}
        )
    assert not result.is_error, text(result)
    assert attached.latest.name in text(result)
    assert len(result.content) == 2
    media = [each for each in await world.requests() if each["path"].startswith("/media/")]
    assert len(media) == 1
    link = linked.content[1]
    assert isinstance(link, ResourceLink)
    assert link.uri == f"confluence://page/{attached.page}/attachment/att140001"


async def test_an_upload_to_a_page_whose_answer_was_lost_is_found(world: World, server: MCPServer[Deps]) -> None:
    page = next(iter(world.site.pages))
    await world.fault(path="*/child/attachment", method="PUT", drop="after")
    async with Client(server) as agent:
        file = {"content_id": page, "content_base64": "YQ==", "filename": "a.txt"}
        assert "version 1" in await told(agent, "confluence_upload_attachment", file)


async def test_a_file_too_large_for_a_page_is_told_as_that(world: World, filing: MCPServer[Deps], folder: Path) -> None:
    page = next(iter(world.site.pages))
    with (folder / "big.bin").open("wb") as file:
        file.truncate(21 * 2**20)
    async with Client(filing) as agent:
        said = await refused(agent, "confluence_upload_attachment", {"content_id": page, "file_path": "big.bin"})
        absent = await refused(agent, "confluence_upload_attachment", {"content_id": "1", "file_path": "big.bin"})
    assert "`big.bin` is larger than the site takes" in said
    assert "No page `1`" in absent
