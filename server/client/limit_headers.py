"""What Atlassian says of its limits in an answer's headers, read leniently: they contradict each other at times."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]+)?")
_ITEM = re.compile(r'"([^"]*)"((?:\s*;\s*\w+=[0-9]+)*)')
_PAIR = re.compile(r"(\w+)=([0-9]{1,15})")


def retry_after(headers: Mapping[str, str], wall: datetime) -> float:
    """Seconds from Retry-After: a number, or a date by the site's clock (`Date`), else by ours, which is `wall`.

    0 where it is missing, past or unreadable.
    """
    value = headers.get("retry-after", "").strip()
    if _SECONDS.fullmatch(value):
        return float(value)
    then = _http_date(value)
    if then is None:
        return 0.0
    return max(0.0, (then - (_http_date(headers.get("date", "")) or wall)).total_seconds())


def _http_date(value: str) -> datetime | None:
    try:
        then = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return None
    # A date that names no zone ("-0000") is in UTC.
    return then if then.tzinfo else then.replace(tzinfo=UTC)


def pause(headers: Mapping[str, str], wall: datetime) -> float:
    """Seconds until the limit that answered 429 is over: Retry-After, else the reset; 0 where neither says."""
    return retry_after(headers, wall) or until_reset(headers, wall)


def until_reset(headers: Mapping[str, str], wall: datetime) -> float:
    """Seconds to X-RateLimit-Reset (ISO 8601); 0 where it is missing, past or unreadable."""
    try:
        then = datetime.fromisoformat(headers.get("x-ratelimit-reset", ""))
    except ValueError:
        return 0.0
    aware = then if then.tzinfo else then.replace(tzinfo=UTC)
    return max(0.0, (aware - (_http_date(headers.get("date", "")) or wall)).total_seconds())


def limit(headers: Mapping[str, str]) -> float | None:
    value = headers.get("x-ratelimit-limit", "").strip()
    return float(value) if _SECONDS.fullmatch(value) and float(value) > 0 else None


def near(headers: Mapping[str, str]) -> bool:
    return headers.get("x-ratelimit-nearlimit", "").strip().lower() == "true"


def quotas(headers: Mapping[str, str]) -> Iterator[tuple[float, float, float]]:
    """(left, total, seconds until it begins anew) of each quota that both structured headers name."""
    for prefix in ("", "beta-"):
        told = headers.get(f"{prefix}ratelimit")
        if not told:
            continue
        policies = headers.get("ratelimit-policy") or headers.get("beta-ratelimit-policy") or ""
        totals = {name: values.get("q", 0.0) for name, values in _items(policies)}
        for name, values in _items(told):
            if "r" in values and totals.get(name):
                yield values["r"], totals[name], values.get("t", 0.0)


def _items(header: str) -> Iterator[tuple[str, dict[str, float]]]:
    for name, parameters in _ITEM.findall(header):
        yield name, {key: float(value) for key, value in _PAIR.findall(parameters)}
