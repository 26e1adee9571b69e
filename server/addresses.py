"""The addresses of sites: read by the parser that later connects, so that no two see different hosts in one."""

import ipaddress
import re
from typing import Literal

from httpx2 import URL, InvalidURL

Product = Literal["jira", "confluence"]

GATEWAY = "https://api.atlassian.com"
AUTHORITY = "https://auth.atlassian.com"
CLOUD = ("atlassian.net", "jira.com")  # what the names of Cloud sites end with
_GATEWAY_HOST = "api.atlassian.com"
_MISLEADING = re.compile(r"[\\\s\x00-\x20\x7f]")


def site_problem(url: str, *, own_path: bool = False) -> str | None:
    """What is wrong with the address of a site; `own_path` for one that may live below a path of its server."""
    # A backslash or a control character makes one parser see another host than the next.
    if _MISLEADING.search(url):
        return "it has a backslash, a blank or a control character"
    try:
        found = URL(url)
        host, _ = found.host, valid_port(found)
    except (InvalidURL, ValueError):
        return "it is not an address"
    problems = (
        (found.scheme not in ("http", "https") or not host, "it is not an http(s) address"),
        (bool(found.userinfo) or "@" in url, "it carries a user name or password"),
        ("%" in host, "its host has a percent sign"),
        ("?" in url or "#" in url, "it has a query or a fragment"),
        (
            host == _GATEWAY_HOST,
            "it is the gateway's address, which is found by itself. Set the site's own and, where that cannot be "
            "reached from here, its id as ATLASSIAN_OAUTH_CLOUD_ID",
        ),
        (not own_path and found.path.rstrip("/") not in ("", "/wiki"), "it has a path"),
        (found.scheme == "http" and not is_loopback(host), "http would send the token in the clear; use https"),
    )
    return next((text for wrong, text in problems if wrong), None)


def valid_port(url: URL) -> int | None:
    """Raises ValueError."""
    if url.port is not None and not 0 < url.port < 65536:
        raise ValueError("no port")
    return url.port


def is_loopback(host: str) -> bool:
    if host.lower() == "localhost" or host.lower().endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_cloud(site: str) -> bool:
    """Whether this is a site of Atlassian's: by the end of its name, of which no other name may be a part."""
    host = URL(site).host
    return any(host.endswith(f".{name}") for name in CLOUD)


def has_gateway(site: str) -> bool:
    """A site on loopback is a sandbox, which is its own gateway; a name of the customer's own may be Cloud's too."""
    return URL(site).scheme == "https" or is_loopback(URL(site).host)


def gateway_of(site: str) -> str:
    return origin(site) if is_loopback(URL(site).host) else GATEWAY


def authority_of(site: str) -> str:
    """Who asks people for their consent and gives out tokens."""
    return origin(site) if is_loopback(URL(site).host) else AUTHORITY


def origin(url: str) -> str:
    found = URL(url)
    return f"{found.scheme}://{found.netloc.decode()}"
