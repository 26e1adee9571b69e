"""`python -m tests.simulation --seeds N [--first N] [--mutant NAME]`: the last line has seeds, violations, seconds."""

import argparse
import sys
import time
from collections import Counter

from tests.simulation.mutants import MUTANTS
from tests.simulation.running import Result, run_many, smallest


def main() -> None:
    told = _arguments()
    start = time.perf_counter()
    results: list[Result] = []
    for result in run_many(told.first, told.seeds, mutant=told.mutant, processes=told.processes):
        results.append(result)
        for seed, _, what in result.broken:
            _say(f"seed {seed}: {what}")
        if result.broken and told.mutant:
            break  # it is caught
    broken = [each for result in results for each in result.broken]
    seeds = sum(result.seeds for result in results)
    _shares(results, seeds)
    if broken and not told.mutant:
        _trace(broken[0][0])
    calls, writes = sum(each.calls for each in results), sum(each.writes for each in results)
    _say(f"{calls / seeds / 60:.2f} calls and {writes / seeds / 60:.2f} writes an edit")
    _say(f"{seeds} seeds, {len(broken)} violations, {time.perf_counter() - start:.0f} seconds")
    sys.exit(bool(broken) != bool(told.mutant))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--mutant", default="", choices=["", *(each.name for each in MUTANTS)])
    return parser.parse_args()


def _shares(results: list[Result], seeds: int) -> None:
    faults: Counter[str] = Counter()
    for result in results:
        faults.update(result.faults)
    for name, count in sorted(faults.items(), key=lambda each: -each[1]):
        _say(f"{100 * count / seeds:5.1f} %  {name}")


def _trace(seed: int) -> None:
    edits, what, lines = smallest(seed)
    _say(f"seed {seed} with {edits} edits: {what}")
    for line in lines:
        _say(line)


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - this is its output


if __name__ == "__main__":
    main()
