"""What Markdown can carry comes back as it was."""

from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, assume, given, settings

from server.content import (
    adf_losses,
    adf_to_markdown,
    markdown_to_adf,
    markdown_to_storage,
    storage_losses,
    storage_to_markdown,
)
from tests.content.documents import (
    ABSENT,
    SCHEMA,
    bullets,
    doc,
    documents,
    markdown,
    numbers,
    paragraph,
    same_tree,
    simple_documents,
    text,
    valid,
)

# Derandomized: the same examples on each run, so that a red run is a change of ours.
quick = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
needs_schema = pytest.mark.skipif(not SCHEMA.exists(), reason=ABSENT)


@quick
@given(documents)
def test_an_adf_document_without_losses_comes_back_as_the_same_tree(document: dict[str, Any]) -> None:
    assume(not adf_losses(document))
    returned = markdown_to_adf(adf_to_markdown(document))
    assert same_tree(returned) == same_tree(document)


@quick
@given(simple_documents)
def test_a_simple_document_loses_nothing_and_comes_back_as_the_same_tree(document: dict[str, Any]) -> None:
    assert adf_losses(document) == []
    shown = adf_to_markdown(document)
    assert same_tree(markdown_to_adf(shown)) == same_tree(document)
    page = markdown_to_storage(shown)
    assert storage_losses(page) == []
    assert storage_to_markdown(page) == shown


@quick
@given(documents)
def test_a_simple_page_comes_back_as_the_same_storage(document: dict[str, Any]) -> None:
    page = markdown_to_storage(adf_to_markdown(document))
    assume(not storage_losses(page))
    assert markdown_to_storage(storage_to_markdown(page)) == page


@quick
@given(documents)
def test_markdown_for_reading_has_no_trailing_blanks_and_no_second_blank_line(document: dict[str, Any]) -> None:
    assume("codeBlock" not in str(document))
    shown = adf_to_markdown(document)
    assert all(line == line.rstrip() for line in shown.split("\n"))
    assert "\n\n\n" not in shown


@needs_schema
@quick
@given(markdown)
def test_any_markdown_makes_valid_adf(source: str) -> None:
    assert valid(markdown_to_adf(source))


@quick
@given(markdown)
def test_any_markdown_makes_well_formed_storage_that_can_be_read(source: str) -> None:
    page = markdown_to_storage(source)
    ElementTree.fromstring(f'<page xmlns:ac="ac" xmlns:ri="ri">{page}</page>')  # noqa: S314  # our own output
    storage_to_markdown(page)


MARKED = [
    [text("bold", "strong"), text("plain")],
    [text("bold:", "strong"), text("plain")],
    [text("plain"), text("(bold)", "strong")],
    [text("a", "em"), text("b", "strong"), text("c", "em", "strong"), text("d")],
    [text("a", "strong"), text("b", "strong", "em"), text("c", "em")],
    [text("C:\\x"), text("(y)", "strong")],
    [text("wow!"), text("link", href="https://a.example")],
    [text("~"), text("struck~", "strike"), text("~")],
    [text("https://a.example/b*c", href="https://a.example/b*c")],
    [text("see "), text("a", "strong", href="/x"), text("b", href="/x"), text("c", href="/y")],
    [text("title", href="https://a.example"), text(" and "), text("code", "code", href="https://a.example")],
    [text("`a``b", "code"), text(" "), text(" padded ", "code")],
]


@pytest.mark.parametrize("inlines", MARKED, ids=str)
def test_marks_that_meet_come_back(inlines: list[dict[str, Any]]) -> None:
    document = doc(paragraph(*inlines))
    assert same_tree(markdown_to_adf(adf_to_markdown(document))) == same_tree(document)


def test_lists_beside_each_other_stay_apart() -> None:
    document = doc(
        bullets(paragraph("a")),
        bullets(paragraph("b")),
        numbers(paragraph("c")),
        numbers(paragraph("d")),
        bullets([paragraph("e"), numbers(paragraph("f"), order=4)], paragraph()),
    )
    assert same_tree(markdown_to_adf(adf_to_markdown(document))) == same_tree(document)
    assert adf_losses(document) == []


def test_rules_in_lists_and_lists_in_lists_come_back() -> None:
    bulleted = "<ul><li><hr /></li><li><ul><li><p>a</p></li></ul></li></ul>"
    page = f'{bulleted}<ol><li><ol start="2"><li><p>b</p></li></ol></li></ol>'
    assert markdown_to_storage(storage_to_markdown(page)) == page


def test_a_link_title_comes_back() -> None:
    page = '<p><a href="https://a.example" title="a &quot;b&quot; &amp;amp;">x</a></p>'
    assert markdown_to_storage(storage_to_markdown(page)) == page
