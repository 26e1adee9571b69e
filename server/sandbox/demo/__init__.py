"""The content of the demo site: the same ids, keys and times on each start."""

from server.sandbox.demo.fill_issues import fill_issues
from server.sandbox.demo.fill_pages import fill_pages
from server.sandbox.site import Site


def fill(site: Site) -> None:
    fill_issues(site)
    fill_pages(site)
