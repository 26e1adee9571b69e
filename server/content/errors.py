from server.errors import IsthmusError

DEPTH_LIMIT = 100
"""How many levels a document may nest: far above what editors make, far below the interpreter's stack."""


class ContentError(IsthmusError, ValueError):
    """Content that cannot be read or written: what is wrong, where, and the expected form."""
