"""Random edits of one text by two people, and what must hold of their merge."""

from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import TypeAlias

from server.content.merge import Merged, merge

LINES, WORDS, EDITS = 40, 8, 2
VOCABULARY = [f"{a}{b}" for a in ("ka", "lo", "mi", "ne", "ru") for b in ("t", "ss", "l", "nd", "p", "sk")]

Lines: TypeAlias = list[list[str]]
Kind: TypeAlias = str


@dataclass(frozen=True)
class Edit:
    kind: Kind  # "change", "put in" or "take out" a word; "line in" or "line out"
    line: int
    word: int
    text: str


@dataclass(frozen=True)
class Case:
    base: Lines
    ours: list[Edit]
    theirs: list[Edit]
    unique: bool
    blank: frozenset[int] = field(default_factory=frozenset[int])  # lines before which a block begins

    def text(self, *edits: Edit) -> str:
        """The base with these edits, each of which says where in the base it is."""
        written: list[str] = []
        for number in range(len(self.base) + 1):
            here = [edit for edit in edits if edit.line == number]
            written += [f"{edit.text}\n" for edit in here if edit.kind == "line in"]
            if number == len(self.base) or any(edit.kind == "line out" for edit in here):
                continue
            written.append(" ".join(_edited(self.base[number], here)) + "\n")
            if number in self.blank:
                written.append("\n")
        return "".join(written)


def _edited(words: list[str], edits: list[Edit]) -> list[str]:
    edited: list[str] = []
    for place, word in enumerate(words):
        here = {edit.kind: edit.text for edit in edits if edit.word == place}
        edited += [here["put in"]] if "put in" in here else []
        edited += [here.get("change", word)] if "take out" not in here else []
    return edited


def two_and_two(seed: int) -> Case:
    """Two edits by either side in 40 lines of 8 words."""
    random = Random(f"2+2 {seed}")  # noqa: S311  # reproducible, no secret
    base = _base(random, LINES, unique=bool(seed % 2))
    return Case(base, _edits(random, base, EDITS, "o"), _edits(random, base, EDITS, "t"), bool(seed % 2))


def any_case(seed: int) -> Case:
    """Few or many edits in short and long texts with and without blocks, some of them the same on either side."""
    random = Random(f"any {seed}")  # noqa: S311  # reproducible, no secret
    unique = bool(seed % 2)
    base = _base(random, random.randint(0, 25), unique=unique)
    shared = _edits(random, base, random.choice((0, 0, 1, 3)), "s")
    ours, theirs = (_of_one(shared + _edits(random, base, random.randint(0, 8), side)) for side in "ot")
    return Case(base, ours, theirs, unique, frozenset(random.sample(range(len(base)), len(base) // 3)))


def _base(random: Random, lines: int, *, unique: bool) -> Lines:
    if unique:
        return [[f"w{line}x{word}" for word in range(WORDS)] for line in range(lines)]
    return [[random.choice(VOCABULARY) for _ in range(WORDS)] for _ in range(lines)]


def _edits(random: Random, base: Lines, count: int, side: str) -> list[Edit]:
    edits: list[Edit] = []
    for number in range(count):
        kind = random.choice(("change", "put in", "take out", "line in", "line out")) if base else "line in"
        line = random.randrange(len(base) + (kind == "line in"))
        word = {"line in": -1, "line out": -2}.get(kind, random.randrange(WORDS))
        text = " ".join(f"{side}{number}n{n}" for n in range(WORDS)) if kind == "line in" else f"{side}{number}"
        edits.append(Edit(kind, line, word, text))
    return _of_one(edits)


def _of_one(edits: list[Edit]) -> list[Edit]:
    """What one person can have done: one thing to a word, and nothing to the words of a line that goes."""
    first = {(edit.line, edit.word): edit for edit in reversed(edits)}
    gone = {edit.line for edit in first.values() if edit.kind == "line out"}
    return [edit for edit in first.values() if edit.line not in gone or "line" in edit.kind]


def problems(case: Case) -> tuple[list[str], Merged]:
    """What does not hold of the merge of a case; the merge."""
    base, ours, theirs = case.text(), case.text(*case.ours), case.text(*case.theirs)
    merged = merge(base, ours, theirs)
    mirrored = merge(base, theirs, ours, keep="ours")
    found: list[str] = []
    if mirrored.text != merged.text or [c[1:3] for c in mirrored.conflicts] != [c[2:0:-1] for c in merged.conflicts]:
        found.append("not symmetric")
    if any(merged.text[conflict.start : conflict.end] != conflict.theirs for conflict in merged.conflicts):
        found.append("a conflict is not where it says")
    found += lost(case, merged)
    if not merged.conflicts:
        found += miscounted(base, ours, theirs, merged.text)
        if case.unique and not _touching(case) and _words(merged.text) != _words(case.text(*case.ours, *_others(case))):
            found.append("not the edits of both")
    return found, merged


def _words(text: str) -> list[str]:
    """Line by line; how many blank lines are left between blocks is no matter."""
    return [line for line in text.split("\n") if line]


def _others(case: Case) -> list[Edit]:
    return [edit for edit in case.theirs if edit not in case.ours]


def _touching(case: Case) -> bool:
    """Whether both sides were at one place: what the result must be is then no matter of the edits alone."""
    places = {(edit.line, edit.word) for edit in case.ours} & {(edit.line, edit.word) for edit in case.theirs}
    return bool(places)


def lost(case: Case, merged: Merged) -> list[str]:
    words = set(merged.text.split())
    at_ours = {word for conflict in merged.conflicts for word in conflict.ours.split()}
    at_base = {word for conflict in merged.conflicts for word in conflict.base.split()}
    new_ours, new_theirs = (
        {word for edit in edits for word in edit.text.split() if edit.kind not in {"take out", "line out"}}
        for edits in (case.ours, case.theirs)
    )
    found = [f"lost {word}, put in by ours" for word in new_ours - words - at_ours]
    found += [f"lost {word}, put in by theirs" for word in new_theirs - words]
    if case.unique:
        ours, theirs = (set(case.text(*edits).split()) for edits in (case.ours, case.theirs))
        old = set(case.text().split())
        found += [f"{word}, taken out, is still there" for word in (old - (ours & theirs)) & words - at_base]
        found += [f"lost {word}, touched by nobody" for word in (old & ours & theirs) - words]
    return found


def miscounted(base: str, ours: str, theirs: str, merged: str) -> list[str]:
    """Each word comes and goes as often as on both sides together; or once for both, where they did the same."""
    old, new = Counter(base.split()), Counter(merged.split())
    our, their = Counter(ours.split()), Counter(theirs.split())
    found: list[str] = []
    for word in old | new | our | their:
        change, mine, other = new[word] - old[word], our[word] - old[word], their[word] - old[word]
        bounds = {mine + other} if mine * other <= 0 else {mine + other, max(mine, other), min(mine, other)}
        if not min(bounds) <= change <= max(bounds):
            found.append(f"{word} changed by {change}, not by {mine} and {other}")
    return found
