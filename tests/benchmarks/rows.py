"""A figure beside the one it must reach."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    figure: str
    measured: str
    wanted: str
    reached: bool | None = None  # None: nothing to reach, shown for comparison
