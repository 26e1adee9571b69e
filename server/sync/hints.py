"""What a webhook tells: which thing may have changed. Its payload is never taken for more than that."""

from collections.abc import Mapping
from typing import Any

from server.entities import MIRRORED
from server.entities.mirror import at
from server.sync.discovering import Hint


def hint(body: Mapping[str, Any]) -> Hint | None:
    """Of which root it tells, None where of none that is mirrored."""
    event = str(body.get("webhookEvent") or "")
    for kind, entity in MIRRORED.items():
        heard = entity.mirror.heard if entity.mirror else None
        if heard is None or not event.startswith(heard.events):
            continue
        root = entity.parent.full_name if entity.parent else kind
        found = at(body, heard.above if heard.above else heard.at)
        if found is None or (entity.parent and not heard.above):
            return None
        container = str(at(body, ("issue", "key")) or "").rpartition("-")[0]
        return Hint(root, str(found), container, _version(kind, body), event in heard.gone and not entity.parent)
    return None


def _version(kind: str, body: Mapping[str, Any]) -> str:
    """Of the root, where the payload has it whole."""
    mirror = MIRRORED[kind].mirror
    there = at(body, (MIRRORED[kind].name,)) if mirror and not MIRRORED[kind].parent else None
    version = mirror.version(there) if mirror and there else 0
    return str(version) if version else ""
