"""Two edits of one text become one, or a conflict that shows both; none is lost on the way."""

from collections.abc import Callable
from random import Random
from typing import Any, get_args

import pytest

from server.content import Conflict, Merged, Part, align_words, merge, merge_items
from server.content.alignment import hunks
from server.content.words import tokens
from tests.content.merges import lost, miscounted, two_and_two
from tests.properties import merges

PAGE = "# Release\n\nThe build takes 5 minutes.\n\n| Who | State |\n| --- | --- |\n| Ann | todo |\n\n- one\n- two\n"


def changed(*pairs: tuple[str, str], text: str = PAGE) -> str:
    for old, new in pairs:
        assert text.count(old) == 1
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (("build", "nightly build"), ("minutes", "hours")),
        (("Release", "Release 2"), ("The build", "Beware.\n\nThe build")),
        (("todo", "done"), ("Ann", "Bob")),
        (("- one\n", ""), ("- two\n", "- two\n- three\n")),
        (("# Release\n\n", "# Release\n\nRead this first.\n\n"), ("- two\n", "")),
        (("The build takes 5 minutes.\n\n", ""), ("| Ann | todo |\n", "| Ann | todo |\n| Bob | todo |\n")),
    ],
)
def test_edits_of_different_words_are_both_made(ours: tuple[str, str], theirs: tuple[str, str]) -> None:
    assert merge(PAGE, changed(ours), changed(theirs)) == (changed(ours, theirs), ())


def test_the_same_edit_of_both_is_made_once() -> None:
    same = changed(("5 minutes", "7 hours"))
    assert merge(PAGE, same, same) == (same, ())
    more = changed(("two", "2"), text=same)
    assert merge(PAGE, same, more) == merge(PAGE, more, same) == (more, ())


def test_what_only_one_side_changed_is_that_side_to_the_byte() -> None:
    new = "\n\n# Release\r\n\r\n\x0b odd \u2028 ends   \n\n\n"
    assert merge(PAGE, new, PAGE) == merge(PAGE, PAGE, new) == (new, ())


def test_a_word_that_both_changed_is_a_conflict_with_the_other_side_in_place() -> None:
    merged = merge(PAGE, changed(("5", "6")), changed(("5", "7")))
    assert merged.text == changed(("5", "7"))
    (conflict,) = merged.conflicts
    assert conflict == Conflict("5", "6", "7", line=3, start=PAGE.index("5"), end=PAGE.index("5") + 1)
    assert str(conflict) == 'line 3: "5" became "6" here and "7" there'
    assert merge(PAGE, changed(("5", "6")), changed(("5", "7")), keep="ours").text == changed(("5", "6"))


def test_a_block_that_one_side_took_out_and_the_other_changed_is_a_conflict() -> None:
    block = "The build takes 5 minutes.\n\n"
    merged = merge(PAGE, changed((block, "")), changed(("5", "7")))
    assert merged.text == changed(("5", "7"))
    assert [(conflict.base, conflict.ours) for conflict in merged.conflicts] == [(block, "")]
    assert "became nothing here" in str(merged.conflicts[0])


def test_two_rewrites_of_one_sentence_are_not_woven_together() -> None:
    base = "The quick brown fox jumps"
    merged = merge(base, "The slow green turtle sleeps", "A quick red fox ran")
    assert merged.text == "A quick red fox ran"
    assert [conflict.ours for conflict in merged.conflicts] == ["The slow green turtle sleeps"]


def test_neighbouring_words_changed_by_two_sides_collide() -> None:
    assert merge(
        "about ten apples from here\n", "about two apples from here\n", "about ten pears from here\n"
    ).conflicts


def test_an_address_is_changed_by_one_side_or_collides() -> None:
    base, ours, theirs = (f"see [it](https://{host}/a-{tail})" for host, tail in ("ab", "cb", "ad"))
    assert [conflict.theirs for conflict in merge(base, ours, theirs).conflicts] == ["](https://a/a-d)"]


def test_two_texts_at_one_place_are_a_conflict_at_the_end_too() -> None:
    merged = merge("a", "a\n\nours", "a\n\ntheirs\n")
    assert merged.text == "a\n\ntheirs\n"
    assert [(c.base, c.ours, c.theirs, merged.text[c.start : c.end]) for c in merged.conflicts] == [
        ("", "ours", "theirs", "theirs")
    ]
    assert merge("a", "a\n\nours", "", keep="ours") == ("ours", ())
    assert merge("a", "", "a b").conflicts


def test_line_ends_at_the_end_are_merged_as_layout() -> None:
    assert merge("a", "a\n", "b") == ("b\n", ())
    assert merge("a", "a b\n", "a\n\n").text == "a b\n\n"
    assert merge("a", "a b\n", "a\n\n", keep="ours").text == "a b\n"


def test_any_items_merge_by_what_makes_them_the_same() -> None:
    base = [{"id": 1, "text": "a"}, {"id": 2, "text": "b"}, {"id": 3, "text": "c"}]
    ours = [{"id": 9, "text": "a"}, base[1], base[2], {"id": 4, "text": "d"}]
    theirs = [base[0], {"id": 5, "text": "x"}, base[2]]
    parts = merge_items(base, ours, theirs, key=lambda node: node["text"])
    assert [part.changed_by for part in parts] == ["none", "theirs", "none", "ours"]
    assert [node["id"] for part in parts for node in part.kept("theirs")] == [1, 5, 3, 4]
    for side, items in enumerate((base, ours, theirs), 1):
        assert [item for part in parts for item in part[side]] == items
    kinds: Any = Part.__annotations__["changed_by"]
    assert {part.changed_by for part in merge_items("abc", "xbd", "xbe")} <= set(get_args(kinds))


def test_random_merges_lose_nothing_and_rarely_conflict() -> None:
    sound, text = merges(2_000)
    assert sound, text


def test_the_check_of_random_merges_sees_a_loss() -> None:
    case = two_and_two(1)
    base, ours, theirs = case.text(), case.text(*case.ours), case.text(*case.theirs)
    assert lost(case, Merged(theirs, ()))
    assert miscounted(base, ours, theirs, theirs)
    assert miscounted(base, ours, theirs, f"{ours}{theirs}")


def applied(before: list[Any], after: list[Any]) -> list[Any]:
    made: list[Any] = []
    at = 0
    for hunk in hunks(before, after):
        made += [*before[at : hunk.start], *after[hunk.new_start : hunk.new_end]]
        at = hunk.end
    return made + before[at:]


def test_hunks_lead_from_one_sequence_to_the_other() -> None:
    random = Random(5)  # noqa: S311  # reproducible, no secret
    for size in range(400):
        before, after = ([random.randint(0, size % 7) for _ in range(random.randint(0, 20))] for _ in range(2))
        assert applied(before, after) == after


def test_an_insertion_that_could_stand_in_several_places_stands_in_the_last() -> None:
    assert hunks("abbbc", "abbbbc") == [(4, 4, 4, 5)]
    assert hunks("abbbc", "abbc") == [(3, 4, 3, 3)]


EQUAL = "x\n" * 100_000
HOSTILE: dict[str, Callable[[], tuple[str, str, str]]] = {
    "equal lines": lambda: (EQUAL, EQUAL + "y\n", "z\n" + EQUAL),
    "no line left": lambda: tuple("".join(f"{n % k}\n" for n in range(100_000)) for k in (50, 49, 47)),  # type: ignore[return-value]  # three of them
    "one long word": lambda: ("ab" * 500_000, "ba" * 500_000, "aab" * 300_000),
    "signs alone": lambda: ("!?" * 100_000, "?!" * 100_000, "!!?" * 60_000),
    "open brackets": lambda: ("](" * 100_000, "{" * 200_000, "[{a](" * 40_000),
}


@pytest.mark.parametrize("shape", HOSTILE)
def test_hostile_texts_merge_or_conflict_and_never_hang(shape: str) -> None:
    base, ours, theirs = HOSTILE[shape]()
    merged = merge(base, ours, theirs)
    assert merged.text == theirs or not merged.conflicts
    assert bool(merged.conflicts) == (shape != "equal lines")


def test_words_are_aligned_as_whole_words_and_cover_both_texts() -> None:
    before, after = "a quick brown fox ran", "a very slow brown fox"
    shown = [
        (code.kind, before[code.start : code.end], after[code.new_start : code.new_end])
        for code in align_words(before, after)
    ]
    assert shown == [
        ("equal", "a ", "a "),
        ("replace", "quick", "very slow"),
        ("equal", " brown fox", " brown fox"),
        ("delete", " ran", ""),
    ]
    assert align_words("", "") == []
    assert [code.kind for code in align_words("a", "a b")] == ["equal", "insert"]


def test_changes_between_which_only_a_blank_stayed_are_one() -> None:
    assert [code.kind for code in align_words("see one two here", "see three four here")] == [
        "equal",
        "replace",
        "equal",
    ]


def test_tokens_keep_words_of_every_script_addresses_and_container_lines_whole() -> None:
    assert tokens("naïve हिन्दी 漢字…") == ["naïve", " ", "हिन्दी", " ", "漢", "字", "…"]
    assert tokens("[a](b-c) :x[y]{n=1}") == ["[", "a", "](b-c)", " ", ":", "x", "[", "y", "]", "{n=1}"]
    assert tokens(":::panel{a=b c}\n**x**") == [":::panel{a=b c}", "\n", "**", "x", "**"]
