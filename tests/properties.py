"""What the suite samples, in full: `python -m tests.properties --full`. The last line says whether all of it holds."""

import argparse
import asyncio
import sys
import time
from collections.abc import Awaitable, Callable, Iterable, Iterator
from itertools import chain
from random import Random
from typing import Any

from tests.chaos import Storm
from tests.content.merges import any_case, problems, two_and_two
from tests.content.promises import (
    comes_back,
    generated_documents,
    nothing_moved_is_lost,
    one_word_changes_one_node,
    one_word_changes_one_place,
    page_stays,
    real_documents,
    real_pages,
    unchanged_stays,
    what_is_lost_is_said,
)
from tests.policy import queries
from tests.sandbox.test_nonsense import sent
from tests.virtual_time import VirtualTime


async def _nonsense(count: int) -> tuple[bool, str]:
    wrong = [each for seed in range(count // 100) for each in await sent(seed, 100)]
    return not wrong, f"{count} generated requests, {len(wrong)} wrong answers {wrong[:5] or ''}"


async def _storm(count: int) -> tuple[bool, str]:
    report = await Storm(count).run(count)
    return report.sound, str(report)


def merges(count: int) -> tuple[bool, str]:
    """Half of them of two and two edits in 40 lines of 8 words, half of all kinds."""
    wrong: list[str] = []
    conflicts = 0
    for seed in range(count // 2):
        found, merged = problems(two_and_two(seed))
        conflicts += bool(merged.conflicts)
        others, _ = problems(any_case(seed))
        wrong += [f"seed {seed}: {problem}" for problem in found + others]
    share = conflicts / (count // 2)
    return (
        not wrong and share <= 0.08,
        f"{count} random merges, {len(wrong)} losses {wrong[:3] or ''}; "
        f"{share:.1%} of those of 2 + 2 edits in 40 lines conflict, wanted at most 8 %",
    )


def _each(name: str, found: Iterable[Any], promise: Callable[[Any], str | None]) -> tuple[bool, str]:
    tried, wrong = 0, list[str]()
    for each in found:
        tried += 1
        if said := promise(each):
            wrong.append(said)
    return not wrong, f"{name}: {tried} documents, {len(wrong)} wrong {wrong[:3] or ''}"


def _documents(count: int) -> Iterator[tuple[bool, str]]:
    """What `server/content` promises, on the real documents and on generated ones."""
    random = Random(5)  # noqa: S311 - the same words on each run
    both = lambda: chain(real_documents(), generated_documents(count))  # noqa: E731 - made anew for each promise
    yield _each("no-op edits", both(), unchanged_stays)
    yield _each("one word changed", both(), lambda each: one_word_changes_one_node(each, random))
    yield _each("blocks moved", both(), lambda each: nothing_moved_is_lost(each, random))
    yield _each("losses told", chain(real_pages(), both()), what_is_lost_is_said)
    yield _each("no-op edits of pages", real_pages(), page_stays)
    for _ in range(max(1, count // 1000)):
        yield _each("one word of a page changed", real_pages(), lambda each: one_word_changes_one_place(each, random))
    for name, found, wanted in (("real", real_documents(), 0.97), ("generated", generated_documents(count), 0.85)):
        back = [comes_back(each) for each in found]
        share = sum(back) / max(1, len(back))
        yield share >= wanted, f"{name} documents that come back from Markdown alone: {share:.1%} of {len(back)}"


async def _filtered(count: int) -> tuple[bool, str]:
    report = await queries.run(seed=count, count=count)
    return report.sound, str(report)


def _virtually(run: Callable[[], Awaitable[tuple[bool, str]]]) -> tuple[bool, str]:
    loop = VirtualTime()
    try:
        return loop.run_until_complete(run())
    finally:
        loop.close()


def _results(count: int, *, of_merges: int) -> Iterator[tuple[bool, str]]:
    """One after the other: who waits for an hour wants to see that it goes on."""
    yield asyncio.run(_nonsense(count))
    yield _virtually(lambda: _storm(count))
    yield merges(of_merges)
    yield from _documents(count)
    yield asyncio.run(_filtered(count * 10))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    told = "10,000 of each, 100,000 merges and queries; without it, 500, 2,000 and 5,000"
    parser.add_argument("--full", action="store_true", help=told)
    full = parser.parse_args().full
    count = 10_000 if full else 500
    begun = time.monotonic()
    good = True
    for holds, text in _results(count, of_merges=100_000 if full else 2_000):
        print("holds:" if holds else "FAILS:", text, flush=True)  # noqa: T201 - what it is for
        good = good and holds
    print(f"{'all hold' if good else 'NOT all hold'}, {time.monotonic() - begun:.0f} s")  # noqa: T201 - what it is for
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
