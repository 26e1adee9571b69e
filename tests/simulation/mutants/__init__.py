"""Planted faults: each is a change of one place of the engine, which the simulation must notice."""

from tests.simulation.mutants.planting import planted
from tests.simulation.mutants.table import MUTANTS, Mutant

__all__ = ["MUTANTS", "Mutant", "planted"]
