"""Jira under a filter of projects and issue keys."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from server.client import Admitted, Asked, LookUp, Memory
from server.errors import Invalid, Refused
from server.policy import endpoints, queries, references
from server.policy.endpoints import Row
from server.policy.gate import Gate, Request, with_body
from server.policy.grammar import Query
from server.policy.pruning import JIRA_CARRIED, Pruner, jira_place
from server.policy.references import Reference, mapping
from server.policy.scope import ISSUE_KEY, Scope

API = "/rest/api/3"
AGILE = "/rest/agile/1.0"
FEWEST = 2  # issues that are worth a question of their own kind
MOST_KEYS = 50  # that one request for projects takes
INTERNAL = "sd.public.comment"
_ISSUE_IN_ADDRESS = re.compile(r"/issue/([0-9]+)/")
_NUMBER = re.compile(r"[0-9]+")
_LISTS = (("comment", "list"), ("worklog", "list"))
_MANY = ("issueUpdates", "issues", "issueIdsOrKeys", "selectedIssueIdsOrKeys")


class JiraGate(Gate):
    product = "Jira"
    language = "JQL"
    table = endpoints.Endpoints(endpoints.JIRA)

    def __init__(self, scope: Scope, *, bulk: int | None, destructive: int | None, clock: Callable[[], float]) -> None:
        super().__init__(scope, bulk=bulk, destructive=destructive, clock=clock)
        self._projects = Memory[list[dict[str, Any]]](clock)
        self._ids: frozenset[str] | None = None
        self.pruner = Pruner(jira_place(scope, lambda: self._ids), JIRA_CARRIED)
        self._issue_of: dict[str, str] = {}  # attachments of issues that were read: Jira does not tell it otherwise

    @property
    def narrows(self) -> bool:
        return self.scope.narrows_jira

    async def admit(self, asked: Asked, look_up: LookUp) -> Admitted:
        if self.scope.of_projects:
            await self._inside_projects(Request(asked, (), look_up))
        return await super().admit(asked, look_up)

    def may_be(self, kind: str, name: str) -> bool:
        if kind in ("issue", "epic"):
            return self.scope.issue(name.upper()) or bool(_NUMBER.fullmatch(name))
        if kind == "project":
            return self.scope.project(name.upper()) or bool(_NUMBER.fullmatch(name))
        return True

    async def inside(self, kind: str, name: str, request: Request) -> bool:
        look = {
            "issue": self._of_issue,
            "epic": self._of_issue,
            "project": self._of_project,
            "component": self._of_component,
            "version": self._of_version,
            "board": self._of_board,
            "sprint": self._of_sprint,
            "link": self._of_link,
            "comment": self._of_comment,
            "worklog": self._of_worklog,
            "attachment": self._of_attachment,
        }.get(kind)
        return look is not None and await look(name, request)

    async def _of_issue(self, name: str, request: Request) -> bool:
        return await self._issue(name.upper(), request) is not None

    async def _of_project(self, name: str, request: Request) -> bool:
        return not self.scope.of_projects or name.upper() in await self._names(request)

    async def _of_component(self, name: str, request: Request) -> bool:
        return await self._part(f"{API}/component/{name}", request)

    async def _of_version(self, name: str, request: Request) -> bool:
        return await self._part(f"{API}/version/{name}", request)

    async def _of_sprint(self, name: str, request: Request) -> bool:
        found = await request.thing(f"{AGILE}/sprint/{name}")
        return await self._of_board(str(found.get("originBoardId")), request)

    async def _of_link(self, name: str, request: Request) -> bool:
        found = await request.thing(f"{API}/issueLink/{name}")
        ends = [str(mapping(found.get(side)).get("key")) for side in ("inwardIssue", "outwardIssue")]
        return all([await self._of_issue(end, request) for end in ends])

    async def _of_comment(self, name: str, request: Request) -> bool:
        return await self._comment_issue(name, request) is not None

    async def _of_attachment(self, name: str, request: Request) -> bool:
        issue = self._issue_of.get(name)
        return issue is not None and await self._of_issue(issue, request)

    async def _issue(self, name: str, request: Request) -> str | None:
        """The key that an issue has now, None where it is outside: an issue answers to the keys that it once had."""
        if not self.may_be("issue", name):
            return None
        known = self.places.get("issue", name)
        if known is None:
            found = await request.thing(f"{API}/issue/{name}", query={"fields": "project"})
            if not self.scope.issue(str(found.get("key"))):
                return None
            known = self._here(found, name)
        return known

    def _here(self, issue: Mapping[str, Any], name: str = "") -> str:
        key = str(issue["key"])
        for each in {key, str(issue.get("id", key)), name or key}:
            self.places.set("issue", each, key)
        return key

    async def _part(self, path: str, request: Request) -> bool:
        await self._names(request)
        return self.pruner.inside(await request.read(path))

    async def _of_board(self, name: str, request: Request) -> bool:
        if not _NUMBER.fullmatch(name):
            return False
        if self.places.get("board", name) is None:
            found = await request.read(f"{AGILE}/board/{name}")
            if not self.pruner.inside(found):
                return False
            self.places.set("board", name, name)
        return True

    async def _comment_issue(self, name: str, request: Request) -> str | None:
        return await self._issue_above("comment", name, request)

    async def _of_worklog(self, name: str, request: Request) -> bool:
        return await self._issue_above("worklog", name, request) is not None

    async def _issue_above(self, kind: str, name: str, request: Request) -> str | None:
        """The key of the issue that a comment or a worklog is on, None where that is outside."""
        if not _NUMBER.fullmatch(name):
            return None
        if self.places.get(kind, name) is None:
            await self._learn_parts(kind, [name], request)
        issue = self.places.get(kind, name)
        return await self._issue(issue, request) if issue else None

    async def _learn_parts(self, kind: str, names: Sequence[str], request: Request) -> None:
        found = await request.read(f"{API}/{kind}/list", {"ids": [int(name) for name in names]})
        parts: list[dict[str, Any]] = (mapping(found).get("values") if kind == "comment" else found) or []
        for part in parts:
            issue = _ISSUE_IN_ADDRESS.search(str(part.get("self")))
            if issue:
                self.places.set(kind, str(part["id"]), issue[1])

    async def _inside_projects(self, request: Request) -> list[dict[str, Any]]:
        """The projects inside that there are."""

        async def ask() -> list[dict[str, Any]]:
            found: list[dict[str, Any]] = []
            named = sorted(self.scope.projects)
            for first in range(0, max(len(named), 1), MOST_KEYS):
                keys = {"keys": named[first : first + MOST_KEYS]} if named else {}
                while True:
                    query = {**keys, "startAt": len(found) - first if not named else 0, "maxResults": 100}
                    page = await request.thing(f"{API}/project/search", query=query)
                    values: list[dict[str, Any]] = page.get("values") or []
                    found += values
                    if named or page.get("isLast", True) or not values:
                        break
            return [project for project in found if self.scope.project(project["key"])]

        projects = await self._projects.get("all", ask)
        self._ids = frozenset(str(project["id"]) for project in projects)
        return projects

    async def _names(self, request: Request) -> set[str]:
        """What the projects inside may be called by, in capitals."""
        projects = await self._inside_projects(request)
        return {str(project[name]).upper() for project in projects for name in ("key", "id", "name")}

    def references(self, request: Request) -> Iterable[Reference]:
        yield from references.named(request.asked.query, references.JIRA)
        yield from references.named(request.asked.body, references.JIRA)
        if request.parts[-2:] in _LISTS:
            ids: list[Any] = mapping(request.asked.body).get("ids") or []
            yield from ((request.parts[-2], str(each)) for each in ids)

    async def prepare(self, named: Sequence[Reference], request: Request) -> None:
        for kind in ("comment", "worklog"):
            parts = [name for of, name in named if of == kind and _NUMBER.fullmatch(name)]
            if parts:
                await self._learn_parts(kind, parts, request)
        called = [name.upper() for kind, name in named if kind == "issue"]
        unknown = [name for name in called if self.may_be("issue", name) and not self.places.get("issue", name)]
        for first in range(0, len(unknown), 100):
            some = unknown[first : first + 100]
            if len(some) < FEWEST:
                return
            found = await request.thing(f"{API}/issue/bulkfetch", {"issueIdsOrKeys": some, "fields": ["project"]})
            issues: list[dict[str, Any]] = found.get("issues") or []
            for issue in issues:
                if self.scope.issue(str(issue.get("key"))):
                    self._here(issue)

    async def keys(self, request: Request) -> Sequence[str] | None:
        if not self.scope.of_projects:
            return None
        keys = [str(project["key"]) for project in await self._inside_projects(request)]
        if not keys:
            raise Refused(f"This server reaches {self.scope.words('Jira')} alone, and none of them is there.")
        return keys

    async def narrowing(self, parameter: str, query: Mapping[str, Any], request: Request) -> Mapping[str, Any]:
        del request
        if parameter in query or not 0 < len(self.scope.projects) <= MOST_KEYS:
            return {}
        return {parameter: sorted(self.scope.projects)}

    async def check_query(self, query: Query, request: Request) -> None:
        for kind, name, field in queries.named(query):
            if kind == "project" and self.scope.of_projects and name.upper() not in await self._names(request):
                raise self._no_value(request, f"The value '{name}' does not exist for the field '{field}'.")
            if kind == "issue" and await self._is_outside(name.upper(), request):
                raise self._no_value(request, f"An issue with key '{name}' does not exist for field '{field}'.")

    async def _is_outside(self, name: str, request: Request) -> bool:
        """Not what Jira itself will miss: a key of a project inside may be of no issue."""
        if ISSUE_KEY.fullmatch(name):
            return not self.scope.issue(name)
        return bool(_NUMBER.fullmatch(name)) and await self._issue(name, request) is None

    def _no_value(self, request: Request, what: str) -> Invalid:
        asked = request.asked
        return Invalid(
            f"{asked.site} refused this ({asked.named}): {what} This server reaches {self.scope.words('Jira')} alone."
        )

    async def keeps_internal(self, issue_key: str, look_up: LookUp) -> bool:
        if not self.scope.internal:
            return False
        asked = Asked("GET", "", {}, None, False, "", "")  # noqa: FBT003 - `changes`
        issue = await self._issue(issue_key.upper(), Request(asked, (), look_up))
        return issue is not None and _project(issue) in self.scope.internal

    async def adjusted(self, request: Request, row: Row) -> Request:
        """With comments internal where customers are not to read them."""
        asked = request.asked
        if not (self.scope.internal and asked.changes):
            return request
        tail = request.parts[3:]
        kind = row.things[0][1] if row.things else ""
        if kind == "comment" and INTERNAL in tail:
            issue = await self._comment_issue(tail[1], request)
            if issue is None or _project(issue) in self.scope.internal:
                raise Refused("Nothing was done: comments of this project stay internal (JIRA_INTERNAL_ONLY_PROJECTS).")
        body = mapping(asked.body)
        if request.parts[-1] == "issueLink":
            return with_body(request, _with_internal_comment(body))
        return await self._internally(request, row) if kind == "issue" and body else request

    async def _internally(self, request: Request, row: Row) -> Request:
        """What is sent to an issue."""
        body, tail = mapping(request.asked.body), request.parts[3:]
        issue = await self._issue(request.parts[row.things[0][0]].upper(), request)
        if issue is None or _project(issue) not in self.scope.internal:
            return request
        if request.parts[1] == "servicedeskapi":
            return with_body(request, {**body, "public": False} if "comment" in tail else body)
        if len(tail) > 2 and tail[2] == "comment":
            return with_body(request, _internal(body))
        return with_body(request, _with_internal_comments(body))

    def refuse_unseen(self, request: Request, row: Row) -> None:
        if row.says("count") and self.scope.issue_pattern:
            raise Refused(
                f"This server reaches {self.scope.words('Jira')} alone, and can't count these. Search instead."
            )

    def learn(self, answer: Any, request: Request, row: Row) -> None:
        if row.says("self") and row.things[-1][1] == "issue":
            self._learn_issue(answer)
        elif row.notes.get("only") == "issues":
            for issue in answer["issues"]:
                self._learn_issue(issue)
        elif request.parts[-1] == "attachments" and isinstance(answer, list):
            self._learn_attachments(request.parts[-2].upper(), cast("list[Any]", answer))

    def _learn_issue(self, issue: Mapping[str, Any]) -> None:
        key = self._here(issue)
        self._learn_attachments(key, mapping(issue.get("fields")).get("attachment") or [])

    def _learn_attachments(self, issue: str, attachments: Iterable[Mapping[str, Any]]) -> None:
        for attachment in attachments:
            self._issue_of[str(attachment["id"])] = issue
        while len(self._issue_of) > 10_000:
            del self._issue_of[next(iter(self._issue_of))]

    def count(self, body: Any) -> int:
        told = mapping(body)
        lists = [told[name] for name in _MANY if isinstance(told.get(name), list)]
        moved = mapping(told.get("targetToSourcesMapping"))
        lists += [source.get("issueIdsOrKeys") or [] for source in moved.values()]
        steps: list[Mapping[str, Any]] = told.get("bulkTransitionInputs") or []
        lists += [step.get("selectedIssueIdsOrKeys") or [] for step in steps]
        return max(1, sum(map(len, lists)))


def _project(issue: str) -> str:
    return issue.partition("-")[0]


def _internal(comment: Mapping[str, Any]) -> dict[str, Any]:
    properties: list[dict[str, Any]] = comment.get("properties") or []
    others = [each for each in properties if each.get("key") != INTERNAL]
    return {**comment, "properties": [*others, {"key": INTERNAL, "value": {"internal": True}}]}


def _with_internal_comment(link: Mapping[str, Any]) -> Mapping[str, Any]:
    comment = mapping(link.get("comment"))
    return {**link, "comment": _internal(comment)} if comment else link


def _with_internal_comments(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Of an update or a transition."""
    update = mapping(body.get("update"))
    comments: list[dict[str, Any]] = update.get("comment") or []
    if not comments:
        return body
    inner = [
        {verb: _internal(mapping(value)) if mapping(value) else value for verb, value in step.items()}
        for step in comments
    ]
    return {**body, "update": {**update, "comment": inner}}
