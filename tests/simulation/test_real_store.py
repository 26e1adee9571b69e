"""The engine runs on the real store as it does on the one in memory."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

SEEDS, CHUNK = 200, 20


def differing(seeds: range) -> list[int]:
    """Those that leave another trace."""
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


def test_the_same_seeds_leave_the_same_traces_on_the_real_store() -> None:
    chunks = [range(first, first + CHUNK) for first in range(0, SEEDS, CHUNK)]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert [seed for seeds in pool.map(differing, chunks) for seed in seeds] == []
