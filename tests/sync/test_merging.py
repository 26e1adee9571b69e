"""Two changes of one field become one, by the rule and the ownership of the field."""

import pytest

from server.entities.synced import Ownership, Rule, Value
from server.sync.merging import Merged, merged


@pytest.mark.parametrize(
    ("rule", "owner", "sides", "stands", "expected"),
    [
        ("scalar", "merge", ("a", "a", "a"), "theirs", Merged("a")),
        ("scalar", "merge", ("a", "b", "a"), "theirs", Merged("b")),
        ("scalar", "merge", ("a", "a", "b"), "theirs", Merged("b")),
        ("scalar", "merge", ("a", "b", "b"), "theirs", Merged("b")),
        ("scalar", "merge", ("a", "b", "c"), "theirs", Merged("c", lost=True)),
        ("scalar", "merge", ("a", "b", "c"), "ours", Merged("b", lost=True)),
        ("scalar", "remote", ("a", "b", "a"), "theirs", Merged("a", lost=True)),
        ("scalar", "readonly", ("a", "a", "b"), "theirs", Merged("b")),
        ("scalar", "local", ("a", "a", "b"), "theirs", Merged("a", lost=True)),
        ("scalar", "local", ("a", "b", "a"), "theirs", Merged("b")),
        ("fixed", "merge", ("a", "b", "c"), "ours", Merged("c")),
        ("set", "merge", (("a", "b"), ("a", "c"), ("a", "b", "d")), "theirs", Merged(("a", "c", "d"))),
        ("text", "merge", ("one\n\ntwo", "one!\n\ntwo", "one\n\ntwo!"), "theirs", Merged("one!\n\ntwo!")),
        ("text", "merge", (None, "ours", "theirs"), "theirs", Merged("theirs", lost=True)),
        ("text", "merge", ("a", "b", "c"), "ours", Merged("b", lost=True)),
    ],
)
def test_two_changes_become_one(
    rule: Rule, owner: Ownership, sides: tuple[Value, Value, Value], stands: str, expected: Merged
) -> None:
    assert merged(rule, owner, sides, stands) == expected
