"""Requests as people, agents and attackers may send them: nearly right, odd, and plain nonsense, from a seed."""

import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx2

from server.sandbox.app import OPERATIONS
from server.sandbox.call import Operation
from server.sandbox.catalog import FIELDS

PEOPLE = ("demo", "sam.carter", "kenji", "priya", "zoe", "nobody")
IDS = ("DEMO-7", "demo-1", "DEMO-11", "HELP-1", "VAULT-1", "10107", "131074", "131076", "65537", "1", "2", "3", "10600")
OTHER_IDS = (
    "DEMO",
    "att140001",
    "before",
    "append",
    "read",
    "update",
    "group-developers",
    "services.png",
    "ENG",
    "10700",
    "40001",
    "41001",
    "20140",
    "10003",
    "shop.release",
    "712020:x",
    "global",
)
ODD = (
    "0",
    "-1",
    "x" * 300,
    "%00",
    "ä/ö",
    "' OR 1=1",
    "9" * 40,
    "..%2f..",
    "null",
    "\N{ZERO WIDTH SPACE}",
    "%F0%9F%98%80",
)
QUERIES = (
    "project = DEMO ORDER BY updated DESC",
    "text ~ 'login' AND status WAS 'In Progress'",
    "assignee = currentUser() OR sprint in openSprints()",
    "updated >= -3d AND NOT (labels is EMPTY)",
    "project = VAULT",
    "((((",
    "a = b = c",
    "ORDER BY",
    'type = page AND text ~ "cart" order by lastmodified',
    "space = ENG and label in (a, b)",
    "created > 99999999999999999999",
    "cf[10016] > 3 and fixVersion in unreleasedVersions()",
)
PARAMETERS = (
    "startAt",
    "maxResults",
    "limit",
    "cursor",
    "expand",
    "fields",
    "jql",
    "cql",
    "query",
    "orderBy",
    "sort",
    "status",
    "body-format",
    "id",
    "keys",
    "nextPageToken",
    "version",
    "prefix",
    "state",
    "accountId",
    "projectKeyOrId",
    "title",
    "transitionId",
    "properties",
    "redirect",
    "space-id",
    "include-labels",
    "deleteSubtasks",
    "reconcileIssues",
    "get-draft",
    "draft",
    "purge",
    "depth",
    "subtype",
    "private",
    "name",
    "type",
    "label-id",
    "filename",
    "start",
)
PLACE = re.compile(r"\{[^}]*\}")


@dataclass
class Nonsense:
    chance: random.Random

    def request(self) -> tuple[Operation, httpx2.Request, str]:
        """An operation, a request that is more or less for it, and who sends it."""
        operation = self._pick(OPERATIONS)
        path = PLACE.sub(lambda _: self._word(), operation.path)
        query = {name: self._word() for name in self.chance.sample(PARAMETERS, self.chance.randint(0, 3))}
        body = self._body() if operation.method in ("POST", "PUT") else None
        headers = {"content-type": "application/json"} if body is not None else {}
        if self.chance.random() < 0.05:
            headers |= {
                "x-atlassian-token": "no-check",
                "content-type": self._pick(("text/xml", "multipart/form-data")),
            }
        url = httpx2.URL(f"https://sandbox.example.com{path}", params=query or None)
        request = httpx2.Request(operation.method, url, headers=headers, content=body)
        return operation, request, self._pick(PEOPLE)

    def _pick(self, choices: Sequence[Any]) -> Any:
        return choices[int(self.chance.random() * len(choices))]

    def _word(self) -> str:
        drawn = self.chance.random()
        return str(self._pick(IDS if drawn < 0.6 else OTHER_IDS if drawn < 0.75 else QUERIES if drawn < 0.85 else ODD))

    def _body(self) -> bytes:
        drawn = self.chance.random()
        if drawn < 0.05:
            return self._pick((b"", b"{", b"[1,", b"\xff\xfe", b"null", b"5", b'"text"', b"[" * 400))
        return json.dumps(self._like_a_body() if drawn < 0.7 else self._value(3)).encode()

    def _like_a_body(self) -> dict[str, Any]:
        names = (
            "fields",
            "update",
            "properties",
            "body",
            "jql",
            "issues",
            "name",
            "title",
            "spaceId",
            "status",
            "version",
            "value",
            "id",
            "transition",
            "issueUpdates",
            "issueIdsOrKeys",
            "inwardIssue",
            "outwardIssue",
            "type",
            "originBoardId",
            "state",
            "projectId",
            "project",
            "timeSpent",
            "started",
            "pageId",
            "parentCommentId",
            "parentId",
            "ownerId",
            "destination",
            "pageTitle",
            "copyAttachments",
            "results",
            "operation",
            "restrictions",
            "accountIds",
            "container",
            "key",
            "comment",
            "object",
            "globalId",
            "relationship",
            "mappings",
            "selectedIssueIdsOrKeys",
            "bulkTransitionInputs",
            "targetToSourcesMapping",
        )
        made = {name: self._value(3) for name in self.chance.sample(names, self.chance.randint(1, 5))}
        if self.chance.random() < 0.5:
            fields: dict[str, Any] = {self._pick(list(FIELDS)): self._value(2) for _ in range(3)}
            fields |= {"project": {"key": "DEMO"}, "issuetype": {"name": "Task"}, "summary": self._word()}
            made["fields"] = fields
        if self.chance.random() < 0.3:
            made["spaceId"], made["title"] = "65537", self._word()
            made["body"] = {"representation": "storage", "value": self._pick(("<p>a</p>", "<p>", "&nbsp;", "x"))}
        return made

    def _value(self, depth: int) -> Any:
        plain: tuple[Any, ...] = (
            None,
            True,
            0,
            -1,
            1.5,
            10**30,
            "",
            self._word(),
            "2026-01-01",
            [],
            {},
            {"id": "1"},
            {"name": "High"},
        )
        if depth == 0 or self.chance.random() < 0.6:
            return self._pick(plain)
        if self.chance.random() < 0.5:
            return [self._value(depth - 1) for _ in range(self.chance.randint(0, 3))]
        document = {"type": "doc", "version": 1, "content": [{"type": "paragraph", "content": self._value(depth - 1)}]}
        return document if self.chance.random() < 0.4 else {self._word()[:20]: self._value(depth - 1)}
