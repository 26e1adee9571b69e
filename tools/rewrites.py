"""What a write would change and lose: refused where it loses something, shown where it is only tried."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from server.content import (
    Loss,
    diff,
    lost_from_adf,
    lost_from_storage,
    markdown_to_adf,
    markdown_to_storage,
    refuse_long_description,
    refuse_long_page,
)
from server.errors import Refused

DryRun = Annotated[bool, Field(examples=["true: only show what would change"])]
AllowLoss = Annotated[bool, Field(examples=["true: lose what a refusal named"])]

MOST_SHOWN = 10  # losses that are spelled out
EMPTY: dict[str, Any] = {"type": "doc", "version": 1, "content": []}


def new_document(markdown: str) -> dict[str, Any]:
    """A description or a comment in Jira. Raises ContentError, and Refused where it can't hold what the text says."""
    document = markdown_to_adf(markdown)
    refuse_long_description(document)
    _refuse_unsaid(lost_from_adf(EMPTY, document, markdown))
    return document


def new_page(markdown: str) -> str:
    """A page or a comment in Confluence. Raises ContentError, and Refused where it can't hold what the text says."""
    storage = markdown_to_storage(markdown)
    refuse_long_page(storage)
    _refuse_unsaid(lost_from_storage("", storage, markdown))
    return storage


def _refuse_unsaid(losses: Sequence[Loss]) -> None:
    if losses:
        raise Refused(f"Nothing was written: the text would lose {_listed(losses)}")


def refuse_losses(what: str, losses: Sequence[Loss]) -> None:
    """Nothing goes that its author cannot have seen going."""
    if losses:
        raise Refused(f"Nothing was written: {what} would lose {_listed(losses)} Or pass allow_loss=true to lose them.")


def preview(what: str, before: str, after: str, losses: Sequence[Loss]) -> str:
    """What a write would change in a text, and lose."""
    changes = diff(before, after).text or "No word would change."
    lost = f"It would lose {_listed(losses)}" if losses else "Nothing would be lost."
    return f"In {what}:\n{changes}\n{lost}"


def preview_new(what: str, markdown: str) -> str:
    """What would be written where nothing is: refused before where it would lose something."""
    return preview(what, "", markdown, ())


def tried(*parts: str) -> str:
    """What a dry run answers."""
    return "\n".join(["Dry run: nothing was written.", *parts])


def _listed(losses: Sequence[Loss]) -> str:
    shown = "; ".join(loss.text() for loss in losses[:MOST_SHOWN])
    more = f"; and {len(losses) - MOST_SHOWN} more" if len(losses) > MOST_SHOWN else ""
    return f"{shown}{more}."
