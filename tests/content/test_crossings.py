"""What a text says and the document made of it has no place for."""

import pytest

from server.content import lost_from_adf, lost_from_storage, markdown_to_adf, markdown_to_storage, storage_to_markdown
from tests.content.documents import doc

IN_A_PAGE = {
    "::macro{gallery .guest.zoom:=100}": ["`.guest.zoom:=100` of gallery"],
    ":::macro{box .guest.name=words}\na\n:::": ["`.guest.name=words` of box"],
    "# A\n\n- <> b": ["decision list"],
    "{size=small} a": ["font size", "`size=small` of paragraph"],
    "![a](media:1)": ["image a"],
    ":::table{numbered=yes}\n| a |\n| --- |\n| b |\n:::": ["numbered rows", "`numbered=yes` of table"],
    ":mention[Ada]{1} :date[2026-01-31] :status[DONE]{green}": [],
    "::card{https://a.example}\n\n::embed{https://b.example}": [],
    "- [ ] a\n  - [x] b\n\n:::expand[T]\na\n:::\n\n[](https://a.example)": [],
}
IN_JIRA = {
    ":::info{title=T}\na\n:::": ["`title=T` of panel"],
    "> - [ ] a": ["task list"],
    "- ::macro{toc}\n  :::macro{box}\n  a\n  :::": ['macro "box"'],
    "# ![a](attachment:a.png)": ["image attachment:a.png"],
    "[:macro{box a=b}](https://a.example)": ["link of inlineExtension"],
    "![a](https://a.example/a.png)\n\n:::info\n- [ ] a\n:::": [],
}


@pytest.mark.parametrize("text", IN_A_PAGE)
def test_in_a_page(text: str) -> None:
    assert [each.what for each in lost_from_storage("", markdown_to_storage(text), text)] == IN_A_PAGE[text]


@pytest.mark.parametrize("text", IN_JIRA)
def test_in_jira(text: str) -> None:
    assert [each.what for each in lost_from_adf(doc(), markdown_to_adf(text), text)] == IN_JIRA[text]


def test_it_tells_where_and_how_to_avoid_it() -> None:
    text = "# Plan\n\n- <> We ship"
    (loss,) = lost_from_storage("", markdown_to_storage(text), text)
    assert loss.text().startswith('decision list (under "Plan"): there is no place for it; leave it out, move it')


def test_what_goes_with_its_block_is_named_once() -> None:
    base = '<ac:structured-macro ac:name="box" /><p>a</p>'
    assert [each.what for each in lost_from_storage(base, "<p>a</p>", storage_to_markdown(base))] == ['macro "box"']


@pytest.mark.parametrize(
    ("widths", "kind"),
    [
        ((50, 50), "two_equal"),
        ((33, 67), "two_left_sidebar"),
        ((67, 33), "two_right_sidebar"),
        ((25, 50, 25), "three_with_sidebars"),
        ((34, 33, 33), "three_equal"),
        ((100,), "fixed-width"),
    ],
)
def test_columns_become_the_nearest_layout_that_pages_have(widths: tuple[int, ...], kind: str) -> None:
    columns = "\n".join(f"::column{{{width}}}\na" for width in widths)
    assert f'<ac:layout-section ac:type="{kind}">' in markdown_to_storage(f":::layout\n{columns}\n:::")
