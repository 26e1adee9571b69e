"""Days, moments and durations as people write them."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from tools.moments import day, moment
from tools.times import duration

MONDAY = date(2026, 6, 1)
NOW = datetime(2026, 6, 1, 9, 30, tzinfo=timezone(timedelta(hours=2)))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-02-28", "2026-02-28"),
        ("Last  Week", "2026-05-25"),
        ("friday", "2026-06-05"),
        ("monday", "2026-06-08"),
        ("last monday", "2026-05-25"),
        ("in 3 days", "2026-06-04"),
        ("2 weeks ago", "2026-05-18"),
        ("in 1 month", "2026-07-01"),
        ("6 months ago", "2025-12-01"),
        ("in 2 years", "2028-06-01"),
    ],
)
def test_a_day_is_understood(said: str, meant: str) -> None:
    assert day(said, MONDAY) == date.fromisoformat(meant)


def test_a_month_ends_where_it_ends() -> None:
    assert day("in 1 month", date(2026, 1, 31)) == date(2026, 2, 28)


@pytest.mark.parametrize("said", ["", "soon", "2026-02-30", "9999 years ago", "in 9999 years"])
def test_what_is_no_day_is_refused(said: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - pydantic tells it
        day(said, MONDAY)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("now", NOW),
        ("in 2 hours", NOW + timedelta(hours=2)),
        ("in 45 minutes", NOW + timedelta(minutes=45)),
        ("tomorrow at 9:05", NOW.replace(day=2, hour=9, minute=5)),
        ("yesterday", datetime(2026, 5, 31, tzinfo=NOW.tzinfo)),
        ("2026-06-03T14:00", NOW.replace(day=3, hour=14, minute=0)),
        ("2026-06-03T14:00:00Z", datetime(2026, 6, 3, 14, tzinfo=UTC)),
    ],
)
def test_a_moment_is_in_the_zone_it_names_or_in_that_of_now(said: str, meant: datetime) -> None:
    assert moment(said, NOW) == meant


@pytest.mark.parametrize(
    ("said", "meant"), [("2h 30m", "2h 30m"), ("1.5 hours", "1h 30m"), ("1 day, 4 hrs and 5 mins", "1d 4h 5m")]
)
def test_a_duration_is_told_as_jira_writes_it(said: str, meant: str) -> None:
    assert duration(said) == meant


@pytest.mark.parametrize("said", ["30", "", "0m", "1.5d", "2h or so"])
def test_what_is_no_duration_is_refused(said: str) -> None:
    with pytest.raises(ValueError, match=r"takes|minute"):
        duration(said)
