"""What a write would change and lose: refused where it loses something, shown where it is only tried."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from server.content import Loss, diff
from server.errors import Refused

DryRun = Annotated[bool, Field(examples=["true: only show what would change"])]
AllowLoss = Annotated[bool, Field(examples=["true: lose what a refusal named"])]

MOST_SHOWN = 10  # losses that are spelled out


def refuse_losses(what: str, losses: Sequence[Loss]) -> None:
    """Nothing goes that its author cannot have seen going."""
    if losses:
        raise Refused(f"Nothing was written: {what} would lose {_listed(losses)} Or pass allow_loss=true to lose them.")


def preview(what: str, before: str, after: str, losses: Sequence[Loss]) -> str:
    """What a dry run answers."""
    changes = diff(before, after).text or "No word would change."
    lost = f"\nIt would lose {_listed(losses)}" if losses else "\nNothing would be lost."
    return f"Dry run: nothing was written. In {what}:\n{changes}{lost}"


def _listed(losses: Sequence[Loss]) -> str:
    shown = "; ".join(loss.text() for loss in losses[:MOST_SHOWN])
    more = f"; and {len(losses) - MOST_SHOWN} more" if len(losses) > MOST_SHOWN else ""
    return f"{shown}{more}."
