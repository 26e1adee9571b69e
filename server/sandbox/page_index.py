"""What CQL reads: the pages as search last saw them."""

from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from server.sandbox.wiki_records import Page


@dataclass
class PageIndex:
    """`lag`: seconds until search sees a write. Without one it reads the pages themselves, with one copies."""

    lag: float = 0.0
    _seen: dict[str, Page] = field(default_factory=dict[str, Page])
    _waiting: deque[tuple[datetime, str, Page | None]] = field(default_factory=deque[tuple[datetime, str, Page | None]])

    def slow_down(self, lag: float, pages: Mapping[str, Page]) -> None:
        if self.lag <= 0 < lag and not self._waiting:
            self._seen = {page_id: _copied(page) for page_id, page in pages.items()}
        self.lag = lag

    def write(self, page_id: str, page: Page | None, now: datetime) -> None:
        """The page as it is now, None where it is gone."""
        if self.lag > 0 or self._waiting:
            self._waiting.append((now + timedelta(seconds=self.lag), page_id, _copied(page) if page else None))

    def settle(self, now: datetime) -> None:
        """Search sees what is old enough."""
        while self._waiting and (self._waiting[0][0] <= now or self.lag <= 0):
            _, page_id, page = self._waiting.popleft()
            self._seen.pop(page_id, None)
            if page:
                self._seen[page_id] = page

    def pages(self, live: Mapping[str, Page]) -> Iterable[Page]:
        return self._seen.values() if self.lag > 0 else live.values()


def _copied(page: Page) -> Page:
    """The page as it is now: a write replaces what its lists hold, but for comments, which it changes."""
    return replace(
        page,
        versions=list(page.versions),
        labels=list(page.labels),
        comments=[replace(comment, edits=list(comment.edits)) for comment in page.comments],
        properties=dict(page.properties),
    )
