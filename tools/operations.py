"""What each tool asks of Atlassian: the operations of which a login needs the scopes."""

import json
from pathlib import Path

from server.policy import Policy
from server.settings import ToolChoice
from tools.toolsets import chosen

RESOURCES = "resources"  # and completion: they are on wherever their product is


# By tool, such as "GET /rest/api/3/issue/{}".
TABLE: dict[str, list[str]] = json.loads(Path(__file__).with_name("operations.json").read_text(encoding="utf-8"))


def of_tools(choice: ToolChoice, policy: Policy) -> set[str]:
    """Those of all tools and resources that a server with these settings offers."""
    on = [tool.name for tool in chosen(choice) if policy.admits(tool.needs, changes=tool.changes)]
    asked = {operation for name in (*on, RESOURCES) for operation in TABLE[name]}
    return {operation for operation in asked if _product(operation) in policy.products}


def _product(operation: str) -> str:
    return "confluence" if operation.partition(" ")[2].startswith("/wiki/") else "jira"
