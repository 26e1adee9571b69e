"""Jira's working time: a week has 5 days and a day 8 hours."""

import re
from typing import Any

SPENT = re.compile(r"^\s*(?:([0-9]{1,6})w)?\s*(?:([0-9]{1,6})d)?\s*(?:([0-9]{1,6})h)?\s*(?:([0-9]{1,6})m)?\s*$")
SECONDS = (144_000, 28_800, 3_600, 60)


def seconds(raw: Any) -> int:
    """Of a text such as "1d 4h"; 0 where it is none."""
    found = SPENT.match(str(raw or ""))
    return sum(int(count or 0) * size for count, size in zip(found.groups(), SECONDS, strict=True)) if found else 0


def text(count: int) -> str:
    days, rest = divmod(count, 28_800)
    hours, rest = divmod(rest, 3_600)
    parts = ((days, "d"), (hours, "h"), (rest // 60, "m"))
    return " ".join(f"{count}{unit}" for count, unit in parts if count) or "0m"
