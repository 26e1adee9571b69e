"""How pages stand below each other, and in which order."""

from collections.abc import Iterator

from server.sandbox.site import Site
from server.sandbox.wiki_records import Page


def siblings(site: Site, space: str, parent: str) -> list[Page]:
    """The published pages below one parent, or at the top of the space, in their order."""
    found = [
        page
        for page in site.pages.values()
        if page.parent == parent and page.space == space and page.status == "current"
    ]
    return sorted(found, key=lambda page: page.place)


def hang(site: Site, page: Page, parent: str) -> None:
    """Below another parent, as its last child."""
    others = [one for one in siblings(site, page.space, parent) if one is not page]
    page.parent, page.position = parent, others[-1].place + 1 if others else 0
    site.page_changed(page)


def hang_beside(site: Site, page: Page, target: Page, *, after: bool) -> None:
    """Right before or right after another page."""
    page.parent = target.parent
    order = [one for one in siblings(site, target.space, target.parent) if one is not page]
    order.insert(order.index(target) + after, page)
    for position, one in enumerate(order, 1):
        one.position = position


def is_below(site: Site, parent: str, page: Page) -> bool:
    """Whether the parent is the page itself or stands below it."""
    return bool(parent) and (parent == page.id or page in site.ancestors(site.pages[parent]))


def descendants(site: Site, page: Page) -> Iterator[tuple[int, Page]]:
    """How deep and what, from the top down: all of one depth before the next."""
    level, depth = [page], 0
    while level:
        depth += 1
        level = [child for above in level for child in site.child_pages(above)]
        yield from ((depth, child) for child in level)
