import json
from datetime import UTC, datetime
from typing import Any

import pytest

from server.sandbox import adf, moments, page_formats, query, storage
from server.sandbox.people import DEMO, KENJI

NOW = datetime(2026, 3, 31, 15, 30, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("-1d", "2026-03-30 15:30"),
        ("1w 2d", "2026-04-09 15:30"),
        ("-1M", "2026-02-28 15:30"),
        ("+1y", "2027-03-31 15:30"),
        ("90m", "2026-03-31 17:00"),
        ("2026/02/01", "2026-02-01 00:00"),
        ("2026-02-01 10:15", "2026-02-01 10:15"),
        ("1769900400000", "2026-01-31 23:00"),
    ],
)
def test_moments_are_read(text: str, moment: str) -> None:
    found = moments.read(text, NOW, DEMO.zone)
    assert found is not None
    assert f"{found:%Y-%m-%d %H:%M}" == moment


@pytest.mark.parametrize("text", ["", "soon", "1x", "2026-13-01", "9" * 30, "-99999y", "99999999w"])
def test_what_is_no_moment_is_none(text: str) -> None:
    assert moments.read(text, NOW, DEMO.zone) is None


@pytest.mark.parametrize(
    ("call", "moment"),
    [
        (("now", ""), "2026-03-31 15:30:20"),
        (("now", "-1h"), "2026-03-31 14:30:20"),
        (("startOfDay", ""), "2026-03-31 00:00:00"),
        (("endOfDay", "-1"), "2026-03-30 23:59:59"),
        (("startOfWeek", ""), "2026-03-29 00:00:00"),
        (("endOfWeek", "+1w"), "2026-04-11 23:59:59"),
        (("startOfMonth", "-1"), "2026-02-01 00:00:00"),
        (("endOfMonth", ""), "2026-03-31 23:59:59"),
        (("startOfYear", ""), "2026-01-01 00:00:00"),
        (("endOfYear", "1"), "2027-12-31 23:59:59"),
    ],
)
def test_functions_name_edges(call: tuple[str, str], moment: str) -> None:
    assert f"{moments.call(*call, NOW, DEMO.zone):%Y-%m-%d %H:%M:%S}" == moment


def test_a_day_begins_in_the_readers_zone() -> None:
    begun = moments.call("startOfDay", "", NOW, KENJI.zone)
    assert begun is not None
    assert f"{begun.astimezone(UTC):%m-%d %H:%M}" == "03-31 15:00"
    assert moments.call("startOfDay", "soon", NOW, KENJI.zone) is None


RICH: list[dict[str, Any]] = [
    {"type": "heading", "attrs": {"level": 2}, "content": [{"type": "text", "text": "A"}]},
    {
        "type": "paragraph",
        "content": [
            {"type": "text", "text": "bold", "marks": [{"type": "strong"}, {"type": "textColor", "attrs": {}}]},
            {"type": "hardBreak"},
            {"type": "text", "text": "link", "marks": [{"type": "link", "attrs": {"href": "https://example.com?a&b"}}]},
            {"type": "mention", "attrs": {"id": "1", "text": "@Zoë"}},
            {"type": "emoji", "attrs": {"shortName": ":x:"}},
            {"type": "inlineCard", "attrs": {"url": "https://example.com"}},
        ],
    },
    {"type": "panel", "attrs": {"panelType": "warning"}, "content": [{"type": "paragraph", "content": []}]},
    {"type": "codeBlock", "content": [{"type": "text", "text": "a ]]> b"}]},
    {"type": "rule"},
]
DOC = {"type": "doc", "version": 1, "content": RICH}


def test_adf_becomes_storage() -> None:
    body = page_formats.to_storage(DOC)
    assert storage.plain(body).startswith("A\nbold")
    assert '<a href="https://example.com?a&amp;b">link</a>@Zoë' in body
    assert '<ac:structured-macro ac:name="note">' in body
    assert storage.text(storage.parse(body)).endswith("a ]]> b")
    assert [block["type"] for block in page_formats.to_adf(body)["content"]] == [block["type"] for block in RICH]


def test_adf_becomes_text_and_html() -> None:
    assert "@Zoë:x:https://example.com" in adf.text(DOC)
    shown = adf.render(DOC)
    assert shown.startswith("<h2>A</h2><p><b>bold</b><br/>")
    assert shown.endswith("<hr />")
    assert adf.text(adf.paragraph("one", "", "two")) == "one\ntwo"


def test_storage_becomes_adf() -> None:
    body = (
        "loose <b>text</b><ul><li><p>a</p><ol><li>b<br /></li></ol></li></ul><blockquote><p>q</p></blockquote><p></p>"
        '<ac:structured-macro ac:name="code"><ac:plain-text-body></ac:plain-text-body></ac:structured-macro>'
        '<ac:structured-macro ac:name="x"><ac:rich-text-body><p>y</p></ac:rich-text-body></ac:structured-macro>'
        "<ac:task-list><ac:task><ac:task-status>complete</ac:task-status></ac:task></ac:task-list>"
        "<table><thead><tr><th>h</th></tr></thead></table>"
    )
    made = page_formats.to_adf(body)
    assert adf.is_valid(made), json.dumps(made)
    kinds = [block["type"] for block in made["content"]]
    assert kinds == [
        "bulletList",
        "blockquote",
        "paragraph",
        "codeBlock",
        "bodiedExtension",
        "taskList",
        "table",
        "paragraph",
    ]
    assert page_formats.to_adf("")["content"] == [{"type": "paragraph"}]
    assert '<div class="macro macro-x">' in storage.view(body)


@pytest.mark.parametrize(
    "value",
    [None, [], {"type": "doc"}, {**DOC, "version": 2}, {**DOC, "content": [{"type": "text", "text": "a"}]}],
)
def test_what_is_no_document_is_not_valid(value: object) -> None:
    assert not adf.is_valid(value)


def test_negation_is_its_own_inverse() -> None:
    where = query.parse("a = 1 and (b ~ 2 or c is empty) and d was 3 and e changed and f in (1) and g < 2").where
    assert where is not None
    assert query.negate(query.negate(where)) == where
