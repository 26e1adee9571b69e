"""Made-up pages in trees, in storage format with macros, tasks and tables."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from html import escape
from random import Random
from uuid import UUID

from server.sandbox import wiki_markers
from server.sandbox.generated.parts import FILE
from server.sandbox.generated.vocabulary import LABELS, PARTS, TOPICS, complaint, pick, sentence, sentences
from server.sandbox.people import PEOPLE
from server.sandbox.site import Site
from server.sandbox.wiki_records import Anchor, FileVersion, Label, Page, PageComment, PageFile, PageVersion, Space


def _said(chance: Random) -> str:
    return escape(sentences(chance, 1, 3), quote=False)


def _paragraph(chance: Random) -> str:
    return f"<p>{_said(chance)} <strong>{escape(sentence(chance))}</strong> <em>{_said(chance)}</em></p>"


def _linked(chance: Random) -> str:
    number = chance.randrange(999)
    return f'<p>{_said(chance)} See <a href="https://docs.example.com/{number}">the notes</a>.</p>'


def _mentioned(chance: Random) -> str:
    account = PEOPLE[chance.randrange(5)].account_id
    return f'<p><ac:link><ri:user ri:account-id="{account}" /></ac:link> {_said(chance)}</p>'


def _heading(chance: Random) -> str:
    level = chance.randint(1, 4)
    return f"<h{level}>{escape(complaint(chance))}</h{level}>"


def _listed(chance: Random) -> str:
    items = "".join(f"<li><p>{_said(chance)}</p></li>" for _ in range(chance.randint(2, 5)))
    kind = pick(chance, ["ul", "ol"])
    return f"<{kind}>{items}</{kind}>"


def _table(chance: Random) -> str:
    head = "<tr><th><p>Part</p></th><th><p>Remark</p></th></tr>"
    rows = "".join(f"<tr><td><p>{pick(chance, PARTS)}</p></td><td><p>{_said(chance)}</p></td></tr>" for _ in range(3))
    return f'<table data-layout="default"><tbody>{head}{rows}</tbody></table>'


def _macro(name: str, body: str, **parameters: str) -> str:
    given = "".join(f'<ac:parameter ac:name="{key}">{value}</ac:parameter>' for key, value in parameters.items())
    return f'<ac:structured-macro ac:name="{name}" ac:schema-version="1">{given}{body}</ac:structured-macro>'


def _panel(chance: Random) -> str:
    kind = pick(chance, ["info", "note", "warning", "tip"])
    return _macro(kind, f"<ac:rich-text-body><p>{_said(chance)}</p></ac:rich-text-body>")


def _code(chance: Random) -> str:
    body = f"<ac:plain-text-body><![CDATA[restart --part {chance.randrange(99)} && check]]></ac:plain-text-body>"
    return _macro("code", body, language="bash")


def _expand(chance: Random) -> str:
    body = f"<ac:rich-text-body>{_paragraph(chance)}</ac:rich-text-body>"
    return _macro("expand", body, title=escape(complaint(chance)))


def _status(chance: Random) -> str:
    return f"<p>{_macro('status', '', title='DRAFT', colour='Yellow')} {_said(chance)}</p>"


def _contents(_: Random) -> str:
    return _macro("toc", "")


def _tasks(chance: Random) -> str:
    tasks = "".join(
        f"<ac:task><ac:task-id>{number}</ac:task-id><ac:task-status>incomplete</ac:task-status>"
        f"<ac:task-body>{_said(chance)}</ac:task-body></ac:task>"
        for number in range(1, 4)
    )
    return f"<ac:task-list>{tasks}</ac:task-list>"


MAKERS: list[Callable[[Random], str]] = [
    *[_paragraph] * 8,
    *[_linked] * 2,
    *[_listed] * 3,
    *[_heading] * 3,
    _mentioned,
    _table,
    _panel,
    _code,
    _expand,
    _status,
    _contents,
    _tasks,
]
POOL = 1_500  # pieces
FAMILY = 12  # children of a page, at most about


@dataclass
class Pages:
    site: Site
    chance: Random
    first_id: int
    since: datetime
    span: timedelta

    def add(self, count: int) -> None:
        spaces = [space for space in self.site.spaces.values() if int(space.id) >= 300_000]
        pool = [MAKERS[place % len(MAKERS)](self.chance) for place in range(POOL if count else 0)]
        titles: set[tuple[str, str]] = set()
        families: dict[str, list[str]] = {}
        for number in range(count):
            space = spaces[number % len(spaces)]
            family = families.setdefault(space.id, [])
            page = self._page(space, str(self.first_id + number), number / count, pool, titles)
            page.parent = family[len(family) // FAMILY] if family else ""
            space.homepage = space.homepage or page.id
            family.append(page.id)
            self._decorate(page)
            self.site.pages[page.id] = page

    def _page(self, space: Space, page_id: str, age: float, pool: list[str], titles: set[tuple[str, str]]) -> Page:
        chance = self.chance
        author = PEOPLE[chance.randrange(5)].account_id
        title = self._title(space.id, titles)
        when, versions = self.since + self.span * age, list[PageVersion]()
        for number in range(1, chance.randint(1, 3) + 1):
            body = "".join(chance.choice(pool) for _ in range(chance.randint(3, 14)))
            versions.append(PageVersion(number, title, body, author, when))
            when += timedelta(hours=chance.randint(1, 200))
        page = Page(page_id, space.id, "", author, versions[0].created, versions)
        names = sorted(chance.sample(LABELS, chance.randint(0, 3)))
        page.labels = [Label(str(7_000_000 + LABELS.index(name)), name) for name in names]
        for _ in range(int(chance.random() ** 3 * 8)):
            page.comments.append(PageComment(self.site.next_id(), page_id, author, f"<p>{_said(chance)}</p>", when))
        return page

    def _decorate(self, page: Page) -> None:
        """A file, or a remark on the first words of the page."""
        chance, latest = self.chance, page.latest
        if chance.random() < 0.1:
            number = self.site.next_id()
            file = FileVersion(1, "parts.csv", "text/csv", page.author, latest.created, FILE)
            self.site.files[f"att{number}"] = PageFile(
                f"att{number}", page.id, str(UUID(int=int(number), version=4)), [file]
            )
        found = re.search(r"<p>(\w+ \w+)", latest.body)
        if found and chance.random() < 0.1:
            marker = str(UUID(int=int(self.site.next_id()), version=4))
            body = wiki_markers.put(latest.body, found[1], 0, marker)
            page.versions[-1] = replace(latest, body=body)
            remark = f"<p>{_said(chance)}</p>"
            anchor = Anchor(marker, found[1])
            page.comments.append(
                PageComment(self.site.next_id(), page.id, page.author, remark, latest.created, anchor=anchor)
            )

    def _title(self, space: str, titles: set[tuple[str, str]]) -> str:
        plain = f"{pick(self.chance, TOPICS)}: {pick(self.chance, PARTS)}"
        title, number = plain, 1
        while (space, title) in titles:
            number += 1
            title = f"{plain} {number}"
        titles.add((space, title))
        return title
