"""All things of one type below one other, read page by page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode

from server.addresses import Product
from server.entities.model import Model

A_PAGE = 50
_IRREGULAR = {"person": "people"}
_ASKED_BY: Mapping[Product, str] = {"jira": "startAt", "confluence": "cursor"}
_SIZED_BY: Mapping[Product, str] = {"jira": "maxResults", "confluence": "limit"}


@dataclass(frozen=True, kw_only=True)
class Listing:
    """`name` ends the URI of the list; `held` are the fields of the answer that hold it, the outer one first."""

    name: str
    path: str
    held: Sequence[str]
    query: Mapping[str, str] = field(default_factory=dict[str, str])
    whole: bool = False  # it comes at once, never in pages

    def page(self, product: Product, cursor: str | None) -> dict[str, str]:
        """What asks for one page of it."""
        sized = {} if self.whole else {_SIZED_BY[product]: str(A_PAGE)}
        return {**self.query, **sized, **({_ASKED_BY[product]: cursor} if cursor else {})}

    def items(self, answer: Any) -> Sequence[Any]:
        for name in self.held:
            answer = answer[name]
        return answer


@dataclass(frozen=True)
class Many:
    """One page of a list; `more` is the cursor of the next one."""

    items: Sequence[Model]
    total: int | None = None
    more: str | None = None

    def text(self, noun: str, uri: str) -> str:
        onward = self.more and f"{uri}?{urlencode({'cursor': self.more})}"
        texts = [item.text() for item in self.items]
        apart = "\n\n" if any("\n" in text for text in texts) else "\n"
        return apart.join([heading(len(self.items), noun, total=self.total, more=onward), *texts])


def read_page(items: Sequence[Model], answer: Any) -> Many:
    """Jira pages by `startAt` and tells the total; Confluence pages by the cursor in a link."""
    links = answer.get("_links")
    if links is not None:
        return Many(items, more=next_cursor(links.get("next")))
    end, total = answer.get("startAt", 0) + len(items), answer.get("total")
    return Many(items, total, str(end) if items and total and end < total else None)


def next_cursor(link: Any) -> str | None:
    """The cursor in a `_links.next`; the link itself is never followed, so that no answer can lead us elsewhere."""
    if not isinstance(link, str):
        return None
    return next(iter(parse_qs(link.partition("?")[2]).get("cursor", ())), None)


def heading(shown: int, noun: str, *, total: int | None = None, more: str | None = None) -> str:
    """How many there are and how to get the others: "25 of 132 projects; more with cursor=25"."""
    of = f" of {total}" if total is not None and total > shown else ""
    counted = noun if (total or shown) == 1 else _IRREGULAR.get(noun, f"{noun}s")
    return f"{shown}{of} {counted}{f'; more with {more}' if more else ''}"
