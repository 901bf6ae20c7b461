"""Count the SQL statements of a block, in all threads."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from lti_tool.storage.database import Database


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """Record the SQL statements that are sent inside the block, without BEGIN."""
    statements: list[str] = []

    def listen(_connection, _cursor, statement, *_) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    event.listen(database.engine, "before_cursor_execute", listen)
    try:
        yield statements
    finally:
        event.remove(database.engine, "before_cursor_execute", listen)
