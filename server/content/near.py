"""What somebody may have meant by a name that is not there."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

_LONGEST, _MOST, _SHOWN = 80, 400, 3


def folded(name: str) -> str:
    """A name as people compare names: whatever its case and its blanks."""
    return " ".join(name.split()).casefold()


def near(wanted: str, names: Iterable[str]) -> list[str]:
    """Up to three of the names that look like it or have it in them."""
    by_form = {folded(name)[:_LONGEST]: name for name in names if name.strip()}
    form = folded(wanted)[:_LONGEST]
    forms = list(by_form)
    alike = get_close_matches(form, forms[:_MOST], n=_SHOWN, cutoff=0.6)
    holding = [other for other in forms if form and (form in other or other in form)]
    return [by_form[other] for other in dict.fromkeys([*alike, *holding])][:_SHOWN]


def quoted(names: Sequence[str], most: int = 8) -> str:
    shown = ", ".join(f'"{excerpt(name)}"' for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def excerpt(text: str, length: int = 60) -> str:
    flat = " ".join(text[: 4 * length].split())
    return flat if len(flat) <= length else f"{flat[:length].rstrip()}…"
