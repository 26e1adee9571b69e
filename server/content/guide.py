"""The notation, for those who write it."""

MARKDOWN = """\
# Markdown in Isthmus

Descriptions, comments and page bodies are Markdown: headings, **strong**, *emphasis*, ~~strike~~, `code`, links,
images, lists, tasks (`- [ ]`), tables, quotes, fenced code, rules. `[](https://...)` is a smart link, `<br>` a line
break, `\\` alone a blank paragraph. An address may be `page:SPACE/Title#anchor` or `attachment:file.pdf` in
Confluence.

The rest are directives: `:name[words]{main key=value}` in a line, `::name{...}` on a line of its own, `:::name` to
`:::` around blocks. Values with blanks stand in "quotes". Move, change or delete them like words.

## In a line
- `:mention[Ada]{account-id}` (an `@name` is text, and notifies nobody), `:status[DONE]{green}`, `:date[2026-01-31]`
- `:emoji[🎉]{tada}`, `:placeholder[Say why]`, `:file[plan.pdf]{id}`, `:macro{name key=value}`
- `:u[underlined]`, `:sub[2]`, `:sup[2]`, `:color[red]{#ff0000}`, `:bg[marked]{#ffff00}`; `:b[...]`, `:i[...]` and
  `:s[...]` are strong, emphasis and strike where Markdown's signs would not be seen
- `:comment[words]{id}`: somebody commented on these words. The comment stays on those that you keep.

## Blocks
```
:::info
A panel: info, note, tip, warning, error, success; `:::panel` for others. In a page error is warning, success is tip.
:::

:::expand[Title]
Hidden until opened.
:::

:::layout
::column{50}
Left
::column{50}
Right
:::

::card{https://example.com}
::macro{toc maxLevel=2}
- <> A decision
```
Also `:::macro{name}` (`.path.to.key=words` or `.path.to.key:=5`: a parameter by its path), `::embed{url}`, `:::files`
(images of `media:id`), `:::figure` (an image, then its caption), `::sync{id}`.

A paragraph or heading may begin with `{align=center}`, `{indent=1}` or `{size=small}`, a table's cell with `{h
bg=#ffeecc}` (`h`: a header cell). A table with more in its cells than a line, or with merged cells:
```
:::table{numbered=yes}
::row
::cell{h colspan=2}
Any blocks
::row
::cell
- a list
::cell
:::
```

`::ref[name]{3}` and `:ref[name]{3}` stand for what has no words here. Keep, move or delete them whole: they are
found by number in the text that you read, so they mean nothing elsewhere.

## Writing
Start from the text as you read it and change only what you mean to: blocks that stay the same keep everything that
is not shown (ids, widths, styles). Write `\\:::`, `\\:name[` and `\\{` for plain text of that form. A write that
would lose something is refused and names it; where a text is changed, `allow_loss=true` lets it go. `dry_run=true`
shows what a write would do. A page update needs the version that your edit is based on: read the page first.
"""
