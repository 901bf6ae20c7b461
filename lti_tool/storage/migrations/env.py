"""Alembic's entry: run the migrations in one transaction that locks out other upgraders."""

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import context
from sqlalchemy import Connection, text

from lti_tool.storage.database import Base, Database
from lti_tool.storage.migrations import compared

_LOCK = 0x6D696E6761  # "minga"

database: Database = context.config.attributes["database"]


@contextmanager
def _transaction() -> Iterator[Connection]:
    """A writing transaction that checks foreign keys at its end only.

    SQLite changes a table by making a new one and dropping the old one, which with foreign keys on
    deletes what refers to it (https://www.sqlite.org/lang_altertable.html#otheralter). They can be
    switched only between transactions.
    """
    if not database.is_sqlite:
        with database.write_core() as connection:
            yield connection
        return
    with database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA foreign_keys=OFF")
        try:
            with database.begin_writing(connection):
                yield connection
                broken = connection.execute(text("PRAGMA foreign_key_check")).all()
                if broken:
                    raise RuntimeError(f"rows that refer to nothing: {broken[:5]}")
        finally:
            driver.execute("PRAGMA foreign_keys=ON")


with _transaction() as connection:
    if not database.is_sqlite:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        include_object=compared(connection.dialect.name),
        render_as_batch=database.is_sqlite,
        user_module_prefix="database.",
    )
    with context.begin_transaction():
        context.run_migrations()
