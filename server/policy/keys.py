"""One spelling of each key and path: what is checked is what is sent."""

from unicodedata import category, normalize
from urllib.parse import quote, unquote

SOME = 5  # times that something may have been percent-encoded


def canonical(text: str) -> str:
    """Without percent-encoding, full-width letters and their like, and what nobody sees. Raises ValueError."""
    if text.isascii() and text.isprintable() and "%" not in text:
        return text.strip()
    for _ in range(SOME):
        plain = "".join(each for each in normalize("NFKC", unquote(text)) if category(each) not in {"Cf", "Cc"}).strip()
        if plain == text:
            return plain
        text = plain
    raise ValueError("encoded too often")


def segments(path: str) -> tuple[str, ...]:
    """The parts of a path, decoded. Raises ValueError where somebody could read it as another path."""
    parts = tuple(unquote(path).split("/")[1:]) if "%2" not in path else tuple(map(unquote, path.split("/")[1:]))
    if not path.startswith("/") or "?" in path or "#" in path or any(_misleads(part) for part in parts):
        raise ValueError("a path that can be read in two ways")
    return parts


def path_of(parts: tuple[str, ...]) -> str:
    return "".join(f"/{quote(part, safe='~@:!$*,')}" for part in parts)


def _misleads(part: str) -> bool:
    return (
        part in ("", ".", "..")
        or "/" in part
        or "\\" in part
        or (not part.isprintable() and any(category(each) == "Cc" for each in part))
    )
