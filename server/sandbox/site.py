"""The state of the site and the questions that everybody asks of it."""

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from server.sandbox import catalog, clients
from server.sandbox.clock import Clock
from server.sandbox.counter import Counter
from server.sandbox.events import Event
from server.sandbox.faults import Faults
from server.sandbox.index import Index
from server.sandbox.limits import Limits
from server.sandbox.loaded import Loaded
from server.sandbox.oauth import Authority
from server.sandbox.page_index import PageIndex
from server.sandbox.people import PEOPLE
from server.sandbox.records import Board, Component, Issue, Link, Person, Project, Sprint, Task, Version
from server.sandbox.webhooks import Webhooks
from server.sandbox.wiki_records import Circle, Page, PageFile, Space

FLEETING = {"saved": False}
"""Of what is no part of the state: how the site behaves for now, and what follows from the rest."""


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Site:
    """An empty site: people, but no projects and no spaces. `Site.demo()` has something in it."""

    now: Callable[[], datetime] = utc_now
    people: dict[str, Person] = field(default_factory=lambda: {person.account_id: person for person in PEOPLE})
    projects: dict[str, Project] = field(default_factory=dict[str, Project])
    issues: dict[str, Issue] = field(default_factory=dict[str, Issue])
    links: dict[str, Link] = field(default_factory=dict[str, Link])
    versions: dict[str, Version] = field(default_factory=dict[str, Version])
    components: dict[str, Component] = field(default_factory=dict[str, Component])
    boards: dict[str, Board] = field(default_factory=dict[str, Board])
    sprints: dict[str, Sprint] = field(default_factory=dict[str, Sprint])
    spaces: dict[str, Space] = field(default_factory=dict[str, Space])
    pages: dict[str, Page] = field(default_factory=dict[str, Page])
    files: dict[str, PageFile] = field(default_factory=dict[str, PageFile])
    circles: dict[tuple[str, str], Circle] = field(default_factory=dict[tuple[str, str], Circle])
    """By page and operation (read or update): who alone may do it."""
    tasks: dict[str, Task] = field(default_factory=dict[str, Task])
    task_seconds: float = field(default=0.0, metadata=FLEETING)
    deleted_worklogs: list[tuple[str, datetime]] = field(default_factory=list[tuple[str, datetime]])
    faults: Faults = field(default_factory=Faults, metadata=FLEETING)
    listeners: dict[str, Callable[[Event], None]] = field(
        default_factory=dict[str, Callable[[Event], None]], metadata=FLEETING
    )
    webhooks: Webhooks = field(default_factory=Webhooks)
    base: str = field(default="http://localhost", metadata=FLEETING)  # its address, as the last request had it
    _secondary: bool = field(default=False, metadata=FLEETING)
    index: Index = field(default_factory=Index, metadata=FLEETING)
    page_index: PageIndex = field(default_factory=PageIndex, metadata=FLEETING)
    _changed: dict[str, None] = field(default_factory=dict[str, None], metadata=FLEETING)
    _changed_pages: dict[str, None] = field(default_factory=dict[str, None], metadata=FLEETING)
    _children: dict[str, set[str]] = field(default_factory=dict[str, set[str]], metadata=FLEETING)
    _parents: dict[str, str] = field(default_factory=dict[str, str], metadata=FLEETING)
    _linked: dict[str, list[Link]] = field(default_factory=dict[str, list[Link]], metadata=FLEETING)
    limits: Limits = field(default_factory=Limits, metadata=FLEETING)
    clock: Clock = field(init=False)
    authority: Authority = field(init=False)
    _keys: dict[str, str] = field(default_factory=dict[str, str])
    _ids: Counter = field(default_factory=lambda: Counter(50_000))

    def __post_init__(self) -> None:
        self.clock = Clock(self.now)
        self.now = self.clock.now
        self.authority = clients.authority(self.now)

    @classmethod
    def demo(cls, now: Callable[[], datetime] = utc_now) -> "Site":
        """The demo site: the same ids, keys and times on each start; new writes are dated by `now`."""
        from server.sandbox.demo import fill

        site = cls(now)
        fill(site)
        return site

    @classmethod
    def generated(cls, seed: int, issues: int, pages: int, now: Callable[[], datetime] = utc_now) -> "Site":
        """The demo site with so many made-up issues and pages besides; the same seed is the same site."""
        from server.sandbox.generated import fill

        site = cls.demo(now)
        fill(site, seed, issues, pages)
        return site

    def wake(self) -> None:
        """Once all of its state has been put in its place: what follows from it."""
        for link in self.links.values():
            self.add_link(link)
        for issue in reversed(self.issues.values()):  # What is said last is settled first.
            self.changed(issue)
        self._changed_pages.update(dict.fromkeys(reversed(self.pages)))
        self.settle()

    def load_documents(self, directory: Path) -> Loaded:
        """Add every ADF and storage document below the directory, as issues and pages of CORP."""
        from server.sandbox.documents import load

        return load(self, directory)

    def next_id(self) -> str:
        return str(next(self._ids))

    def happened(self, name: str, actor: Person, subject: str, **detail: object) -> None:
        """Every write says so, after it is done."""
        if page := self.pages.get(subject):
            self.page_changed(page)
        event = Event(name, self.now(), actor.account_id, subject, detail, self._secondary)
        for listener in self.listeners.values():
            listener(event)

    @contextmanager
    def fallout(self, *, of_many: bool = True) -> Generator[None]:
        """What happens meanwhile is the consequence of another write, or one of many."""
        before, self._secondary = self._secondary, of_many
        try:
            yield
        finally:
            self._secondary = before

    # People

    def person(self, account_id: str) -> Person:
        return self.people[account_id]

    def login(self, email: str, token: str) -> Person | None:
        wanted = email.casefold()
        for person in self.people.values():
            if person.email == wanted and person.token == token and person.active:
                return person
        return None

    def login_token(self, token: str) -> Person | None:
        return next((person for person in self.people.values() if person.token == token and person.active), None)

    # Jira

    def project_for(self, person: Person, key_or_id: str) -> Project | None:
        """A project that the person may see."""
        wanted = key_or_id.upper()
        for project in self.projects.values():
            if wanted in (project.key, project.id):
                return project if project.readers & person.groups else None
        return None

    def projects_for(self, person: Person) -> list[Project]:
        return [project for project in self.projects.values() if project.readers & person.groups]

    def add_issue(self, issue: Issue) -> None:
        self.issues[issue.id] = issue
        issue.rank = issue.rank or float(issue.id)
        self._keys[issue.key] = issue.id
        self.changed(issue)

    def rename(self, issue: Issue, key: str) -> None:
        """The old key still leads to the issue."""
        issue.key = key
        self._keys[key] = issue.id
        self.changed(issue)

    def remove_issue(self, issue: Issue) -> None:
        del self.issues[issue.id]
        del self._keys[issue.key]
        for link in self.links_of(issue):
            self.remove_link(link)
        self.changed(issue)

    def changed(self, issue: Issue) -> None:
        """Said by every write to an issue; `settle` makes search and the lists of children know it."""
        self._changed[issue.id] = None
        self._set_parent(issue.id, issue.values.get("parent") or "" if issue.id in self.issues else "")

    def _set_parent(self, issue_id: str, parent: str) -> None:
        before = self._parents.pop(issue_id, "")
        if before:
            self._children[before].discard(issue_id)
        if parent:
            self._parents[issue_id] = parent
            self._children.setdefault(parent, set()).add(issue_id)

    def settle(self) -> None:
        """Once a write is done, and before each search."""
        now = self.now()
        while self._changed:
            issue_id = self._changed.popitem()[0]
            issue = self.issues.get(issue_id)
            self.index.write(issue_id, issue, now)
            if issue:
                self._set_parent(issue_id, issue.values.get("parent") or "")
        self.index.settle(now)
        while self._changed_pages:
            page_id = self._changed_pages.popitem()[0]
            self.page_index.write(page_id, self.pages.get(page_id), now)
        self.page_index.settle(now)

    def slow_search(self, lag: float) -> None:
        """From now on search sees writes so many seconds late."""
        self.index.slow_down(lag)
        self.page_index.slow_down(lag, self.pages)

    def issue(self, key_or_id: str) -> Issue | None:
        return self.issues.get(self._keys.get(key_or_id.upper(), key_or_id))

    def issue_for(self, person: Person, key_or_id: str) -> Issue | None:
        found = self.issue(key_or_id)
        return found if found and self.projects[found.project].readers & person.groups else None

    def issues_for(self, person: Person) -> list[Issue]:
        seen = {project.id for project in self.projects_for(person)}
        return [issue for issue in self.issues.values() if issue.project in seen]

    def versions_of(self, project: str) -> list[Version]:
        return [version for version in self.versions.values() if version.project == project]

    def components_of(self, project: str) -> list[Component]:
        return [component for component in self.components.values() if component.project == project]

    def children(self, issue: Issue) -> list[Issue]:
        self.settle()
        return [self.issues[each] for each in sorted(self._children.get(issue.id, ()), key=int)]

    def subtasks(self, issue: Issue) -> list[Issue]:
        return [child for child in self.children(issue) if catalog.ISSUE_TYPES[child.values["issuetype"]].subtask]

    def add_link(self, link: Link) -> None:
        self.links[link.id] = link
        for end in {link.inward, link.outward}:
            self._linked.setdefault(end, []).append(link)

    def remove_link(self, link: Link) -> None:
        del self.links[link.id]
        for end in {link.inward, link.outward}:
            self._linked[end].remove(link)

    def links_of(self, issue: Issue) -> list[Link]:
        return list(self._linked.get(issue.id, ()))

    # Confluence

    def space_for(self, person: Person, key_or_id: str) -> Space | None:
        for space in self.spaces.values():
            if key_or_id in (space.key, space.id):
                return space if space.readers & person.groups else None
        return None

    def spaces_for(self, person: Person) -> list[Space]:
        return [space for space in self.spaces.values() if space.readers & person.groups]

    def page_for(self, person: Person, page_id: str) -> Page | None:
        found = self.pages.get(page_id)
        return found if found and self._sees(person, found) else None

    def _sees(self, person: Person, page: Page) -> bool:
        """Drafts are for their authors alone; who may not read a page may not read what is below it either."""
        if not self.spaces[page.space].readers & person.groups:
            return False
        if page.status == "draft" and page.author != person.account_id:
            return False
        return not self.circles or all(self._lets(person, one, "read") for one in (page, *self.ancestors(page)))

    def _lets(self, person: Person, page: Page, operation: str) -> bool:
        circle = self.circles.get((page.id, operation))
        return circle is None or circle.admits(person)

    def may_update(self, person: Person, page: Page) -> bool:
        """Whether a person who sees the page may change it."""
        return bool(self.spaces[page.space].writers & person.groups) and self._lets(person, page, "update")

    def page_changed(self, page: Page) -> None:
        """Said of every page that a write changed besides the one that it was about."""
        self._changed_pages[page.id] = None

    def pages_for(self, person: Person, status: str = "current") -> list[Page]:
        return self._seen(person, (page for page in self.pages.values() if page.status == status))

    def searched_for(self, person: Person) -> list[Page]:
        """The pages that search knows and the person may see."""
        self.settle()
        return self._seen(person, (page for page in self.page_index.pages(self.pages) if page.status == "current"))

    def _seen(self, person: Person, pages: Iterable[Page]) -> list[Page]:
        seen = {space.id for space in self.spaces_for(person)}
        readable = [page for page in pages if page.space in seen]
        return [page for page in readable if self._sees(person, page)] if self.circles else readable

    def page_titled(self, space: str, title: str) -> Page | None:
        wanted = title.casefold()
        for page in self.pages.values():
            if page.space == space and page.status == "current" and page.title.casefold() == wanted:
                return page
        return None

    def child_pages(self, page: Page) -> list[Page]:
        found = [other for other in self.pages.values() if other.parent == page.id and other.status == "current"]
        return sorted(found, key=lambda child: child.place)

    def ancestors(self, page: Page) -> list[Page]:
        """From the top down, without the page itself."""
        above: list[Page] = []
        while page.parent:
            page = self.pages[page.parent]
            above.insert(0, page)
        return above
