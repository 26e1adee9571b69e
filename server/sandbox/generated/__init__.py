"""A site of any size, made up from a seed: the same seed is the same site."""

from server.sandbox.generated.fill import fill

__all__ = ["fill"]
