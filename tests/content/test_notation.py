"""What is written in the notation is made, and reads as it was written."""

import json
from typing import Any

import pytest

from server.content import (
    ContentError,
    adf_to_markdown,
    edit_storage,
    markdown_to_adf,
    markdown_to_storage,
    storage_to_markdown,
)
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
DEEP = json.loads('{"a":' * 30 + "1" + "}" * 30)
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
    '::macro{drawio size=big .guest.zoom:=100 .guest.name="a b" .guest.lines:=false type=com.example}',
    '::macro{forge .egress.0.type=FONTS .egress.1.type=IMAGES .none:=null .empty:="{}" type=com.example}',
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


@pytest.mark.parametrize("pairs", [".a=1 .a.b=2", ".a.b=1 .a=2", ".a:=none", ".a:=1 .a=2", f".{'a.' * 30}b=1"])
def test_a_parameter_whose_place_cannot_be_is_refused_with_what_is_expected(pairs: str) -> None:
    with pytest.raises(ContentError, match=r"expected: `\.path\.to\.name=words`"):
        markdown_to_adf(f"::macro{{name {pairs}}}")


@pytest.mark.parametrize("parameters", [{"a b": 1}, {"a": {"7": 1}}, {"a": '{"type": "doc"}'}, DEEP])
def test_a_macro_whose_parameters_have_no_path_goes_by_reference(parameters: dict[str, Any]) -> None:
    attrs = {"extensionType": "com.example", "extensionKey": "odd", "parameters": parameters}
    document = {"type": "doc", "version": 1, "content": [{"type": "extension", "attrs": attrs}]}
    assert adf_to_markdown(document) == "::ref[odd]{1}"


def test_words_in_brackets_before_a_directive_define_no_link() -> None:
    content = markdown_to_adf("[who]:mention[Ada]{5b1}")["content"][0]["content"]
    assert [node["type"] for node in content] == ["text", "mention"]


def test_the_guide_is_short_and_what_it_shows_is_notation() -> None:
    assert len(MARKDOWN) < 3_600  # four characters to a token, and no more than 900
    shown = MARKDOWN.split("```")[1::2]
    for example in shown:
        assert valid(markdown_to_adf(example.strip("\n")))
