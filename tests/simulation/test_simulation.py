"""Whatever fails, nothing is lost, doubled or told twice; and what would lose something is noticed."""

import re
import sys

import pytest

from tests.simulation.mutants import MUTANTS, Mutant, planted
from tests.simulation.running import failure, said_by
from tests.simulation.world import World

CAUGHT = [each for each in MUTANTS if each.seed >= 0]


def test_two_thousand_seeds_break_nothing_and_each_fault_is_in_one_of_a_hundred() -> None:
    said = said_by("tests.simulation", "--seeds", "2000")
    assert "2000 seeds, 0 violations" in said.splitlines()[-1], said
    shares = {name: float(share) for share, name in re.findall(r"^ *([0-9.]+) %  (.*)$", said, re.MULTILINE)}
    assert shares
    assert not {name: share for name, share in shares.items() if share < 1}


@pytest.mark.parametrize("seed", range(20))
def test_a_seed_breaks_nothing(seed: int) -> None:
    assert failure(World(seed)) is None


def test_a_world_without_faults_is_level_with_few_calls_and_writes() -> None:
    worlds = [World(seed, calm=True) for seed in range(10)]
    assert [failure(world) for world in worlds] == [None] * 10
    assert sum(world.wrote for world in worlds) <= 0.5 * 60 * 10


def test_the_same_seed_has_the_same_trace() -> None:
    first, second, other = World(7), World(7), World(8)
    for world in (first, second, other):
        world.run()
    assert first.digest == second.digest != other.digest


@pytest.mark.parametrize("mutant", CAUGHT, ids=lambda mutant: mutant.name)
def test_a_mutant_is_caught(mutant: Mutant) -> None:
    with planted(mutant) as world:
        broken = failure(world(mutant.seed))
    assert broken is not None
    assert broken[0] == mutant.invariant, broken[1]


def test_a_mutant_leaves_nothing_behind() -> None:
    with planted(MUTANTS[0]) as world:
        assert world is not World
    assert sys.modules["tests.simulation.world"].World is World


def test_a_mutant_is_found_by_its_name() -> None:
    said = said_by("tests.simulation", "--seeds", "50", "--processes", "1", "--mutant", MUTANTS[0].name)
    assert re.search(r"^seed \d+: invariant ", said, re.MULTILINE), said
