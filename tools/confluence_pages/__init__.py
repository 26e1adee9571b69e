"""Confluence pages: found and read, as a tree, created, changed, moved, and what they were."""

from tools.confluence_pages import creating, moving, reading, tree, updating
from tools.confluence_pages.reading import Hit, find

__all__ = ["Hit", "creating", "find", "moving", "reading", "tree", "updating"]
