"""Where inline comments stand in a storage body: the marker around the text that they are about."""

import re
from html import escape, unescape

from server.sandbox import storage

TOKEN = re.compile(
    r"""<!\[CDATA\[.*?\]\]>|<!--.*?-->|<(?P<close>/?)(?P<tag>[\w:.-]+)(?:[^>"']|"[^"]*"|'[^']*')*>|&\#?\w+;|.""",
    re.DOTALL,
)
SILENT = storage.HIDDEN | {"ac:plain-text-body", "ac:plain-text-link-body"}
BREAK = "\0"  # no selection reaches from one block into the next
Run = tuple[int, int]


def _letters(body: str) -> tuple[str, list[Run]]:
    """The text that a reader can select, and where in the body each letter stands."""
    letters: list[str] = []
    places: list[Run] = []
    silent = 0
    for token in TOKEN.finditer(body):
        tag, raw = token["tag"], token[0]
        if tag in SILENT and not raw.endswith("/>"):
            silent += -1 if token["close"] else 1
        if tag is None and not silent and not raw.startswith(("<!",)):
            for letter in unescape(raw):
                letters.append(letter)
                places.append(token.span())
        elif tag in storage.BLOCKS or tag == "br":
            letters.append(BREAK)
            places.append(token.span())
    return "".join(letters), places


def count(body: str, selection: str) -> int:
    return _letters(body)[0].count(selection)


def _runs(places: list[Run]) -> list[Run]:
    """Neighbouring places as one; tags between letters part them."""
    runs: list[Run] = []
    for start, end in places:
        if runs and runs[-1][1] == start:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return runs


def put(body: str, selection: str, index: int, marker: str) -> str:
    """The body with a marker around the selection's occurrence of this index, counted from 0."""
    text, places = _letters(body)
    at = -1
    for _ in range(index + 1):
        at = text.index(selection, at + 1) if at < 0 else text.index(selection, at + len(selection))
    opening = f'<ac:inline-comment-marker ac:ref="{escape(marker)}">'
    for start, end in reversed(_runs(places[at : at + len(selection)])):
        body = f"{body[:start]}{opening}{body[start:end]}</ac:inline-comment-marker>{body[end:]}"
    return body
