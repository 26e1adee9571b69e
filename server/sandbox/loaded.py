"""What came of a folder of documents."""

from dataclasses import dataclass, field

CORPUS = "CORP"
MOST_SKIPPED = 20


@dataclass(frozen=True)
class Skipped:
    path: str
    reason: str

    def __str__(self) -> str:
        return f"  skipped {self.path}: {' '.join(self.reason.split())}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


@dataclass
class Loaded:
    """What `load_documents` made of a folder."""

    issues: int = 0
    pages: int = 0
    skipped: list[Skipped] = field(default_factory=list[Skipped])

    def __str__(self) -> str:
        """For a person: what came in, and what did not and why."""
        issues = [f"{_counted(self.issues, 'issue')} into project {CORPUS}"] if self.issues else []
        pages = [f"{_counted(self.pages, 'page')} into space {CORPUS}"] if self.pages else []
        loaded = " and ".join(issues + pages) or "nothing: no ADF *.json, no storage *.xml"
        more = len(self.skipped) - MOST_SKIPPED
        rest = [f"  ... and {more} more"] if more > 0 else []
        return "\n".join([f"Loaded {loaded}.", *map(str, self.skipped[:MOST_SKIPPED]), *rest])
