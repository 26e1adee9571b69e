"""What a rewrite from Markdown would lose is named before it is lost."""

from typing import Any

import pytest

from server.content import adf_losses, storage_losses
from tests.content.documents import block, bullets, doc, numbers, paragraph, table, text

Node = dict[str, Any]


def node(kind: str, **attrs: object) -> Node:
    return {"type": kind, "attrs": attrs}


def marked(words: str, kind: str, **attrs: object) -> Node:
    return paragraph({"type": "text", "text": words, "marks": [{"type": kind, "attrs": attrs}]})


def cell(**attrs: object) -> Node:
    return block("table", block("tableRow", block("tableCell", paragraph("a"), **attrs)))


def media(**attrs: object) -> Node:
    return block("mediaSingle", node("media", **attrs), layout="center")


ADA = node("mention", id="1", text="@Ada Lovelace")
EXTERNAL = {"type": "external", "url": "https://a.example/i.png"}
MACRO = {"extensionType": "com.example", "extensionKey": "toc"}

NAMED: dict[str, tuple[Node, list[str]]] = {
    "panel": (block("panel", paragraph("a"), panelType="info"), ["panel"]),
    "mention": (paragraph(ADA), ["mention of Ada Lovelace"]),
    "mentions": (doc(paragraph(ADA), paragraph(ADA)), ["mention of Ada Lovelace (2)"]),
    "macros": (doc(node("extension", **MACRO), node("extension", **MACRO)), ['macro "toc" (2)']),
    "task list": (block("taskList", block("taskItem", text("a"), state="TODO")), ["task list"]),
    "decision list": (block("decisionList", block("decisionItem", text("a"))), ["decision list"]),
    "expand": (block("expand", paragraph("a"), title="More"), ['expand "More"']),
    "layout": (block("layoutSection", block("layoutColumn", paragraph("a"))), ["layout"]),
    "status": (paragraph(node("status", text="DONE", color="green")), ['status "DONE"']),
    "date": (paragraph(node("date", timestamp="1704067200000")), ["date 2024-01-01"]),
    "emoji": (paragraph(node("emoji", shortName=":tada:", text="🎉")), ["emoji tada"]),
    "placeholder": (paragraph("a", node("placeholder", text="b")), ["placeholder b"]),
    "card": (node("blockCard", url="https://a.example"), ["card https://a.example"]),
    "smart link data": (
        paragraph(node("inlineCard", data={"url": "https://a.example"})),
        ['unknown node "inlineCard"'],
    ),
    "image": (media(type="file", id="7", collection="c", alt="diagram.png"), ["image diagram.png"]),
    "image size": (
        block("mediaSingle", node("media", **EXTERNAL), layout="wide", width=40),
        ["image layout", "image size"],
    ),
    "image caption": (block("mediaSingle", node("media", **EXTERNAL), block("caption", text("a"))), ["image caption"]),
    "underline": (marked("a", "underline"), ["underline"]),
    "text colour": (marked("a", "textColor", color="#ff0000"), ["text colour"]),
    "inline comment anchor": (marked("a", "annotation", id="1"), ["inline comment anchor 1"]),
    "another mark": (marked("a", "glow"), ['mark "glow"']),
    "alignment": ({**paragraph("a"), "marks": [{"type": "alignment", "attrs": {"align": "end"}}]}, ["alignment"]),
    "wide layout": ({**block("codeBlock", text("a")), "marks": [{"type": "breakout"}]}, ["wide layout"]),
    "code block display": (block("codeBlock", text("a"), wrap=True), ["code block display"]),
    "merged table cells": (cell(colspan=2), ["merged table cells"]),
    "cell colour": (cell(background="#ffcc00"), ["cell colour"]),
    "column widths": (cell(colwidth=[120]), ["column widths"]),
    "cell alignment": (cell(valign="middle"), ["cell alignment"]),
    "header column": (
        block("table", block("tableRow", block("tableHeader", paragraph("a")), block("tableCell", paragraph("b")))),
        ["header cells outside the first row"],
    ),
    "table layout": (
        {**table([paragraph("a")]), "attrs": {"layout": "full-width", "width": 900, "isNumberColumnEnabled": True}},
        ["table layout", "table width", "numbered rows"],
    ),
    "cell with blocks": (table([bullets(paragraph("a"))]), ["blocks in a table cell"]),
    "synced block": (node("syncBlock", resourceId="1"), ["synced block"]),
    "unknown nodes": (
        doc(block("poll", paragraph("a")), node("spark")),
        ['unknown node "poll"', 'unknown node "spark"'],
    ),
    "an inert link": (paragraph(text("a", href="javascript:b")), []),
    "marks on code": (paragraph(text("a", "code", "strong")), []),
    "a heading in a list": (
        bullets([paragraph("a"), block("heading", text("b"), level=1)]),
        [],
    ),
    "a language of two words": (block("codeBlock", text("a"), language="visual basic"), []),
    "an empty header": (table([paragraph()], [paragraph("a")]), []),
}


@pytest.mark.parametrize(("written", "lost"), NAMED.values(), ids=NAMED)
def test_a_rewritten_issue_would_lose(written: Node, lost: list[str]) -> None:
    assert adf_losses(written if written["type"] == "doc" else doc(written)) == lost


def test_what_markdown_carries_and_what_only_serves_the_editor_is_no_loss() -> None:
    noise = {**table([paragraph("a")]), "attrs": {"layout": "default", "width": 760, "localId": "1"}}
    cells = cell(colspan=1, rowspan=1, colwidth=[], background="", localId="2")
    card = paragraph("see ", node("inlineCard", url="https://a.example", localId="3"))
    blank: Node = {"type": "paragraph", "attrs": {"localId": "4"}, "marks": []}
    blanks = [paragraph(), paragraph("a "), blank]
    item = bullets([paragraph("b"), numbers(paragraph("c"))])
    assert adf_losses(doc(noise, cells, card, *blanks, item, media(**EXTERNAL, width=10, height=20))) == []


def test_a_long_example_is_cut() -> None:
    (lost,) = adf_losses(doc(block("expand", paragraph("a"), title="long " * 40)))
    assert len(lost) < 80
    assert lost.endswith("…")


STORAGE = {
    '<ac:structured-macro ac:name="toc" /><ac:structured-macro ac:name="toc" />': ['macro "toc" (2)'],
    '<ac:structured-macro ac:name="info"><ac:rich-text-body><p>a</p></ac:rich-text-body></ac:structured-macro>': [
        "panel"
    ],
    '<ac:link><ri:user ri:account-id="5b1" /></ac:link>': ["mention of 5b1"],
    '<ac:link><ri:space ri:space-key="DOCS" /></ac:link>': ["link DOCS"],
    '<table><tbody><tr><td rowspan="2">a</td></tr></tbody></table>': ["merged table cells"],
    '<table><colgroup><col style="width: 9px" /></colgroup><tr><td data-highlight-colour="#f00">a</td></tr></table>': [
        "column widths",
        "cell colour",
    ],
    '<p>a<ac:inline-comment-marker ac:ref="1">b</ac:inline-comment-marker></p>': ["inline comment anchor 1"],
    '<p style="text-align: center;"><span style="color: rgb(255,0,0);">a</span></p>': ["alignment", "text colour"],
    '<ac:image ac:width="300"><ri:attachment ri:filename="a.png" /></ac:image>': ["image size"],
    '<ac:structured-macro ac:name="code"><ac:parameter ac:name="title">T</ac:parameter></ac:structured-macro>': [
        'macro "code"'
    ],
    '<p><a href="https://a.example" data-card-appearance="block">a</a></p>': ["card https://a.example"],
    "<p><code>a<br />b</code></p>": [],
    "<ac:task-list><ac:task><ac:task-body>a</ac:task-body></ac:task></ac:task-list>": ["task list"],
    "<pre>a</pre>": [],
    '<p><a href="javascript:b">a</a></p>': [],
    '<ac:link ac:card-appearance="inline"><ri:page ri:content-title="A" /><ac:link-body>b</ac:link-body></ac:link>': [],
    '<p><ac:link ac:card-appearance="block"><ri:page ri:content-title="A" /></ac:link></p>': [],
    '<p><a name="x">a</a><a id="y" /></p><h1 id="z">b</h1>': [
        "formatting of its own",
        "link target",
        'link target "z"',
    ],
    '<table data-layout="wide" data-table-width="900"><tr><td>a</td></tr></table>': ["table layout", "table width"],
    '<table data-layout="full-width"><tr><td>a</td></tr></table>': ["table layout"],
    '<table style="width: 50.0%;"><tr><td width="9">a</td></tr></table>': ["width (2)"],
    '<table width="900"><colgroup><col width="9" /></colgroup><tr><td>a</td></tr></table>': ["column widths", "width"],
    "<!-- a --><p>b<!-- c --></p><ul><!-- d --><li>e</li></ul>": ["HTML comment (2)"],
}


@pytest.mark.parametrize("page", STORAGE, ids=lambda page: page[:50])
def test_a_rewritten_page_would_lose(page: str) -> None:
    assert storage_losses(page) == STORAGE[page]


CARRIED = [
    '<p class="x" local-id="1">a <strong>b</strong><br />c&nbsp;d</p><p></p><p />',
    '<p>see <ac:link ac:card-appearance="inline"><ri:page ri:space-key="D" ri:content-title="A &amp; B" />'
    "<ac:link-body>A &amp; B</ac:link-body></ac:link></p>",
    '<table data-layout="center" data-table-width="760" style="width: 100.0%;"><tr><td>a</td></tr></table>',
    '<h1 local-id="1">a</h1><p>b</p><p></p><p><br/></p><p> </p>',
    "<p><![CDATA[<!-- a -->]]></p>",
    '<table class="x" data-layout="default"><colgroup><col /></colgroup><tbody><tr><th>a</th></tr></tbody></table>',
    '<ul><li style="margin-left: 0.0px;">a<ol><li><p style="text-align: left;">b</p></li></ol></li></ul>',
    '<p><ac:link><ri:page ri:content-title="A" ri:version-at-save="1" /></ac:link></p>',
    '<ac:image ac:align="center"><ri:attachment ri:filename="a b.png" /></ac:image>',
    '<ac:structured-macro ac:name="code" ac:macro-id="1"><ac:parameter ac:name="language">py</ac:parameter>'
    "<ac:plain-text-body><![CDATA[a]]></ac:plain-text-body></ac:structured-macro>",
]


@pytest.mark.parametrize("page", CARRIED, ids=lambda page: page[:50])
def test_a_page_that_markdown_carries_loses_nothing(page: str) -> None:
    assert storage_losses(page) == []
