"""What documents cost: an 11 kB page to Markdown and back, one of its blocks edited, and a hundred times as much."""

import re
import time
from collections.abc import Callable, Iterator

from server.content import (
    adf_to_markdown,
    edit_adf,
    edit_storage,
    markdown_to_adf,
    markdown_to_storage,
    storage_to_markdown,
)
from tests.benchmarks.content import SENTENCE, page_body
from tests.benchmarks.rows import Row
from tests.content.promises import real_documents, real_pages

TIMES = 15
_REFERENCE = re.compile(r":+ref\[[^\n]*?\}")


def documents() -> list[Row]:
    page = f"{page_body()}<p>{SENTENCE * 8}</p>"
    shown = storage_to_markdown(page)
    document = markdown_to_adf(shown)
    text = adf_to_markdown(document)
    return [
        _row("11 kB page to Markdown", lambda: storage_to_markdown(page), 3),
        _row("the same of ADF", lambda: adf_to_markdown(document), 3),
        _row("one block of it edited", lambda: edit_storage(page, shown, _changed(shown)), 10),
        _row("the same of ADF", lambda: edit_adf(document, text, _changed(text)), 10),
        _row("Markdown to storage format", lambda: markdown_to_storage(shown), 25),
        _row("Markdown to ADF", lambda: markdown_to_adf(text), 25),
        *_growth(page),
        *_opaque(),
    ]


def _changed(text: str) -> str:
    middle = text.index("checkout", len(text) // 2)
    return f"{text[:middle]}warehouse{text[middle + len('checkout') :]}"


def _milliseconds(work: Callable[[], object], times: int = TIMES) -> float:
    """The least CPU time of several runs: what the work costs, without its neighbours."""
    work()
    spent: list[float] = []
    for _ in range(times):
        begun = time.process_time()
        work()
        spent.append(time.process_time() - begun)
    return min(spent) * 1000


def _row(name: str, work: Callable[[], object], most: float) -> Row:
    spent = _milliseconds(work)
    return Row(name, f"{spent:.2f} ms", f"<= {most:g} ms", spent <= most)


def _growth(page: str) -> Iterator[Row]:
    """How much longer a hundred times as much takes."""
    for (name, short), (_, long) in zip(_works(page), _works(page * 100), strict=True):
        spent = _milliseconds(short)
        times = _milliseconds(long, 4) / spent
        yield Row(f"1 MB {name}", f"{times:.0f} x 10 kB", "<= 150 x", times <= 150)


def _works(page: str) -> list[tuple[str, Callable[[], object]]]:
    shown = storage_to_markdown(page)
    document = markdown_to_adf(shown)
    text = adf_to_markdown(document)
    return [
        ("to Markdown", lambda: storage_to_markdown(page)),
        ("of Markdown to storage format", lambda: markdown_to_storage(shown)),
        ("and one block edited", lambda: edit_storage(page, shown, _changed(shown))),
        ("of ADF to Markdown", lambda: adf_to_markdown(document)),
        ("of Markdown to ADF", lambda: markdown_to_adf(text)),
        ("of ADF and one block edited", lambda: edit_adf(document, text, _changed(text))),
    ]


def _opaque() -> Iterator[Row]:
    """How much of what the real documents read as is references."""
    texts = [*map(adf_to_markdown, real_documents()), *map(storage_to_markdown, real_pages())]
    if not texts:
        return
    size = sum(map(len, texts))
    share = sum(len(found) for text in texts for found in _REFERENCE.findall(text)) / size
    yield Row("references in real documents", f"{share:.1%} of {size} characters", "<= 5 %", share <= 0.05)
