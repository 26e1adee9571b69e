"""What an agent reads of a page in storage format."""

import pytest

from server.content import ContentError, storage_to_markdown


def macro(name: str, inner: str = "", /, **parameters: str) -> str:
    given = "".join(
        f'<ac:parameter ac:name="{key.strip("_")}">{value}</ac:parameter>' for key, value in parameters.items()
    )
    return f'<ac:structured-macro ac:name="{name}">{given}{inner}</ac:structured-macro>'


def rich(inner: str) -> str:
    return f"<ac:rich-text-body>{inner}</ac:rich-text-body>"


def raw(inner: str) -> str:
    return f"<ac:plain-text-body><![CDATA[{inner}]]></ac:plain-text-body>"


PAGE = '<ri:page ri:space-key="DOCS" ri:content-title="Release plan" />'
TASK = "<ac:task><ac:task-id>1</ac:task-id><ac:task-status>{}</ac:task-status><ac:task-body>{}</ac:task-body></ac:task>"
EMOTICON = '<ac:emoticon ac:name="{}" ac:emoji-shortname="{}" ac:emoji-fallback="{}" />'

READINGS = {
    "paragraphs": ("<p>a\n   b</p>\n<p>c</p>", "a b\n\nc"),
    "loose text": ("a<p>b</p>c", "a\n\nb\n\nc"),
    "blanks as a browser shows them": ("<p> a <strong> b</strong> <em>c </em></p>", "a **b** *c*"),
    "entities": ("<p>caf&eacute; &ndash; 1&nbsp;&lt;&nbsp;2 &amp; so</p>", "café \u2013 1\xa0<\xa02 & so"),
    "marks": (
        "<p><b>a</b> <i>b</i> <s>c</s> <code>d <b>e</b></code> <u>f</u></p>",
        "**a** *b* ~~c~~ `d `**`e`** :u[f]",
    ),
    "code in marks": ("<p><code>a_b</code><code></code></p>", "`a_b`"),
    "line breaks": ("<p>a<br />b<br/></p>", "a\\\nb<br>"),
    "headings": ("<h1>a</h1><h2><strong>b</strong></h2><h6>c<br />d</h6>", "# a\n\n## **b**\n\n###### c<br>d"),
    "a heading with blocks": ("<h1>a<ul><li>b</li></ul></h1>", ":::ref[h1]{1}\na\n\n- b\n:::"),
    "a rule": ("<hr />", "---"),
    "a quotation": ("<blockquote><p>a</p><p>b</p></blockquote><blockquote />", "> a\n>\n> b\n\n>"),
    "a link": ('<p><a href="https://a.example">b <em>c</em></a></p>', "[b *c*](https://a.example)"),
    "a smart link": ('<p><a href="https://a.example" data-card-appearance="inline">x</a></p>', "[](https://a.example)"),
    "a smart link to a page": (
        f'<p>see <ac:link ac:card-appearance="inline">{PAGE}<ac:link-body>Release plan</ac:link-body></ac:link></p>',
        "see [](<page:DOCS/Release plan>)",
    ),
    "a smart link with its own words": (
        f'<p><ac:link ac:card-appearance="inline">{PAGE}<ac:link-body>here</ac:link-body></ac:link></p>',
        "[here](<page:DOCS/Release plan>)",
    ),
    "a list that starts nowhere": (f'<ol start="{"9" * 5000}"><li>a</li></ol>', "1. a"),
    "an anchor": ('<p><a name="x">a</a></p>', "a"),
    "lists": ("<ul><li>a<ol><li><p>b</p></li></ol></li><li><p>c</p></li></ul>", "- a\n  1. b\n- c"),
    "a list that starts later": ('<ol start="3"><li>a</li></ol>', "3. a"),
    "a list beside its item": (
        "<ul><li>a</li><ul><li>b</li></ul></ul><ul></ul>",
        ":::ref[ul]{1}\na\n\n- b\n:::\n\n::ref[ul]{2}",
    ),
    "a list that begins with a list": ("<ul><ul><li>b</li></ul></ul>", ":::ref[ul]{1}\n- b\n:::"),
    "preformatted text": ("<pre>a\n  b</pre>", "```\na\n  b\n```"),
    "a table": (
        '<table class="wrapped"><colgroup><col /></colgroup><tbody><tr><th>a</th><th><p>b</p></th></tr>'
        "<tr><td>c|d</td><td><p>e</p><p>f</p></td></tr></tbody></table>",
        ":::table\n::row\n::cell{h}\na\n::cell{h}\nb\n::row\n::cell\nc|d\n::cell\ne\n\nf\n:::",
    ),
    "a table without a header": (
        "<table><tr><th>a</th><td>b</td></tr><tr></tr></table>",
        "|  |  |\n| --- | --- |\n| {h} a | b |",
    ),
    "merged cells and a caption": (
        '<table><caption>t</caption><tr><td colspan="2">a</td></tr><tr><td>b</td><td>c</td></tr></table>',
        ":::table{caption=t}\n::row\n::cell{colspan=2}\na\n::row\n::cell\nb\n::cell\nc\n:::",
    ),
    "code": (macro("code", raw("x < 1 && y"), language="py", title="T"), "```py {title=T}\nx < 1 && y\n```"),
    "code with odd insides": (macro("code", "<ac:plain-text-body><x>a</x></ac:plain-text-body>"), "::ref[code]{1}"),
    "code of nothing": (macro("code"), "::ref[code]{1}"),
    "an info box": (macro("info", rich("<p>a</p><p>b</p>"), title="T"), ":::info{title=T}\na\n\nb\n:::"),
    "a panel": (macro("panel", rich("<ul><li>a</li></ul>")), ":::panel\n- a\n:::"),
    "an empty box": (macro("warning", rich("")), ":::warning\n:::"),
    "an expand": (macro("expand", rich("<p>a</p>"), title="More"), ":::expand[More]\na\n:::"),
    "an expand without a title": (macro("expand", rich("<p>a</p>")), ":::expand\na\n:::"),
    "a status": (f"<p>is {macro('status', title='DONE')} {macro('status')}</p>", "is :status[DONE] :macro{status}"),
    "an issue": (f"<p>{macro('jira', key='ABC-1')}</p>", ":macro{jira key=ABC-1}"),
    "issues": (
        macro("jira", jqlQuery="project = ABC") + macro("jira"),
        '::macro{jira jqlQuery="project = ABC"}\n\n::macro{jira}',
    ),
    "an anchor's macro": (macro("anchor", _="top"), ":macro{anchor _=top}"),
    "an included page": (macro("include", _=f"<ac:link>{PAGE}</ac:link>"), "::ref[include DOCS Release plan]{1}"),
    "an included nothing": (macro("include"), "::macro{include}"),
    "a file": (macro("view-file", name='<ri:attachment ri:filename="a.pdf" />'), "::ref[view-file a.pdf]{1}"),
    "a table of contents": (f"<p>{macro('toc')}</p>", ":macro{toc}"),
    "an unknown macro": (macro("sparkle", rich("<p>a</p>")), ":::macro{sparkle}\na\n:::"),
    "an unknown macro with raw text": (macro("diagram", raw("a -> b")), ":::macro{diagram}\n```\na -> b\n```\n:::"),
    "a macro without a name": ("<ac:structured-macro />", "::ref[macro]{1}"),
    "a page's link": (
        f"<p><ac:link>{PAGE}<ac:link-body>the <b>plan</b></ac:link-body></ac:link></p>",
        "[the **plan**](<page:DOCS/Release plan>)",
    ),
    "a page's link without words": (
        f'<p><ac:link ac:anchor="x/y">{PAGE}</ac:link></p>',
        "[Release plan](<page:DOCS/Release plan#x%2Fy>)",
    ),
    "a link to an anchor": (
        '<ac:link ac:anchor="top"><ac:plain-text-link-body><![CDATA[up]]></ac:plain-text-link-body></ac:link>',
        "[up](#top)",
    ),
    "a link to an address": (
        '<ac:link><ri:url ri:value="https://a.example" /><ac:link-body>a</ac:link-body></ac:link>',
        "[a](https://a.example)",
    ),
    "a link to a file": (
        '<ac:link><ri:attachment ri:filename="50% off.pdf" /></ac:link>',
        "[50% off.pdf](<attachment:50%25 off.pdf>)",
    ),
    "a person": ('<p>cc <ac:link><ri:user ri:account-id="5b1" /></ac:link></p>', "cc :mention{5b1}"),
    "a link to a space": ('<ac:link><ri:space ri:space-key="DOCS" /></ac:link>', ":ref[link DOCS]{1}"),
    "a link to nowhere": ("<p>a<ac:link /></p>", "a:ref[link]{1}"),
    "a reference outside a link": ('<p><ri:user ri:userkey="abc" /></p>', ":ref[ri:user]{1}"),
    "an attached image": (
        '<ac:image ac:alt="The plan"><ri:attachment ri:filename="a b.png" /></ac:image>',
        "![The plan](<attachment:a b.png>)",
    ),
    "an attached image without a description": (
        '<ac:image><ri:attachment ri:filename="a.png" /></ac:image>',
        "![a.png](attachment:a.png)",
    ),
    "another page's image": (
        f'<ac:image><ri:attachment ri:filename="a.png">{PAGE}</ri:attachment></ac:image>',
        "![a.png](attachment:a.png)",
    ),
    "an external image with a caption": (
        '<ac:image><ri:url ri:value="https://a.example/i.png" /><ac:caption><p>c</p></ac:caption></ac:image>',
        ":::figure\n![](https://a.example/i.png)\n\nc\n:::",
    ),
    "an image of nothing": ("<p>a<ac:image /></p>", "a:ref[image]{1}"),
    "an HTML image": ('<img src="https://a.example/i.png" alt="i" />', "![i](https://a.example/i.png)"),
    "tasks": (
        f"<ac:task-list>{TASK.format('complete', 'a')}{TASK.format('incomplete', '<span>b</span>')}"
        "<ac:task /></ac:task-list>",
        "- [x] a\n- [ ] b\n- [ ]",
    ),
    "no tasks": ("<ac:task-list />a", "::ref[ac:task-list]{1}\n\na"),
    "a layout": (
        "<ac:layout><ac:layout-section><ac:layout-cell><p>a</p></ac:layout-cell><ac:layout-cell>b</ac:layout-cell>"
        "</ac:layout-section></ac:layout>",
        ":::layout\n::column\na\n::column\nb\n:::",
    ),
    "emoticons": (
        EMOTICON.format("x", ":tada:", "🎉") + '<ac:emoticon ac:name="smile" />',
        ":emoji[🎉]{tada}:emoji{smile}",
    ),
    "a date": ('<p><time datetime="2024-01-01" /></p>', ":date[2024-01-01]"),
    "a commented place": (
        '<p>a <ac:inline-comment-marker ac:ref="1">b</ac:inline-comment-marker></p>',
        "a :comment[b]{1}",
    ),
    "a placeholder": ("<p><ac:placeholder>Say why</ac:placeholder></p>", ":placeholder[Say why]"),
    "an ADF extension": (
        '<ac:adf-extension><ac:adf-node type="panel"><ac:adf-content><p>a</p></ac:adf-content></ac:adf-node>'
        "<ac:adf-fallback><p>b</p></ac:adf-fallback></ac:adf-extension>",
        ":::ref[panel]{1}\na\n:::",
    ),
    "an ADF extension without a fallback": (
        '<ac:adf-extension><ac:adf-node type="poll"><ac:adf-content>a</ac:adf-content></ac:adf-node>'
        "</ac:adf-extension>",
        ":::ref[poll]{1}\na\n:::",
    ),
    "an ADF extension of nothing": ("<ac:adf-extension />", "::ref[unknown]{1}"),
    "unknown elements": ("<p><x>a</x><y /></p>", "a:ref[y]{1}"),
    "comments": ("<!-- a --><p>b</p>", "::ref[comment]{1}\n\nb"),
}


@pytest.mark.parametrize(("written", "shown"), READINGS.values(), ids=READINGS)
def test_it_shows(written: str, shown: str) -> None:
    assert storage_to_markdown(written) == shown


MALFORMED = {
    "<p>a</b>": "Line 1, column 7: mismatched tag",
    "<p>\n  a & b</p>": "Line 2, column 6: not well-formed",
    "<p>&nosuch;</p>": "Line 1, column 4: undefined entity",
    "<p>a": "Line 1, column 7: ",
    "<p>\x01</p>": "Line 1, column 4: not well-formed",
    "<p>\ud800</p>": "Line 1, column 4: not well-formed",
    "</page><page>": "Line 1, column 8: junk after document element",
    '<!DOCTYPE a [<!ENTITY b "c">]><p>&b;</p>': "Line 1, column 3: not well-formed",
    "<p>" * 10_000: "Line 1, column 301: elements nest more than 100 levels deep; flatten the page.",
}


@pytest.mark.parametrize("page", MALFORMED, ids=lambda page: page[:20].encode("unicode_escape").decode())
def test_a_malformed_page_is_refused_with_the_place(page: str) -> None:
    with pytest.raises(ContentError) as refusal:
        storage_to_markdown(page)
    assert str(refusal.value).startswith(MALFORMED[page])


@pytest.mark.parametrize(
    "page", [*MALFORMED, f"<{'a' * 5000}>", f"<p>&{'a' * 5000};</p>", "<p>" + "a" * 5000 + "&</p>"]
)
def test_a_refusal_is_short_and_does_not_repeat_the_page(page: str) -> None:
    with pytest.raises(ContentError) as refusal:
        storage_to_markdown(page)
    assert len(str(refusal.value)) <= 200
    assert "a" * 60 not in str(refusal.value)
