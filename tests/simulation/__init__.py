"""The engine against a world that fails in every way, in virtual time."""
