"""What the benchmarks read: an issue with a long description and five comments, a page of 11 kB."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2

from server.content import (
    diff,
    merge,
    outline,
    read_slice,
    replace_section,
    set_cell,
    storage_to_markdown,
)
from server.content.wiki_markup import wiki_to_markdown
from server.settings import demo_environment
from tests.benchmarks.rows import Row

SENTENCE = "The checkout answers slowly when the cart holds more than forty items and the voucher service is cold. "


@dataclass(frozen=True)
class Bench:
    issue_key: str
    page_id: str


async def fill(url: str) -> Bench:
    account = demo_environment()
    auth = (account["JIRA_USERNAME"], account["JIRA_API_TOKEN"])
    async with httpx2.AsyncClient(base_url=url, auth=auth, trust_env=False, timeout=30) as http:
        created = await _post(http, "/rest/api/3/issue", {"fields": _fields()})
        for number in range(5):
            body = _document([_paragraph(f"Seen again, number {number}. {SENTENCE * 3}")])
            await _post(http, f"/rest/api/3/issue/{created['key']}/comment", {"body": body})
        spaces = (await http.get("/wiki/api/v2/spaces", params={"keys": "ENG"})).json()
        page = {
            "spaceId": spaces["results"][0]["id"],
            "status": "current",
            "title": "Benchmark",
            "body": {"representation": "storage", "value": page_body()},
        }
        return Bench(created["key"], (await _post(http, "/wiki/api/v2/pages", page))["id"])


async def _post(http: httpx2.AsyncClient, path: str, body: dict[str, Any]) -> dict[str, Any]:
    response = await http.post(path, json=body)
    response.raise_for_status()
    return response.json()


def _fields() -> dict[str, Any]:
    items = [{"type": "listItem", "content": [_paragraph(SENTENCE)]} for _ in range(6)]
    description = [_heading("What happens"), _paragraph(SENTENCE * 4), _heading("Steps")]
    return {
        "project": {"key": "DEMO"},
        "issuetype": {"name": "Bug"},
        "summary": "Checkout is slow with large carts",
        "priority": {"name": "High"},
        "labels": ["checkout", "performance"],
        "duedate": "2026-03-31",
        "description": _document([*description, {"type": "bulletList", "content": items}, _paragraph(SENTENCE * 6)]),
    }


def _document(content: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "doc", "version": 1, "content": content}


def _heading(text: str) -> dict[str, Any]:
    return {"type": "heading", "attrs": {"level": 2}, "content": [{"type": "text", "text": text}]}


def _paragraph(text: str) -> dict[str, Any]:
    marked = {"type": "text", "text": "Checkout: ", "marks": [{"type": "strong"}]}
    return {"type": "paragraph", "content": [marked, {"type": "text", "text": text}]}


def page_body() -> str:
    rows = "".join(f"<tr><td><p>Service {n}</p></td><td><p>{SENTENCE}</p></td></tr>" for n in range(20))
    parts = "".join(f"<h2>Part {n}</h2><p><strong>Note</strong> {SENTENCE * 3}</p>" for n in range(20))
    return f"{parts}<table><tbody><tr><th><p>Service</p></th><th><p>State</p></th></tr>{rows}</tbody></table>"


def texts_merged_and_cut() -> list[Row]:
    """The page of 11 kB as Markdown merged, cut, edited and compared; and merges at 1 MB, whose time must be linear."""
    page = storage_to_markdown(page_body())
    large = page.replace("Part ", "Chapter ") * (1_000_000 // len(page))
    wiki = f"h2. Steps\n\n* *Note* {SENTENCE}\n# {{{{mono}}}} [a|https://a.example]\n\n|a|b|\n" * 40
    small_merge = _milliseconds(lambda: merge(page, page.replace("Part 3", "Part three"), page + "\n\nLast."))
    large_merge = _milliseconds(lambda: merge(large, large.replace("cold", "warm"), large.replace("forty", "50")), 1)
    equal = "x\n" * 100_000
    hostile = _milliseconds(lambda: merge(equal, f"{equal}y\n", f"z\n{equal}"), 1)
    calls: dict[str, Callable[[], object]] = {
        "outline": lambda: outline(page),
        "slice of 4 kB": lambda: read_slice(page, 4_000),
        "one section replaced": lambda: replace_section(page, "Part 7", "New."),
        "one cell set": lambda: set_cell(page, "Service 7", "State", "good"),
        "diff": lambda: diff(page, page.replace("Part 3", "Part three")),
    }
    return [
        Row("merge: 11 kB, two edits", f"{small_merge:.1f} ms", "<= 10 ms", small_merge <= 10),
        Row(
            "merge: 1 MB, every sentence edited by both",
            f"{large_merge / 1000:.1f} s",
            "<= 15 s",
            large_merge <= 15_000,
        ),
        Row("merge: 100,000 equal lines", f"{hostile / 1000:.1f} s", "<= 2 s", hostile <= 2_000),
        *(Row(f"11 kB of Markdown: {name}", f"{_milliseconds(call):.1f} ms", "-") for name, call in calls.items()),
        Row(f"wiki markup: {len(wiki) / 1000:.0f} kB", f"{_milliseconds(lambda: wiki_to_markdown(wiki)):.1f} ms", "-"),
    ]


def _milliseconds(call: Callable[[], object], rounds: int = 20) -> float:
    begun = time.process_time()
    for _ in range(rounds):
        call()
    return (time.process_time() - begun) * 1000 / rounds
