"""The store in memory and the real one side by side: each call goes to both, which must answer the same.

The engine gets the real one's answers; what checks a seed looks into the one in memory.
"""

from collections.abc import Callable, Coroutine
from typing import Any

from server.store.port import Change, Fenced, Raised, Stale
from tests.simulation.memory import MemoryStore
from tests.store.inline import inline_store

ASKED = (
    "family",
    "entity",
    "linked",
    "record",
    "missing",
    "unseen",
    "absent",
    "creating",
    "remote_ids",
    "open_conflicts",
    "conflict",
    "blob",
    "due",
    "next_due",
    "needing_attention",
    "depth",
    "cooldowns",
    "operation",
    "deliver",
    "unhandled",
    "news",
    "cursor",
    "move_cursor",
    "scopes",
    "scope",
    "take",
    "release",
    "commit",
)
UNORDERED = frozenset({"needing_attention", "cooldowns", "family"})


class Twin(MemoryStore):
    """A store in memory, and the real one behind it."""

    def __init__(self) -> None:
        super().__init__()
        self.real = inline_store()
        self._begun = False

    async def both(self, name: str, asked: Callable[..., Any], arguments: Any, named: Any) -> Any:
        if not self._begun:
            self._begun = True
            await self.real.commit(Change(scopes=tuple(self.tracking.values())))
        expected = await _outcome(asked, arguments, named)
        found = await _outcome(getattr(self.real, name), arguments, named)
        assert _comparable(name, found) == _comparable(name, expected), f"{name}{arguments}: {found} is not {expected}"
        if isinstance(found, Exception):
            raise found
        return found

    def raise_again(self, key: str) -> None:
        super().raise_again(key)
        _at_once(self.real.commit(Change(raised=(Raised(key=key),))))


async def _outcome(asked: Callable[..., Any], arguments: Any, named: Any) -> Any:
    try:
        return await asked(*arguments, **named)
    except (Stale, Fenced) as error:
        return error


def _at_once(work: Coroutine[Any, Any, Any]) -> None:
    """It waits for nothing."""
    try:
        work.send(None)
    except StopIteration:
        return
    raise AssertionError("it waited")


def _comparable(name: str, outcome: Any) -> Any:
    if isinstance(outcome, Exception):
        return type(outcome)
    if name == "family" and outcome:
        return outcome.root, outcome.scope, outcome.dirty, outcome.parts, _sorted(outcome.intents)
    return _sorted(outcome) if name in UNORDERED and outcome else outcome


def _sorted(rows: Any) -> list[str]:
    return sorted(map(repr, rows))


def _doubled(name: str) -> Callable[..., Any]:
    inner: Callable[..., Any] = getattr(MemoryStore, name)

    async def doubled(self: Twin, *arguments: Any, **named: Any) -> Any:
        return await self.both(name, inner.__get__(self), arguments, named)

    return doubled


for each in ASKED:
    setattr(Twin, each, _doubled(each))
