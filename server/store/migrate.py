"""Brings a database up to this version, within one transaction."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncEngine

from server.errors import StoreError
from server.store.dialect import blocking

SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(database: AsyncEngine, revision: str = "head") -> None:
    """Blocks. Raises StoreError where a newer version has made the database."""
    with blocking(database).connect().execution_options(writes=True) as connection, connection.begin():
        apply(connection, revision)


def apply(connection: Connection, revision: str = "head") -> None:
    config = _config()
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, revision)
    except CommandError as error:
        raise StoreError(f"The database was made by a newer version of Isthmus ({error}). Upgrade Isthmus.") from error


def head() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    return config
