"""One stretch of a text in place of another, named by its exact characters."""

import re

from server.content.errors import ContentError
from server.content.near import excerpt, near
from server.content.source_blocks import Source

_SHOWN = 8
_LONGEST = 300


def replace_text(markdown: str, old: str, new: str, *, number: int | None = None) -> str:
    """The text with `new` where `old` stands; where that is in several places, at the one with this number."""
    if not old:
        raise ContentError("There is nothing to look for; pass the exact characters that are to be replaced.")
    places = [match.start() for match in re.finditer(re.escape(old), markdown)]
    if not places:
        raise ContentError(_missing(markdown, old))
    if number is None and len(places) > 1:
        raise ContentError(
            f"This text is there {len(places)} times: {_listed(markdown, places)}. Pass its number, or more of the "
            "text around it."
        )
    if number is not None and not 1 <= number <= len(places):
        raise ContentError(f"There is no number {number}: the text is there at {_listed(markdown, places)}.")
    place = places[(number or 1) - 1]
    return markdown[:place] + new + markdown[place + len(old) :]


def _listed(markdown: str, places: list[int]) -> str:
    starts = [match.end() for match in re.finditer("\n", markdown[: places[min(len(places), _SHOWN) - 1]])]
    shown: list[str] = []
    for number, place in enumerate(places[:_SHOWN], 1):
        line = sum(start <= place for start in starts) + 1
        shown.append(f'number {number} in line {line} ("{_around(markdown, place)}")')
    more = f" and {len(places) - _SHOWN} more" if len(places) > _SHOWN else ""
    return "; ".join(shown) + more


def _around(markdown: str, place: int) -> str:
    start = max(markdown.rfind("\n", 0, place) + 1, place - 20)
    return excerpt(markdown[start : place + 40].split("\n", 1)[0])


def _missing(markdown: str, old: str) -> str:
    said = f'The text "{excerpt(old)}" is not there.'
    words = old.split()
    if 0 < len(old) <= _LONGEST and words:
        loose = re.compile(r"\s+".join(map(re.escape, words)), re.IGNORECASE)
        if match := loose.search(markdown):
            line = markdown.count("\n", 0, match.start()) + 1
            return (
                f'{said} Line {line} has it with other blanks or case: "{excerpt(match.group())}". Pass that exactly.'
            )
    lines = [line.strip() for line in Source(markdown).lines if line.strip()]
    alike = near(old.strip().split("\n")[0], lines)
    if alike:
        line = next(n for n, line in enumerate(markdown.split("\n"), 1) if alike[0] in line)
        return f'{said} Line {line} is like it: "{excerpt(alike[0], 120)}". Read it again and pass it exactly.'
    return f"{said} Read the text again and pass its exact characters."
