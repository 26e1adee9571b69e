"""Content made to be slow or deep is read in a time that its size explains, or refused."""

from collections.abc import Callable
from time import process_time
from typing import Any

import pytest

from server.content import ContentError, adf_to_markdown, markdown_to_adf, markdown_to_storage, storage_to_markdown
from tests.content.documents import block, doc, paragraph, text

SIZE = 2_000
SHAPES = (
    *("[", "![", "](", "*", "*a ", "**a *b ", "_a_", "`", "`a", "<", "<a ", "<!--", "&", "&a", "~~a ", "[a](", "\\"),
    *("[a\n", "[a]: b\n", "a\\\n", "<br>", "|", "- a\n", "<http:", ' "', "1", "=", "- ", "\t", " "),
)


def seconds(work: Callable[[], object]) -> float:
    started = process_time()
    work()
    return process_time() - started


@pytest.mark.parametrize("shape", SHAPES)
def test_repeated_markdown_is_parsed_in_linear_time(shape: str) -> None:
    markdown_to_adf("a")  # the parser is made once
    assert seconds(lambda: markdown_to_adf(f"a {shape * SIZE}")) < 1.5


@pytest.mark.parametrize("shape", SHAPES)
def test_repeated_text_is_shown_in_linear_time(shape: str) -> None:
    document = doc(
        paragraph(shape * SIZE, text(shape * SIZE, "code")), paragraph(text(shape * SIZE, "strong", href=shape * SIZE))
    )
    assert seconds(lambda: adf_to_markdown(document)) < 0.5


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
    assert adf_to_markdown(doc(*[{"type": "paragraph"}] * 20_000)) == ""
    assert storage_to_markdown("<p></p><br />" * 20_000) == ""


def test_tables_of_many_short_rows_are_written_once() -> None:
    page = markdown_to_storage("|a" * 200 + "\n" + "|-" * 200 + "\n" + "|\n" * 1_000)
    assert page.count("<tr>") < 500
