"""What a call is shown of Atlassian's answers, for whoever has to know how far it can be trusted."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

Witness = Callable[[str, Any], None]  # the path of a request, and the answer as it may be seen

_witness: ContextVar[Witness | None] = ContextVar("witness", default=None)


@contextmanager
def witnessed(by: Witness) -> Generator[None]:
    """All that is answered meanwhile."""
    token = _witness.set(by)
    try:
        yield
    finally:
        _witness.reset(token)


def seen(path: str, answer: Any) -> Any:
    """The answer, once whoever watches has seen it."""
    witness = _witness.get()
    if witness:
        witness(path, answer)
    return answer
