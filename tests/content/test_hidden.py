"""What nobody sees is taken out of what is shown, and stays where an edit changes nothing."""

import pytest

from server.content import adf_to_markdown, edit_adf, edit_storage, marked, plain, plain_values, storage_to_markdown

ZERO, OVERRIDE, TAG = "\u200b", "\u202e", "\U000e0041"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"pass{ZERO}word", "password"),
        (f"a{OVERRIDE}b\u202c", "ab"),
        (f"hi{TAG}\U000e007f", "hi"),
        ("a\x1b[31mb\x00", "a[31mb"),
        ("x\ufe0f\U000e0101y", "xy"),
        ("soft\xadhyphen\u2060 \ufeff", "softhyphen "),
        ("line\r\nnext\rover", "line\r\nnextover"),
    ],
)
def test_what_nobody_sees_goes(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize("text", ["👩‍👩‍👧", "❤️ ok", "1️⃣", "می‌خواهم", "क्‍ष", "tab\tline\n", "日本語 ä ß é"])
def test_what_is_part_of_what_is_seen_stays(text: str) -> None:
    assert plain(text) == marked(text) == text


def test_a_joiner_between_plain_letters_goes_and_only_one_selector_stays() -> None:
    assert plain("ad\u200dmin") == "admin"
    assert plain("❤\ufe0f\ufe0f\ufe0f") == "❤\ufe0f"


def test_in_a_question_it_is_told_by_name() -> None:
    assert marked(f"a{OVERRIDE}b{chr(0xE0100)}\x00") == "a⟨RIGHT-TO-LEFT OVERRIDE⟩b⟨VARIATION SELECTOR-17⟩⟨U+0000⟩"


def test_texts_in_json_are_cleaned_names_too() -> None:
    assert plain_values({f"a{ZERO}": [f"b{ZERO}", 1, None, {"c": f"d{ZERO}"}]}) == {"a": ["b", 1, None, {"c": "d"}]}


def test_an_edit_of_another_line_keeps_what_is_hidden() -> None:
    storage = f"<p>one{ZERO}two</p><p>three</p>"
    as_read = storage_to_markdown(storage)
    edited = edit_storage(storage, as_read, plain(as_read).replace("three", "four"))
    assert edited == f"<p>one{ZERO}two</p><p>four</p>"
    assert edit_storage(storage, as_read, plain(as_read)) == storage


def test_an_edit_of_a_document_too() -> None:
    def line(text: str) -> dict[str, object]:
        return {"type": "paragraph", "content": [{"type": "text", "text": text}]}

    base = {"type": "doc", "version": 1, "content": [line(f"one{OVERRIDE}"), line("two")]}
    as_read = adf_to_markdown(base)
    edited = edit_adf(base, as_read, plain(as_read).replace("two", "three"))
    assert edited["content"][0] == line(f"one{OVERRIDE}")
    assert edited["content"][1] == line("three")
