"""Long work off the event loop: a page of megabytes takes seconds, and other calls must not wait for them."""

from collections.abc import Callable
from typing import TypeVar

import anyio.to_thread

T = TypeVar("T")

LONG = 100_000  # bytes or characters, a tenth of a second at the worst


async def steadily(work: Callable[[], T], size: int) -> T:
    """What `work` answers; where `size` says that it is long, from a thread."""
    return await anyio.to_thread.run_sync(work) if size > LONG else work()
