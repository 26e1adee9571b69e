"""Numbers that are given out once."""

from dataclasses import dataclass


@dataclass
class Counter:
    upcoming: int

    def __next__(self) -> int:
        given, self.upcoming = self.upcoming, self.upcoming + 1
        return given
