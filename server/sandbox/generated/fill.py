"""A site of any size: projects and spaces with different readers, their issues and pages."""

from datetime import UTC, datetime, timedelta
from random import Random

from server.sandbox.generated.documents import Blocks
from server.sandbox.generated.issues import Issues
from server.sandbox.generated.pages import Pages
from server.sandbox.people import EVERYONE, PEOPLE
from server.sandbox.records import Project
from server.sandbox.site import Site
from server.sandbox.wiki_records import Space

ALL, DEVELOPERS, AGENTS, LEADERS = (
    frozenset({name}) for name in (EVERYONE, "developers", "service-agents", "leadership")
)
SOFTWARE, SERVICE = ("10001", "10002", "10003", "10004", "10005"), ("10006", "10007", "10003")
PROJECTS = (
    ("WEB", "Web Shop", "software", SOFTWARE, ALL, DEVELOPERS),
    ("APP", "Mobile App", "software", SOFTWARE, ALL, DEVELOPERS),
    ("PAY", "Payments", "software", SOFTWARE, DEVELOPERS, DEVELOPERS),
    ("OPS", "Operations", "software", SOFTWARE, ALL, DEVELOPERS),
    ("DESK", "Service Desk", "service_desk", SERVICE, ALL, AGENTS),
    ("SAFE", "Safety Findings", "software", SOFTWARE, LEADERS, LEADERS),
)
SPACES = (
    ("WEBDOC", "Web Shop", ALL, DEVELOPERS),
    ("APPDOC", "Mobile App", ALL, DEVELOPERS),
    ("PAYDOC", "Payments", DEVELOPERS, DEVELOPERS),
    ("HOW", "How we work", ALL, LEADERS),
    ("BOARD", "Board papers", LEADERS, LEADERS),
)
FIRST_PROJECT, FIRST_SPACE, FIRST_ISSUE, FIRST_PAGE = 20_000, 300_000, 1_000_000, 5_000_000
EPOCH = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
YEARS = timedelta(days=730)


def fill(site: Site, seed: int, issues: int, pages: int) -> None:
    """`issues` and `pages` in all, spread over PROJECTS and SPACES; dated in the two years before EPOCH."""
    chance = Random(seed)  # noqa: S311 - no secret
    people = [(person.account_id, person.name) for person in PEOPLE if person.active]
    pool = Blocks(chance, people).pool()
    for place, (key, name, kind, types, readers, writers) in enumerate(PROJECTS if issues else ()):
        lead = PEOPLE[place % 5].account_id
        project = Project(
            str(FIRST_PROJECT + place), key, name, kind, f"{name}: made up.", lead, types, readers, writers
        )
        site.projects[project.id] = project
    Issues(site, chance, pool, FIRST_ISSUE, EPOCH - YEARS, YEARS).add(issues)
    for place, (key, name, readers, writers) in enumerate(SPACES if pages else ()):
        author, space_id = PEOPLE[place % 5].account_id, str(FIRST_SPACE + place)
        site.spaces[space_id] = Space(space_id, key, name, f"{name}: made up.", author, EPOCH - YEARS, readers, writers)
    Pages(site, chance, FIRST_PAGE, EPOCH - YEARS, YEARS).add(pages)
    site.settle()
