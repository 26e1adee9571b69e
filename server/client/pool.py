"""The connections of one process to its sites, directly or through a proxy."""

import ssl
from dataclasses import dataclass

import anyio
import httpx2

from server.settings import Network, is_loopback

_LIMITS = httpx2.Limits(max_connections=100, max_keepalive_connections=100)


@dataclass(frozen=True)
class _Opened:
    direct: httpx2.AsyncHTTPTransport
    proxied: httpx2.AsyncHTTPTransport | None


class Pool(httpx2.AsyncBaseTransport):
    """Opened by the first request: the certificates take longer to load than all the rest, and a start should not wait.

    The environment is not looked at: `network` is all that counts.
    """

    def __init__(self, network: Network | None = None) -> None:
        self._network = network or Network()
        self._opened: _Opened | None = None
        self._opening = anyio.Lock()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        opened = self._opened or await self._open()
        proxied = opened.proxied if opened.proxied and not self._avoids_proxy(request.url.host) else None
        return await (proxied or opened.direct).handle_async_request(request)

    def _avoids_proxy(self, host: str) -> bool:
        return is_loopback(host) or any(
            name in ("*", host) or host.endswith(f".{name}")
            for name in (given.lower().removeprefix("*").lstrip(".") or "*" for given in self._network.no_proxy)
        )

    async def _open(self) -> _Opened:
        async with self._opening:
            if self._opened is None:
                try:
                    self._opened = await anyio.to_thread.run_sync(_open, self._network)
                except OSError as error:
                    raise httpx2.ConnectError(f"SSL_CERT_FILE {self._network.ca_file}: {error}") from error
        return self._opened

    async def aclose(self) -> None:
        if self._opened is None:
            return
        await self._opened.direct.aclose()
        if self._opened.proxied:
            await self._opened.proxied.aclose()


def _open(network: Network) -> _Opened:
    authorities = network.ca_file and ssl.create_default_context(cafile=network.ca_file)
    verify = authorities or httpx2.create_ssl_context(trust_env=False)
    direct = httpx2.AsyncHTTPTransport(verify=verify, limits=_LIMITS, trust_env=False)
    if not network.proxy:
        return _Opened(direct, None)
    proxied = httpx2.AsyncHTTPTransport(verify=verify, limits=_LIMITS, trust_env=False, proxy=network.proxy)
    return _Opened(direct, proxied)
