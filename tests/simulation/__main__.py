"""`python -m tests.simulation --seeds N [--first N] [--mutant NAME]`: the last line has seeds, violations, seconds."""

import argparse
import sys
import time

from tests.simulation.ledger import Violation
from tests.simulation.world import World


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=200)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--trace", action="store_true")
    parser.add_argument("--calm", action="store_true")
    told = parser.parse_args()
    start = time.process_time()
    bad = 0
    calls = wrote = 0
    for seed in range(told.first, told.first + told.seeds):
        lines: list[str] = []
        world = World(seed, told=lines if told.trace else None, calm=told.calm)
        try:
            world.run()
            calls += world.calls
            wrote += world.wrote
        except Violation as error:
            bad += 1
            print(seed, error)
        except Exception as error:
            bad += 1
            print(seed, "CRASH", type(error), error)
            if told.trace:
                import traceback

                traceback.print_exc()
        if told.trace:
            print("\n".join(lines))
    print(
        f"{told.seeds} seeds, {bad} violations, {time.process_time() - start:.1f} s {calls / told.seeds / 60:.2f} calls {wrote / told.seeds / 60:.2f} writes"
    )
    sys.exit(bool(bad))


main()
