"""Sync against the sandbox site, over the wire."""
