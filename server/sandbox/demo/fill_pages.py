"""From the page rows to spaces and pages with versions."""

from datetime import timedelta

from server.sandbox.demo.fill_issues import EPOCH
from server.sandbox.demo.pages import OLDER, ROWS, SPACES, Row
from server.sandbox.people import PRIYA
from server.sandbox.site import Site
from server.sandbox.wiki_records import FileVersion, Label, Page, PageComment, PageFile, PageVersion, Space

FIRST_PAGE = 131_073
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000000a49444154789c63600000000200"
    "0148afa4710000000049454e44ae426082"
)  # one black dot
MESSAGES = ("", "Corrected after the review", "Brought up to date")


def _versions(row: Row, page: Page) -> list[PageVersion]:
    bodies = (*OLDER.get(row.title, ()), row.body)
    return [
        PageVersion(
            number,
            row.title,
            body,
            row.author.account_id,
            page.created + timedelta(days=3 * (number - 1), hours=number),
            MESSAGES[(number - 1) % len(MESSAGES)],
        )
        for number, body in enumerate(bodies, 1)
    ]


def _page(site: Site, row: Row, number: int, space: Space) -> Page:
    created = EPOCH - timedelta(days=50 - number, hours=number % 6)
    parent = site.page_titled(space.id, row.parent) if row.parent else None
    page = Page(str(FIRST_PAGE + number), space.id, parent.id if parent else "", row.author.account_id, created, [])
    page.versions += _versions(row, page)
    page.labels += [Label(str(60_000 + abs(sum(map(ord, name)))), name) for name in row.labels.split()]
    for step, (author, body) in enumerate(row.comments):
        when = page.latest.created + timedelta(hours=3 * step + 1)
        comment_id = str(150_000 + number * 10 + step)
        page.comments.append(PageComment(comment_id, page.id, author.account_id, body, when))
    return page


def fill_pages(site: Site) -> None:
    for space_id, key, name, description, readers, writers in SPACES:
        created = EPOCH - timedelta(days=400)
        site.spaces[space_id] = Space(space_id, key, name, description, PRIYA.account_id, created, readers, writers)
    by_key = {space.key: space for space in site.spaces.values()}
    for number, row in enumerate(ROWS):
        space = by_key[row.space]
        page = _page(site, row, number, space)
        site.pages[page.id] = page
        space.homepage = space.homepage or page.id
        if "services.png" in page.latest.body:
            _picture(site, page)


def _picture(site: Site, page: Page) -> None:
    """What the page shows."""
    when = page.latest.created
    version = FileVersion(1, "services.png", "image/png", page.author, when, PICTURE, "The services")
    site.files["att140001"] = PageFile("att140001", page.id, "7d4f1a9e-2c35-4b86-9a0e-5f1c2d3e4b60", [version])
