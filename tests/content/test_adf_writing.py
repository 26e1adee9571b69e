"""What Atlassian gets for an agent's Markdown: ADF."""

from typing import Any, cast

import pytest

from server.content import ContentError, markdown_to_adf
from tests.content.documents import block, bullets, doc, numbers, paragraph, table, text, valid

Node = dict[str, Any]
BREAK = {"type": "hardBreak"}
LINK = text("a", href="https://a.example")


def picture(alt: str, url: str) -> Node:
    described = {"alt": alt} if alt else {}
    media = {"type": "media", "attrs": {"type": "external", "url": url, **described}}
    return {"type": "mediaSingle", "attrs": {"layout": "center"}, "content": [media]}


def plain(node: Any) -> Any:
    """Without identities and empty attributes."""
    if isinstance(node, list):
        return [plain(child) for child in cast("list[Any]", node)]
    if not isinstance(node, dict):
        return node
    kept = {key: plain(value) for key, value in cast("Node", node).items() if key != "localId"}
    return {key: value for key, value in kept.items() if key != "attrs" or value}


WRITINGS: dict[str, tuple[str, list[Node]]] = {
    "nothing": ("", []),
    "paragraphs": ("a\nb\n\nc", [paragraph("a b"), paragraph("c")]),
    "hard breaks": ("a\\\nb  \nc", [paragraph("a", BREAK, "b", BREAK, "c")]),
    "marks": (
        "**a** *b* ~~c~~ `d`",
        [paragraph(text("a", "strong"), " ", text("b", "em"), " ", text("c", "strike"), " ", text("d", "code"))],
    ),
    "code keeps no other mark": ("**`a`**", [paragraph(text("a", "code"))]),
    "a link": ("[a](https://a.example)", [paragraph(LINK)]),
    "an address": ("<https://a.example>", [paragraph(text("https://a.example", href="https://a.example"))]),
    "a link without words": (
        "[](https://a.example)",
        [paragraph({"type": "inlineCard", "attrs": {"url": "https://a.example"}})],
    ),
    "a link to nowhere": ("[a]() []()", [paragraph("a ")]),
    "a link by reference": ("[a][x]\n\n[x]: https://a.example", [paragraph(LINK)]),
    "headings": ("# a\n\nb\n---", [block("heading", text("a"), level=1), block("heading", text("b"), level=2)]),
    "code": ("```py title=x\na\n```", [block("codeBlock", text("a"), language="py")]),
    "indented code": ("    a", [block("codeBlock", text("a"))]),
    "empty code": ("```\n```", [block("codeBlock")]),
    "lists": ("- a\n  1. b\n- c", [bullets([paragraph("a"), numbers(paragraph("b"))], paragraph("c"))]),
    "a list that starts later": ("3. a", [numbers(paragraph("a"), order=3)]),
    "an empty item": ("- a\n-", [bullets(paragraph("a"), paragraph())]),
    "a rule": ("---", [{"type": "rule"}]),
    "a quotation": ("> a", [block("blockquote", paragraph("a"))]),
    "an empty quotation": (">", [block("blockquote", paragraph())]),
    "a table": (
        "| a | b |\n|:--|--:|\n| c<br>d | `e\\|f` |",
        [
            table(
                [paragraph("a"), paragraph("b")],
                [paragraph("c", BREAK, "d"), paragraph(text("e|f", "code"))],
            )
        ],
    ),
    "a table without a header": ("|  |\n|--|\n| a |", [table([paragraph("a")], headed=False)]),
    "a table of a header": ("| a |\n| - |", [table([paragraph("a")])]),
    "tasks": (
        "- [ ] a\n- [x] b\n  - [X] c",
        [
            block(
                "taskList",
                block("taskItem", text("a"), state="TODO"),
                block("taskItem", text("b"), state="DONE"),
                block("taskList", block("taskItem", text("c"), state="DONE")),
            )
        ],
    ),
    "tasks among other items": ("- [x] a\n- b", [bullets(paragraph("[x] a"), paragraph("b"))]),
    "tasks with more than words": (
        "- [ ] a\n\n  b\n- [x]\n  ```\n  c\n  ```",
        [bullets([paragraph("[ ] a"), paragraph("b")], [paragraph("[x]"), block("codeBlock", text("c"))])],
    ),
    "tasks in a quotation": ("> - [ ] a", [block("blockquote", bullets(paragraph("[ ] a")))]),
    "numbered tasks": ("1. [x] a", [numbers(paragraph("[x] a"))]),
    "a box that is none": ("- \\[ ] a\n- [x](y)", [bullets(paragraph("[ ] a"), paragraph(text("x", href="y")))]),
    "an image": ("![a](https://a.example/i.png)", [picture("a", "https://a.example/i.png")]),
    "an image in a sentence": (
        "a ![](https://a.example/i.png) b",
        [paragraph("a"), picture("", "https://a.example/i.png"), paragraph("b")],
    ),
    "an image in a heading": (
        "# a ![b](https://a.example)",
        [block("heading", text("a "), text("b", href="https://a.example"), level=1)],
    ),
    "an image from nowhere": ("![a **b**](attachment:7)", [paragraph("![a b](attachment:7)")]),
    "headings, rules and quotations in a list": (
        "- # a\n- ***\n- > b",
        [bullets(paragraph(text("a", "strong")), paragraph("---"), paragraph("b"))],
    ),
    "a table in a list": ("- | a | b |\n  |---|---|\n  | c | d |", [bullets(paragraph("a | b", BREAK, "c | d"))]),
    "a quotation in a quotation": ("> > a", [block("blockquote", paragraph("a"))]),
    "tags": ("a <b>*b*</b>\n<br> <!-- c -->", [paragraph("a <b>", text("b", "em"), "</b> ", BREAK, " <!-- c -->")]),
    "a tag's insides": ('<a title="*b*">', [paragraph('<a title="*b*">')]),
    "a block of tags": ("<div>\na\n</div>", [paragraph("<div> a </div>")]),
    "entities": ("&nbsp;a&eacute;&#10;&#12;b&copy;", [paragraph("\xa0aé\nb©")]),
    "what Atlassian's editors refuse": ("a\x00\x08b\ud800", [paragraph("ab")]),
    "deep brackets": ("[" * 40 + "a", [paragraph("[" * 40 + "a")]),
}


@pytest.mark.parametrize(("written", "made"), WRITINGS.values(), ids=WRITINGS)
def test_it_makes(written: str, made: list[Node]) -> None:
    document = markdown_to_adf(written)
    assert valid(document)
    assert plain(document) == plain(doc(*made))


def test_a_linked_image_keeps_its_link() -> None:
    single = markdown_to_adf("[![](https://a.example/i.png)](https://b.example)")["content"][0]
    assert single["content"][0]["marks"] == [{"type": "link", "attrs": {"href": "https://b.example"}}]


def test_a_link_keeps_its_title() -> None:
    words = markdown_to_adf('[a](/b "c")')["content"][0]["content"][0]
    assert words["marks"] == [{"type": "link", "attrs": {"href": "/b", "title": "c"}}]


@pytest.mark.parametrize(
    "href",
    ["javascript:alert(1)", "JaVaScRiPt:x", "java&#10;script:x", "data:text/html,x", "vbscript:x"],
)
def test_a_link_that_runs_code_is_text(href: str) -> None:
    for markdown in (f"[a]({href})", f"![a]({href})", f"<{href}>", f"[a]\n\n[a]: {href}"):
        assert all("marks" not in node for block in markdown_to_adf(markdown)["content"] for node in block["content"])
        assert "media" not in str(markdown_to_adf(markdown))


def test_the_same_markdown_makes_the_same_tasks_with_different_identities() -> None:
    tasks = markdown_to_adf("- [ ] a\n- [ ] a")
    assert tasks == markdown_to_adf("- [ ] a\n- [ ] a")
    first, second = (task["attrs"]["localId"] for task in tasks["content"][0]["content"])
    assert first != second


@pytest.mark.parametrize("markdown", ["> " * 10_000, "- " * 10_000 + "b", "1. " * 10_000 + "b"])
def test_deep_markdown_is_refused_with_the_line(markdown: str) -> None:
    with pytest.raises(ContentError, match="Line 3: lists and quotations nest more than 50 levels deep; flatten them"):
        markdown_to_adf(f"a\n\n{markdown}")


def test_images_in_the_text_of_images_are_read_or_refused() -> None:
    assert valid(markdown_to_adf("![" * 2_000 + "](b)" * 2_000))
