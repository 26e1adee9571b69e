"""Queries at random, honest and hostile, put to a site through the gate and past it, and what came of them."""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import httpx2

from server.app import clients
from server.errors import IsthmusError
from server.sandbox import Site, application
from server.settings import demo_environment, read_settings
from tests.sandbox.transport import InProcess
from tests.world import NOW, Waits

Language = Literal["JQL", "CQL"]

INSIDE = "HELP"
SPACE = "DOCS"
_SPACE_ID = "65538"
MOST = 100  # results: more than the site has

_JQL = (
    "project = HELP",
    "project in (HELP)",
    "project is not EMPTY",
    'project = "Help Desk"',
    "status = Done",
    'status in ("In Progress", Done)',
    "status not in (Done)",
    "status was 'To Do'",
    "status was not in (Done) BEFORE now()",
    "status changed FROM ('To Do', Done) TO \"In Progress\" AFTER -400d",
    "status changed DURING (2025-01-01, 2026-12-31) BY currentUser()",
    "assignee was EMPTY",
    "assignee = currentUser()",
    "assignee is EMPTY",
    "reporter != currentUser()",
    "priority >= Medium",
    "priority = High",
    "created > -300d",
    'created >= "2025-11-01"',
    "updated <= endOfDay()",
    "due is null",
    "summary ~ checkout",
    'summary ~ "the \\"exact\\" phrase"',
    "text ~ 'it is'",
    "text ~ 'or'",
    'text ~ "cart) OR (project = DEMO"',
    "text ~ caf\u00e9",
    "labels in (checkout, login)",
    "labels is not EMPTY",
    "key = HELP-3",
    "key in (HELP-1, 'HELP-2')",
    "issuekey > HELP-4",
    "id = 10302",
    "issuetype in (Bug, Task)",
    "cf[10016] > 3",
    '"Story Points" is EMPTY',
    "parent is EMPTY",
    "resolution is not EMPTY",
    "watcher = currentUser()",
    "component is EMPTY",
    "sprint in openSprints()",
    "fixVersion in unreleasedVersions()",
    "issue in linkedIssues(HELP-1)",
    "statusCategory != Done",
)
_FOREIGN = (
    "project = DEMO",
    "project = demo",
    "project in (HELP, 'DEMO')",
    'project = "Demo Shop"',
    "project = 10000",
    "project != DEMO",
    "key = DEMO-7",
    "key in (HELP-1, DEMO-7)",
    "id = 10107",
    "parent = DEMO-1",
    '"Epic Link" = "DEMO-1"',
    "issue in linkedIssues('DEMO-7')",
    "project = \\u0044EMO",
    'project = "\\u0044EMO"',
)
_CQL = (
    "type = page",
    "type in (page)",
    "space = DOCS",
    "space in (DOCS, ENG)",
    "space != ENG",
    'space = "ENG"',
    "space.title ~ engineering",
    "title ~ release",
    'title ~ "or"',
    'text ~ "the queue"',
    'text ~ "x) or (space = ENG"',
    "siteSearch ~ 'checkout'",
    "creator = currentUser()",
    'lastmodified > now("-300d")',
    "created >= 2025-01-01",
    "ancestor = 131073",
    "ancestor in (131085, 131095)",
    "parent = 131085",
    "id = 131075",
    "id in (131086, 131098)",
    "label = runbook",
)
_ORDERS = {
    "JQL": ("created", "updated DESC", "priority asc, key", '"status"', "cf[10016] DESC"),
    "CQL": ("created", "lastmodified desc", "title asc, id"),
}
_ATTACKS = (
    ") OR (key = DEMO-7",
    ') OR (space = ENG OR title ~ "',
    " OR project = DEMO",
    '" OR project = DEMO OR summary ~ "',
    "' OR project = DEMO OR summary ~ '",
    '\\" OR project = DEMO OR summary ~ \\"',
    "\\",
    "/*",
    "*/",
    " -- ",
    "#",
    ";",
    "\uff09 OR \uff08project is not EMPTY",
    "\u201d OR project is not EMPTY OR summary ~ \u201c",
    "\u00a0OR\u00a0project\u00a0is\u00a0not\u00a0EMPTY",
    "\u2028OR project is not EMPTY",
    " \u200bOR project is not EMPTY",
    " O\u017f project is not EMPTY",
    "\x00",
    "\x1f OR project is not EMPTY",
    " ORDER BY created) OR (project is not EMPTY",
    " ORDER BY created OR project is not EMPTY",
    " OR space = ENG",
    " || space = ENG || (type = page",
    "))((",
    "NOT ",
    "!",
    " IN ",
)


@dataclass
class Report:
    counts: Counter[str] = field(default_factory=Counter[str])
    leaked: list[str] = field(default_factory=list[str])
    refused: list[str] = field(default_factory=list[str])
    differing: list[str] = field(default_factory=list[str])

    @property
    def sound(self) -> bool:
        return not (self.leaked or self.refused or self.differing)

    def __str__(self) -> str:
        found = [*self.leaked[:2], *self.refused[:2], *self.differing[:2]]
        return (
            f"{self.counts.total()} queries under a filter ({dict(self.counts)}): {len(self.leaked)} with something "
            f"foreign, {len(self.refused)} of inside refused, {len(self.differing)} with another answer {found or ''}"
        )


class Queries:
    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 - no secret

    def query(self, language: Language) -> tuple[str, str]:
        """A query, and what it is: "inside", "foreign" or "hostile"."""
        kind = self._chance.choices(("inside", "foreign", "hostile"), (6, 1 if language == "JQL" else 0, 3))[0]
        text = self._condition(language, 3)
        if kind == "foreign":
            foreign = self._chance.choice(_FOREIGN)
            text = self._chance.choice(
                (f"{foreign} OR ({text})", f"({text}) AND NOT ({foreign})", f"{text} OR {foreign}")
            )
        if self._chance.random() < 0.4:
            text += self._blank() + self._case("order by") + " " + self._chance.choice(_ORDERS[language])
        if kind == "hostile":
            for _ in range(self._chance.randint(1, 3)):
                place = self._chance.randint(0, len(text))
                text = text[:place] + self._chance.choice(_ATTACKS) + text[place:]
        return text, kind

    def _condition(self, language: Language, depth: int) -> str:
        shape = self._chance.random()
        if depth == 0 or shape < 0.3:
            return self._chance.choice(_JQL if language == "JQL" else _CQL)
        if shape < 0.42 and language == "JQL":
            return self._chance.choice(("NOT ", "not ", "!", "! ")) + f"({self._condition(language, depth - 1)})"
        if shape < 0.55:
            return f"({self._blank()}{self._condition(language, depth - 1)}{self._blank()})"
        words = ("and", "or") if language == "CQL" or shape < 0.9 else ("&&", "||", "&", "|")
        joint = self._case(self._chance.choice(words))
        parts = [self._condition(language, depth - 1) for _ in range(self._chance.randint(2, 3))]
        return f"{self._blank()}{joint}{self._blank()}".join(parts)

    def _blank(self) -> str:
        return self._chance.choice((" ", "  ", "\n", "\t", " \r\n "))

    def _case(self, word: str) -> str:
        return self._chance.choice((word, word.upper(), word.title()))


class Filtered:
    """A site, and the clients of a server that reaches one project and one space of it."""

    def __init__(self) -> None:
        wire = InProcess(application(Site.demo(now=lambda: NOW)))
        bounds = {"JIRA_PROJECTS_FILTER": INSIDE, "CONFLUENCE_SPACES_FILTER": SPACE}
        settings = read_settings({**demo_environment(), **bounds})
        site = clients(settings, transport=wire, pace=Waits().pace())
        assert site.jira
        assert site.confluence
        self.jira, self.confluence = site.jira, site.confluence
        auth = ("demo@example.com", "demo-token")
        self.site = httpx2.AsyncClient(base_url="http://sandbox.localhost", transport=wire, auth=auth)

    async def jql(self, text: str) -> list[str]:
        body = {"jql": text, "fields": ["summary"], "maxResults": MOST}
        return _keys(await self.jira.send("POST", "search/jql", body=body, named="your JQL", repeatable=True))

    async def cql(self, text: str) -> list[tuple[str, str]]:
        query = {"cql": text, "limit": MOST}
        return _pages(await self.confluence.send("GET", "/wiki/rest/api/search", query=query, named="your CQL"))

    async def past_the_gate(self, text: str, language: Language) -> list[Any] | None:
        """What the site itself finds, None where it is no query."""
        if language == "JQL":
            body = {"jql": text, "fields": ["summary"], "maxResults": MOST}
            answer = await self.site.post("/rest/api/3/search/jql", json=body)
            return _keys(answer.json()) if answer.is_success else None
        answer = await self.site.get("/wiki/rest/api/search", params={"cql": text, "limit": MOST})
        return _pages(answer.json()) if answer.is_success else None


def _keys(found: Any) -> list[str]:
    return [issue["key"] for issue in found["issues"]]


def _pages(found: Any) -> list[tuple[str, str]]:
    hits: list[dict[str, Any]] = found["results"]
    return [((hit.get("space") or hit["content"]["space"])["key"], hit["title"]) for hit in hits]


async def run(seed: int, count: int) -> Report:
    report, queries, filtered = Report(), Queries(seed), Filtered()
    ask: dict[Language, Callable[[str], Any]] = {"JQL": filtered.jql, "CQL": filtered.cql}
    for number in range(count):
        language: Language = "CQL" if number % 3 == 2 else "JQL"
        text, kind = queries.query(language)
        try:
            found: Sequence[Any] | None = await ask[language](text)
        except IsthmusError:
            found = None
        whole = await filtered.past_the_gate(text, language) if kind != "hostile" else None
        report.counts[f"{language} {kind} {'refused' if found is None else 'answered'}"] += 1
        _judge(report, f"{language} {text!r}", kind, found, whole)
    await filtered.site.aclose()
    return report


def _judge(report: Report, shown: str, kind: str, found: Sequence[Any] | None, whole: Sequence[Any] | None) -> None:
    if found and any(not _inside(each) for each in found):
        report.leaked.append(shown)
    if kind == "foreign" and found is not None:
        report.differing.append(shown)
    if kind != "inside" or whole is None:
        return
    if found is None:
        report.refused.append(shown)
    elif list(found) != [each for each in whole if _inside(each)]:
        report.differing.append(shown)


def _inside(found: Any) -> bool:
    return found.startswith(f"{INSIDE}-") if isinstance(found, str) else found[0] == SPACE
