"""Many seeds on two processes, and what came of them."""

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, NamedTuple

from tests.simulation.mutants import MUTANTS, planted

CHUNK = 50


class Result(NamedTuple):
    """Of some seeds: how many, what was broken by which, and in how many each fault happened."""

    seeds: int
    broken: list[tuple[int, int, str]]
    faults: Counter[str]
    calls: int
    writes: int


def said_by(module: str, *arguments: str) -> str:
    """What `python -m module` says: a process of its own, that nothing measures."""
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=surroundings).stdout


def run_seeds(seeds: range, mutant: str = "") -> Result:
    if mutant:
        with planted(next(each for each in MUTANTS if each.name == mutant)) as world:
            return _run(world, seeds)
    from tests.simulation.world import World

    return _run(World, seeds)


def _run(kind: Any, seeds: Iterable[int]) -> Result:
    broken: list[tuple[int, int, str]] = []
    faults: Counter[str] = Counter()
    calls = writes = count = 0
    for seed in seeds:
        world = kind(seed)
        what = failure(world)
        if what:
            broken.append((seed, *what))
        faults.update(set(world.faults))
        count, calls, writes = count + 1, calls + world.calls, writes + world.wrote
    return Result(count, broken, faults, calls, writes)


def failure(world: Any) -> tuple[int, str] | None:
    """The invariant that is broken and how; 0 where the engine itself failed."""
    try:
        world.run()
    except AssertionError as error:
        return getattr(error, "invariant", 0), str(error)
    except Exception as error:  # noqa: BLE001 - a seed that fails in whatever way is a finding
        return 0, f"{type(error).__name__}: {error}"
    return None


def run_many(first: int, count: int, *, mutant: str = "", processes: int = 2) -> Iterator[Result]:
    chunks = [range(at, min(at + CHUNK, first + count)) for at in range(first, first + count, CHUNK)]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        yield from pool.map(run_seeds, chunks, [mutant] * len(chunks))


def smallest(seed: int) -> tuple[int, str, list[str]]:
    """The fewest edits with which a seed still fails, how it does, and its trace."""
    from tests.simulation.world import World

    for edits in (1, 2, 3, 5, 8, 12, 20, 30, 45, 60):
        lines: list[str] = []
        what = failure(World(seed, edits=edits, told=lines))
        if what:
            return edits, what[1], lines
    return 60, "does not fail any more", []
