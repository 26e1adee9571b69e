"""What is written in the notation is made, and reads as it was written."""

import pytest

from server.content import adf_to_markdown, edit_storage, markdown_to_adf, markdown_to_storage, storage_to_markdown
from server.content.guide import MARKDOWN
from tests.content.documents import valid
from tests.content.promises import is_well_formed

BOTH = [
    "cc :mention{5b1}",
    "is :status[DONE]{green} or :status[TODO]",
    ":date[2026-01-31]",
    ":emoji[🎉]{tada} :emoji{smile}",
    ":placeholder[Say why]",
    "a :macro{anchor _=top} b",
    ":u[a] H:sub[2]O x:sup[2]",
    ":color[a]{#ff0000} :bg[b]{#ffff00}",
    ":comment[words]{c1}",
    ":b[a ]b",
    ":::warning\na\n\n- b\n:::",
    ":::panel\na\n:::",
    ":::expand[More]\na\n:::",
    ":::layout\n::column\na\n::column\nb\n:::",
    "::macro{toc maxLevel=2}",
    ":::macro{excerpt}\na\n:::",
    "{align=center} a",
    "## {align=end} a",
    "{indent=2} a",
    "| {bg=#ffeecc} a | {h} b |\n| --- | --- |\n| c | d |".replace("{h} b", "b"),
    ":::table\n::row\n::cell{colspan=2}\na\n\n- b\n::row\n::cell{h}\nc\n::cell\n:::",
    ":::figure\n![a](https://a.example/i.png)\n\nb\n:::",
    "- [ ] {blocks=yes} a\n\n  b",
    "a<br>",
    "\\\n\na",
]
ADF_ONLY = [
    ":mention[Ada Lovelace]{5b1}",
    ":date[2026-01-31]{1769860800001}",
    ":file[plan.pdf]{42 collection=c}",
    ":border[![a](media:7)]{#ff0000 size=2}",
    ":::panel{bg=#ffffff panelIcon=star}\na\n:::",
    ":::info\n:::",
    "::card{https://a.example}",
    "::embed{https://a.example}",
    "::sync{r1}",
    ":::sync{r1}\na\n:::",
    ":::files\n![a](media:7){collection=c}\n![b](media:8)\n:::",
    ":::layout{breakout=wide}\n::column{33.33}\na\n::column{66.67}\nb\n:::",
    ":::table{numbered=yes}\n| a |\n| --- |\n| b |\n:::",
    "{size=small} a",
    "```py {nolines=yes wrap=yes}\na\n```",
    '```{language="visual basic"}\na\n```',
    "- <> We go.\n- <> {state=OPEN} b",
    "::macro[Table of Contents]{toc maxLevel=2}",
    '::macro{sum type=com.example text="a b"}',
    ":::expand[A]\n:::expand[B]\na\n:::\n:::",
]


@pytest.mark.parametrize("markdown", [*BOTH, *ADF_ONLY])
def test_it_makes_adf_that_reads_as_it_was_written(markdown: str) -> None:
    document = markdown_to_adf(markdown)
    assert valid(document)
    assert adf_to_markdown(document).replace("::column{50}", "::column") == markdown


@pytest.mark.parametrize("markdown", BOTH)
def test_it_makes_storage_that_reads_as_it_was_written(markdown: str) -> None:
    page = markdown_to_storage(markdown)
    assert is_well_formed(page)
    assert storage_to_markdown(page) == markdown


@pytest.mark.parametrize("markdown", ADF_ONLY)
def test_what_storage_has_no_words_for_is_written_as_what_is_next_to_it(markdown: str) -> None:
    page = markdown_to_storage(markdown)
    assert is_well_formed(page)
    assert page
    assert storage_to_markdown(page)


@pytest.mark.parametrize("markdown", [*BOTH, *ADF_ONLY])
def test_it_is_added_to_a_page_that_has_such_a_thing_already(markdown: str) -> None:
    page = markdown_to_storage(markdown)
    shown = storage_to_markdown(page)
    assert edit_storage(page, shown, f"first\n\n{shown}").endswith(page)


def test_the_guide_is_short_and_what_it_shows_is_notation() -> None:
    assert len(MARKDOWN) < 3_600  # four characters to a token, and no more than 900
    shown = MARKDOWN.split("```")[1::2]
    for example in shown:
        assert valid(markdown_to_adf(example.strip("\n")))
