"""What an agent reads of an ADF document."""

from typing import Any

import pytest

from server.content import ContentError, adf_to_markdown
from tests.content.documents import block, bullets, doc, numbers, paragraph, table, text

Node = dict[str, Any]


def node(kind: str, **attrs: object) -> Node:
    return {"type": kind, "attrs": attrs}


def task(state: str, *content: Node) -> Node:
    return block("taskItem", *content, localId="1", state=state)


def macro(kind: str, key: str, *content: Node, **attrs: object) -> Node:
    return block(kind, *content, extensionKey=key, extensionType="com.example", **attrs)


PICTURE = {"type": "media", "attrs": {"type": "external", "url": "https://a.example/i.png", "alt": "An i"}}
FILE = {"type": "media", "attrs": {"type": "file", "id": "42", "collection": "c", "alt": "plan.png"}}

READINGS = {
    "marks": (
        paragraph(text("a", "strong"), " ", text("b", "em"), " ", text("c", "strike"), " ", text("d", "code")),
        "**a** *b* ~~c~~ `d`",
    ),
    "marks without their blanks": (paragraph(text("a ", "strong"), text(" b", "em"), "c"), ":b[a ]:i[ b]c"),
    "marks of which Markdown has none": (paragraph(text("a", "underline"), text("b", "textColor")), ":u[a]:color[b]"),
    "a link": (paragraph("see ", text("this", href="https://a.example")), "see [this](https://a.example)"),
    "a link that shows its address": (
        paragraph(text("https://a.example", href="https://a.example")),
        "<https://a.example>",
    ),
    "a link without an address": (paragraph(text("x", href="")), "x"),
    "a smart link": (paragraph("see ", node("inlineCard", url="https://a.example")), "see [](https://a.example)"),
    "a smart link with data": (
        paragraph(node("inlineCard", data={"url": "https://a.example"})),
        ":ref[inlineCard https://a.example]{1}",
    ),
    "a smart link with nothing": (paragraph(node("inlineCard")), ":ref[inlineCard]{1}"),
    "a card": (node("blockCard", url="https://a.example"), "::card{https://a.example}"),
    "an embedded page": (node("embedCard", url="https://a.example", layout="wide"), "::embed{https://a.example}"),
    "a heading": (block("heading", text("1. Plan #"), level=2), "## 1. Plan \\#"),
    "a heading of two lines": (block("heading", text("a"), {"type": "hardBreak"}, text("b"), level=1), "# a<br>b"),
    "a heading of no known level": (block("heading", text("a"), level=9), "# a"),
    "a line break": (paragraph("a", {"type": "hardBreak"}, "- b"), "a\\\n\\- b"),
    "a text with a line end": (paragraph("a\nb"), "a&#10;b"),
    "code": (block("codeBlock", text("x = 1\n"), language="py"), "```py\nx = 1\n\n```"),
    "a quotation": (block("blockquote", paragraph("a"), paragraph("b")), "> a\n>\n> b"),
    "an empty quotation": (doc(block("blockquote"), paragraph("a")), ">\n\na"),
    "a rule": ({"type": "rule"}, "---"),
    "nested lists": (
        bullets([paragraph("a"), numbers(paragraph("b"), paragraph("c"), order=3)], paragraph("d")),
        "- a\n\n  3. b\n  4. c\n- d",
    ),
    "an unheard-of number": (numbers(paragraph("a"), order=10**12), "1. a"),
    "a table": (
        table([paragraph("a|b"), paragraph("c")], [paragraph("d")]),
        ":::table\n::row\n::cell{h}\na|b\n::cell{h}\nc\n::row\n::cell\nd\n:::",
    ),
    "a table without a header": (table([paragraph("a")], headed=False), "|  |\n| --- |\n| a |"),
    "a table without cells": (doc(block("table", block("tableRow")), paragraph("a")), ":::table\n::row\n:::\n\na"),
    "a cell with blocks": (
        block(
            "table",
            block(
                "tableRow",
                block("tableCell", paragraph("a"), bullets(paragraph("b")), numbers(paragraph("c"), order=2)),
                block("tableCell", block("heading", text("d"), level=1), block("codeBlock", text("e\nf"))),
                block("tableCell", block("panel", paragraph("g"), panelType="tip"), {"type": "rule"}, paragraph("h")),
                block("tableCell", block("taskList", task("DONE", text("i"))), table([paragraph("j"), paragraph("k")])),
            ),
        ),
        ":::table\n::row\n::cell\na\n\n- b\n\n2. c"
        "\n::cell\n# d\n\n```\ne\nf\n```\n::cell\n:::tip\ng\n:::\n\n---\n\nh"
        "\n::cell\n- [x] i\n\n| j | k |\n| --- | --- |\n:::",
    ),
    "a panel": (
        block("panel", paragraph("Careful."), paragraph("b"), panelType="warning"),
        ":::warning\nCareful.\n\nb\n:::",
    ),
    "a panel of another kind": (block("panel", bullets(paragraph("a")), panelType="custom"), ":::panel\n- a\n:::"),
    "an expand": (block("expand", paragraph("a"), title="More"), ":::expand[More]\na\n:::"),
    "an expand without a title": (block("nestedExpand", paragraph("a")), ":::expand\na\n:::"),
    "tasks": (
        block(
            "taskList",
            block("taskList", task("TODO", text("z"))),
            task("DONE", text("a")),
            block("taskList", task("TODO", text("b"))),
            task("TODO"),
        ),
        "::ref[taskList]{1}",
    ),
    "tasks and a list beside them": (
        doc(block("taskList", task("DONE", text("a"))), bullets(paragraph("b"))),
        "- [x] a\n\n* b",
    ),
    "a decision": (block("decisionList", block("decisionItem", text("We go."))), "- <> We go."),
    "an empty list": (
        doc(block("bulletList"), block("taskList"), block("decisionList"), paragraph("a")),
        "::ref[bulletList]{1}\n\n::ref[taskList]{2}\n\n::ref[decisionList]{3}\n\na",
    ),
    "a layout": (
        block("layoutSection", block("layoutColumn", paragraph("a")), block("layoutColumn", paragraph("b"))),
        ":::layout\n::column\na\n::column\nb\n:::",
    ),
    "a status": (paragraph("is ", node("status", text="IN PROGRESS", color="blue")), "is :status[IN PROGRESS]{blue}"),
    "a mention": (
        paragraph(node("mention", id="1", text="@Ada Lovelace"), " and ", node("mention", id="2")),
        ":mention[Ada Lovelace]{1} and :mention{2}",
    ),
    "a date": (paragraph(node("date", timestamp="1704067200000")), ":date[2024-01-01]"),
    "a date that is none": (paragraph(node("date", timestamp="soon")), ":date[soon]"),
    "emoji": (
        paragraph(node("emoji", shortName=":tada:", text="🎉"), node("emoji", shortName=":team:")),
        ":emoji[🎉]{tada}:emoji{team}",
    ),
    "a placeholder": (paragraph(node("placeholder", text="Say why")), ":placeholder[Say why]"),
    "an external image": (block("mediaSingle", PICTURE, layout="center"), "![An i](https://a.example/i.png)"),
    "a linked image": (
        block("mediaSingle", {**PICTURE, "marks": [{"type": "link", "attrs": {"href": "https://b.example"}}]}),
        "[![An i](https://a.example/i.png)](https://b.example)",
    ),
    "an attached image with a caption": (
        block("mediaSingle", FILE, block("caption", text("The plan"))),
        ":::figure\n![plan.png](media:42){collection=c}\n\nThe plan\n:::",
    ),
    "attached files": (
        block("mediaGroup", FILE, node("media", type="file", id="7")),
        ":::files\n![plan.png](media:42){collection=c}\n![](media:7)\n:::",
    ),
    "an image in a line": (paragraph("a ", node("mediaInline", id="7", collection="c")), "a :file{7 collection=c}"),
    "a macro": (macro("extension", "toc"), ":::macro{toc type=com.example}\n:::"),
    "a macro with a text": (
        paragraph("a ", macro("inlineExtension", "sum", text="42")),
        "a :macro{sum type=com.example text=42}",
    ),
    "a macro with a body": (
        macro("bodiedExtension", "excerpt", paragraph("a")),
        ":::macro{excerpt type=com.example}\na\n:::",
    ),
    "a synced block": (doc(node("syncBlock"), block("bodiedSyncBlock", paragraph("a"))), "::sync\n\n:::sync\na\n:::"),
    "unknown blocks": (
        doc(block("poll", paragraph("Yes?")), node("hologram")),
        ":::ref[poll]{1}\nYes?\n:::\n\n::ref[hologram]{2}",
    ),
    "unknown words": (
        paragraph("a ", block("ruby", text("b")), node("spark", text="c"), node("void")),
        "a :ref[ruby]{1}:ref[spark c]{2}:ref[void]{3}",
    ),
    "words beside blocks": (doc(text("a"), paragraph("b"), text("c")), "a\n\nb\n\nc"),
    "what Atlassian's editors refuse": (paragraph("a\x00b\x0bc"), "abc"),
    "blank paragraphs": (
        doc(paragraph(), paragraph(" "), paragraph("a"), paragraph({"type": "hardBreak"})),
        "\\\n\n&#32;\n\na\n\n<br>",
    ),
}


@pytest.mark.parametrize(("written", "shown"), READINGS.values(), ids=READINGS)
def test_it_shows(written: Node, shown: str) -> None:
    document = written if written["type"] == "doc" else doc(written)
    assert adf_to_markdown(document) == shown


def test_marks_that_commonmark_would_not_see_are_directives() -> None:
    document = doc(paragraph(text("a", "em"), text("b ", "strong", "em"), text("c", "strong"), text("d")))
    assert adf_to_markdown(document) == ":i[a:b[b ]]:b[c]d"
    broken = doc(paragraph(text("a", "em"), text("b", "strong", "em"), {"type": "hardBreak"}, text("c", "strong")))
    assert adf_to_markdown(broken) == "_a**b**_\\\n**c**"


PROSE = {
    "snake_case and __init__": "snake_case and \\_\\_init\\_\\_",
    "2 * 3 and *4*": "2 * 3 and \\*4\\*",
    "C:\\Users\\ada \\* \\": "C:\\Users\\ada \\\\\\* \\\\",
    "# no heading": "\\# no heading",
    "#hashtag, 3.5 and - dash": "#hashtag, 3.5 and - dash",
    "1. no list": "1\\. no list",
    "- no list": "\\- no list",
    "+ no list": "\\+ no list",
    "> no quotation": "\\> no quotation",
    "---": "\\---",
    "| - | - |": "| - | - |".replace("|", "\\|", 1),
    "[ ] no task": "\\[ ] no task",
    "[x]: no definition": "\\[x]: no definition",
    "[1] and [no link](here)": "[1] and [no link\\](here)",
    "a < b, <b> and </b>": "a < b, \\<b> and \\</b>",
    "Q&A, &amp; and AT&T;": "Q&A, \\&amp; and AT\\&T;",
    "`no code`": "\\`no code\\`",
    "~5 minutes, ~~no strike~~": "~5 minutes, \\~\\~no strike\\~\\~",
    "Hello! (Really?)": "Hello! (Really?)",
    "a | b": "a | b",
}


@pytest.mark.parametrize("prose", PROSE)
def test_prose_is_escaped_where_it_would_mean_something_and_nowhere_else(prose: str) -> None:
    assert adf_to_markdown(doc(paragraph(prose))) == PROSE[prose]


MALFORMED: dict[str, tuple[Any, str]] = {
    "a text": ("hello", "An ADF document is an object like"),
    "nothing": (None, "not nothing"),
    "another node": ({"type": "paragraph"}, "its `type` is 'paragraph'"),
    "a child that is no node": (
        doc(paragraph("a"), 7),
        r"doc.content\[1\]: expected a node object with a `type`, not a int",
    ),
    "a node without a type": (
        doc(block("blockquote", {})),
        r"doc.content\[0\].content\[0\]: expected `type` to be a string",
    ),
    "a text of a number": (doc(paragraph({"type": "text", "text": 7})), r"expected `text` to be a string, not a int"),
    "content that is no list": (
        doc({"type": "paragraph", "content": "a"}),
        r"expected `content` to be a list of nodes",
    ),
    "attrs that are no object": (
        doc({"type": "heading", "attrs": [1]}),
        r"expected `attrs` to be an object, not a list",
    ),
    "marks that are no list": (
        doc(paragraph({"type": "text", "text": "a", "marks": "strong"})),
        "expected `marks` to be a list",
    ),
    "a mark without a type": (
        doc(paragraph({"type": "text", "text": "a", "marks": [{}]})),
        "each mark to be an object like",
    ),
    "a mark with odd attrs": (
        doc(paragraph({"type": "text", "text": "a", "marks": [{"type": "link", "attrs": "x"}]})),
        "the `attrs` of mark 'link'",
    ),
}


@pytest.mark.parametrize(("document", "problem"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_document_is_refused_with_the_place_and_the_expected_form(document: Any, problem: str) -> None:
    with pytest.raises(ContentError, match=problem):
        adf_to_markdown(document)


@pytest.mark.parametrize("odd", [None, [], {}, 7, "x", float("nan"), True])
@pytest.mark.parametrize(
    "kind", [*["heading", "orderedList", "table", "mediaSingle", "panel", "expand", "codeBlock"], "blockCard"]
)
def test_odd_attributes_do_not_stop_the_reading(kind: str, odd: object) -> None:
    names = [
        "level",
        "order",
        "layout",
        "width",
        "panelType",
        "title",
        "language",
        "url",
        "wrap",
        "valign",
        "colspan",
        "colwidth",
        "background",
        "data",
    ]
    inner = block("tableRow", block("tableCell", paragraph("a"), **dict.fromkeys(names, odd)))
    content = [text("a")] if kind in {"heading", "codeBlock"} else [inner]
    assert isinstance(adf_to_markdown(doc(block(kind, *content, **dict.fromkeys(names, odd)))), str)


@pytest.mark.parametrize("words", ["a" * 5000, "é" * 5000])
def test_a_refusal_is_short_and_does_not_repeat_the_document(words: str) -> None:
    deep: dict[str, Any] = {"type": words}
    for _ in range(150):
        deep = {"type": words, "content": [deep]}
    marked = {"type": "text", "text": words, "marks": [{"type": words, "attrs": words}]}
    placed: dict[str, Any] = {"type": words, "content": words}
    for _ in range(90):
        placed = {"type": words, "content": [placed]}
    for document in ({"type": words}, *(doc(found) for found in (deep, marked, placed))):
        with pytest.raises(ContentError) as refusal:
            adf_to_markdown(document)
        assert len(str(refusal.value)) <= 200
        assert words[:60] not in str(refusal.value)
        assert str(refusal.value).startswith("doc")
