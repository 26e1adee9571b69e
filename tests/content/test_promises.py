"""What holds for every document, on the real ones and a sample of the generated; all: `python -m tests.properties`."""

from random import Random

import pytest

from server.content import adf_to_markdown, markdown_to_adf
from tests.content.documents import ABSENT, ADF_FILES, SCHEMA, STORAGE_FILES, valid
from tests.content.promises import (
    comes_back,
    generated_documents,
    nothing_moved_is_lost,
    one_word_changes_one_node,
    one_word_changes_one_place,
    page_stays,
    real_documents,
    real_pages,
    unchanged_stays,
    what_is_lost_is_said,
)

pytestmark = pytest.mark.skipif(not ADF_FILES or not STORAGE_FILES or not SCHEMA.exists(), reason=ABSENT)
SAMPLE = 200  # 2 % of what `python -m tests.properties --full` makes


def test_an_edit_that_changes_nothing_gives_the_very_document() -> None:
    wrong = [found for each in (*real_documents(), *generated_documents(SAMPLE)) if (found := unchanged_stays(each))]
    assert wrong == []


def test_an_edit_that_changes_nothing_gives_the_very_bytes_of_a_page() -> None:
    assert [found for page in real_pages() if (found := page_stays(page))] == []


def test_one_changed_word_leaves_every_other_node_as_it_was() -> None:
    documents = (*real_documents(), *generated_documents(SAMPLE))
    random = Random(5)  # noqa: S311 - the same words on each run
    assert [found for each in documents if (found := one_word_changes_one_node(each, random))] == []


def test_one_changed_word_of_a_page_loses_nothing() -> None:
    random = Random(5)  # noqa: S311 - the same words on each run
    assert [found for page in real_pages() if (found := one_word_changes_one_place(page, random))] == []


def test_blocks_that_are_moved_lose_nothing() -> None:
    random = Random(5)  # noqa: S311 - the same words on each run
    documents = (*real_documents(), *generated_documents(SAMPLE))
    assert [found for each in documents if (found := nothing_moved_is_lost(each, random))] == []


def test_nearly_all_documents_come_back_from_markdown_alone() -> None:
    real = [comes_back(each) for each in real_documents()]
    assert sum(real) / len(real) >= 0.97
    made = [comes_back(each) for each in generated_documents(SAMPLE)]
    assert sum(made) / len(made) >= 0.80  # a sample; of all of them 85 %


def test_what_comes_back_is_valid() -> None:
    shown = [adf_to_markdown(each) for each in (*real_documents(), *generated_documents(SAMPLE))]
    assert all(valid(markdown_to_adf(text)) for text in shown if "ref[" not in text)


def test_what_another_kind_of_document_has_no_place_for_is_told() -> None:
    found = (*real_pages(), *real_documents(), *generated_documents(SAMPLE))
    assert [said for each in found if (said := what_is_lost_is_said(each))] == []
