"""Imports the engine and its simulation once more, with one place changed, and leaves nothing of it behind."""

import importlib
import sys
from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.simulation.mutants.table import Mutant

AGAIN = ("server.sync", "tests.simulation")
KEPT = "tests.simulation.mutants"


@contextmanager
def planted(mutant: Mutant) -> Generator[Any]:
    """The class `World`, of a simulation in which the mutant lives."""
    before = {name: module for name, module in sys.modules.items() if _is_ours(name)}
    for name in before:
        del sys.modules[name]
    try:
        _plant(mutant)
        yield importlib.import_module("tests.simulation.world").World
    finally:
        for name in [each for each in sys.modules if _is_ours(each)]:
            del sys.modules[name]
        sys.modules.update(before)
        for name, module in before.items():
            parent, _, child = name.rpartition(".")
            if parent in sys.modules:
                setattr(sys.modules[parent], child, module)


def _is_ours(name: str) -> bool:
    return name.startswith(AGAIN) and not name.startswith(KEPT)


def _plant(mutant: Mutant) -> ModuleType:
    spec = find_spec(mutant.module)
    assert spec
    assert spec.origin
    source = Path(spec.origin).read_text(encoding="utf-8")
    assert source.count(mutant.old) == 1, f"{mutant.name}: what it changes stands {source.count(mutant.old)} times"
    module = module_from_spec(spec)
    sys.modules[mutant.module] = module
    exec(compile(source.replace(mutant.old, mutant.new), spec.origin, "exec"), module.__dict__)  # noqa: S102 - our own
    return module
