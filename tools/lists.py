"""Lists that come page by page: what is shown, what is left, and how to go on."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from pydantic import model_validator

from server.entities import Model, heading

_LISTS = ("values", "issues", "worklogs", "comments", "results", "histories")  # as Atlassian names what a page holds


class Listed(Model):
    """One page of a list; `next_cursor` asks for the next one. Reads Jira's pages by `startAt`."""

    total: int | None = None
    next_cursor: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _cursor(cls, answer: Any) -> Any:
        if not isinstance(answer, Mapping) or "startAt" not in answer:
            return cast("object", answer)
        page = cast("Mapping[str, Any]", answer)
        held: Sequence[Any] = next((page[name] for name in _LISTS if name in page), ())
        end = page["startAt"] + len(held)
        last = page.get("isLast", end >= page.get("total", 0)) or not held
        return {**page, "next_cursor": None if last else str(end)}

    def heading(self, shown: int, noun: str) -> str:
        return heading(shown, noun, total=self.total, more=self.next_cursor and f"cursor={self.next_cursor}")


def table(columns: str, rows: Sequence[str]) -> list[str]:
    return [columns, *rows] if rows else []
