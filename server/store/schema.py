"""The tables. What they hold is changed by a migration alone (`server/store/migrations`)."""

from sqlalchemy import Column, Integer, MetaData, Table, Text

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
