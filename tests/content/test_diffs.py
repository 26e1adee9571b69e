"""What changed is shown in few lines, and what is not shown is counted."""

from random import Random

from server.content import diff, word_diff
from tests.content.merges import any_case

LETTERS = "\n".join("abcdefghijklmnopqrst")


def test_changed_lines_are_shown_with_two_lines_around_them() -> None:
    shown = diff(LETTERS, LETTERS.replace("b", "B").replace("k\n", "").replace("t", "t\nu"))
    assert shown == (
        "@@ -1,4 +1,4 @@\n a\n-b\n+B\n c\n d\n"
        "@@ -9,5 +9,4 @@\n i\n j\n-k\n l\n m\n"
        "@@ -19,2 +18,3 @@\n s\n t\n+u",
        2, 2, 0,
    )  # fmt: skip
    assert diff("a", "a") == ("", 0, 0, 0)
    assert diff("a\nb\nc", "a\nB\nC", context=0).text == "@@ -2,2 +2,2 @@\n-b\n-c\n+B\n+C"


def test_what_the_budget_cuts_off_is_counted() -> None:
    after = LETTERS.replace("b", "B").replace("k\n", "").replace("t", "T\nU")
    shown = diff(LETTERS, after, budget=30)
    assert shown.text == "@@ -1,4 +1,4 @@\n a\n-b\n+B\n c\n d\n… 2 more changes (+2 -2 lines) are not shown."
    assert (shown.added, shown.removed, shown.hidden) == (3, 3, 2)
    many = diff("", "\n".join("new line" for _ in range(100)), budget=60).text
    assert many.startswith("@@ -1,1 +1,100 @@\n-\n+new line\n+new line")
    assert many.endswith(" more lines of this change are not shown.")
    assert many.count("\n") + int(many.split("… ")[1].split()[0]) == 102


def test_a_long_line_is_shown_around_what_changed_in_it() -> None:
    line = "word " * 200
    shown = diff(f"{line}old{line}", f"{line}new{line}").text.split("\n")
    assert [len(each) < 150 for each in shown] == [True] * 3
    assert shown[1].startswith("-…")
    assert "word oldword" in shown[1]
    assert shown[2].endswith("…")
    assert all(len(each) < 500 for each in diff(f"a{line}b", f"c{line}{line}d").text.split("\n"))
    assert len(diff(line, f"{line}\nx").text.split("\n")[1]) == 242


def test_words_that_went_and_came_are_marked() -> None:
    assert word_diff("a quick fox", "a slow red fox") == "a [-quick-]{+slow red+} fox"
    assert word_diff("one", "one two") == "one{+ two+}"
    assert word_diff("one two", "one") == "one[- two-]"
    long = "stays " * 100
    assert len(word_diff(f"{long}old {long}old {long}", f"{long}new {long}{long}")) < 250


def test_a_whole_diff_leads_from_one_text_to_the_other() -> None:
    for seed in range(100):
        case = any_case(seed)
        before, after = case.text(), case.text(*case.ours)
        shown = diff(before, after, context=10_000, budget=10**6).text.split("\n")[1:]
        if before != after:
            assert [line[1:] for line in shown if line[0] in " -"] == before.split("\n")
            assert [line[1:] for line in shown if line[0] in " +"] == after.split("\n")


def test_hostile_texts_are_compared_in_a_time_that_their_size_explains() -> None:
    random = Random(1)  # noqa: S311  # reproducible, no secret
    one, other = ("\n".join(str(random.randint(0, 9)) for _ in range(50_000)) for _ in range(2))
    assert diff(one, other).hidden or diff(one, other).text
    assert word_diff(one, other)
    assert len(diff("a" * 500_000, "b" * 500_000).text) < 2_000
