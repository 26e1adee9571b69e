"""What a text costs a model."""

import warnings
from collections.abc import Callable

_encode: Callable[[str], list[int]] | None = None

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # of how it opens its own data
    try:
        from bpe_openai import get_encoding  # pyright: ignore[reportMissingTypeStubs]
    except ImportError:
        pass
    else:
        _encode = get_encoding("o200k_base").encode

UNIT = "characters/4" if _encode is None else "o200k"


def tokens(text: str) -> int:
    return len(text) // 4 if _encode is None else len(_encode(text))
