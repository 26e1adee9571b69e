"""Confluence pages: found and read, as a tree, written, moved."""

from tools.confluence_pages import moving, reading, tree, writing
from tools.confluence_pages.reading import Hit, find

__all__ = ["Hit", "find", "moving", "reading", "tree", "writing"]
