"""The connections of one process to its sites, directly or through a proxy."""

import ssl
from dataclasses import dataclass

import anyio
import httpx2

from server.addresses import is_loopback
from server.networks import Network

_LIMITS = httpx2.Limits(max_connections=100, max_keepalive_connections=100)


@dataclass(frozen=True)
class _Opened:
    direct: httpx2.AsyncHTTPTransport
    proxied: httpx2.AsyncHTTPTransport | None

    async def aclose(self) -> None:
        await self.direct.aclose()
        if self.proxied:
            await self.proxied.aclose()


class Pool(httpx2.AsyncBaseTransport):
    """Opened by the first request: the certificates take longer to load than all the rest, and a start should not wait.

    The environment is not looked at: `network` is all that counts. What is set for one host, such as a certificate of
    ours, is used there and nowhere else.
    """

    def __init__(self, network: Network | None = None) -> None:
        self._network = network or Network()
        self._opened: dict[str, _Opened] = {}  # by host, or "" for all that have nothing of their own
        self._opening = anyio.Lock()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        host = request.url.host
        network, place = self._network.own.get(host, self._network), host if host in self._network.own else ""
        opened = self._opened.get(place) or await self._open(place, network)
        proxied = opened.proxied if opened.proxied and not _avoids_proxy(network, host) else None
        return await (proxied or opened.direct).handle_async_request(request)

    async def _open(self, place: str, network: Network) -> _Opened:
        async with self._opening:
            if place not in self._opened:
                self._opened[place] = await anyio.to_thread.run_sync(_open, network)
        return self._opened[place]

    async def aclose(self) -> None:
        for opened in self._opened.values():
            await opened.aclose()


def _avoids_proxy(network: Network, host: str) -> bool:
    return is_loopback(host) or any(
        name in ("*", host) or host.endswith(f".{name}")
        for name in (given.lower().removeprefix("*").lstrip(".") or "*" for given in network.no_proxy)
    )


def _open(network: Network) -> _Opened:
    verify = _context(network)
    direct = httpx2.AsyncHTTPTransport(verify=verify, limits=_LIMITS, trust_env=False)
    if not network.proxy:
        return _Opened(direct, None)
    proxied = httpx2.AsyncHTTPTransport(verify=verify, limits=_LIMITS, trust_env=False, proxy=network.proxy)
    return _Opened(direct, proxied)


def _context(network: Network) -> ssl.SSLContext:
    try:
        context = (
            ssl.create_default_context(cafile=network.ca_file)
            if network.ca_file
            else httpx2.create_ssl_context(trust_env=False)
        )
    except OSError as error:
        raise httpx2.ConnectError(f"SSL_CERT_FILE {network.ca_file}: {error}") from error
    if not network.verify:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if network.certificate:
        try:
            context.load_cert_chain(network.certificate, network.key or None, password=_no_password)
        except (OSError, ValueError) as error:
            raise httpx2.ConnectError(f"the client certificate {network.certificate}: {error}") from error
    return context


def _no_password() -> str:
    # Without this, OpenSSL asks for it on the terminal, where an agent's host waits for our answers.
    raise ValueError("its key has a password; save it without one, readable by you alone")
