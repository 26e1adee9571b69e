"""The engine runs on the real store as it does on the one in memory."""

from tests.simulation.running import said_by
from tests.simulation.twin import Twin
from tests.simulation.world import World


def test_the_same_seeds_leave_the_same_traces_on_the_real_store() -> None:
    assert said_by("tests.simulation.real_store", "--seeds", "200") == "200 seeds, of which these differ: []\n"


def test_a_seed_leaves_the_same_trace_on_the_real_store() -> None:
    alone, beside = World(3), World(3, store=Twin())
    alone.run()
    beside.run()
    assert alone.digest == beside.digest
