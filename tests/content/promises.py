"""What holds for every document: each promise is tried on one, and says what broke it."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from itertools import pairwise
from random import Random
from typing import Any
from xml.etree import ElementTree

from server.content import (
    ContentError,
    adf_to_markdown,
    edit_adf,
    edit_storage,
    lost_from_adf,
    lost_from_storage,
    markdown_to_adf,
    markdown_to_storage,
    storage_to_markdown,
)
from tests.content.documents import ADF_FILES, STORAGE_FILES, same_tree, valid
from tests.content.generated import document

Node = dict[str, Any]
_WORD = re.compile(r"(?<![\w:\\{\[&=#/.@\"-])[a-z]{4,}(?![\w\]}{\[:=@/])")
_IN_BRACES = re.compile(r"::?(?:ref|macro|sync)(?:[^\n}]*|\[(?:[^\\\]\n]|\\.)*)$")


def real_documents() -> Iterator[Node]:
    for path in ADF_FILES:
        found: Node = json.loads(path.read_text())
        if valid(found):
            yield found


def real_pages() -> Iterator[str]:
    for path in STORAGE_FILES:
        yield path.read_text()


def generated_documents(count: int, start: int = 0) -> Iterator[Node]:
    return (document(seed) for seed in range(start, start + count))


def with_one_word_changed(markdown: str, random: Random) -> str | None:
    """The text with a random word of its own changed; None where it has none."""
    words = [word for word in _WORD.finditer(markdown) if not _IN_BRACES.search(markdown, 0, word.start())]
    if not words:
        return None
    word = random.choice(words)
    return f"{markdown[: word.start()]}changed{markdown[word.end() :]}"


def unchanged_stays(found: Node) -> str | None:
    """A text that was not changed gives the very document, and so does one whose blocks only stand elsewhere."""
    before = deepcopy(found)
    shown = adf_to_markdown(found)
    if edit_adf(found, shown, shown) != before or edit_adf(found, shown, f"{shown}\n") != before:
        return f"a no-op edit changes {shown[:200]!r}"
    return None if found == before else "the base itself was changed"


def one_word_changes_one_node(found: Node, random: Random) -> str | None:
    shown = adf_to_markdown(found)
    wanted = with_one_word_changed(shown, random)
    if wanted is None:
        return None
    edited = edit_adf(found, shown, wanted)
    if adf_to_markdown(edited) != wanted:
        return f"reads otherwise than written: {wanted[:200]!r}"
    gone, new = _bare(found) - _bare(edited), _bare(edited) - _bare(found)
    if gone.total() > 1 or new.total() > 1:
        return f"more than one node changed: {list(gone)[:3]} became {list(new)[:3]}"
    return None if valid(edited) else "the edited document is not valid"


def _bare(node: Node) -> Counter[str]:
    """Each node without what is inside it."""
    found: Counter[str] = Counter()
    pending = [node]
    while pending:
        each = pending.pop()
        found[json.dumps({key: value for key, value in each.items() if key != "content"}, sort_keys=True)] += 1
        pending.extend(each.get("content") or ())
    return found


def comes_back(found: Node) -> bool:
    """Whether Markdown alone, without the document that it was read from, gives the same tree."""
    try:
        returned = markdown_to_adf(adf_to_markdown(found))
    except ContentError:
        return False
    return same_tree(returned) == same_tree(found)


def page_stays(page: str) -> str | None:
    shown = storage_to_markdown(page)
    if edit_storage(page, shown, shown) != page or edit_storage(page, shown, f"{shown}\n\n") != page:
        return f"a no-op edit changes {page[:200]!r}"
    return None


def one_word_changes_one_place(page: str, random: Random) -> str | None:
    shown = storage_to_markdown(page)
    wanted = with_one_word_changed(shown, random)
    if wanted is None:
        return None
    edited = edit_storage(page, shown, wanted)
    if storage_to_markdown(edited) != wanted:
        return f"reads otherwise than written: {wanted[:200]!r}"
    if lost := [each.what for each in lost_from_storage(page, edited) if not each.remedy.startswith("keep it as")]:
        return f"lost: {lost}"  # what the notation shows may have been the very word
    return None if is_well_formed(edited) else f"not well-formed: {edited[:200]!r}"


def is_well_formed(page: str) -> bool:
    """Whether a page is XML that uses no prefix but Confluence's own."""
    named = re.sub(r"&(?!amp;|lt;|gt;|quot;|apos;)(\w+);", "", page)
    try:
        ElementTree.fromstring(f'<page xmlns:ac="ac" xmlns:ri="ri" xmlns:at="at">{named}</page>')  # noqa: S314  # ours
    except ElementTree.ParseError:
        return False
    return True


def nothing_moved_is_lost(found: Node, random: Random) -> str | None:
    """Blocks that only change their places lose nothing, and stay the same nodes."""
    shown = adf_to_markdown(found)
    parts = shown.split("\n\n")
    content = found["content"]
    if len(parts) != len(content) or len(parts) < 2:
        return None
    order = list(range(len(parts)))
    random.shuffle(order)
    lists = [content[at]["type"].endswith("List") for at in order]
    if any(here and there for here, there in pairwise(lists)):
        return None  # lists beside each other are one list, to Markdown
    try:
        edited = edit_adf(found, shown, "\n\n".join(parts[at] for at in order))
    except ContentError as error:
        return f"refused: {error}"
    lost = lost_from_adf(found, edited)
    return f"lost: {lost}" if lost else None


_OTHERWISE = (
    (re.compile(r"&#32;| \{blocks=yes\}|(?<=macro)\[[^\]\n]*\]|(?<=mention)\[(?:[^\]\\\n]|\\.)*\]"), ""),
    (re.compile(r' (?:userType|text|type|id)=(?:"(?:[^"\\]|\\.)*"|[^ }]*)(?=[ }])'), ""),
    (re.compile(r":{1,2}(?:ref\[(?:block|embed) |card\{|embed\{)([^\]}\s]*)(?:\]\{\d+\}|\})"), r"card \1"),
    (re.compile(r":emoji\{:?([\w-]+):?\}"), r":emoji{\1}"),
    (re.compile(r"(:{3,})error\b"), r"\1warning"),
    (re.compile(r"(:{3,})success\b"), r"\1tip"),
    (re.compile(r"(?m)^::column(?:\{[^}\n]*\})?$|<br>|\\|\s"), ""),
)
"""What one kind of document says in another way: names of people, macros and panels, cards, columns, blanks."""


def what_is_lost_is_said(found: Node | str) -> str | None:
    """What a document or a page becomes as one of the other kind, or as a new one of its own, tells what it lost."""
    shown = storage_to_markdown(found) if isinstance(found, str) else adf_to_markdown(found)
    try:
        page, document = markdown_to_storage(shown), markdown_to_adf(shown)
    except ContentError:
        return None  # it refers to what only its own document has
    nothing: Node = {"type": "doc", "version": 1, "content": []}
    crossings = (
        (storage_to_markdown(page), lost_from_storage("", page, shown)),
        (adf_to_markdown(document), lost_from_adf(nothing, document, shown)),
    )
    for back, losses in crossings:
        if not losses and _plainly(back) != _plainly(shown) and markdown_to_adf(back) != document:
            return f"not said: {shown[:300]!r} became {back[:300]!r}"
    return None


def _plainly(markdown: str) -> str:
    for written, same in _OTHERWISE:
        markdown = written.sub(same, markdown)
    return markdown
