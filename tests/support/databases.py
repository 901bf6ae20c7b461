"""Test databases: SQLite in a folder, and PostgreSQL if it is available.

``MINGA_TEST_POSTGRESQL`` is the URL of the server; a database is created there and dropped at the
end. Without a server those tests are skipped, or fail with ``MINGA_REQUIRE_SERVICES=1``.
"""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

import lti_tool.models  # noqa: F401 - registers all tables
from lti_tool.storage.database import Base, Database

POSTGRESQL = os.environ.get(
    "MINGA_TEST_POSTGRESQL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
)
REQUIRED = os.environ.get("MINGA_REQUIRE_SERVICES") == "1"

ENGINES = ("sqlite", "postgresql")


@contextmanager
def postgresql_database() -> Iterator[str]:
    """Yield the URL of a new PostgreSQL database, dropped at the end."""
    server = create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT")
    name = f"minga_test_{uuid.uuid4().hex[:12]}"
    try:
        with server.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
    except OperationalError:
        if REQUIRED:
            raise
        pytest.skip("no PostgreSQL answers (set MINGA_TEST_POSTGRESQL)")
    try:
        yield make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        server.dispose()


@contextmanager
def sqlite_database(folder: Path) -> Iterator[str]:
    """Yield the URL of a new SQLite database in ``folder``."""
    yield f"sqlite:///{folder / 'minga.db'}"


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """Create all tables, and yield the database."""
    database = Database(url)
    Base.metadata.create_all(database.engine)
    try:
        yield database
    finally:
        database.close()


def emptied(database: Database) -> Database:
    """Delete all rows; return the database."""
    with database.write_core() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
    return database
