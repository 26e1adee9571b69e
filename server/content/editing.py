"""An edit of a document by its Markdown: what reads the same is the same node, and what changed is changed in place.

Nodes are kept or replaced, never converted: a block that the text still has is the very node of the base, wherever it
stands now, and a block that changed is built upon the node that it was, so that all that Markdown does not show stays.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple, TypeAlias

from server.content.attribute_merging import merged_attributes, merged_marks
from server.content.errors import ContentError
from server.content.notation import Node, children
from server.content.parsing import parse_markdown
from server.content.plain_words import words_of
from server.content.printing import print_chunks, print_node
from server.content.references import by_identity, numbered_references, resolved
from server.content.word_merging import merge_line

_LINES = frozenset({"paragraph", "heading", "caption", "taskItem", "decisionItem", "codeBlock"})
_FAMILIES = (
    frozenset({"paragraph", "heading"}),
    frozenset({"tableCell", "tableHeader"}),
    frozenset({"expand", "nestedExpand"}),
    frozenset({"bulletList", "orderedList"}),
    frozenset({"taskItem", "blockTaskItem"}),
)
_FAMILY: dict[str, str] = {kind: min(family) for family in _FAMILIES for kind in family}
_COMPARED = 1_000_000
_CLEARLY = 0.6
_LIKE = 0.3
"""The share of words that two blocks have in common where one is taken for what the other became."""


class Edited(NamedTuple):
    """The blocks after an edit; for each node that was built, the one that it was built upon."""

    blocks: list[Node]
    upon: dict[int, Node]


Shape: TypeAlias = Callable[[Sequence[Node]], list[Node]]


def edit_nodes(base: Sequence[Node], as_read: str, as_written: str, *, shape: Shape = list) -> Edited:
    """The blocks of `base`, which reads as `as_read`, changed so that they read as `as_written`.

    `shape` gives what was written the form that the base's kind of document has for it. Raises ContentError where
    `as_read` is not what the base reads as, and where the notation is broken.
    """
    return _Edit(base, as_read, shape).to(as_written)


class _Edit:
    def __init__(self, base: Sequence[Node], as_read: str, shape: Shape) -> None:
        self._base = list(base)
        self._shape = shape
        self._by_number = numbered_references(base)
        self._references = by_identity(self._by_number)
        self._chunks = print_chunks(base, self._references)
        if _normal(as_read) != "\n\n".join(self._chunks).rstrip():
            raise ContentError(
                "The text as it was read is not what the document reads as now. Read it again, and repeat the edit on "
                "that text."
            )
        self._keys: dict[int, str] = {}
        self._spare: dict[tuple[str, str], list[Node]] | None = None
        self._taken: set[int] = set()
        self._upon: dict[int, Node] = {}

    def to(self, as_written: str) -> Edited:
        start, end, middle, line = self._changed_part(_normal(as_written))
        kept = self._base[:start], self._base[len(self._base) - end :]
        self._taken = {id(node) for part in kept for node in part}
        parsed = resolved(parse_markdown(middle, line=line), self._by_number) if middle else []
        blocks = self._aligned(self._shape(parsed), self._base[start : len(self._base) - end])
        return Edited([*kept[0], *blocks, *kept[1]], self._upon)

    def _changed_part(self, text: str) -> tuple[int, int, str, int]:
        """How many blocks at both ends are as they were, the text between them, and the lines before it."""
        start, at = self._same_start(text)
        end, until = self._same_end(text, start, at)
        middle = text[at:until]
        return start, end, middle.strip("\n"), text.count("\n", 0, at) + len(middle) - len(middle.lstrip("\n"))

    def _same_start(self, text: str) -> tuple[int, int]:
        start = at = 0
        places: list[int] = []
        for chunk in self._chunks:
            if not text.startswith(chunk, at) or text[at + len(chunk) :][:2] not in {"", "\n\n"}:
                break
            places.append(at)
            at = min(at + len(chunk) + 2, len(text))
            start += 1
        if start and at < len(text) and _may_go_on(self._chunks[start - 1]):
            start, at = start - 1, places[-1]
        return start, at

    def _same_end(self, text: str, start: int, at: int) -> tuple[int, int]:
        end, until = 0, len(text)
        places: list[int] = []
        for chunk in reversed(self._chunks[start:]):
            begins = until - len(chunk)
            if (
                begins < at
                or not text.startswith(chunk, begins)
                or (begins > at and text[begins - 2 : begins] != "\n\n")
            ):
                break
            if begins == at and at and text[at - 2 : at] != "\n\n":
                break
            places.append(until)
            until = max(begins - 2, at)
            end += 1
        if end and until > at and _may_go_on(self._chunks[len(self._chunks) - end]):
            end, until = end - 1, places[-1]
        return end, until

    def _key(self, node: Node) -> str:
        """What a node reads as: two that read the same are the same to an edit."""
        if id(node) not in self._keys:
            self._keys[id(node)] = print_node(node, self._references)
        return self._keys[id(node)]

    def _aligned(self, written: Sequence[Node], base: Sequence[Node]) -> list[Node]:
        ours, theirs = [self._key(node) for node in written], [self._key(node) for node in base]
        found: list[Node] = []
        for same, mine, its in _hunks(ours, theirs):
            if same:
                found += base[its]
                self._taken |= {id(node) for node in base[its]}
            else:
                found += self._replaced(written[mine], base[its])
        return found

    def _replaced(self, written: Sequence[Node], base: Sequence[Node]) -> list[Node]:
        """Changed blocks: moved from elsewhere, or made of what stood here."""
        if _plainly_the_same(written, base):
            self._taken |= {id(node) for node in base}
            return [
                node if id(node) in self._references else self._merged(node, each)
                for node, each in zip(written, base, strict=True)
            ]
        moved = [self._moved(node) for node in written]
        left = [node for node in base if id(node) not in self._taken]
        pairs = _pairs([None if there else node for node, there in zip(written, moved, strict=True)], left)
        found: list[Node] = []
        for at, node in enumerate(written):
            there = moved[at]
            if there is not None:
                found.append(there)
            elif at in pairs:
                self._taken.add(id(pairs[at]))
                found.append(self._merged(node, pairs[at]))
            else:
                found.append(self._inside(node))
        return found

    def _moved(self, node: Node) -> Node | None:
        """The base's node that reads the same and stands nowhere else yet."""
        if id(node) in self._references:
            self._taken.add(id(node))
            return node
        if self._spare is None:
            self._spare = defaultdict(list)
            for each in reversed([*_all(self._base)]):
                self._spare[each["type"], self._key(each)].append(each)
        alike = self._spare.get((node["type"], self._key(node)), [])
        while alike:  # what is taken is so for good: of many that are the same each is looked at once
            each = alike.pop()
            if id(each) not in self._taken:
                self._taken |= {id(inner) for inner in _all([each])}
                return each
        return None

    def _inside(self, node: Node) -> Node:
        """A new node; inside it there may be ones that moved here."""
        content = node.get("content")
        if not content or node["type"] in _LINES:
            return node
        return {**node, "content": self._replaced(content, ())}

    def _merged(self, written: Node, base: Node) -> Node:
        if base["type"] == "mediaSingle" and written["type"] == "paragraph":
            written = {"type": "mediaSingle", "content": children(written)}
        node = dict(base)
        node["type"] = base["type"] if written["type"] == "expand" else written["type"]
        node["attrs"] = merged_attributes(written, base)
        node["marks"] = merged_marks(written, base)
        if "content" in written or "content" in base:
            node["content"] = self._content(written, base)
        for name in ("attrs", "marks", "content"):
            if not node.get(name) and name not in base:
                node.pop(name, None)
        self._upon[id(node)] = base
        return node

    def _content(self, written: Node, base: Node) -> list[Node]:
        ours: list[Node] = children(written)
        theirs: list[Node] = children(base)
        if written["type"] in _LINES and base["type"] in _LINES:
            return merge_line(ours, theirs, self._references)
        return self._aligned(ours, theirs)


def _normal(text: str) -> str:
    return text.replace("\r\n", "\n").rstrip()


def _may_go_on(chunk: str) -> bool:
    """Whether what follows can belong to a block: the items of a list, indented, are not its own end."""
    return chunk.lstrip("0123456789")[:2] in {"- ", "* ", ". ", ") ", "-", "*", ".", ")", "-\n", "*\n", ".\n", ")\n"}


def _hunks(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[tuple[bool, slice, slice]]:
    """Equal and changed stretches of two sequences, in order."""
    if len(ours) * len(theirs) > _COMPARED:
        yield from _rough_hunks(ours, theirs)
        return
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, ours, theirs, autojunk=False).get_opcodes():
        yield tag == "equal", slice(i1, i2), slice(j1, j2)


def _rough_hunks(ours: Sequence[str], theirs: Sequence[str]) -> Iterator[tuple[bool, slice, slice]]:
    """The same by the lines that both have once and in the same order, where comparing all would take too long."""
    counts, known = Counter(ours), Counter(theirs)
    places = {key: at for at, key in enumerate(theirs)}
    i = j = 0
    for at, key in enumerate(ours):
        if counts[key] == known[key] == 1 and places[key] >= j:
            if (at, places[key]) != (i, j):
                yield False, slice(i, at), slice(j, places[key])
            yield True, slice(at, at + 1), slice(places[key], places[key] + 1)
            i, j = at + 1, places[key] + 1
    if (i, j) != (len(ours), len(theirs)):
        yield False, slice(i, len(ours)), slice(j, len(theirs))


def _all(nodes: Sequence[Node]) -> Iterator[Node]:
    """Blocks at every depth."""
    pending = list(reversed(nodes))
    while pending:
        node = pending.pop()
        yield node
        if node["type"] not in _LINES:
            pending.extend(reversed(children(node)))


def _is_kin(written: Node, base: Node) -> bool:
    """Whether one can have become the other: nodes of a kind, or a line that is nothing but an image."""
    return _family(written) == _family(base) or (base["type"] == "mediaSingle" and _is_picture(written))


def _is_picture(node: Node) -> bool:
    return node["type"] == "paragraph" and [child["type"] for child in children(node)] == ["media"]


def _family(node: Node) -> str:
    kind: str = node["type"]
    return _FAMILY.get(kind, kind)


def _plainly_the_same(written: Sequence[Node], base: Sequence[Node]) -> bool:
    """Whether each block is what the one at its place became, so that none needs to be looked for elsewhere."""
    return len(written) == len(base) and all(
        _is_kin(node, each) and _likeness(_words(node), _words(each)) >= _CLEARLY
        for node, each in zip(written, base, strict=True)
    )


def _words(node: Node) -> Counter[str]:
    return Counter(words_of(node).split())


def _pairs(written: Sequence[Node | None], base: Sequence[Node]) -> dict[int, Node]:
    """For each changed block, the one that it was: of the same kind, and the most alike."""
    same_shape = len(written) == len(base) and all(
        node is None or _is_kin(node, each) for node, each in zip(written, base, strict=True)
    )
    if same_shape or len(written) * len(base) > _COMPARED // 100:
        return {
            at: each for at, (node, each) in enumerate(zip(written, base, strict=False)) if node and _is_kin(node, each)
        }
    bags = [_words(each) for each in base]
    scored: list[tuple[float, int, int]] = []
    for at, node in enumerate(written):
        bag = _words(node) if node else Counter[str]()
        for place, each in enumerate(base):
            if node and _is_kin(node, each) and (score := _likeness(bag, bags[place])) > _LIKE:
                scored.append((-score, at, place))
    found: dict[int, Node] = {}
    used: set[int] = set()
    for _, at, place in sorted(scored):
        if at not in found and place not in used:
            found[at] = base[place]
            used.add(place)
    return found


def _likeness(one: Counter[str], other: Counter[str]) -> float:
    total = one.total() + other.total()
    return 1 / 2 if not total else 2 * (one & other).total() / total
