"""The floor: the SDK's server with one tool that does one GET."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from mcp.server import MCPServer
from mcp.server.mcpserver import Context


@asynccontextmanager
async def lifespan(_: MCPServer[httpx2.AsyncClient]) -> AsyncGenerator[httpx2.AsyncClient]:
    account = (os.environ["JIRA_USERNAME"], os.environ["JIRA_API_TOKEN"])
    async with httpx2.AsyncClient(base_url=os.environ["JIRA_URL"], auth=account, trust_env=False) as http:
        yield http


bare = MCPServer("bare", version="1", log_level="WARNING", lifespan=lifespan)


@bare.tool()
async def issue(issue_key: str, ctx: Context[httpx2.AsyncClient]) -> dict[str, Any]:
    """Read an issue."""
    response = await ctx.request_context.lifespan_context.get(f"/rest/api/3/issue/{issue_key}")
    fields = response.json()["fields"]
    return {"key": issue_key, "summary": fields["summary"], "status": fields["status"]["name"], "type": "issue"}


if __name__ == "__main__":
    bare.run()
