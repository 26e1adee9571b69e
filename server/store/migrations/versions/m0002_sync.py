"""What is kept in step: entities, their queue, intents and conflicts, the feed, and search by words."""

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    Text,
    UniqueConstraint,
    text,
)

from server.store.dialect import FORGET_WITH, WORDS

revision = "0002"
down_revision = "0001"


def _texts(*names: str) -> list[Column[str]]:
    return [Column(name, Text, nullable=False) for name in names]


def _numbers(*names: str) -> list[Column[int]]:
    return [Column(name, Integer, nullable=False) for name in names]


def _moments(*names: str) -> list[Column[int]]:
    return [Column(name, BigInteger, nullable=False) for name in names]


def _flags(*names: str) -> list[Column[bool]]:
    return [Column(name, Boolean, nullable=False) for name in names]


def _partial(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=text(where), postgresql_where=text(where))


def upgrade() -> None:
    _entities()
    _queue()
    _feed()
    _tracking()
    op.execute(WORDS)
    op.execute(FORGET_WITH)


def _entities() -> None:
    op.create_table(
        "entities",
        Column("row", Integer, primary_key=True, autoincrement=True),
        Column("id", Text, nullable=False, unique=True),
        *_texts("site", "kind", "root"),
        *(Column(name, Text) for name in ("scope", "remote_id")),
        *_texts("namespace"),
        *(Column(name, Text) for name in ("local_id", "base", "local", "remote")),
        *_texts("version"),
        *_moments("seen"),
        *_numbers("rev", "local_rev", "attempt"),
        *_texts("presence"),
        Column("missing_since", BigInteger),
        *_flags("reported_gone", "unwanted"),
        *_numbers("made_by"),
        *_texts("parked", "parked_fields"),
        *_flags("indexed"),
        *_numbers("placed"),
        UniqueConstraint("site", "kind", "remote_id", name="entities_remote"),
        UniqueConstraint("namespace", "kind", "local_id", name="entities_local"),
    )
    op.create_index("ix_entities_root", "entities", ["root"])
    op.create_index("ix_entities_placed", "entities", ["placed"])
    op.create_index("entities_scope", "entities", ["scope", "presence"])
    _partial("entities_unindexed", "entities", ["row"], "NOT indexed")
    op.create_table(
        "intents",
        Column("entity", Text, ForeignKey("entities.id", ondelete="CASCADE"), primary_key=True),
        Column("attempt", Integer, primary_key=True),
        *_texts("verb"),
        Column("target", Text),
        *_texts("fields", "added", "removed"),
        *_moments("after", "sent_at", "lands_by"),
        *_texts("state", "matched"),
    )
    op.create_table(
        "conflicts",
        Column("id", Text, primary_key=True),
        *_texts("entity", "field", "base", "ours", "theirs"),
        *_moments("at"),
        *_texts("why", "state", "decided_by"),
        Column("decided_at", BigInteger),
    )
    op.create_index("conflicts_open", "conflicts", ["state", "id"])


def _queue() -> None:
    op.create_table(
        "queue",
        Column("key", Text, primary_key=True),
        *_moments("dirty_seq", "done_seq"),
        *_numbers("priority"),
        *_moments("not_before"),
        *_numbers("attempts"),
        *_texts("parked"),
    )
    _partial("queue_left", "queue", ["priority", "dirty_seq"], "done_seq < dirty_seq")
    op.create_table("counters", Column("name", Text, primary_key=True), *_moments("value"))
    op.create_table(
        "operations",
        Column("id", Text, primary_key=True),
        *_texts("site", "who", "tool", "arguments", "state"),
        Column("result", Text),
        *_moments("at"),
        *_numbers("rev"),
    )
    op.create_table(
        "leases", Column("name", Text, primary_key=True), *_texts("holder"), *_numbers("epoch"), *_moments("until")
    )


def _feed() -> None:
    op.create_table(
        "feed",
        Column("seq", Integer, primary_key=True, autoincrement=True),
        *_texts("entity", "kind", "what", "fields", "origin"),
        Column("conflict", Text),
        *_moments("at"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_feed_at", "feed", ["at"])
    op.create_table("cursors", Column("agent", Text, primary_key=True), *_moments("seq"))


def _tracking() -> None:
    op.create_table(
        "scopes",
        Column("row", Integer, primary_key=True, autoincrement=True),
        Column("id", Text, nullable=False, unique=True),
        *_texts("site", "form", "value", "ownership", "conflicts"),
        *_moments("cursor"),
        Column("page", Text),
        *_numbers("filled"),
        Column("total", Integer),
        *_flags("complete"),
        *_moments("census_at"),
        *_texts("frozen"),
        *_flags("hidden"),
        *_numbers("rev"),
    )
    op.create_table(
        "inbox",
        Column("seq", Integer, primary_key=True, autoincrement=True),
        *_texts("site", "id"),
        *_moments("at"),
        *_texts("body"),
        *_flags("handled"),
        UniqueConstraint("site", "id", name="inbox_delivery"),
    )
    _partial("inbox_unhandled", "inbox", ["seq"], "NOT handled")
    op.create_table(
        "cooldowns",
        Column("site", Text, primary_key=True),
        Column("area", Text, primary_key=True),
        *_moments("until"),
        *_texts("why"),
    )
    op.create_table("blobs", Column("sha256", Text, primary_key=True), Column("content", LargeBinary, nullable=False))
