"""Points in time as people write them in queries: dates, offsets such as -7d, and functions such as startOfWeek()."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

FORMATS = ("%Y-%m-%d %H:%M", "%Y/%m/%d %H:%M", "%Y-%m-%d", "%Y/%m/%d")
OFFSET = re.compile(r"^([+-]?)((?:\d+[wdhmMy]\s*)+)$")
PIECE = re.compile(r"(\d+)([wdhmMy])")
COUNT = re.compile(r"^[+-]?\d+$")
EPOCH_MS = re.compile(r"^-?\d{9,}$")
SPANS = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
}


def _months_later(moment: datetime, months: int) -> datetime:
    year, month = divmod(moment.year * 12 + moment.month - 1 + months, 12)
    following = datetime(year + (month == 11), (month + 1) % 12 + 1, 1, tzinfo=UTC)
    last = (following - timedelta(days=1)).day
    return moment.replace(year=year, month=month + 1, day=min(moment.day, last))


def shift(moment: datetime, offset: str) -> datetime | None:
    """The moment moved by an offset such as "-1w 2d"; None where the offset is no offset."""
    found = OFFSET.match(offset.strip())
    if not found:
        return None
    sign = -1 if found[1] == "-" else 1
    try:
        for count, unit in PIECE.findall(found[2]):
            if unit in SPANS:
                moment += sign * int(count) * SPANS[unit]
            else:
                moment = _months_later(moment, sign * int(count) * (12 if unit == "y" else 1))
    except (OverflowError, ValueError):
        return None
    return moment


def read(text: str, now: datetime, zone: timezone) -> datetime | None:
    """A date in a query, in the caller's time zone; None where it is none."""
    wanted = text.strip()
    if EPOCH_MS.match(wanted):
        try:
            return datetime.fromtimestamp(int(wanted) / 1000, UTC)
        except (OverflowError, ValueError, OSError):
            return None
    for form in FORMATS:
        try:
            return datetime.strptime(wanted, form).replace(tzinfo=zone)
        except ValueError:
            continue
    moved = shift(now.astimezone(zone), wanted)
    return moved.replace(second=0, microsecond=0) if moved else None


def _day(moment: datetime) -> datetime:
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)


def _week(moment: datetime) -> datetime:
    return _day(moment) - timedelta(days=(moment.weekday() + 1) % 7)


def _month(moment: datetime) -> datetime:
    return _day(moment).replace(day=1)


def _year(moment: datetime) -> datetime:
    return _month(moment).replace(month=1)


STARTS: dict[str, tuple[Callable[[datetime], datetime], str]] = {
    "day": (_day, "d"),
    "week": (_week, "w"),
    "month": (_month, "M"),
    "year": (_year, "y"),
}
FUNCTIONS = frozenset({"now", *(f"{edge}of{unit}" for edge in ("start", "end") for unit in STARTS)})


def call(name: str, offset: str, now: datetime, zone: timezone) -> datetime | None:
    """One of FUNCTIONS; None where its offset cannot be read."""
    local = now.astimezone(zone)
    edge, _, unit = name.casefold().partition("of")
    if not unit:
        return shift(local, offset) if offset else local
    start, letter = STARTS[unit]
    moment: datetime | None = local
    if offset:
        moment = shift(local, f"{offset}{letter}" if COUNT.match(offset) else offset)
    if moment is None:
        return None
    begun = start(moment)
    if edge == "start":
        return begun
    ended = shift(begun, f"1{letter}")
    return ended - timedelta(seconds=1) if ended else None
