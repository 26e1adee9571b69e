"""The wiki markup of Jira's older payloads is read as Markdown; what is no markup stays as words."""

import json
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from server.content.wiki_markup import wiki_to_adf, wiki_to_markdown
from tests.content.documents import ABSENT

WEBHOOKS = sorted((Path(__file__).parents[3] / "shared/corpus/webhooks").glob("*.json"))
INLINE = {
    "*bold* _em_ -gone- ??cite??": "**bold** *em* ~~gone~~ *cite*",
    "*over _lap* ping_": ":b[over _lap_]:i[ ping]",
    "+ins+ and {color:red}red *bold*{color}": ":u[ins] and red **bold**",
    "{{mono *x* [y]}} {{{}a{}}}": "`mono *x* [y]` `a`",
    "in{*}side{*} {_}a b{_}": "in**side** *a b*",
    "5-3-2 a_b_c 2*3*4 --flag -- x ** y": "5-3-2 a_b_c 2\\*3\\*4 --flag -- x ** y",
    "- 5 to -3, *open _unclosed": "- 5 to -3, \\*open \\_unclosed",
    "\\*stars\\* \\{code} \\[a]": "\\*stars\\* {code} [a]",
    "[words|https://a.example/x_y] [https://a.example]": "[words](https://a.example/x_y) <https://a.example>",
    "[*b*|https://a.example|tip] [m|mailto:a@b.example]": "**[b](https://a.example)** [m](mailto:a@b.example)",
    "see https://a.example/a_b_c?d=1*2*3.": "see <https://a.example/a_b_c?d=1*2*3>.",
    "[no link] [x|javascript:alert(1)] [a|B-1]": "[no link] [x|javascript:alert(1)] [a|B-1]",
    "[^log.txt] [the log|^log.txt] [#top]": "log.txt the log top",
    "Wow! really! !a b!": "Wow! really! !a b!",
    ":) (!) (/)": ":) (!) (/)",
    "a\\\\b": "a\\\nb",
    "\\\\host\\share": "\\\\\\host\\share",
    "one\ntwo": "one\\\ntwo",
    "{anchor:x}text{anchor:y}": "text",
    "{noformat}open": "\\{noformat}open",
    "{quote}open": "\\{quote}open",
}


@pytest.mark.parametrize("wiki", INLINE)
def test_marks_links_and_escapes(wiki: str) -> None:
    assert wiki_to_markdown(wiki) == INLINE[wiki]


def kinds(node: dict[str, Any]) -> Iterator[str]:
    yield node["type"]
    for child in node.get("content", ()):
        yield from kinds(child)


def test_people_are_mentioned_by_account_and_named_where_the_name_is_known() -> None:
    document = wiki_to_adf("[~accountid:5b:1] and [~bob]", {"5b:1": "Ann"})
    assert document["content"][0]["content"] == [
        {"type": "mention", "attrs": {"id": "5b:1", "text": "@Ann"}},
        {"type": "text", "text": " and "},
        {"type": "text", "text": "@bob"},
    ]


def test_marks_that_markdown_lacks_are_in_the_document() -> None:
    found = [mark for node in wiki_to_adf("x^2^ a~b~ +i+")["content"][0]["content"] for mark in node.get("marks", ())]
    assert found == [
        {"type": "subsup", "attrs": {"type": "sup"}},
        {"type": "subsup", "attrs": {"type": "sub"}},
        {"type": "underline"},
    ]
    card = wiki_to_adf("[https://a.example|https://a.example|smart-link]")["content"][0]["content"]
    assert card == [{"type": "inlineCard", "attrs": {"url": "https://a.example"}}]


def test_headings_rules_quotations_and_paragraphs() -> None:
    wiki = "h1. One *b*\nwords\nh6. Six !a.png!\\\\x\n\nbq. wise\n----\n---\nh2.\nh7. no"
    assert wiki_to_markdown(wiki) == (
        "# One **b**\n\nwords\n\n###### Six a.png x\n\n> wise\n\n---\n\n\\---\n\n##\n\nh7. no"
    )


def test_lists_nest_and_mix() -> None:
    wiki = "* one\n** two\ngoes on\n*# three\n# four\n## five\n- dash\n-- deeper\n*** deep\nafter\n\n-no item"
    document = wiki_to_adf(wiki)
    assert [node["type"] for node in document["content"]] == [
        "bulletList",
        "orderedList",
        "bulletList",
        "bulletList",
        "paragraph",
    ]
    assert wiki_to_markdown("* one\n** two\ngoes on\n# three\n## four") == (
        "- one\n  - two\\\n    goes on\n\n1. three\n   1. four"
    )
    assert list(kinds(wiki_to_adf("#" * 500 + " deep"))).count("orderedList") == 10


def test_tables_have_headers_links_images_and_cells_of_several_lines() -> None:
    wiki = "|| A || B ||\n| [x|https://a.example] | {{a|b}} |\n|two\nlines|!p.png|width=3!|\n| \\| | |\nafter"
    table, after = wiki_to_adf(wiki)["content"]
    shape = [
        [(cell["type"], [block["type"] for block in cell["content"]]) for cell in row["content"]]
        for row in table["content"]
    ]
    assert shape[0] == [("tableHeader", ["paragraph"])] * 2
    assert shape[2][1] == ("tableCell", ["mediaSingle"])
    assert [len(row) for row in shape] == [2, 2, 2, 2]
    assert after["type"] == "paragraph"
    assert wiki_to_markdown("||A||B||\n|a|{code}x|y{code}|") == "| A | B |\n| --- | --- |\n| a | `x\\|y` |"
    assert wiki_to_markdown("words\n|a|\n|\nb") == "words\n\n| | \n| --- |\n| a |\n\nb".replace("| | \n", "|  |\n")


def test_images_are_blocks_of_their_own() -> None:
    assert wiki_to_markdown('see !a b.png|thumbnail! and !https://a.example/x.png|width=3,alt="An x"!') == (
        "see\n\n![a b.png](<a b.png>)\n\nand\n\n![An x](https://a.example/x.png)"
    )


def test_code_quotations_and_panels() -> None:
    assert wiki_to_markdown("a {code:java|title=X}\nint *a*;\n{code} b") == "a\n\n```java\nint *a*;\n```\n\nb"
    assert wiki_to_markdown("{noformat}*x*\n{code}{noformat}") == "```\n*x*\n{code}\n```"
    assert wiki_to_markdown("{code:title=a.py|language=Python}{code}").startswith("```Python")
    assert wiki_to_markdown('{adf:display=block}\n{"type": "x"}\n{adf}') == '```json\n{"type": "x"}\n```'
    assert wiki_to_markdown("{quote}\n* a\n\nb\n{quote}\nc") == "> - a\n>\n> b\n\nc"
    panel = wiki_to_adf("{panel:title=T|bgColor=#fffae6}\nin {quote}deep{panel}\nout")["content"]
    assert [node["type"] for node in panel] == ["panel", "paragraph"]
    assert panel[0]["attrs"] == {"panelType": "warning"}
    assert list(kinds(wiki_to_adf("{quote}{quote}"))) == ["doc", "blockquote", "paragraph"]
    assert list(kinds(wiki_to_adf("{quote}{panel}x{quote}y{panel}"))).count("panel") == 1


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for child in value.values() if isinstance(value, dict) else value:  # pyright: ignore[reportUnknownVariableType]  # JSON
            yield from texts(child)


@pytest.mark.skipif(not WEBHOOKS, reason=ABSENT)
@pytest.mark.parametrize("path", WEBHOOKS, ids=lambda path: path.stem)
def test_the_texts_of_real_deliveries_keep_their_words(path: Path) -> None:
    for text in texts(json.loads(path.read_text())):
        shown = wiki_to_markdown(text)
        assert all(word in shown for word in text.split() if word.isalnum())


def test_a_real_comment_is_read() -> None:
    wiki = "test\n\n_Issue created from a [message in Mattermost|https://a.example/pl/u7z1]_."
    assert (
        wiki_to_markdown(wiki) == "test\n\n*Issue created from a [message in Mattermost](https://a.example/pl/u7z1)*."
    )


SIGNS = (
    *(
        "*",
        "_",
        "-",
        "+",
        "^",
        "~",
        "??",
        "{{",
        "}}",
        "{*}",
        "[",
        "]",
        "|",
        "||",
        "!",
        "!a.png!",
        "\\",
        "\\\\",
        " ",
        "\n",
    ),
    *(
        "{code}",
        "{code:java}",
        "{noformat}",
        "{quote}",
        "{panel}",
        "{panel:title=a}",
        "{color:red}",
        "{color}",
        "{adf}",
    ),
    *(
        "h1. ",
        "bq. ",
        "* ",
        "# ",
        "*# ",
        "- ",
        "----",
        "word",
        "ä",
        "[a|https://b.example]",
        "[~x]",
        "https://c.example",
    ),
    *("\x00", "\ud83d", "\r\n", "\u2028", "\t"),
)


@pytest.mark.parametrize("seed", range(400))
def test_any_text_is_read(seed: int) -> None:
    random = Random(seed)  # noqa: S311  # reproducible, no secret
    text = "".join(random.choices(SIGNS, k=random.randint(1, 40)))
    wiki_to_markdown(text)
    assert sum(part.count("word") for part in texts(wiki_to_adf(text))) >= text.count("word")


@pytest.mark.parametrize("sign", [*SIGNS, "{{a", "[a|", "!a.", "{quote}{panel}", "|[", "{{{}", "(*a", "# a\n*# b\n"])
def test_repeated_signs_are_read_in_a_time_that_their_number_explains(sign: str) -> None:
    assert wiki_to_adf(sign * 10_000)["type"] == "doc"
