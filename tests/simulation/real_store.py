"""`python -m tests.simulation.real_store --seeds N`: the engine on the real store and, beside it, on the one in memory.

The last line names the seeds that leave another trace.
"""

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

CHUNK = 20


def differing(seeds: range) -> list[int]:
    from tests.simulation.twin import Twin
    from tests.simulation.world import World

    found: list[int] = []
    for seed in seeds:
        alone, beside = World(seed), World(seed, store=Twin())
        alone.run()
        beside.run()
        if alone.digest != beside.digest:
            found.append(seed)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.real_store", description=__doc__)
    parser.add_argument("--seeds", type=int, default=200)
    seeds: int = parser.parse_args().seeds
    chunks = [range(first, min(first + CHUNK, seeds)) for first in range(0, seeds, CHUNK)]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        found = [seed for some in pool.map(differing, chunks) for seed in some]
    print(f"{seeds} seeds, of which these differ: {found}")  # noqa: T201 - this is its output
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
