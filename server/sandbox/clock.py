"""The site's time: any clock's, moved at will, and what the site says of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email.utils import format_datetime


@dataclass
class Clock:
    """`skew` is how far what the site says of the time is from the time by which it lives."""

    source: Callable[[], datetime]
    moved: timedelta = timedelta()
    on_move: Callable[[], None] = lambda: None
    skew: timedelta = timedelta()

    def now(self) -> datetime:
        return self.source() + self.moved

    def shown(self) -> datetime:
        return self.now() + self.skew

    def date(self) -> str:
        """The Date header."""
        return format_datetime(self.shown(), usegmt=True)

    def move(self, ahead: timedelta, skew: timedelta) -> None:
        """OverflowError where there is no such time."""
        moved = replace(self, moved=self.moved + ahead, skew=skew)
        moved.shown()
        self.moved, self.skew = moved.moved, skew
        self.on_move()

    def set(self, moment: datetime) -> None:
        self.moved = moment - self.source()
        self.on_move()
