"""How a word becomes part of a query."""


def quote(words: str) -> str:
    """A JQL or CQL string literal."""
    escaped = words.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
