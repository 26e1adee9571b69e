"""How requests leave the machine: by the documented settings, and by nothing else of the environment."""

import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import anyio
import pytest
import trustme
import uvicorn
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)
from mcp import Client

from server.app import build
from server.errors import SettingsError
from server.sandbox import Site, application
from server.settings import read_settings
from tests.world import refused, told

pytestmark = pytest.mark.anyio
READ = ("jira_get_issue", {"issue_key": "DEMO-7"})
REMOTE = {"JIRA_URL": "https://jira.example.com", "JIRA_USERNAME": "demo@example.com", "JIRA_API_TOKEN": "demo-token"}


class Proxy:
    """Writes down where it is asked to connect to, and connects nobody."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def serve(self, *, task_status: anyio.abc.TaskStatus[str]) -> None:
        listener = await anyio.create_tcp_listener(local_host="127.0.0.1")
        port = listener.extra(anyio.abc.SocketAttribute.local_port)  # noqa: S610 - no Django
        task_status.started(f"http://127.0.0.1:{port}")
        async with listener:
            await listener.serve(self._refuse)

    async def _refuse(self, stream: anyio.abc.SocketStream) -> None:
        async with stream:
            self.asked.append((await stream.receive()).decode().partition("\r\n")[0])
            await stream.send(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")


async def asked_through(proxy: Proxy, **environment: str) -> str:
    settings = read_settings({**REMOTE, "ISTHMUS_MAX_RETRIES": "0", **environment})
    async with Client(build(settings)) as agent:
        return await refused(agent, *READ)


async def test_requests_go_through_the_proxy_that_is_set() -> None:
    proxy, said = Proxy(), ""
    async with anyio.create_task_group() as tasks:
        url = await tasks.start(proxy.serve)
        said = await asked_through(proxy, HTTPS_PROXY=url)
        tasks.cancel_scope.cancel()
    assert proxy.asked == ["CONNECT jira.example.com:443 HTTP/1.1"]
    assert "can't be reached (502 Bad Gateway)" in said


@pytest.mark.parametrize("names", ["jira.example.com", "example.com", ".example.com", "*.example.com", "*"])
async def test_what_needs_no_proxy_does_not_go_through_it(names: str) -> None:
    proxy = Proxy()
    async with anyio.create_task_group() as tasks:
        url = await tasks.start(proxy.serve)
        await asked_through(proxy, HTTPS_PROXY=url, NO_PROXY=f"other.example, {names}")
        tasks.cancel_scope.cancel()
    assert proxy.asked == []


async def test_no_other_variable_of_the_environment_is_heeded(monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = Proxy()
    async with anyio.create_task_group() as tasks:
        url = await tasks.start(proxy.serve)
        for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, url)
        await asked_through(proxy)
        tasks.cancel_scope.cancel()
    assert proxy.asked == []


@pytest.mark.parametrize("proxy", ["proxy.example.com:3128", "ftp://proxy.example.com", "http://", "http://x:99999"])
async def test_what_is_no_proxy_stops_the_start(proxy: str) -> None:
    with pytest.raises(SettingsError, match=r"^HTTPS_PROXY is no proxy\. It should look like"):
        read_settings({**REMOTE, "HTTPS_PROXY": proxy})


async def test_a_proxy_with_a_password_is_not_shown() -> None:
    assert "secret" not in repr(read_settings({**REMOTE, "HTTPS_PROXY": "http://me:secret@proxy.example.com"}))


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def url(authority: trustme.CA) -> Iterator[str]:
    """The sandbox over TLS, with a certificate that nobody else trusts."""
    yield from served(authority)


def served(authority: trustme.CA, *, asks: bool = False) -> Iterator[str]:
    config = uvicorn.Config(application(Site.demo()), port=0, log_level="critical")
    config.load()
    config.ssl = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(config.ssl)  # pyright: ignore[reportUnknownMemberType]
    if asks:
        authority.configure_trust(config.ssl)  # pyright: ignore[reportUnknownMemberType]
        config.ssl.verify_mode = ssl.CERT_REQUIRED
    ready = threading.Event()

    class Announced(uvicorn.Server):
        async def startup(self, sockets: object = None) -> None:
            await super().startup()
            ready.set()

    server = Announced(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    ready.wait(10)
    yield f"https://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


async def test_an_authority_of_ones_own_is_trusted(url: str, authority: trustme.CA, tmp_path: Path) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    settings = read_settings({**REMOTE, "JIRA_URL": url, "SSL_CERT_FILE": str(tmp_path / "ca.pem")})
    async with Client(build(settings)) as agent:
        assert "DEMO-7" in await told(agent, *READ)


async def test_an_authority_that_nobody_knows_is_not_trusted(
    url: str, authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    settings = read_settings({**REMOTE, "JIRA_URL": url, "ISTHMUS_MAX_RETRIES": "0"})
    async with Client(build(settings)) as agent:
        assert "certificate verify failed" in await refused(agent, *READ)


@pytest.mark.parametrize("content", [None, "nothing"])
async def test_a_file_that_holds_no_authorities_is_said_to_be_at_fault(tmp_path: Path, content: str | None) -> None:
    if content:
        (tmp_path / "ca.pem").write_text(content)
    settings = read_settings({**REMOTE, "SSL_CERT_FILE": str(tmp_path / "ca.pem"), "ISTHMUS_MAX_RETRIES": "0"})
    async with Client(build(settings)) as agent:
        assert "can't be reached (SSL_CERT_FILE" in await refused(agent, *READ)


@pytest.fixture
def asking(authority: trustme.CA) -> Iterator[str]:
    """The sandbox over TLS, for clients that show a certificate."""
    yield from served(authority, asks=True)


def certificate(authority: trustme.CA, folder: Path) -> dict[str, str]:
    """The variables of a client that the authority knows."""
    made = authority.issue_cert("client@example.com")
    made.cert_chain_pems[0].write_to_path(str(folder / "client.pem"))
    made.private_key_pem.write_to_path(str(folder / "client.key"))
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    return {
        "JIRA_CLIENT_CERT": str(folder / "client.pem"),
        "JIRA_CLIENT_KEY": str(folder / "client.key"),
        "SSL_CERT_FILE": str(folder / "ca.pem"),
    }


async def test_a_site_that_asks_for_a_certificate_is_shown_ours(
    asking: str, authority: trustme.CA, tmp_path: Path
) -> None:
    ours = certificate(authority, tmp_path)
    async with Client(build(read_settings({**REMOTE, **ours, "JIRA_URL": asking}))) as agent:
        assert "DEMO-7" in await told(agent, *READ)
    without = {**REMOTE, "SSL_CERT_FILE": ours["SSL_CERT_FILE"], "JIRA_URL": asking, "ISTHMUS_MAX_RETRIES": "0"}
    async with Client(build(read_settings(without))) as agent:
        await refused(agent, *READ)


async def test_a_key_with_a_password_is_said_to_be_at_fault_and_nobody_is_asked(
    authority: trustme.CA, tmp_path: Path
) -> None:
    ours = certificate(authority, tmp_path)
    key = load_pem_private_key(authority.issue_cert("x@example.com").private_key_pem.bytes(), None)
    locked = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    (tmp_path / "client.key").write_bytes(locked)
    async with Client(build(read_settings({**REMOTE, **ours, "ISTHMUS_MAX_RETRIES": "0"}))) as agent:
        said = await refused(agent, *READ)
    assert "the client certificate" in said
    assert "its key has a password" in said


async def test_any_certificate_is_trusted_only_where_that_is_asked_for(url: str) -> None:
    settings = read_settings({**REMOTE, "JIRA_URL": url, "JIRA_SSL_VERIFY": "false"})
    async with Client(build(settings)) as agent:
        assert "DEMO-7" in await told(agent, *READ)


async def test_a_proxy_may_be_one_products_own() -> None:
    both, own = Proxy(), Proxy()
    async with anyio.create_task_group() as tasks:
        proxies = {"HTTPS_PROXY": await tasks.start(both.serve), "JIRA_HTTPS_PROXY": await tasks.start(own.serve)}
        await asked_through(own, **proxies)
        tasks.cancel_scope.cancel()
    assert (both.asked, own.asked) == ([], ["CONNECT jira.example.com:443 HTTP/1.1"])


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"JIRA_CLIENT_KEY": "/a/key.pem"}, "JIRA_CLIENT_KEY is of no use without JIRA_CLIENT_CERT"),
        ({"JIRA_CUSTOM_HEADERS": "canary"}, "JIRA_CUSTOM_HEADERS is no list of headers"),
        ({"JIRA_CUSTOM_HEADERS": "X-A=b\r\nX-B: canary"}, "JIRA_CUSTOM_HEADERS is no list of headers"),
        ({"JIRA_CUSTOM_HEADERS": "Authorization=canary"}, "has Authorization, which is ours to send"),
        (
            {
                "CONFLUENCE_URL": "https://jira.example.com",
                "CONFLUENCE_USERNAME": "x",
                "CONFLUENCE_API_TOKEN": "y",
                "JIRA_CLIENT_CERT": "/a",
                "CONFLUENCE_CLIENT_CERT": "/b",
            },
            "Jira and Confluence are both at jira.example.com",
        ),
    ],
)
async def test_what_cannot_be_sent_stops_the_start(variables: dict[str, str], says: str) -> None:
    with pytest.raises(SettingsError, match=says) as caught:
        read_settings({**REMOTE, **variables})
    assert "canary" not in str(caught.value)
