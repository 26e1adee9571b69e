"""One process of several that share a login, all of whose calls find it to be spent at the same moment."""

import sys
from pathlib import Path

import anyio

from server.client import Pace, Pool
from server.client.auth import Wire
from server.client.auth.logins import Logins
from server.client.auth.vault import Vault
from server.credentials import OAuthApp


async def renew(site: str, folder: Path, spent: str, calls: int) -> None:
    """Prints the access tokens that the calls have in the end, each once."""
    found: set[str] = set()
    async with Pool() as pool:
        login = Logins(lambda: Vault.of(folder), Wire(pool), Pace()).by(OAuthApp("an-app", "a-secret"), site)

        async def call() -> None:
            found.add((await login.tokens(instead_of=spent)).access)

        print("ready", flush=True)  # noqa: T201 - to the test that started us
        await anyio.to_thread.run_sync(sys.stdin.readline)
        async with anyio.create_task_group() as tasks:
            for _ in range(calls):
                tasks.start_soon(call)
    print(*found, flush=True)  # noqa: T201


if __name__ == "__main__":
    anyio.run(renew, sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
