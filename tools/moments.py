"""Days and moments as people write them: ISO, "tomorrow", "next friday", "in 3 days", "today 14:00"."""

import re
from calendar import monthrange
from datetime import date, datetime, time, timedelta

DAYS = "YYYY-MM-DD, tomorrow, next friday, in 3 days"
_NEAR = {"yesterday": -1, "today": 0, "tomorrow": 1, "next week": 7, "last week": -7}
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY = re.compile(rf"(?:(this|next|last) )?({'|'.join(_WEEK)})")
_FROM_NOW = re.compile(r"in (\d{1,4}) (day|week|month|year)s?|(\d{1,4}) (day|week|month|year)s? ago")
_HOURS = re.compile(r"in (\d{1,4}) (hour|minute)s?")
_CLOCK = re.compile(r"(.+?)[ t](?:at )?(\d{1,2}:\d{2})")


def day(text: str, today: date) -> date:
    """Raises ValueError."""
    said = " ".join(text.casefold().split())
    if re.fullmatch(r"\d{4}-\d\d-\d\d", said):
        return date.fromisoformat(said)
    if said in _NEAR:
        return today + timedelta(days=_NEAR[said])
    if weekday := _WEEKDAY.fullmatch(said):
        ahead = (_WEEK.index(weekday[2]) - today.weekday()) % 7
        return today + timedelta(days=ahead - 7 if weekday[1] == "last" else ahead or 7)
    if counted := _FROM_NOW.fullmatch(said):
        number, unit = int(counted[1] or counted[3]), counted[2] or counted[4]
        return _shifted(today, number if counted[1] else -number, unit)
    raise ValueError(f"{text!a} is no day: it takes {DAYS}")


def moment(text: str, now: datetime) -> datetime:
    """In the zone of `now` where it names none. Raises ValueError."""
    said = " ".join(text.casefold().split())
    if said == "now":
        return now
    if hours := _HOURS.fullmatch(said):
        return now + timedelta(**{f"{hours[2]}s": int(hours[1])})
    if clock := _CLOCK.fullmatch(said):
        return datetime.combine(day(clock[1], now.date()), time.fromisoformat(clock[2].zfill(5)), now.tzinfo)
    try:
        return datetime.combine(day(said, now.date()), time(), now.tzinfo)
    except ValueError:
        found = datetime.fromisoformat(text.strip())
        return found if found.tzinfo else found.replace(tzinfo=now.tzinfo)


def is_plain_day(text: str) -> bool:
    """Whether it says the same on every day and in every zone."""
    return re.fullmatch(r"\d{4}-\d\d-\d\d", text.strip()) is not None


def _shifted(today: date, number: int, unit: str) -> date:
    if unit in ("day", "week"):
        return today + timedelta(days=number * (7 if unit == "week" else 1))
    months = today.year * 12 + today.month - 1 + number * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    return date(year, month + 1, min(today.day, monthrange(year, month + 1)[1]))
