"""What is removed when its time has passed."""

from dataclasses import dataclass

from sqlalchemy import BindParameter, Connection, Text, bindparam, delete, select, update

from server.store import schema

_DAY = 86_400_000


@dataclass(frozen=True, kw_only=True)
class Kept:
    """Rows of these kinds that are older than the moment, in milliseconds, are not kept."""

    news: int
    handled: int
    decided: int

    @classmethod
    def at(cls, now: int) -> "Kept":
        """What is usually kept: news 30 days, webhooks 8 days (Atlassian repeats them for hours), decisions a year."""
        return cls(news=now - 30 * _DAY, handled=now - 8 * _DAY, decided=now - 365 * _DAY)


_BEFORE: BindParameter[int] = bindparam("_before")
_NEWS = delete(schema.feed).where(schema.feed.c.at < _BEFORE)
_HANDLED = delete(schema.inbox).where(schema.inbox.c.handled, schema.inbox.c.at < _BEFORE)
_DECIDED = delete(schema.conflicts).where(
    schema.conflicts.c.state == "resolved", schema.conflicts.c.decided_at < _BEFORE
)

_OF = bindparam("_scope", type_=Text)
_E = schema.entities.c
_RECORDED = select(_E.root).where(_E.scope == _OF, _E.local_id.is_not(None))
_LEFT_ALONE = update(schema.entities).where(_E.scope == _OF, _E.root.in_(_RECORDED)).values(scope=None)
_MIRRORED_ONLY = delete(schema.entities).where(_E.scope == _OF)
_SCOPE = delete(schema.scopes).where(schema.scopes.c.id == _OF)


def forget(connection: Connection, kept: Kept) -> int:
    rows = ((_NEWS, kept.news), (_HANDLED, kept.handled), (_DECIDED, kept.decided))
    return sum(connection.execute(statement, {"_before": before}).rowcount for statement, before in rows)


def untrack(connection: Connection, scope: str) -> None:
    """The scope, and what is mirrored of it; what has a record stays, and is not kept in step any more."""
    connection.execute(_LEFT_ALONE, {"_scope": scope})
    connection.execute(_MIRRORED_ONLY, {"_scope": scope})
    connection.execute(_SCOPE, {"_scope": scope})
