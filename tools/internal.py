"""Comments in service projects: customers see none that is not meant for them."""

from collections.abc import Mapping
from typing import Any

INTERNAL = "sd.public.comment"  # the property by which a service project tells what customers may not see


def internal(is_internal: bool = True) -> dict[str, bool]:
    return {"internal": is_internal}


def for_colleagues(document: Mapping[str, Any]) -> dict[str, Any]:
    """A comment that goes along with another change: other projects pass over what keeps it from customers."""
    return {"body": document, "properties": [{"key": INTERNAL, "value": internal()}]}
