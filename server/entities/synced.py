"""How each type of thing is kept in step with Atlassian: what the engine knows of it, and all that it knows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

Value: TypeAlias = str | float | bool | tuple[str, ...] | None
Fields: TypeAlias = Mapping[str, Value]
"""In canonical form: text in NFC, sets as sorted tuples, people as account ids, times as UTC milliseconds."""

Rule = Literal["scalar", "text", "set", "status", "content", "fixed"]
"""How two changes of one field become one.

scalar: one value, the other becomes a conflict. text: merged by block, line and word. set: each member for itself.
status: reached by transitions. content: a file's, by its hash; never changed, but another one is put in its place.
fixed: Atlassian's alone (who wrote a comment).
"""

Ownership = Literal["local", "remote", "merge", "append", "readonly"]
"""Whose a field is: `local` the agents', `remote` the people's, `merge` both's, `append` may be added but not changed,
`readonly` never ours to write."""


@dataclass(frozen=True, kw_only=True)
class Synced:
    """One type. What has a `root` is read and queued with the thing above it: a comment with its issue."""

    kind: str
    rules: Mapping[str, Rule]
    root: str | None = None
    marked: bool = True
    """Whether a creation carries our marker in the same request; else it is known by author, time and `told_by`."""
    told_by: tuple[str, ...] = ()
    logged: bool = False
    """Whether a changelog tells every change of it."""
    versioned: bool = False
    """Whether a write names the version that it was made for and fails where that is not the newest."""
    lookup_lags: bool = False
    """Whether what was just created can't be found for a while, except by its id."""
    unique: str | None = None
    """The field that nothing else in its container may have the same of: a page's title."""
    ownership: Ownership = "merge"
