"""What a site answered, in the engine's words."""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any, Generic, TypeVar

from server.entities import MIRRORED, Entity
from server.entities.mirror import Json, Mirror
from server.sync.remote import Entry, Listed, Marker, Seen

V = TypeVar("V")

MOST_RECENT = 100


class Recent(Generic[V]):
    """What was read last, by what it is; of too much, the oldest goes."""

    def __init__(self, most: int = MOST_RECENT) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[str, ...], V] = OrderedDict()

    def put(self, value: V, *what: str) -> None:
        self._kept[what] = value
        self._kept.move_to_end(what)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def get(self, *what: str) -> V | None:
        return self._kept.get(what)

    def forget(self, *what: str) -> None:
        self._kept.pop(what, None)


def mirror_of(kind: str) -> Mirror:
    mirror = MIRRORED[kind].mirror
    assert mirror, "MIRRORED holds what has one"  # noqa: S101 - for the type checker
    return mirror


def below(kind: str) -> tuple[Entity[Any], ...]:
    """The types of what is read with a root of this kind."""
    return tuple(entity for entity in MIRRORED.values() if entity.parent and entity.parent.full_name == kind)


def seen(kind: str, answer: Json, *, me: str, marker: Marker | None = None, **more: Any) -> Seen:
    mirror = mirror_of(kind)
    return Seen(
        kind=kind,
        remote_id=str(answer["id"]),
        version=str(mirror.version(answer)),
        fields=mirror.values(answer),
        marker=marker,
        by_us=mirror.made_by(answer) == me,
        created=mirror.created_at(answer),
        **more,
    )


def listed(kind: str, answer: Json) -> Listed:
    mirror = mirror_of(kind)
    return Listed(kind, str(answer["id"]), str(mirror.version(answer)), mirror.changed_at(answer))


def marker(value: Any) -> Marker | None:
    """What a property of ours says; None where it is none of ours, or an older one's."""
    match value:
        case {"entity": str(entity), "attempt": int(attempt)}:
            return Marker(entity=entity, attempt=attempt)
        case _:
            return None


def marked(found: Marker) -> dict[str, object]:
    return {"entity": found.entity, "attempt": found.attempt}


def entries(kind: str, histories: Sequence[Json], after: int, *, me: str) -> tuple[Entry, ...]:
    """Of a changelog in any order, what came after one entry."""
    parts = {part.field: part for part in mirror_of(kind).parts}
    newer = sorted((each for each in histories if int(each["id"]) > after), key=lambda each: int(each["id"]))
    return tuple(
        Entry(
            int(history["id"]),
            part.name,
            part.told(item.get("from"), item.get("fromString")),
            part.told(item.get("to"), item.get("toString")),
            _author(history) == me,
        )
        for history in newer
        for item in history["items"]
        if (part := parts.get(item.get("fieldId") or item["field"]))
    )


def settled(kind: str, changelog: tuple[Entry, ...], fields: Mapping[str, Any]) -> tuple[Entry, ...]:
    """A changelog writes texts in another notation; the newest entry of a text is what the thing says now."""
    texts = {part.name for part in mirror_of(kind).parts if part.rule == "text"}
    newest = {entry.field: place for place, entry in enumerate(changelog) if entry.field in texts}
    return tuple(
        Entry(entry.id, entry.field, entry.before, fields[entry.field], entry.by_us)
        if newest.get(entry.field) == place
        else entry
        for place, entry in enumerate(changelog)
    )


def _author(history: Json) -> str:
    author: Mapping[str, Any] = history.get("author") or {}
    return str(author.get("accountId") or "")
