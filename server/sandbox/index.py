"""What search reads: the issues as search last saw them, found by what people ask for most."""

from bisect import bisect_left, bisect_right, insort
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from server.sandbox import adf, words
from server.sandbox.records import Issue, Json

Moment = tuple[datetime, int]
POSTED: Mapping[str, Callable[[Issue], Iterable[Any]]] = {
    "key": lambda issue: (issue.id,),
    "project": lambda issue: (issue.project,),
    "assignee": lambda issue: (issue.values.get("assignee"),),
    "reporter": lambda issue: (issue.values.get("reporter"),),
    "parent": lambda issue: (issue.values.get("parent"),),
    "status": lambda issue: (issue.values.get("status"),),
    "labels": lambda issue: [label.casefold() for label in issue.values.get("labels") or ()],
    "customfield_10020": lambda issue: issue.values.get("customfield_10020") or (),
}
"""The fields whose values lead to issues."""
SORTED: Mapping[str, Callable[[Issue], datetime]] = {
    "created": lambda issue: issue.created,
    "updated": lambda issue: issue.updated,
}
TEXTS = ("summary", "customfield_10036", "customfield_10037")
DOCUMENTS = ("description", "environment", "customfield_10032")


def texts(issue: Issue) -> Iterator[Json]:
    """The documents that words are looked for in: its own, and the comments that everybody may read."""
    for name in DOCUMENTS:
        if document := issue.values.get(name):
            yield document
    for comment in issue.comments:
        if comment.visibility is None:
            yield comment.body


@dataclass
class _Words:
    """From stems to the texts in which they stand, and from texts to the issues that hold them: a block that many
    documents share is looked at once. What an issue no longer holds stays noted; who asks looks at the issue itself."""

    _texts: dict[str, set[int]] = field(default_factory=dict[str, set[int]])
    _holders: dict[int, set[str]] = field(default_factory=dict[int, set[str]])
    _blocks: dict[int, Json] = field(default_factory=dict[int, Json])  # kept, so that no other takes its number

    _found: dict[str, set[str]] = field(default_factory=dict[str, set[str]])  # by stem, until something is noted

    def note(self, issue: Issue) -> None:
        self._found.clear()
        for name in TEXTS:
            if text := str(issue.values.get(name) or ""):
                self._hold(hash(text), issue.id, lambda text=text: text)
        for document in texts(issue):
            for block in adf.as_list(document.get("content")):
                self._blocks.setdefault(id(block), block)
                self._hold(id(block), issue.id, lambda block=block: adf.text(block))

    def _hold(self, text: int, issue_id: str, read: Callable[[], str]) -> None:
        holders = self._holders.get(text)
        if holders is None:
            holders = self._holders[text] = set()
            for stem in set(words.split(read())):
                self._texts.setdefault(stem, set()).add(text)
        holders.add(issue_id)

    def holders(self, stem: str) -> set[str]:
        found = self._found.get(stem)
        if found is None:
            texts = self._texts.get(stem, set[int]())
            found = self._found[stem] = set[str]().union(*(self._holders[text] for text in texts))
        return found


@dataclass(frozen=True)
class _Entry:
    issue: Issue
    posted: tuple[tuple[str, Any], ...]
    moments: tuple[tuple[str, Moment], ...]


@dataclass
class Index:
    """`lag`: seconds until search sees a write. Reads by id do not come here: they always see it."""

    _entries: dict[str, _Entry] = field(default_factory=dict[str, _Entry])
    _posted: dict[tuple[str, Any], set[str]] = field(default_factory=dict[tuple[str, Any], set[str]])
    _moments: dict[str, list[Moment]] = field(default_factory=lambda: {name: [] for name in SORTED})
    _numbers: list[int] = field(default_factory=list[int])
    _words: _Words | None = None
    _waiting: deque[tuple[datetime, str, Issue | None]] = field(
        default_factory=deque[tuple[datetime, str, Issue | None]]
    )
    lag: float = 0.0

    def __len__(self) -> int:
        return len(self._entries)

    def write(self, issue_id: str, issue: Issue | None, now: datetime) -> None:
        """The issue as it is now, None where it is gone."""
        if self.lag <= 0 and not self._waiting:
            self._put(issue_id, issue)
            return
        self._waiting.append((now + timedelta(seconds=self.lag), issue_id, _copied(issue) if issue else None))

    def settle(self, now: datetime) -> None:
        """Search sees what is old enough."""
        while self._waiting and (self._waiting[0][0] <= now or self.lag <= 0):
            _, issue_id, issue = self._waiting.popleft()
            self._put(issue_id, issue)

    def slow_down(self, lag: float) -> None:
        """From now on search is `lag` seconds behind; it then keeps copies, which writes do not change."""
        if lag > 0 and self.lag <= 0:
            for issue_id, entry in list(self._entries.items()):
                self._entries[issue_id] = replace(entry, issue=_copied(entry.issue))
        self.lag = lag

    def get(self, issue_id: str) -> Issue | None:
        entry = self._entries.get(issue_id)
        return entry.issue if entry else None

    def ids(self, name: str, values: Iterable[Any]) -> set[str]:
        """Of the issues in which the field holds one of the values."""
        found: set[str] = set()
        for value in values:
            found |= self._posted.get((name, value), set())
        return found

    def worded(self, stems: Collection[str]) -> set[str]:
        """Ids of the issues in which every stem stands somewhere."""
        if self._words is None:
            self._words = _Words()
            for entry in self._entries.values():
                self._words.note(entry.issue)
        found = [self._words.holders(stem) for stem in stems]
        return found[0].intersection(*found[1:]) if found else set(self._entries)

    def by_number(self) -> Iterator[Issue]:
        """Newest first."""
        return (self._entries[str(number)].issue for number in reversed(self._numbers))

    def by_moment(
        self, name: str, *, first: datetime | None = None, last: datetime | None = None, descending: bool = False
    ) -> Iterator[Issue]:
        """By a field of SORTED, from the moment `first` to the moment `last`; of the same moment, newest first."""
        rows = self._moments[name]
        start = bisect_left(rows, (first, -1)) if first else 0
        end = bisect_right(rows, (last, 1 << 62)) if last else len(rows)
        if descending:
            places: Iterable[int] = range(end - 1, start - 1, -1)
            return (self._entries[str(rows[place][1])].issue for place in places)
        return self._ascending(rows, start, end)

    def _ascending(self, rows: list[Moment], start: int, end: int) -> Iterator[Issue]:
        same: list[Moment] = []
        for place in range(start, end):
            if same and same[0][0] != rows[place][0]:
                yield from (self._entries[str(number)].issue for _, number in reversed(same))
                same.clear()
            same.append(rows[place])
        yield from (self._entries[str(number)].issue for _, number in reversed(same))

    def _put(self, issue_id: str, issue: Issue | None) -> None:
        self._drop(issue_id)
        if issue is None:
            return
        posted = tuple((name, value) for name, values in POSTED.items() for value in values(issue))
        moments = tuple((name, (read(issue), int(issue_id))) for name, read in SORTED.items())
        self._entries[issue_id] = _Entry(issue, posted, moments)
        for key in posted:
            self._posted.setdefault(key, set()).add(issue_id)
        for name, moment in moments:
            _insert(self._moments[name], moment)
        _insert(self._numbers, int(issue_id))
        if self._words is not None:
            self._words.note(issue)

    def _drop(self, issue_id: str) -> None:
        entry = self._entries.pop(issue_id, None)
        if entry is None:
            return
        for key in entry.posted:
            self._posted[key].discard(issue_id)
        for name, moment in entry.moments:
            rows = self._moments[name]
            del rows[bisect_left(rows, moment)]
        del self._numbers[bisect_left(self._numbers, int(issue_id))]


def _insert(rows: list[Any], row: Any) -> None:
    if not rows or rows[-1] < row:
        rows.append(row)
    else:
        insort(rows, row)


def _copied(issue: Issue) -> Issue:
    """The issue as it is now: a write replaces what its lists hold, but for comments and worklogs, which it changes."""
    return replace(
        issue,
        values=dict(issue.values),
        comments=[replace(comment) for comment in issue.comments],
        worklogs=[replace(worklog) for worklog in issue.worklogs],
        histories=list(issue.histories),
        attachments=list(issue.attachments),
        properties=dict(issue.properties),
        watchers=list(issue.watchers),
    )
