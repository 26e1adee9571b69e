"""How an agent finds what it named and what is not there."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from server.entities.entity import Entity

_KIND = re.compile(r"([\w-]+) `")  # of "comment `7` of issue `PROJ-1`": the comment


class Finders:
    def __init__(self, entities: Sequence[Entity[Any]]) -> None:
        self._steps: Mapping[tuple[str, str], str] = {(each.product, each.name): each.finder for each in entities}

    def of(self, product: str, named: str) -> str:
        """The next step where nothing is found that is so named; empty where there is none."""
        kind = _KIND.search(named)
        return self._steps.get((product, kind[1]), "") if kind else ""
