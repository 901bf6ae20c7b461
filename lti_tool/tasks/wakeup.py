"""Wait for new rows: PostgreSQL notifies, and every engine is polled.

A wake-up carries no data and may be lost: the worker looks at the outbox after each wait, also
after one that ended without a wake-up.
"""

import logging
import os
import select
from contextlib import suppress
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from lti_tool.storage.database import Database
from lti_tool.tasks.outbox import CHANNEL

log = logging.getLogger(__name__)


class Wakeup:
    """Waits for a notification of PostgreSQL or for :meth:`wake`, which signal handlers may call.

    Keeps one connection outside the pool. Where it breaks, or a pooler in between drops
    notifications, only the time limit ends the wait.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._driver: Any = None
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)

    def wake(self) -> None:
        """End the present wait, or the next one."""
        with suppress(BlockingIOError):  # a pipe that is full ends the wait too
            os.write(self._writer, b"x")

    def wait(self, seconds: float) -> None:
        """Wait for at most ``seconds``."""
        driver = None if self._database.is_sqlite else self._listening()
        listener = None if driver is None else driver.fileno()
        waiting = [self._reader] if listener is None else [self._reader, listener]
        ready, _, _ = select.select(waiting, [], [], seconds)
        if self._reader in ready:
            os.read(self._reader, 4096)
        if driver is not None and listener in ready:
            try:
                for _ in driver.notifies(timeout=0):
                    pass
            except _driver_errors() as error:
                log.debug("no notifications: %s", type(error).__name__)
                self._drop()

    def close(self) -> None:
        """Close the connection and the pipe."""
        self._drop()
        os.close(self._reader)
        os.close(self._writer)

    def _listening(self) -> Any:
        """The driver's connection, which listens; None where there is none."""
        try:
            if self._driver is None:
                pooled = self._database.engine.raw_connection()
                pooled.detach()
                self._driver = pooled.dbapi_connection
                self._driver.autocommit = True
                self._driver.execute(f"LISTEN {CHANNEL}")
        except _driver_errors() as error:
            log.debug("no notifications: %s", type(error).__name__)
            self._drop()
        return self._driver

    def _drop(self) -> None:
        driver, self._driver = self._driver, None
        if driver is not None:
            with suppress(*_driver_errors()):
                driver.close()


def _driver_errors() -> tuple[type[Exception], ...]:
    """Errors of a connection. psycopg is needed for PostgreSQL only."""
    import psycopg

    return (psycopg.Error, SQLAlchemyError, OSError)
