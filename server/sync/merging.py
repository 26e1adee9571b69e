"""One field: what both sides had, and what each has now, become one value."""

from typing import NamedTuple, cast

from server.content import merge
from server.entities.synced import Ownership, Rule, Value


class Merged(NamedTuple):
    """`value` is what both sides shall have; `lost` whether one side's is not in it, and must be kept as a conflict."""

    value: Value
    lost: bool = False


def merged(rule: Rule, owner: Ownership, sides: tuple[Value, Value, Value], stands: str) -> Merged:
    """`sides` are base, local and remote; `stands` is "ours" or "theirs", where only one can."""
    base, local, remote = sides
    if local == remote or rule == "fixed":
        return Merged(remote)
    if owner in ("remote", "readonly"):
        return Merged(remote, lost=local != base)
    if owner == "local":
        return Merged(local, lost=remote != base)
    if base in (local, remote):
        return Merged(remote if local == base else local)
    return _merged(rule, sides, stands)


def _merged(rule: Rule, sides: tuple[Value, Value, Value], stands: str) -> Merged:
    base, local, remote = sides
    if rule == "set":
        return Merged(_members(base, local, remote))
    if rule == "text":
        return _text(str(base or ""), str(local or ""), str(remote or ""), stands)
    return Merged(local if stands == "ours" else remote, lost=True)


def members(value: Value) -> frozenset[str]:
    return frozenset(cast("tuple[str, ...]", value or ()))


def _members(base: Value, local: Value, remote: Value) -> Value:
    before, ours, theirs = members(base), members(local), members(remote)
    return tuple(sorted((before & ours & theirs) | (ours - before) | (theirs - before)))


def _text(base: str, local: str, remote: str, stands: str) -> Merged:
    found = merge(base, local, remote, keep="ours" if stands == "ours" else "theirs")
    return Merged(found.text, lost=bool(found.conflicts))
