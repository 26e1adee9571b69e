"""The published contract beside the repository, for any ASGI application that claims to be Atlassian."""

import copy
import importlib.util
import sys
import warnings
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from tests.sandbox.deviations import DEVIATIONS

CHECKER = Path(__file__).parents[3] / "shared" / "contract" / "atlassian_contract.py"
UNDOCUMENTED = ("/__", "/ex/", "/rest/webhooks/", "/_edge/", "/authorize", "/oauth/", "/media/", "/wiki/download/")
OF_RESPONSES = ("response", "undocumented-status")


@lru_cache(maxsize=1)
def _loaded() -> Any:
    spec = importlib.util.spec_from_file_location("atlassian_contract", CHECKER)
    if spec is None or spec.loader is None:
        raise ImportError(f"cannot import {CHECKER}")
    checker = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # The checker leaves the closing of its files to Python.
        spec.loader.exec_module(checker)
        return checker, checker.Contract.load(only=["jira3", "agile", "conf2", "conf1"])


@dataclass
class Checked:
    """An application, held against the documents in every exchange where they are at hand."""

    app: Any
    contract: Any = None

    @property
    def violations(self) -> list[dict[str, Any]]:
        """What neither side may do; deprecated operations are no violation."""
        if self.contract is None:
            return []
        return [
            found
            for found in self.contract.violations
            if found["severity"] != "warning"
            and found["path"] != "/"
            and not any(deviation.covers(found) for deviation in DEVIATIONS)
        ]

    @property
    def answers(self) -> list[dict[str, Any]]:
        """Violations by the application alone, for tests that ask nonsense on purpose."""
        return [found for found in self.violations if found["kind"].startswith(OF_RESPONSES)]

    def forgive(self) -> None:
        """What a test broke on purpose."""
        if self.contract is not None:
            self.contract.violations.clear()


def checked(app: Any) -> Checked:
    """Wraps the application; without the documents its tests run unchecked."""
    if not CHECKER.exists():
        return Checked(app)
    checker, loaded = _loaded()
    contract = copy.copy(loaded)
    contract.violations, contract.seen, contract.counts = [], Counter(), Counter()
    return Checked(checker.ContractMiddleware(app, contract, skip=UNDOCUMENTED), contract)
