"""How long and when, as people say it and as Jira takes it."""

import re
from datetime import datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from server.client import JiraApiClient
from server.errors import Refused
from tools.moments import moment

_PART = re.compile(
    r"([0-9]{1,5})(\.[0-9]{1,2})?\s*(weeks?|w|days?|d|hours?|hrs?|h|minutes?|mins?|m)(?![a-z])(?:\s|,|and\b)*"
)
_TAKES = "takes weeks, days, hours and minutes, such as 1d 4h, 2h 30m or 45m"


def duration(text: str) -> str:
    """As Jira writes it, such as "2h 30m". Raises ValueError."""
    said = text.casefold().strip()
    parts = _PART.findall(said)
    if not parts or _PART.sub("", said):
        raise ValueError(f"{_TAKES}; a number alone says no unit" if said.isdigit() else _TAKES)
    counts = dict.fromkeys("wdhm", 0)
    for whole, fraction, unit in parts:
        counts[unit[0]] += int(whole)
        if fraction and unit[0] != "h":
            raise ValueError("takes fractions of hours alone: how long a day is depends on the site")
        counts["m"] += round(float(fraction or 0) * 60)
    if not any(counts.values()):
        raise ValueError("must be a minute at least")
    return " ".join(f"{count}{unit}" for unit, count in counts.items() if count)


Duration = Annotated[str, Field(max_length=60, examples=["2h 30m"]), AfterValidator(duration)]
When = Annotated[str, Field(max_length=60, description="ISO or yesterday 14:00")]


async def when(jira: JiraApiClient, text: str | None) -> datetime:
    """The moment that `text` names, in the zone of the account; now without it. Raises Refused."""
    if text is None:
        return jira.now
    try:
        given = datetime.fromisoformat(text)
        if given.tzinfo:
            return given
    except ValueError:
        pass
    try:
        return moment(text, await jira.local_now())
    except ValueError as error:
        raise Refused(
            f"Nothing was done: {text!a} is no moment. Write it as 2026-03-02, 2026-03-02T14:00, yesterday, "
            "today 9:30 or in 2 weeks."
        ) from error
