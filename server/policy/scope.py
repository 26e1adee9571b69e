"""Inside or outside: the filter that an operator set, as a question about one key."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from server.settings import Bounds

ISSUE_KEY = re.compile(r"([A-Z][A-Z0-9_]*)-[1-9][0-9]*")


@dataclass(frozen=True)
class Scope:
    """Keys are compared without regard to case, as Atlassian does."""

    projects: frozenset[str] = frozenset()
    spaces: frozenset[str] = frozenset()
    spelled: tuple[str, ...] = ()  # the spaces, as they were set
    project_pattern: re.Pattern[str] | None = None
    issue_pattern: re.Pattern[str] | None = None
    internal: frozenset[str] = frozenset()  # projects whose comments no customer reads

    @classmethod
    def of(cls, bounds: Bounds) -> "Scope":
        return cls(
            _keys(bounds.projects),
            _keys(bounds.spaces),
            bounds.spaces,
            re.compile(bounds.project_pattern) if bounds.project_pattern else None,
            re.compile(bounds.issue_pattern) if bounds.issue_pattern else None,
            _keys(bounds.internal_only),
        )

    @property
    def narrows_jira(self) -> bool:
        return bool(self.projects or self.project_pattern or self.issue_pattern)

    @property
    def narrows_confluence(self) -> bool:
        return bool(self.spaces)

    @property
    def of_projects(self) -> bool:
        """Whether projects are narrowed, not issues alone."""
        return bool(self.projects or self.project_pattern)

    def project(self, key: str) -> bool:
        named = not self.projects or key.upper() in self.projects
        return named and (not self.project_pattern or bool(self.project_pattern.fullmatch(key)))

    def issue(self, key: str) -> bool:
        found = ISSUE_KEY.fullmatch(key)
        if not found or not self.project(found[1]):
            return False
        return not self.issue_pattern or bool(self.issue_pattern.fullmatch(key))

    def space(self, key: str) -> bool:
        return key.upper() in self.spaces

    def words(self, product: str) -> str:
        """The filter, for people and agents."""
        if product == "Confluence":
            return f"the spaces {_listed(self.spelled)}"
        named = f"the projects {_listed(self.projects)}" if self.projects else "some projects"
        return named if not (self.project_pattern or self.issue_pattern) else f"{named}, by keys of a set form"


def _keys(keys: Iterable[str]) -> frozenset[str]:
    return frozenset(key.upper() for key in keys)


def _listed(keys: Iterable[str]) -> str:
    return ", ".join(sorted(keys))
