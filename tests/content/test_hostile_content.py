"""Content made to be slow or deep is read in a time that its size explains, or refused."""

import signal
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import pytest

from server.content import (
    ContentError,
    adf_to_markdown,
    edit_adf,
    edit_storage,
    markdown_to_adf,
    markdown_to_storage,
    storage_losses,
    storage_to_markdown,
)
from tests.content.documents import block, doc, paragraph, text

SIZE = 2_000
SHAPES = (
    *("[", "![", "](", "*", "*a ", "**a *b ", "_a_", "`", "`a", "<", "<a ", "<!--", "&", "&a", "~~a ", "[a](", "\\"),
    *("[a\n", "[a]: b\n", "a\\\n", "<br>", "|", "- a\n", "<http:", ' "', "1", "=", "- ", "\t", " "),
)


@pytest.fixture(autouse=True)
def patience() -> Iterator[None]:
    """A hang becomes a failure: no shape here takes a second, and none gets a minute of processor."""

    def give_up(*_: object) -> None:
        raise AssertionError("this shape takes for ever")

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, 60)
    yield
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.signal(signal.SIGVTALRM, before)


def calls(work: Callable[[], object]) -> int:
    """How many functions the work calls."""
    counted = 0

    def count(_: FrameType, event: str, __: object) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(before)
    return counted


@pytest.mark.parametrize("shape", SHAPES)
def test_repeated_markdown_is_parsed_in_linear_work(shape: str) -> None:
    markdown_to_adf("a")  # the parser is made once
    once, twice = (calls(lambda n=n: markdown_to_adf(f"a {shape * n}")) for n in (SIZE // 2, SIZE))
    assert twice < 2.5 * once + 10_000


@pytest.mark.parametrize("shape", SHAPES)
def test_repeated_text_is_shown_in_linear_work(shape: str) -> None:
    def show(n: int) -> str:
        plain, code = shape * n, text(shape * n, "code")
        return adf_to_markdown(doc(paragraph(plain, code), paragraph(text(plain, "strong", href=plain))))

    once, twice = (calls(lambda n=n: show(n)) for n in (SIZE // 2, SIZE))
    assert twice < 2.5 * once + 10_000


PAGES = {
    "paragraphs": "<p>{}</p>",
    "items": "<ul>{}</ul>",
    "rows": "<table><tbody>{}</tbody></table>",
}
PARTS = {"paragraphs": "[a ", "items": "<li>a</li>", "rows": "<tr><td>a</td></tr>"}


@pytest.mark.parametrize("kind", PAGES)
def test_losses_are_named_in_linear_work(kind: str) -> None:
    storage_losses("<p>a</p>")  # the parser is made once
    once, twice = (calls(lambda n=n: storage_losses(PAGES[kind].format(PARTS[kind] * n))) for n in (SIZE // 2, SIZE))
    assert twice < 2.5 * once + 10_000


@pytest.mark.parametrize("kind", ["items", "rows"])
def test_one_of_many_that_are_the_same_is_edited_in_linear_work(kind: str) -> None:
    def edit(n: int) -> str:
        page = PAGES[kind].format(PARTS[kind] * n)
        shown = storage_to_markdown(page)
        return edit_storage(page, shown, shown.replace("a", "b", 1))

    once, twice = (calls(lambda n=n: edit(n)) for n in (1_500, 3_000))
    assert twice < 2.5 * once


@pytest.mark.parametrize("shape", ["[", "![", "[a ", "a [1] "])
def test_brackets_that_no_link_ends_cost_no_search(shape: str) -> None:
    markdown_to_adf("a")
    assert calls(lambda: markdown_to_adf(shape * SIZE)) < 20 * SIZE


def nested(depth: int, kind: str) -> dict[str, Any]:
    found = paragraph("a")
    for _ in range(depth):
        found = block(kind, found)
    return doc(found)


@pytest.mark.parametrize("kind", ["blockquote", "panel", "hologram", "text"])
def test_a_deep_document_is_refused_with_a_way_out(kind: str) -> None:
    document = nested(10_000, kind)
    with pytest.raises(ContentError, match=r"nest more than 100 levels deep; flatten|expected `text`"):
        adf_to_markdown(document)


def test_a_document_of_empty_nodes_is_read() -> None:
    blank = "\n\n".join("\\" for _ in range(100_000))
    assert adf_to_markdown(doc(*[{"type": "paragraph"}] * 100_000)) == blank
    assert storage_to_markdown("<p></p>" * 100_000) == blank


def test_tables_of_many_short_rows_are_written_once() -> None:
    page = markdown_to_storage("|a" * 200 + "\n" + "|-" * 200 + "\n" + "|\n" * 1_000)
    assert page.count("<tr>") < 500


CARD = {"type": "inlineCard", "attrs": {"url": "java\nscript:alert(1)"}}


def test_a_card_that_would_run_code_leads_nowhere_and_hinders_no_edit() -> None:
    document = doc(paragraph(text("Before "), CARD), {**CARD, "type": "blockCard"})
    shown = adf_to_markdown(document)
    assert "::card" not in shown
    assert "](" not in shown
    edited = edit_adf(document, shown, shown.replace("Before", "After"))
    assert edited == doc(paragraph(text("After "), CARD), {**CARD, "type": "blockCard"})
    page = '<p>Before <a href="javascript:alert(1)" data-card-appearance="inline">x</a></p>'
    shown = storage_to_markdown(page)
    assert edit_storage(page, shown, shown.replace("Before", "After")) == page.replace("Before", "After")


@pytest.mark.parametrize("card", ["::card{javascript:alert(1)}", "::embed{data:text/html,x}"])
def test_a_card_that_would_run_code_is_not_written(card: str) -> None:
    for write in (markdown_to_adf, markdown_to_storage):
        with pytest.raises(ContentError, match=r"Line 1: .*an address that runs no code"):
            write(card)


@pytest.mark.parametrize("line", ["::macro{toc", "::card{", "::ref[x]{3", "::cell{h"])
def test_half_a_directive_is_told_and_not_taken_for_words(line: str) -> None:
    with pytest.raises(ContentError, match=r"Line 3: .*is no directive\. Expected"):
        markdown_to_adf(f"Words.\n\n{line}")
    words = doc(paragraph(text(line)))
    assert markdown_to_adf(adf_to_markdown(words))["content"] == words["content"]


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:image/png;base64,AAAA"])
def test_an_image_whose_address_is_no_markdown_stays_where_it_was(url: str) -> None:
    image = block("mediaSingle", {"type": "media", "attrs": {"type": "external", "url": url, "alt": "A"}})
    document = doc(paragraph("Before"), image, block("mediaGroup", *image["content"]), paragraph(*image["content"]))
    shown = adf_to_markdown(document)
    assert "](" not in shown
    edited = edit_adf(document, shown, shown.replace("Before", "After"))
    assert edited["content"][1:] == document["content"][1:]
    captioned = block("mediaSingle", *image["content"], block("caption", text("Below")))
    edited = edit_adf(doc(captioned), shown := adf_to_markdown(doc(captioned)), shown.replace("Below", "Under"))
    assert edited == doc(block("mediaSingle", *image["content"], block("caption", text("Under"))))
    page = f'<p>Before <ac:image><ri:url ri:value="{url}"/></ac:image></p>'
    shown = storage_to_markdown(page)
    assert edit_storage(page, shown, shown.replace("Before", "After")) == page.replace("Before", "After")
