"""A big page is read by its parts and edited where it says, and stays as it was everywhere else."""

from collections.abc import Callable
from random import Random

import pytest

from server.content import (
    ContentError,
    add_row,
    append,
    delete_row,
    insert,
    outline,
    read_slice,
    replace_section,
    replace_text,
    section,
    set_cell,
    set_task,
)
from server.content.source_blocks import Source

PAGE = """\
# Guide

Intro.

## Setup

Do it.

### Linux

apt

## Notes

::::panel{info}
### Inside

- [ ] one
- [x] two *b*
  ```
  # no heading
  :::
  ```

:::expand
deep
:::
::::

| Name | State |
| --- | --- |
| Ann | todo |
| Bob | a \\| b |

## Notes

end
"""


def refusal(call: Callable[[], object]) -> str:
    with pytest.raises(ContentError) as caught:
        call()
    return str(caught.value)


def edited(old: str, new: str, text: str = PAGE) -> str:
    assert text.count(old) == 1
    return text.replace(old, new)


def test_the_outline_has_levels_lines_sizes_and_paths() -> None:
    shown = [(each.level, " > ".join(each.path), each.line, each.lines) for each in outline(PAGE)]
    assert shown == [
        (1, "Guide", 1, 37),
        (2, "Guide > Setup", 5, 8),
        (3, "Guide > Setup > Linux", 9, 4),
        (2, "Guide > Notes", 13, 22),
        (3, "Guide > Notes > Inside", 16, 12),
        (2, "Guide > Notes", 35, 3),
    ]
    assert outline(PAGE)[0].size == len(PAGE)
    assert outline("# ä\n\n## b\n")[0][5:] == (11, 6)
    assert outline("a **b\n=====")[0].title == "a b"
    assert outline("## *a* [b](c) `d` \\* e_f\n")[0].title == "a b d * e_f"
    assert outline(PAGE)[1].place == 'line 5: "Guide > Setup"'
    assert outline("") == outline("text") == []


@pytest.mark.parametrize("heading", ["Setup", "setup ", "## Setup", "Guide > Setup", "guide>setup"])
def test_a_section_is_found_by_its_words_its_level_or_its_path(heading: str) -> None:
    assert section(PAGE, heading) == "## Setup\n\nDo it.\n\n### Linux\n\napt"


def test_a_section_inside_a_container_ends_with_it() -> None:
    assert section(PAGE, "Inside").endswith("deep\n:::")
    assert append(PAGE, "more", "Inside") == edited("deep\n:::\n", "deep\n:::\n\nmore\n")


COLUMNS = ":::layout\n::column{50}\n# A\n\na\n::column{50}\n# B\n\nb\n:::\n"


def test_a_section_inside_a_column_ends_with_it() -> None:
    assert section(COLUMNS, "A") == "# A\n\na"
    assert replace_section(COLUMNS, "A", "new") == edited("\na\n", "\nnew\n", COLUMNS)
    assert append(COLUMNS, "more", "B") == edited("\nb\n", "\nb\n\nmore\n", COLUMNS)
    table = ":::table\n::row\n::cell\n# A\n::column\n::cell\n:::info\n::row\n# B\n:::\n:::\n"
    assert section(table, "A") == "# A\n::column"  # what stands where it may not is for the writer to refuse
    assert section(table, "B") == "# B"


def test_a_container_is_closed_as_in_what_is_written() -> None:
    assert section(":::info\n# A\n::::panel\n:::\nin\n::::\nout", "A") == "# A\n::::panel\n:::\nin"
    assert section(":::none\n# A\n\n:::\n\\:::info\nend", "A").endswith("end")
    assert section("- :::info\n\n# A\n\nend\n\n:::", "A").endswith(":::")


def test_equal_headings_are_told_apart_by_number() -> None:
    assert section(PAGE, "Notes", 2) == "## Notes\n\nend"
    assert refusal(lambda: section(PAGE, "Notes")) == (
        '2 headings are called "Notes": number 1, line 13, "Guide > Notes"; number 2, line 35, "Guide > Notes". '
        "Pass the number or a path."
    )
    assert "is there 2 times; there is no number 3" in refusal(lambda: section(PAGE, "Notes", 3))
    assert "is there once" in refusal(lambda: section(PAGE, "Setup", 2))


def test_a_missing_heading_names_the_near_ones() -> None:
    assert 'Did you mean "Setup"?' in refusal(lambda: section(PAGE, "Set-up"))
    assert 'It has "Guide", "Setup"' in refusal(lambda: section(PAGE, "Zebra"))
    assert "no headings at all" in refusal(lambda: section("text", "Zebra"))
    assert "no heading" in refusal(lambda: section(PAGE, "#### Setup"))
    assert "no heading" in refusal(lambda: section(PAGE, "Notes > Setup"))


def test_a_section_is_replaced_below_its_heading_with_it_or_up_to_its_subsections() -> None:
    own, whole = "Do it.\n", "Do it.\n\n### Linux\n\napt\n"
    assert replace_section(PAGE, "Setup", "New.", part="text") == edited(own, "New.\n")
    assert replace_section(PAGE, "Setup", "\nNew.\n\n### Mac\n\n") == edited(whole, "New.\n\n### Mac\n")
    assert replace_section(PAGE, "Setup", "## Setup\n\nNew.\n\n### Mac") == edited(whole, "New.\n\n### Mac\n")
    assert replace_section(PAGE, "Setup", "## Start\n\nNew.", part="section") == edited(
        f"## Setup\n\n{whole}", "## Start\n\nNew.\n"
    )
    assert replace_section(PAGE, "Linux", "") == edited("apt\n\n", "")
    assert replace_section(PAGE, "Notes", "", part="section", number=2) == edited("\n## Notes\n\nend\n", "")
    assert replace_section("# A", "A", "text") == "# A\n\ntext"
    assert replace_section("# A\ntext", "A", "") == "# A"
    assert replace_section("# A\ntext\n# B", "A", "new") == "# A\n\nnew\n\n# B"


def test_what_a_new_section_would_break_is_refused() -> None:
    assert 'would delete: "Linux". Pass part="text"' in refusal(lambda: replace_section(PAGE, "Setup", "New."))
    ends = refusal(lambda: replace_section(PAGE, "Setup", "## Other\n\nNew."))
    assert 'level 2 would end the section "Setup", which has level 2: write it with ###' in ends
    assert "begins without a heading" in refusal(lambda: replace_section(PAGE, "Setup", "New.", part="section"))
    assert "would stay" in refusal(lambda: replace_section(PAGE, "Setup", "### New", part="text"))
    assert "opens a code block" in refusal(lambda: replace_section(PAGE, "Linux", "a\n\n```\nb"))
    assert "has no partner" in refusal(lambda: append(PAGE, ":::panel\ntext"))
    assert "has no partner" in refusal(lambda: append(PAGE, ":::panel\n:::\n:::"))
    assert append("", "```\n:::panel\n```") == "```\n:::panel\n```"
    assert "no text to put in" in refusal(lambda: insert(PAGE, " \n", heading="Setup"))


def test_text_is_appended_to_a_section_before_its_subsections() -> None:
    assert append(PAGE, "More.", "Setup") == edited("Do it.\n", "Do it.\n\nMore.\n")
    assert append(PAGE, "### Mac\n\nbrew", "Setup") == edited("apt\n", "apt\n\n### Mac\n\nbrew\n")
    assert append(PAGE, "More.\n") == PAGE + "\nMore.\n"
    assert append("a", "b") == "a\n\nb"
    assert append("", "b") == "b"


def test_text_is_inserted_before_and_after_sections() -> None:
    assert insert(PAGE, "## New", heading="Setup") == edited("apt\n", "apt\n\n## New\n")
    assert insert(PAGE, "## New", heading="Setup", where="before") == edited("Intro.\n", "Intro.\n\n## New\n")
    assert insert(PAGE, "Note.", heading="Guide", where="before") == f"Note.\n\n{PAGE}"


def test_a_stretch_of_text_is_replaced_where_it_is_unique_or_numbered() -> None:
    assert replace_text(PAGE, "Do it.\n\n### Linux", "Done.") == edited("Do it.\n\n### Linux", "Done.")
    assert replace_text("a b a", "a", "c", number=2) == "a b c"
    assert refusal(lambda: replace_text("a b\nxa", "a", "c")) == (
        'This text is there 2 times: number 1 in line 1 ("a b"); number 2 in line 2 ("xa"). '
        "Pass its number, or more of the text around it."
    )
    assert "There is no number 3" in refusal(lambda: replace_text("a a", "a", "b", number=3))
    assert "and 92 more" in refusal(lambda: replace_text("a" * 100, "a", "b"))
    assert 'Line 7 has it with other blanks or case: "Do it."' in refusal(lambda: replace_text(PAGE, "do\nit.", "x"))
    assert 'Line 3 is like it: "Intro."' in refusal(lambda: replace_text(PAGE, "Introo", "x"))
    assert "Read the text again" in refusal(lambda: replace_text(PAGE, "Zebras graze", "x"))
    assert "nothing to look for" in refusal(lambda: replace_text(PAGE, "", "x"))


def test_a_cell_is_set_by_the_words_or_numbers_of_its_row_and_column() -> None:
    done = edited("| Ann | todo |", "| Ann | done |")
    for row, column in (("Ann", "State"), ("ann", "state"), (1, 2), ("todo", 2)):
        assert set_cell(PAGE, row, column, "done") == done
    assert set_cell(PAGE, "a | b", "Name", "x|y\n\\|z") == edited("| Bob |", "| x\\|y<br>\\|z |")
    assert set_cell("a | b\n-|-\nc | d", 1, 2, "e") == "a | b\n-|-\nc | e"
    assert set_cell("a | b\n-|-\nc | d", 1, 2, "") == "a | b\n-|-\nc | |"
    assert set_cell("|a|b|c|\n|-|-|-|\n|d|\n", 1, 3, "e") == "|a|b|c|\n|-|-|-|\n| d |  | e |\n"
    assert set_cell("> - | a |\n>   | - |\n>   | b |\n", 1, 1, "c") == "> - | a |\n>   | - |\n>   | c |\n"


def test_rows_are_added_and_deleted() -> None:
    last = "| Bob | a \\| b |\n"
    assert add_row(PAGE, ["Eve", "new"]) == edited(last, f"{last}| Eve | new |\n")
    assert add_row(PAGE, {"State": "new"}, after="Ann") == edited("| Ann | todo |\n", "| Ann | todo |\n|  | new |\n")
    assert add_row("| a |\n| - |", ["b"]) == "| a |\n| - |\n| b |"
    assert add_row("- | a |\n  | - |\n\nx", ["b"]) == "- | a |\n  | - |\n  | b |\n\nx"
    assert delete_row(PAGE, "Bob") == edited(last, "")
    assert delete_row("| a |\n| - |\n| b |", 1) == "| a |\n| - |"


TWO = "| a | a |\n|-|-|\n| 1 | 2 |\n| 1 | 3 |\n\n| c |\n|-|\n| d |\n"


def test_a_table_a_row_or_a_column_that_is_not_meant_clearly_is_refused_with_what_there_is() -> None:
    assert set_cell(TWO, "d", "c", "e") == set_cell(TWO, 1, 1, "e", table=2) == edited("| d |", "| e |", TWO)
    assert "There is no table in this text" in refusal(lambda: delete_row("text", 1))
    several = refusal(lambda: delete_row(TWO, 1))
    assert 'Several tables have such a row and column. Pass the number of one: table 1 in line 1 ("a | a"); ' in several
    assert "No table has" in refusal(lambda: set_cell(TWO, "d", "x", "e"))
    assert "There is no table 3" in refusal(lambda: delete_row(TWO, 1, table=3))
    assert '2 rows of table 1 in line 1 ("a | a") have "1": 1, 2.' in refusal(lambda: delete_row(TWO, "1", table=1))
    assert "its rows are 1 to 1" in refusal(lambda: delete_row(TWO, 2, table=2))
    assert 'Did you mean "Ann"?' in refusal(lambda: delete_row(PAGE, "Anne"))
    assert 'Its rows begin with "Ann", "Bob"' in refusal(lambda: delete_row(PAGE, "Zebra"))
    assert "2 columns of table 1" in refusal(lambda: set_cell(TWO, 1, "a", "x", table=1))
    assert 'There is no column "b" in table 2' in refusal(lambda: set_cell(TWO, 1, "b", "x", table=2))
    assert "There is no column 3" in refusal(lambda: add_row(PAGE, ["a", "b", "c"]))


def test_a_task_is_ticked_by_its_words_or_its_number() -> None:
    assert set_task(PAGE, "one") == set_task(PAGE, 1) == edited("- [ ] one", "- [x] one")
    assert set_task(PAGE, "two b", done=False) == edited("- [x] two", "- [ ] two")
    assert set_task("1. [X] a\n   - [ ] b\n", "b") == "1. [X] a\n   - [x] b\n"
    assert '2 tasks have "o": 1, line 18, "one"; 2, line 19, "two b"' in refusal(lambda: set_task(PAGE, "o"))
    assert 'Did you mean "one"?' in refusal(lambda: set_task(PAGE, "onee"))
    assert 'There are "one", "two b"' in refusal(lambda: set_task(PAGE, "zebra"))
    assert "the text has 2" in refusal(lambda: set_task(PAGE, 3))
    assert "There is no task in this text" in refusal(lambda: set_task("```\n- [ ] a\n```", 1))


def test_a_slice_ends_where_a_block_ends_and_says_what_was_left_out() -> None:
    first = read_slice(PAGE, 80)
    assert first.text == PAGE[: PAGE.index("\n\n## Notes")]
    assert first.note == (
        'Bytes 0 to 51 of 250; 199 bytes were left out, with the sections "Notes", "Notes". Go on with start=51.'
    )
    assert read_slice(PAGE, 1000) == (PAGE, 0, None, "")
    last = read_slice(PAGE, 1000, 51)
    assert (last.text, last.next, last.note) == (PAGE[51:], None, "Bytes 51 to 250 of 250: the end of the text.")


def test_a_block_larger_than_the_budget_is_cut_between_its_parts() -> None:
    text = ":::panel\n" + "a b c\n\n" * 20 + ":::\n"
    first = read_slice(text, 50)
    assert first.text == ":::panel\n" + "a b c\n\n" * 4 + "a b c"
    lines = "| a |\n| - |\n" + "| b |\n" * 20
    assert read_slice(lines, 20).text == "| a |\n| - |\n| b |"
    assert read_slice("ä" * 50, 21).text == "ä" * 10
    assert read_slice("ä" * 50, 1).text == "ä"


def test_a_budget_or_a_start_that_cannot_be_is_refused() -> None:
    assert "holds nothing" in refusal(lambda: read_slice(PAGE, 0))
    assert "The text ends at 250" in refusal(lambda: read_slice(PAGE, 9, 253))


PIECES = (
    *(
        "# A\n",
        "## B\n",
        "### A\n",
        "B\n-\n",
        "text *x* y\n",
        "- [ ] a\n- b\n",
        "1. c\n\n   d\n",
        "> q\n",
        "\n",
        "\n\n",
    ),
    *(
        "```\n# no\n:::\n```\n",
        "~~~\n",
        ":::panel\n",
        "::::b{c=d}\n",
        ":::layout\n",
        "::column{50}\n",
        ":::\n",
        "::::\n",
        "    code\n",
        "[x]: y\n",
    ),
    *("| A | B |\n|-|-|\n| c | d |\n", "***\n", "a\r\n", "\tb\r", "<div>\n", "\x0b\u2028\n", "ä \ud83d\n", "\0"),
)


def random_page(random: Random) -> str:
    return "".join(random.choices(PIECES, k=random.randint(0, 14)))


@pytest.mark.parametrize("seed", range(300))
def test_an_edit_of_any_text_leaves_all_around_it_and_every_heading(seed: int) -> None:
    page, new = random_page(Random(seed)), "new words"  # noqa: S311  # reproducible, no secret
    titles = [each.title for each in outline(page)]
    for at, title in enumerate(titles):
        number = titles[: at + 1].count(title)
        added = append(page, new, title, number=number)
        inserted = insert(page, new, heading=title, number=number)
        replaced = replace_section(page, title, new, part="text", number=number)
        assert [each.title for each in outline(added)] == [each.title for each in outline(inserted)] == titles
        for made in (added, inserted, replaced):
            before, _, after = made.partition(new)
            assert page.startswith(before.rstrip("\n"))
            assert page.endswith(after.lstrip("\n"))


@pytest.mark.parametrize("seed", range(300))
def test_the_slices_of_any_text_are_the_text(seed: int) -> None:
    random = Random(seed)  # noqa: S311  # reproducible, no secret
    page, budget = random_page(random), random.randint(1, 60)
    start: int | None = 0
    shown = ""
    while start is not None:
        part = read_slice(page, budget, start)
        assert len(part.text.encode(errors="replace")) <= max(budget, 4)
        assert page.startswith(part.text, start)
        shown += page[start : part.next]
        start = part.next
    assert shown == page


def test_blocks_cover_every_line_that_is_not_blank() -> None:
    for seed in range(300):
        source = Source(random_page(Random(seed)))  # noqa: S311  # reproducible, no secret
        covered = {line for block in source.blocks for line in range(block.start, block.end)}
        assert all(line in covered or source.is_blank(line) for line in range(len(source.lines)))


HOSTILE = {
    "headings": "# a\n" * 20_000,
    "containers": ":::panel\n" * 20_000 + ":::\n" * 20_000,
    "ends": ":::\n" * 40_000,
    "brackets": "# " + "[" * 50_000 + "\n",
    "cells": "|" * 3_000 + "\n" + "|-" * 3_000 + "\n" + "|\\" * 3_000,
    "one line": "a" * 500_000,
}


@pytest.mark.parametrize("shape", HOSTILE)
def test_hostile_texts_are_read_in_a_time_that_their_size_explains(shape: str) -> None:
    text = HOSTILE[shape]
    outline(text)
    assert read_slice(text, 1_000).next
    assert refusal(lambda: section(text, "zebra"))
    assert refusal(lambda: replace_text(text, "zebra " * 100, ""))
    assert refusal(lambda: set_cell(text, "zebra", "zebra", ""))
