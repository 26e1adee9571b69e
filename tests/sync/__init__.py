"""The engine: its parts by themselves, and all of it against the sandbox site over the wire."""
