"""The gateway's address of the site, as api.atlassian.com has one for each product of each site."""

import re

from starlette.types import Scope

CLOUD_ID = "3f1c9a52-7f0e-4d55-9c1b-8f6d2a40e611"
PREFIX = "/ex/"
ADDRESS = re.compile(rf"^(/ex/(jira|confluence)/{CLOUD_ID})(/.*)$")


def entered(scope: Scope) -> Scope | None:
    """The request as the site sees it, with the gateway's prefix as its root; None where there is no such site."""
    found = ADDRESS.match(scope["path"])
    if not found:
        return None
    root, product, path = found.groups()
    of_wiki = path.startswith("/wiki/")
    if product == "confluence" and not of_wiki:
        path = f"/wiki{path}"
    elif of_wiki and product == "jira":
        return None
    return {**scope, "path": root + path, "root_path": root}


def site_path(scope: Scope) -> str:
    """The path below the gateway's prefix."""
    return str(scope["path"]).removeprefix(scope.get("root_path", ""))


def base(scope: Scope, origin: str) -> str:
    """What the links of an answer start with; those of Confluence lead to the site itself."""
    root = str(scope.get("root_path", ""))
    return origin + root if root.startswith(f"{PREFIX}jira/") else origin
