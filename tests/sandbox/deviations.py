"""Where Atlassian's documents are wrong or say less than the sites do: the contract finds faults that are none."""

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any


@dataclass(frozen=True)
class Deviation:
    """`path` is a pattern, `where` how the violation's place begins; a `param` of None is any."""

    kind: str
    path: str
    where: str
    reason: str
    param: str | None = None

    def covers(self, found: dict[str, Any]) -> bool:
        return (
            found["kind"] == self.kind
            and fnmatchcase(str(found["path"]), self.path)
            and str(found["where"]).startswith(self.where)
            and self.param in (None, found.get("param"))
        )


DEVIATIONS = (
    Deviation(
        "undocumented-status", "/wiki/api/v2/pages*", "413", "Said of POST /pages alone, but it holds for PUT too."
    ),
    Deviation(
        "undocumented-status", "/wiki/api/v2/*-comments*", "413", "Said of pages alone, but it holds for comments too."
    ),
    Deviation("unknown-path", "/rest/api/2/search", "", "Removed from the documents; sites still answer 410."),
    Deviation("undocumented-status", "/rest/api/3/issue/*/attachments", "400", "A form that cannot be read as one."),
    Deviation("response-body", "/rest/api/3/issue/bulk", "/", "A body that is no JSON is refused in the usual shape."),
    Deviation("undocumented-status", "/wiki/rest/api/content/*/child/attachment*", "400", "A form without a file."),
    Deviation("undocumented-status", "/wiki/rest/api/content/*/data", "403", "Said of the other uploads alone."),
    Deviation("path-type", "/wiki/api/v2/attachments/att*", "", "Said to be a number, of DELETE alone; it is none."),
    Deviation("method-not-allowed", "/wiki/rest/api/content/*/label", "", "Read so by who comes with a password."),
    Deviation("undocumented-status", "/wiki/rest/api/content/*/label", "400", "A label without a name."),
    Deviation("query-type", "/wiki/api/v2/spaces/*/content/labels", "", "Pages have global labels too.", "prefix"),
    Deviation("undocumented-status", "/wiki/rest/api/content/*/restriction", "400", "Said of DELETE alone."),
    Deviation(
        "undocumented-status", "/rest/agile/1.0/sprint/*/issue", "400", "A query that cannot be read, as on a board."
    ),
    Deviation("unknown-path", "/wiki/rest/api/content/*", "", "Removed from the documents; sites still answer it."),
    Deviation("undocumented-status", "/wiki/api/v2/*/properties*", "409", "A stale version, a key that is taken."),
    Deviation("response-body", "/wiki/api/v2/content/convert-ids-to-types", "/results", "What is not there is null."),
    Deviation(
        "request-body", "/rest/api/3/bulk/issues/move", "", "Two names that it requires are spelled otherwise below."
    ),
    *(
        Deviation(
            "response-body", "/rest/api/3/bulk/queue/*", f"/{name}", "Said to be texts; its own example has numbers."
        )
        for name in ("created", "started", "updated")
    ),
    Deviation("query-type", "/rest/agile/1.0/*", "/", "The items of `fields` are names, not objects.", "fields"),
)
