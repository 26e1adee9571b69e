"""The tables. What they hold is changed by a migration alone (`server/store/migrations`)."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from server.store.columns import Kept, Packed, Scalar

metadata = MetaData()

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("at", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("door", Text, nullable=False),
    Column("tool", Text, nullable=False),
    Column("arguments", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("requests", Text, nullable=False),
    Column("hash", Text, nullable=False, unique=True),
)

entities = Table(
    "entities",
    metadata,
    Column("row", Integer, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("site", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("root", Text, nullable=False, index=True),
    Column("scope", Text),
    Column("remote_id", Text),
    Column("namespace", Text, nullable=False),
    Column("local_id", Text),
    Column("base", Text),  # "=" here and in `local` says: the same as `remote`
    Column("local", Text),
    Column("remote", Text),
    Column("version", Text, nullable=False),
    Column("seen", BigInteger, nullable=False),
    Column("rev", Integer, nullable=False),
    Column("local_rev", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("presence", Text, nullable=False),
    Column("missing_since", BigInteger),
    Column("reported_gone", Boolean, nullable=False),
    Column("made_by", Integer, nullable=False),
    Column("unwanted", Boolean, nullable=False),
    Column("parked", Text, nullable=False),
    Column("parked_fields", Packed, nullable=False),
    Column("indexed", Boolean, nullable=False),
    Column(
        "placed", Integer, nullable=False, index=True
    ),  # goes up with each write: what was written last comes last in its family
    UniqueConstraint("site", "kind", "remote_id", name="entities_remote"),
    UniqueConstraint("namespace", "kind", "local_id", name="entities_local"),
)
Index("entities_scope", entities.c.scope, entities.c.presence)
Index("entities_unindexed", entities.c.row, sqlite_where=text("NOT indexed"), postgresql_where=text("NOT indexed"))

intents = Table(
    "intents",
    metadata,
    Column("entity", Text, ForeignKey("entities.id", ondelete="CASCADE"), primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("verb", Text, nullable=False),
    Column("target", Text),
    Column("fields", Packed, nullable=False),
    Column("added", Packed, nullable=False),
    Column("removed", Packed, nullable=False),
    Column("after", BigInteger, nullable=False),
    Column("sent_at", BigInteger, nullable=False),
    Column("lands_by", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("matched", Packed, nullable=False),
)

conflicts = Table(
    "conflicts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("entity", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("base", Scalar, nullable=False),
    Column("ours", Scalar, nullable=False),
    Column("theirs", Scalar, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("why", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", BigInteger),
)
Index("conflicts_open", conflicts.c.state, conflicts.c.id)

feed = Table(
    "feed",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("entity", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("fields", Packed, nullable=False),
    Column("origin", Text, nullable=False),
    Column("conflict", Text),
    Column("at", BigInteger, nullable=False, index=True),
    sqlite_autoincrement=True,  # what was purged never gives its number to another
)

cursors = Table(
    "cursors",
    metadata,
    Column("agent", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),
)

queue = Table(
    "queue",
    metadata,
    Column("key", Text, primary_key=True),
    Column("dirty_seq", BigInteger, nullable=False),
    Column("done_seq", BigInteger, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("parked", Text, nullable=False),
)
_LEFT = text("done_seq < dirty_seq")
Index("queue_left", queue.c.priority, queue.c.dirty_seq, sqlite_where=_LEFT, postgresql_where=_LEFT)

counters = Table(
    "counters",
    metadata,
    Column("name", Text, primary_key=True),
    Column("value", BigInteger, nullable=False),
)

scopes = Table(
    "scopes",
    metadata,
    Column("row", Integer, primary_key=True, autoincrement=True),
    Column("id", Text, nullable=False, unique=True),
    Column("site", Text, nullable=False),
    Column("form", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("ownership", Kept, nullable=False),
    Column("conflicts", Text, nullable=False),
    Column("cursor", BigInteger, nullable=False),
    Column("page", Text),
    Column("filled", Integer, nullable=False),
    Column("total", Integer),
    Column("complete", Boolean, nullable=False),
    Column("census_at", BigInteger, nullable=False),
    Column("frozen", Text, nullable=False),
    Column("hidden", Boolean, nullable=False),
    Column("rev", Integer, nullable=False),
)

inbox = Table(
    "inbox",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("site", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("body", Kept, nullable=False),
    Column("handled", Boolean, nullable=False),
    UniqueConstraint("site", "id", name="inbox_delivery"),
)
Index("inbox_unhandled", inbox.c.seq, sqlite_where=text("NOT handled"), postgresql_where=text("NOT handled"))

operations = Table(
    "operations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("site", Text, nullable=False),
    Column("who", Text, nullable=False),
    Column("tool", Text, nullable=False),
    Column("arguments", Kept, nullable=False),
    Column("state", Text, nullable=False),
    Column("result", Kept),
    Column("at", BigInteger, nullable=False),
    Column("rev", Integer, nullable=False),
)

cooldowns = Table(
    "cooldowns",
    metadata,
    Column("site", Text, primary_key=True),
    Column("area", Text, primary_key=True),
    Column("until", BigInteger, nullable=False),
    Column("why", Text, nullable=False),
)

blobs = Table(
    "blobs",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("content", LargeBinary, nullable=False),
)

leases = Table(
    "leases",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("until", BigInteger, nullable=False),
)
