"""One search over both products."""

from typing import Annotated

import anyio
from pydantic import Field

from server.client import ConfluenceApiClient, JiraApiClient
from server.context import Site
from server.entities import Issue, Model
from server.errors import AtlassianError
from tools.declare import reads
from tools.pages import Hit, find
from tools.parameters import Limit
from tools.queries import quote


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
    query: Annotated[str, Field(min_length=1, pattern=r"\S", description="Words to look for")],
    site: Site,
    limit: Limit = 10,
) -> Findings:
    """Search Jira issues and Confluence pages for words."""
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
    body = {"jql": f"text ~ {quote(query)} ORDER BY updated DESC", "fields": ["summary", "status"], "maxResults": limit}
    answer = await jira.send("POST", "search/jql", body=body, named="your words", repeatable=True)
    return [Issue.model_validate(issue) for issue in answer["issues"]]
