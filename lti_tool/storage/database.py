"""The database: SQLite in the data folder to start with, PostgreSQL by one setting.

SQLite runs in WAL mode with foreign keys on and ``synchronous=FULL``: what was acknowledged
survives a power cut. A writing transaction takes its lock at once (``BEGIN IMMEDIATE``), because a
reader that turns into a writer half-way cannot wait for the lock and fails instead
(https://www.sqlite.org/lang_transaction.html). Writers wait for each other in a fair queue
(:mod:`lti_tool.storage.write_queue`).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import DateTime, Engine, MetaData, create_engine, event
from sqlalchemy.engine import URL, Connection, RootTransaction, make_url
from sqlalchemy.engine.interfaces import Dialect
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from lti_tool.storage.write_queue import WriteQueue

_NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


CONNECT_TIMEOUT = 10
"""Seconds to wait for a PostgreSQL server that does not answer; without it, libpq waits minutes."""
WRITE_TIMEOUT = 10.0
"""Seconds that a writing transaction waits for its turn before it fails."""


class Base(DeclarativeBase):
    """The base of every table. Constraints have stable names, so that migrations can find them."""

    metadata = MetaData(naming_convention=_NAMES)

    @classmethod
    def prepare_merge(cls, connection: Connection, kept: Any, removed: Any) -> None:
        """Change what refers to the two rows, before they are merged. See ``merged_values``."""

    @classmethod
    def merged_values(cls, kept: Any, removed: Any) -> dict[str, Any]:
        """The columns to set in ``kept`` when a row that means the same is merged into it.

        Used when two deployments, registrations or users become one (``directory/row_merge.py``).
        By default the kept row stays as it is.
        """
        return {}

    @classmethod
    def prepare_move(cls, connection: Connection, column: str, kept: Any, removed: Any) -> None:
        """Change what depends on a column, before its values ``removed`` become ``kept``."""

    @classmethod
    def separated(cls, row: Any) -> dict[str, Any]:
        """Columns to set in a row that would violate a unique constraint, so that both rows stay.

        Empty if the two rows mean the same and are merged.
        """
        return {}


class Moment(TypeDecorator[datetime]):
    """A point in time: always aware and in UTC, on both engines."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database: in UTC; naive for SQLite, which stores no zone."""
        if value is None:
            return None
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database: aware and in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """For SQLite one function instead of SQLAlchemy's three: a page reads hundreds."""
        if dialect.name == "sqlite":
            return _moment_of_sqlite
        return super().result_processor(dialect, coltype)


def _moment_of_sqlite(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(f"{text}+00:00")


def now() -> datetime:
    """The present moment, aware and in UTC."""
    return datetime.now(UTC)


class Database:
    """An engine and the two ways to use it: to read, and to write."""

    def __init__(self, url: str, *, pool_size: int = 8) -> None:
        engine_url = _with_driver(make_url(url))
        self.is_sqlite = engine_url.get_backend_name() == "sqlite"
        options: dict[str, Any] = {"pool_size": pool_size, "max_overflow": pool_size}
        if self.is_sqlite:
            options["connect_args"] = {
                "timeout": WRITE_TIMEOUT,
                "check_same_thread": False,
                "factory": _SqliteConnection,
            }
        else:
            options |= {"pool_pre_ping": True, "pool_recycle": 1800}
            if "connect_timeout" not in engine_url.query:
                options["connect_args"] = {"connect_timeout": CONNECT_TIMEOUT}
        self.engine = create_engine(engine_url, **options)
        self._queue = WriteQueue(_file_of(engine_url)) if self.is_sqlite else None
        if self._queue is not None:
            _prepare_sqlite(self.engine, self._queue)
        # In PostgreSQL's transactions, each statement sees what is committed when it begins: to
        # read without one saves BEGIN and ROLLBACK, and changes nothing.
        self._reading = (
            self.engine
            if self.is_sqlite
            else self.engine.execution_options(isolation_level="AUTOCOMMIT")
        )

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A transaction that changes nothing."""
        with Session(self.engine, autoflush=False, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A transaction: committed when the block ends, rolled back if it raises."""
        with self.write_core() as connection, Session(connection) as session:
            yield session
            session.flush()

    @contextmanager
    def write_core(self) -> Iterator[Connection]:
        """Like :meth:`write`, without the unit of work: for the few hottest paths."""
        with self.engine.connect() as connection, self.begin_writing(connection):
            yield connection

    def begin_writing(self, connection: Connection) -> RootTransaction:
        """Begin a transaction that has the right to write from the beginning."""
        if self.is_sqlite:
            # Not in a listener: an engine that has one looks for those of each statement too.
            driver: Any = connection.connection.dbapi_connection
            try:
                driver.begin_writing()
            except sqlite3.OperationalError as error:
                raise OperationalError("BEGIN", None, error) from error
        return connection.begin()

    @contextmanager
    def read_core(self, *, in_transaction: bool = False) -> Iterator[Connection]:
        """Like :meth:`read`, without the unit of work. In PostgreSQL, each statement is alone.

        ``in_transaction``: for settings that hold until the end of a transaction.
        """
        engine = self.engine if in_transaction else self._reading
        with engine.connect() as connection:
            yield connection

    def close(self) -> None:
        """Close every connection and file (before a fork, and at the end)."""
        self.engine.dispose()
        if self._queue is not None:
            self._queue.close()


def _with_driver(url: URL) -> URL:
    """``postgresql://`` means psycopg 3, the driver that we ship."""
    if url.drivername in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    return url


def _file_of(url: URL) -> Path | None:
    """The file of an SQLite database; None for one in memory."""
    name = url.database or ":memory:"
    if name == ":memory:" or name.startswith("file:"):
        return None
    return Path(name).absolute()


class _SqliteConnection(sqlite3.Connection):
    """A connection that holds the right to write from BEGIN IMMEDIATE to COMMIT or ROLLBACK."""

    queue: WriteQueue | None = None
    is_writing = False

    def begin_writing(self) -> None:
        """Begin a writing transaction; raise OperationalError after ``WRITE_TIMEOUT`` seconds."""
        if self.queue is not None:
            if not self.queue.acquire(WRITE_TIMEOUT):
                raise sqlite3.OperationalError("database is locked")
            self.is_writing = True
        try:
            self.execute("BEGIN IMMEDIATE")
        except BaseException:
            self._leave()
            raise

    def commit(self) -> None:
        """If it fails, SQLAlchemy rolls back."""
        super().commit()
        self._leave()

    def rollback(self) -> None:
        try:
            super().rollback()
        finally:
            self._leave()

    def close(self) -> None:
        try:
            super().close()
        finally:
            self._leave()

    def _leave(self) -> None:
        if self.is_writing and self.queue is not None:
            self.is_writing = False
            self.queue.release()


def _prepare_sqlite(engine: Engine, queue: WriteQueue) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: _SqliteConnection, _: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves
        connection.queue = queue
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "cache_size=-16000",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    # Not in a listener either.
    dialect: Any = engine.dialect
    dialect.do_begin = _begin_reading


def _begin_reading(connection: Any) -> None:
    driver: _SqliteConnection = connection.dbapi_connection
    if not driver.in_transaction:
        driver.execute("BEGIN")
