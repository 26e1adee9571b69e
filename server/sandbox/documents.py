"""Real documents from a folder: ADF becomes issues of CORP, storage format becomes pages of the space CORP."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from server.sandbox import adf, catalog, json_text, storage
from server.sandbox.loaded import CORPUS, Loaded, Skipped
from server.sandbox.people import DEMO, EVERYONE
from server.sandbox.records import Issue, Json, Project
from server.sandbox.site import Site
from server.sandbox.storage import Malformed
from server.sandbox.wiki_records import Page, PageVersion, Space

ALL = frozenset({EVERYONE})
WRITERS = frozenset({"developers", "service-agents"})
TITLE_LIMIT = 200


class Unusable(ValueError):
    """Why a file became nothing."""


def _project(site: Site) -> Project:
    for project in site.projects.values():
        if project.key == CORPUS:
            return project
    types = (catalog.TASK, catalog.BUG, catalog.STORY, catalog.EPIC, catalog.SUBTASK)
    project = Project(
        "10900", CORPUS, "Corpus", "software", "Documents from a folder.", DEMO.account_id, types, ALL, WRITERS
    )
    site.projects[project.id] = project
    return project


def _space(site: Site) -> Space:
    for space in site.spaces.values():
        if space.key == CORPUS:
            return space
    now = site.now()
    space = Space("65900", CORPUS, "Corpus", "Documents from a folder.", DEMO.account_id, now, ALL, WRITERS)
    site.spaces[space.id] = space
    home = _add_page(site, space, "Corpus Home", "<p>Documents from a folder.</p>")
    space.homepage = home.id
    return space


def _documents(value: Any) -> Iterator[Json]:
    """The outermost ADF documents inside any JSON; some are kept without their version."""
    found: Json = {"version": 1, **adf.as_dict(value)}
    if adf.is_document(found):
        yield found
    elif isinstance(value, dict):
        for inner in adf.as_dict(value).values():  # pyright: ignore[reportUnknownArgumentType]
            yield from _documents(inner)
    elif isinstance(value, list):
        for inner in adf.as_list(value):  # pyright: ignore[reportUnknownArgumentType]
            yield from _documents(inner)


def _add_issue(site: Site, title: str, doc: Json) -> None:
    project = _project(site)
    project.last_number += 1
    now = site.now()
    values: Json = {
        "summary": title,
        "issuetype": catalog.TASK,
        "status": catalog.TODO,
        "priority": "3",
        "reporter": DEMO.account_id,
        "labels": ["corpus"],
        "description": doc,
    }
    key = f"{CORPUS}-{project.last_number}"
    site.add_issue(Issue(site.next_id(), key, project.id, DEMO.account_id, now, now, values))


def _add_page(site: Site, space: Space, title: str, body: str) -> Page:
    shown, number = title, 1
    while site.page_titled(space.id, shown):
        number += 1
        shown = f"{title} ({number})"
    now = site.now()
    version = PageVersion(1, shown, body, DEMO.account_id, now)
    page = Page(site.next_id(), space.id, space.homepage, DEMO.account_id, now, [version])
    site.pages[page.id] = page
    site.page_changed(page)
    return page


def _issues(site: Site, path: Path) -> int:
    try:
        found = list(_documents(json_text.parse(path.read_text(encoding="utf-8"))))
    except ValueError as error:
        raise Unusable(f"no JSON: {error}") from error
    if not found:
        raise Unusable("no Atlassian document inside")
    if not all(adf.is_valid(doc) for doc in found):
        raise Unusable("the Atlassian document inside is not valid")
    for doc in found:
        _add_issue(site, path.stem[:TITLE_LIMIT], doc)
    return len(found)


def _pages(site: Site, path: Path) -> int:
    try:
        body = path.read_text(encoding="utf-8")
        storage.parse(body)
    except Malformed as error:
        raise Unusable(str(error)) from error
    except ValueError as error:
        raise Unusable(f"no UTF-8: {error}") from error
    _add_page(site, _space(site), path.stem[:TITLE_LIMIT], body)
    return 1


def load(site: Site, directory: Path) -> Loaded:
    """Reads files: call it before the site is served, or in a thread."""
    result = Loaded()
    for path in sorted(directory.rglob("*")):
        try:
            if path.suffix == ".json":
                result.issues += _issues(site, path)
            elif path.suffix == ".xml":
                result.pages += _pages(site, path)
        except Unusable as error:
            result.skipped.append(Skipped(str(path.relative_to(directory)), str(error)))
    return result
