"""Count the SQL statements of a block, whatever thread runs them."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from lti_tool.storage.database import Database


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that the block sends, without BEGIN."""
    said: list[str] = []

    def listen(*given) -> None:
        if not given[2].startswith("BEGIN"):
            said.append(given[2])

    event.listen(database.engine, "before_cursor_execute", listen)
    try:
        yield said
    finally:
        event.remove(database.engine, "before_cursor_execute", listen)
