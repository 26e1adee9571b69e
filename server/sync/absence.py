"""What it means that something is not there. Nothing is taken for deleted because it was not found once."""

from dataclasses import replace

from server.store.rows import Conflict, Tracked
from server.sync.setting import Limits, Setting


def missed(thing: Tracked, setting: Setting, *, deleted: bool) -> tuple[Tracked, int | None]:
    """A thing that was not found while what holds it could be seen; and when to look again.

    `deleted` where our own deletion of it was answered.
    """
    if deleted or thing.reported_gone:
        return _deleted(thing), None
    since = thing.missing_since
    if thing.presence != "unobserved" or since is None:
        again = setting.asked + setting.limits.sightings_apart
        return replace(thing, presence="unobserved", missing_since=setting.asked), again
    if setting.asked - since < setting.limits.sightings_apart:
        return thing, since + setting.limits.sightings_apart
    return _deleted(thing), None


def _deleted(thing: Tracked) -> Tracked:
    return replace(thing, presence="deleted", missing_since=None, reported_gone=False, unwanted=False)


def bury(thing: Tracked, setting: Setting) -> tuple[Conflict, ...]:
    """What was changed here and never sent, kept when its thing is gone."""
    base, local = thing.base or {}, thing.local or {}
    rules = setting.kinds[thing.kind].rules
    return tuple(
        Conflict(
            id=setting.unique(),
            entity=thing.id,
            field=name,
            base=base.get(name),
            ours=value,
            theirs=None,
            at=setting.now,
            why="It was deleted before the change was sent.",
        )
        for name, value in local.items()
        if name in rules and value != base.get(name)
    )


def too_many(unobserved: int, known: int, limits: Limits) -> bool:
    """Whether so much of a scope vanished at once that something else is wrong."""
    return unobserved > limits.vanished or (
        unobserved >= limits.vanished_least and unobserved > known * limits.vanished_share
    )
