"""What is left to do on an issue, and how logging work changes it."""

from starlette.datastructures import QueryParams

from server.sandbox import refusals, worktime
from server.sandbox.records import Change, Issue, Json

FIELD = "timetracking"
WAYS = ("new", "leave", "manual", "auto")


def of(issue: Issue) -> Json:
    """`original` and `remaining`, in seconds, where they are known."""
    return dict(issue.values.get(FIELD) or {})


def _length(query: QueryParams, name: str) -> int:
    raw = query.get(name, "")
    if not raw or worktime.SPENT.match(raw) is None:
        words = f"Invalid time entered for the {name} parameter: '{raw}'."
        raise refusals.jira(400, errors={name: words})
    return worktime.seconds(raw)


def _way(query: QueryParams) -> str:
    way = query.get("adjustEstimate", "auto")
    if way not in WAYS:
        raise refusals.jira(400, f"adjustEstimate must be one of {', '.join(WAYS)}.")
    return way


def after_logging(issue: Issue, query: QueryParams, seconds: int) -> int | None:
    """The remaining estimate once so much more work is logged."""
    return _after(issue, query, seconds, "reduceBy", -1)


def after_deleting(issue: Issue, query: QueryParams, seconds: int) -> int | None:
    return _after(issue, query, -seconds, "increaseBy", 1)


def _after(issue: Issue, query: QueryParams, seconds: int, amount: str, sign: int) -> int | None:
    way, current = _way(query), of(issue).get("remaining")
    if way == "new":
        return _length(query, "newEstimate")
    if way == "manual":
        return max(0, (current or 0) + sign * _length(query, amount))
    if way == "leave" or current is None:
        return current
    return max(0, current - seconds)


def changes(issue: Issue, spent: int, after: int, remaining: int | None) -> list[Change]:
    """Sets the estimate; what the history says of it and of the time spent."""
    kept = of(issue)
    before = kept.get("remaining")
    if remaining != before:
        issue.values[FIELD] = {**kept, "remaining": remaining}
    rows = (("timespent", spent or None, after or None), ("timeestimate", before, remaining))
    return [Change(name, name, _seconds(old), _seconds(new)) for name, old, new in rows if old != new]


def _seconds(count: int | None) -> tuple[str | None, str | None]:
    return (None, None) if count is None else (str(count), str(count))
