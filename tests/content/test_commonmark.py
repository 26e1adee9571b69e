"""Every example of the CommonMark specification makes a valid document and a well-formed page."""

import json
import os
from pathlib import Path

import pytest

from server.content import adf_to_markdown, markdown_to_adf, markdown_to_storage, storage_to_markdown
from tests.content.documents import valid
from tests.content.promises import is_well_formed

EXAMPLES = Path(os.environ.get("COMMONMARK_EXAMPLES", ""))
ABSENT = (
    "COMMONMARK_EXAMPLES names no commonmark.json, which the source of markdown-it-py has; `bash .ci/run` fetches it"
)

pytestmark = pytest.mark.skipif(not EXAMPLES.is_file(), reason=ABSENT)


def examples() -> list[str]:
    found = [example["markdown"] for example in json.loads(EXAMPLES.read_text())]
    assert len(found) >= 652  # of version 0.30 and later
    return found


def test_every_example_makes_a_valid_document_and_a_well_formed_page() -> None:
    assert [each for each in examples() if not valid(markdown_to_adf(each))] == []
    assert [each for each in examples() if not is_well_formed(markdown_to_storage(each))] == []


def test_what_an_example_is_read_as_reads_the_same_ever_after() -> None:
    for each in examples():
        shown = adf_to_markdown(markdown_to_adf(each))
        assert adf_to_markdown(markdown_to_adf(shown)) == shown
        page = storage_to_markdown(markdown_to_storage(each))
        assert storage_to_markdown(markdown_to_storage(page)) == page
