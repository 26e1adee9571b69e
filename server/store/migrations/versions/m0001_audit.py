"""The audit log."""

from alembic import op
from sqlalchemy import Column, Integer, Text

from server.store.dialect import APPEND_ONLY

revision = "0001"
down_revision = None


def upgrade() -> None:
    columns = ("at", "who", "door", "tool", "arguments", "outcome", "reason", "requests")
    op.create_table(
        "audit",
        Column("seq", Integer, primary_key=True, autoincrement=True),
        *(Column(name, Text, nullable=False) for name in columns),
        Column("hash", Text, nullable=False, unique=True),
    )
    for verb in ("UPDATE", "DELETE"):
        op.execute(APPEND_ONLY.format(table="audit", verb=verb))
