"""Atlassian's own ids of the requests that one call takes, for the audit log."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar

NAMES = ("atl-request-id", "x-arequestid", "atl-traceid")

_ids: ContextVar[list[str] | None] = ContextVar("ids", default=None)


@contextmanager
def traced() -> Generator[list[str]]:
    """The ids of all requests that are answered meanwhile, as they come."""
    ids: list[str] = []
    token = _ids.set(ids)
    try:
        yield ids
    finally:
        _ids.reset(token)


def note(headers: Mapping[str, str]) -> None:
    ids = _ids.get()
    known = next((headers[name] for name in NAMES if name in headers), None)
    if ids is not None and known:
        ids.append(known)
