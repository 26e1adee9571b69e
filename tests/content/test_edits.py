"""An edit changes what its author changed, and carries over what Markdown does not show."""

from typing import Any

import pytest

from server.content import (
    ContentError,
    adf_to_markdown,
    edit_adf,
    edit_storage,
    lost_from_adf,
    lost_from_storage,
    markdown_to_adf,
    refuse_long_description,
    refuse_long_page,
    storage_to_markdown,
)
from tests.content.documents import block, bullets, doc, paragraph, table, text, valid

Node = dict[str, Any]
ANCHOR: Node = {"type": "annotation", "attrs": {"id": "c1", "annotationType": "inlineComment"}}
DIAGRAM: Node = {
    "type": "extension",
    "attrs": {"extensionType": "com.example", "extensionKey": "drawio", "parameters": {"xml": "{}"}},
}


def commented(words: str) -> Node:
    return {"type": "text", "text": words, "marks": [ANCHOR]}


def task(words: str, identity: str) -> Node:
    return block("taskItem", text(words), state="TODO", localId=identity)


def edited(document: Node, *changes: tuple[str, str]) -> Node:
    """The document with each text, as it reads, in place of another."""
    shown = adf_to_markdown(document)
    wanted = shown
    for old, new in changes:
        assert old in wanted
        wanted = wanted.replace(old, new)
    return edit_adf(document, shown, wanted)


def page_edited(page: str, *changes: tuple[str, str]) -> str:
    shown = storage_to_markdown(page)
    wanted = shown
    for old, new in changes:
        assert old in wanted
        wanted = wanted.replace(old, new)
    return edit_storage(page, shown, wanted)


def test_blocks_that_stay_are_the_very_nodes_wherever_they_move() -> None:
    panel = block("panel", paragraph("Careful."), panelType="warning", localId="p1")
    document = doc(paragraph("one"), panel, DIAGRAM)
    moved = edit_adf(document, adf_to_markdown(document), ":::expand[More]\n:::warning\nCareful.\n:::\n:::\n\n"
                     "::ref[drawio]{1}\n\none")  # fmt: skip
    expand, diagram, first = moved["content"]
    assert expand["content"][0] is panel
    assert diagram is DIAGRAM
    assert first is document["content"][0]


def test_a_comment_stays_on_the_words_that_stay_even_where_its_notation_was_dropped() -> None:
    document = doc(paragraph("We ship ", commented("on Monday morning"), "."))
    changed = edited(document, (":comment[on Monday morning]{c1}", "on Tuesday morning"))
    words = [node["text"] for node in changed["content"][0]["content"] if node.get("marks") == [ANCHOR]]
    assert "".join(words) == "on Tuesday morning"
    assert lost_from_adf(document, changed) == []


def test_a_comment_whose_words_are_all_gone_is_reported_with_the_place() -> None:
    document = doc(block("heading", text("Plan"), level=2), paragraph("We ship ", commented("Monday"), "."))
    changed = edited(document, ("We ship :comment[Monday]{c1}.", "Nothing yet."))
    (loss,) = lost_from_adf(document, changed)
    assert loss.text() == (
        'inline comment anchor c1 (under "Plan"): keep one of its words; the comment has no place without them'
    )


def test_tasks_keep_their_identities_when_one_is_ticked_and_another_added() -> None:
    tasks = block("taskList", task("buy milk", "t1"), task("call Ada", "t2"), localId="l1")
    changed = edited(doc(tasks), ("- [ ] call Ada", "- [x] call Ada\n- [ ] go home"))
    items = changed["content"][0]["content"]
    assert [item["attrs"]["localId"] for item in items[:2]] == ["t1", "t2"]
    assert [item["attrs"]["state"] for item in items] == ["TODO", "DONE", "TODO"]
    assert items[0] is tasks["content"][0]
    assert valid(changed)


def test_a_changed_cell_leaves_the_widths_of_its_table() -> None:
    wide = table([paragraph("a"), paragraph("b")], [paragraph("c"), paragraph("d")])
    wide["attrs"] = {"width": 900, "layout": "wide"}
    wide["content"][1]["content"][0]["attrs"] = {"colwidth": [120]}
    changed = edited(doc(wide), ("| c |", "| changed |"))["content"][0]
    assert changed["attrs"] == wide["attrs"]
    assert changed["content"][1]["content"][0]["attrs"] == {"colwidth": [120]}
    assert changed["content"][0] is wide["content"][0]


def test_an_item_added_to_a_list_leaves_the_others() -> None:
    document = doc(bullets(paragraph("a"), paragraph("b")), paragraph("c"))
    changed = edited(document, ("- b", "- b\n- new"))
    assert changed["content"][0]["content"][:2] == document["content"][0]["content"]
    assert changed["content"][1] is document["content"][1]


def test_a_block_that_is_deleted_on_purpose_is_gone_and_reported() -> None:
    document = doc(paragraph("a"), DIAGRAM)
    changed = edited(document, ("\n\n::ref[drawio]{1}", ""))
    assert changed["content"] == [paragraph("a")]
    assert [loss.what for loss in lost_from_adf(document, changed)] == ['macro "drawio"']


def test_what_goes_by_reference_can_be_written_around() -> None:
    document = doc(block("poll", paragraph("Yes?"), paragraph("No?"), question="7"))
    changed = edited(document, ("No?", "Never?"))
    assert changed["content"][0]["attrs"] == {"question": "7"}
    assert changed["content"][0]["content"][0] is document["content"][0]["content"][0]


PAGE = (
    '<h2 local-id="h">Plan</h2>\n<p class="x">We ship <ac:inline-comment-marker ac:ref="c1">on Monday'
    '</ac:inline-comment-marker>&nbsp;&ndash; <span class="y">surely</span>.</p>\n<ac:structured-macro ac:name="info" '
    'ac:macro-id="m"><ac:parameter ac:name="icon">false</ac:parameter><ac:rich-text-body><p>Careful.</p>'
    "</ac:rich-text-body></ac:structured-macro>\n<ul>\n  <li>a</li>\n  <li>b</li>\n</ul>"
)


def test_only_the_changed_words_of_a_page_change() -> None:
    assert page_edited(PAGE, ("Careful", "Beware")) == PAGE.replace("Careful", "Beware")
    assert page_edited(PAGE, ("- b", "- c")) == PAGE.replace("<li>b", "<li>c")
    assert page_edited(PAGE, ("## Plan", "## Plans")) == PAGE.replace("Plan<", "Plans<")
    changed = page_edited(PAGE, ("ship", "sail"))
    assert '<ac:inline-comment-marker ac:ref="c1">on Monday</ac:inline-comment-marker>' in changed
    assert '<span class="y">surely</span>' in changed


def test_a_block_added_to_a_page_leaves_every_other_byte() -> None:
    added = page_edited(PAGE, ("## Plan", "## Plan\n\n**New** :status[DONE]{green}"))
    start, end = PAGE[: PAGE.index("</h2>") + 5], PAGE[PAGE.index("</h2>") + 5 :]
    assert added.startswith(start)
    assert added.endswith(end)
    assert '<ac:parameter ac:name="title">DONE</ac:parameter>' in added


def test_a_section_added_beside_a_layout_stands_outside_of_it() -> None:
    page = (
        '<ac:layout><ac:layout-section ac:type="two_equal"><ac:layout-cell><p>a</p></ac:layout-cell><ac:layout-cell>'
        "<p>b</p></ac:layout-cell></ac:layout-section></ac:layout>"
    )
    shown = storage_to_markdown(page)
    assert edit_storage(page, shown, f"{shown}\n\nafter") == f"{page}<p>after</p>"


def test_merged_cells_and_macros_of_a_page_are_named_when_a_rewrite_drops_them() -> None:
    assert [loss.what for loss in lost_from_storage(PAGE, "<p>wipe</p>")] == [
        "inline comment anchor c1",
        "formatting of its own",
        "panel",
        "panel options",
    ]


BROKEN = {
    ":::info\na": "Line 1: `:::info` is never closed. Expected `:::` on a line of its own",
    "a\n\n:::": "Line 3: this `:::` closes nothing",
    "a\n\n:::nosuch\nb\n:::": "Line 3: `:::nosuch` is not known. Containers: ",
    ":::info oops\na\n:::": "Line 1: `:::info oops` is no directive. Expected",
    "- :::info\n  a": "Line 1: `:::info` is never closed",
    "a :status[]{green}": r"Line 1: `:status` is not as expected: `:status\[WORDS\]\{color\}`",
    "a\n\n:date[soon]": "Line 3: `:date` is not as expected",
    ":mention[Ada]": "`:mention` is not as expected",
    "::card": "Line 1: `::card` is not as expected: `::card{url}`",
    ":::info{colour=red}\na\n:::": "Line 1: `::info` is not as expected: of attributes only|`:::info` is not as",
    ":::layout\na\n:::": "`:::layout` is not as expected: `::column{width}`",
    ":::table\na\n:::": "`:::table` is not as expected: a table",
    ":::files\na\n:::": "`:::files` is not as expected: lines with nothing but images",
    "::ref{3}": "Line 1: `ref` 3 is nothing of the document",
    "::ref{x}": "`::ref` is not as expected",
    "::macro": "`::macro` is not as expected",
    "![a](media:1){size=3}": "an image has no `size`",
    "::column{x}": "|",
}


@pytest.mark.parametrize("markdown", [each for each in BROKEN if BROKEN[each] != "|"])
def test_broken_notation_is_refused_with_the_line_and_the_expected_form(markdown: str) -> None:
    with pytest.raises(ContentError, match=BROKEN[markdown]):
        markdown_to_adf(markdown)


def test_an_edit_names_the_line_of_the_whole_text() -> None:
    document = doc(*[paragraph(f"paragraph {number}") for number in range(20)])
    with pytest.raises(ContentError, match=r"Line 21: `ref` 9 is nothing of the document.*it has none"):
        edited(document, ("paragraph 10", "::ref{9}"))


def test_an_edit_of_another_text_is_refused() -> None:
    with pytest.raises(ContentError, match="is not what the document reads as now"):
        edit_adf(doc(paragraph("a")), "b", "c")


def test_bodies_over_the_limits_are_told_before_they_are_sent() -> None:
    refuse_long_description(doc(paragraph("a" * 32_767)))
    with pytest.raises(ContentError, match="has 32,768 characters; Jira takes 32,767"):
        refuse_long_description(doc(paragraph("a" * 32_768)))
    refuse_long_page("a")
    with pytest.raises(ContentError, match="Confluence takes 5,242,880"):
        refuse_long_page("é" * 2_700_000)


@pytest.mark.parametrize(
    "shape", [":u[", ":status[", ":status{", ':status{"', ":::", ":::info\n", "::row\n", "{", ":b[a]"]
)
def test_notation_that_never_ends_is_read_or_refused(shape: str) -> None:
    for repeated in (shape * 5_000, f"a {shape * 5_000}", shape * 5_000 + "]" * 5_000):
        try:
            document = markdown_to_adf(repeated)
        except ContentError:
            continue
        assert valid(document)


def test_an_inert_link_is_shown_as_its_words_and_stays_where_it_was() -> None:
    document = doc(paragraph("see ", text("this", href="javascript:alert(1)"), " now"))
    assert adf_to_markdown(document) == "see this now"
    assert edited(document, ("now", "later"))["content"][0]["content"][1] is document["content"][0]["content"][1]
