"""One search over both products."""

import re
from typing import Annotated

import anyio
from pydantic import Field

from server.client import ConfluenceApiClient, JiraApiClient, quote
from server.context import Site
from server.entities import ISSUE, Issue, Model
from server.errors import AtlassianError, Invalid
from tools.confluence_pages import Hit, find
from tools.declare import reads
from tools.jira_issues import IssueList
from tools.parameters import LONGEST_QUERY, Limit

KEY = re.compile(ISSUE.pattern)


class Findings(Model):
    """`failed` says which product gave no answer, and why."""

    issues: list[Issue] = Field([])
    pages: list[Hit] = Field([])
    failed: list[str] = Field([])

    def text(self) -> str:
        issues = [f"{issue.key} | {issue.value('status')} | {issue.summary}" for issue in self.issues]
        pages = [hit.text() for hit in self.pages]
        parts = [
            "\n".join(["Jira:", *(issues or ["nothing"])]),
            "\n".join(["Confluence:", *(pages or ["nothing"])]),
            "\n".join(self.failed),
        ]
        return "\n\n".join(part for part in parts if part)


@reads
async def search(
    query: Annotated[str, Field(max_length=LONGEST_QUERY, pattern=r"\S", examples=["words, or an issue key"])],
    site: Site,
    limit: Limit = 10,
) -> Findings:
    """Search Jira issues and Confluence pages for words or a key."""
    issues: list[Issue] = []
    pages: list[Hit] = []
    failed: list[str] = []

    async def in_jira(jira: JiraApiClient) -> None:
        try:
            issues.extend(await _issues(jira, query, limit))
        except AtlassianError as error:
            failed.append(f"Jira was not searched. {error}")

    async def in_confluence(confluence: ConfluenceApiClient) -> None:
        try:
            pages.extend((await find(confluence, f"siteSearch ~ {quote(query)}", limit)).hits)
        except AtlassianError as error:
            failed.append(f"Confluence was not searched. {error}")

    async with anyio.create_task_group() as both:
        if site.jira:
            both.start_soon(in_jira, site.jira)
        if site.confluence:
            both.start_soon(in_confluence, site.confluence)
    if len(failed) == len([product for product in (site.jira, site.confluence) if product]):
        raise AtlassianError(" ".join(failed))
    return Findings(issues=issues, pages=pages, failed=failed)


async def _issues(jira: JiraApiClient, query: str, limit: int) -> list[Issue]:
    if KEY.fullmatch(query.strip().upper()):
        try:
            return await _found(jira, f"key = {query.strip().upper()}", limit)
        except Invalid:  # no such issue: then it is a word
            pass
    return await _found(jira, f"text ~ {quote(query)} ORDER BY updated DESC", limit)


async def _found(jira: JiraApiClient, jql: str, limit: int) -> list[Issue]:
    body = {"jql": jql, "fields": ["summary", "status"], "maxResults": limit}
    return (await jira.post(IssueList, "search/jql", body, named="your words", repeatable=True)).issues
