"""Every example of the CommonMark specification makes a valid document and a well-formed page."""

import json
import os
from pathlib import Path

import pytest

from server.content import markdown_to_adf, markdown_to_storage
from tests.content.documents import valid
from tests.content.promises import is_well_formed

EXAMPLES = Path(os.environ.get("COMMONMARK_EXAMPLES", ""))


@pytest.mark.skipif(not EXAMPLES.is_file(), reason="COMMONMARK_EXAMPLES names no commonmark.json of its specification")
def test_every_example_makes_a_valid_document_and_a_well_formed_page() -> None:
    examples = [example["markdown"] for example in json.loads(EXAMPLES.read_text())]
    assert [each for each in examples if not valid(markdown_to_adf(each))] == []
    assert [each for each in examples if not is_well_formed(markdown_to_storage(each))] == []
