"""What Confluence gets for an agent's Markdown: storage format."""

import pytest

from server.content import markdown_to_storage

CODE = (
    '<ac:structured-macro ac:name="code" ac:schema-version="1">{}'
    "<ac:plain-text-body><![CDATA[{}]]></ac:plain-text-body></ac:structured-macro>"
)
LANGUAGE = '<ac:parameter ac:name="language">{}</ac:parameter>'
PAGE = '<ri:page ri:space-key="DOCS" ri:content-title="A &amp; B" />'
TASK = (
    "<ac:task><ac:task-id>{}</ac:task-id><ac:task-status>{}</ac:task-status><ac:task-body>{}</ac:task-body></ac:task>"
)

WRITINGS = {
    "nothing": ("", ""),
    "paragraphs": ("a\nb\n\nc", "<p>a b</p><p>c</p>"),
    "marks": (
        "**a *b*** ~~c~~ `d<`",
        "<p><strong>a <em>b</em></strong> <del>c</del> <code>d&lt;</code></p>",
    ),
    "headings": ("# a\n\n## b", "<h1>a</h1><h2>b</h2>"),
    "hard breaks": ("a\\\nb", "<p>a<br />b</p>"),
    "lists": ("- a\n  1. b", "<ul><li><p>a</p><ol><li><p>b</p></li></ol></li></ul>"),
    "a list that starts later": ("3. a", '<ol start="3"><li><p>a</p></li></ol>'),
    "a quotation with a rule": ("> a\n>\n> ---", "<blockquote><p>a</p><hr /></blockquote>"),
    "code": ("```c++\na && b\n```", CODE.format(LANGUAGE.format("c++"), "a && b")),
    "code that ends its section": ("```\na]]>b\n```", CODE.format("", "a]]]]><![CDATA[>b")),
    "a table": (
        "| a |\n|---|\n| b<br>c |",
        "<table><tbody><tr><th><p>a</p></th></tr><tr><td><p>b<br />c</p></td></tr></tbody></table>",
    ),
    "a table without a header": ("|  |\n|---|\n| b |", "<table><tbody><tr><td><p>b</p></td></tr></tbody></table>"),
    "tasks": (
        "- [x] a\n- [ ] b\n\n  c\n- [ ]\n  - [ ] d",
        "<ac:task-list>"
        + TASK.format(1, "complete", "a")
        + TASK.format(2, "incomplete", "b<p>c</p>")
        + TASK.format(3, "incomplete", "<ac:task-list>" + TASK.format(4, "incomplete", "d") + "</ac:task-list>")
        + "</ac:task-list>",
    ),
    "a link": ('[a](https://a.example?b&c "d")', '<p><a href="https://a.example?b&amp;c" title="d">a</a></p>'),
    "a smart link": (
        "[](https://a.example)",
        '<p><a href="https://a.example" data-card-appearance="inline">https://a.example</a></p>',
    ),
    "a smart link to a page": (
        "[](<page:DOCS/A & B>)",
        f'<p><ac:link ac:card-appearance="inline">{PAGE}<ac:link-body>A &amp; B</ac:link-body></ac:link></p>',
    ),
    "a page's link": ("[a](<page:DOCS/A & B>)", f"<p><ac:link>{PAGE}<ac:link-body>a</ac:link-body></ac:link></p>"),
    "a page's link by its title": (
        "[A & B](<page:DOCS/A & B#top>)",
        f'<p><ac:link ac:anchor="top">{PAGE}</ac:link></p>',
    ),
    "a page's link without a space": (
        "[a](page:B)",
        '<p><ac:link><ri:page ri:content-title="B" /><ac:link-body>a</ac:link-body></ac:link></p>',
    ),
    "a link to a file": (
        "[b.pdf](attachment:b.pdf)",
        '<p><ac:link><ri:attachment ri:filename="b.pdf" /></ac:link></p>',
    ),
    "a link to an anchor": ("[a](#top)", '<p><ac:link ac:anchor="top"><ac:link-body>a</ac:link-body></ac:link></p>'),
    "an attached image": (
        "![a](<attachment:b c.png>)",
        '<p><ac:image ac:alt="a"><ri:attachment ri:filename="b c.png" /></ac:image></p>',
    ),
    "an attached image by its name": (
        "![b.png](attachment:b.png)",
        '<p><ac:image><ri:attachment ri:filename="b.png" /></ac:image></p>',
    ),
    "an external image": (
        "![](https://a.example/i.png)",
        '<p><ac:image><ri:url ri:value="https://a.example/i.png" /></ac:image></p>',
    ),
    "a linked image": (
        "[![](https://a.example/i.png)](https://b.example)",
        '<p><a href="https://b.example"><ac:image><ri:url ri:value="https://a.example/i.png" /></ac:image></a></p>',
    ),
    "tags": ("<script>a</script> <ac:link/>", "<p>&lt;script&gt;a&lt;/script&gt; &lt;ac:link/&gt;</p>"),
    "a link that runs code": ("[a](javascript:b)", "<p>[a](javascript:b)</p>"),
    "what XML refuses": ("a\x01&#12;b", "<p>ab</p>"),
}


@pytest.mark.parametrize(("written", "made"), WRITINGS.values(), ids=WRITINGS)
def test_it_makes(written: str, made: str) -> None:
    assert markdown_to_storage(written) == made
