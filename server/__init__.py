"""Isthmus: the land bridge between AI agents and Atlassian."""

__version__ = "0.1.0"
