"""Test databases: SQLite in a folder, and PostgreSQL if it is available.

``MINGA_TEST_POSTGRESQL`` is the URL of the server; a database is created there and dropped at the
end. Without a server those tests are skipped, or fail with ``MINGA_REQUIRE_SERVICES=1``.
"""

import atexit
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import OperationalError

import lti_tool.models  # noqa: F401 - registers all tables
from lti_tool.storage import migrations
from lti_tool.storage.database import Base, Database

POSTGRESQL = os.environ.get(
    "MINGA_TEST_POSTGRESQL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
)
REQUIRED = os.environ.get("MINGA_REQUIRE_SERVICES") == "1"

ENGINES = ("sqlite", "postgresql")


@contextmanager
def postgresql_database(template: str = "template1") -> Iterator[str]:
    """Yield the URL of a new PostgreSQL database, a copy of ``template``, dropped at the end."""
    server = create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT")
    name = f"minga_test_{uuid.uuid4().hex[:12]}"
    try:
        with server.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
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


def new_database(engine: str, folder: Path) -> AbstractContextManager[str]:
    """The URL of a new database of one of ``ENGINES``; that of SQLite is a file in ``folder``."""
    return sqlite_database(folder) if engine == "sqlite" else postgresql_database()


def migrated_database(engine: str, folder: Path) -> AbstractContextManager[str]:
    """As ``new_database``, with all tables."""
    if engine == "postgresql":
        return postgresql_database(_template(engine).database or "")
    copy_tables(folder / "minga.db")
    return sqlite_database(folder)


def copy_tables(file: Path) -> None:
    """Make a SQLite database with all tables."""
    shutil.copyfile(_template("sqlite").database or "", file)


@cache
def _template(engine: str) -> URL:
    """A database that is migrated once and copied, because the migrations take longer."""
    stack = ExitStack()
    atexit.register(stack.close)
    folder = stack.enter_context(TemporaryDirectory())
    database = Database(stack.enter_context(new_database(engine, Path(folder))))
    migrations.upgrade(database)
    database.close()
    return database.engine.url


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
    names = (table.name for table in reversed(Base.metadata.sorted_tables))
    statements = [f'DELETE FROM "{name}"' for name in names]
    # PostgreSQL takes them in one message, SQLite one by one.
    with database.write_core() as connection:
        for statement in statements if database.is_sqlite else [";".join(statements)]:
            connection.exec_driver_sql(statement)
    return database
