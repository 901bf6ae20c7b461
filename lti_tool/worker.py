"""The worker: does the tasks of the outbox, and deletes what is no longer needed every hour.

Periodic jobs are outbox rows too: each worker puts the row of the present hour, whose key is the
hour, so that it exists once and is done once however many workers run.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from lti_tool.directory.wanted_pages import purge_wanted_pages
from lti_tool.discussion.guests import purge_guests
from lti_tool.features import FEATURES
from lti_tool.sessions.service import purge_sessions
from lti_tool.settings import Settings
from lti_tool.storage import faults, migrations
from lti_tool.storage.database import Database, now
from lti_tool.tasks import heartbeat, outbox
from lti_tool.tasks.wakeup import Wakeup

log = logging.getLogger(__name__)

PURGE = "tasks.purge"
SHORTEST_WAIT, LONGEST_WAIT = 1.0, 2.0
"""Seconds between two looks at the outbox while there is nothing to do."""
LONGEST_BACK_OFF = 10.0
"""Seconds between two attempts to reach a database that does not answer."""
GRACE = 10
"""Seconds that the present task may still take after SIGTERM; then its row is released."""


class NotReadyError(Exception):
    """The worker cannot work with these tables; the message says what to do."""


def handlers(settings: Settings) -> Mapping[str, outbox.Handler]:
    """Return the handler of each kind of task, from all features and the worker's own."""
    own: dict[str, outbox.Handler] = {PURGE: lambda database, _: purge(settings, database)}
    return own | {
        kind: handler
        for feature in FEATURES
        if feature.task_handlers is not None
        for kind, handler in feature.task_handlers(settings).items()
    }


def drained(settings: Settings, database: Database) -> int:
    """Do all that is due; return how many rows were done."""
    return outbox.drain(database, handlers(settings))


def purge(settings: Settings, database: Database) -> None:
    """Delete expired sessions and guests, done rows, and what else is no longer needed."""
    purge_sessions(database)
    purge_guests(database)
    purge_wanted_pages(database)
    outbox.purge_done(database)
    heartbeat.purge_dead(database)
    for feature in FEATURES:
        if feature.purge is not None:
            feature.purge(settings, database)


def run(settings: Settings, database: Database, *, parent: int | None = None) -> None:
    """Work until SIGINT or SIGTERM, or until the process ``parent`` is gone.

    Raises :class:`NotReadyError` where the tables are missing, older or newer than this program.
    """
    Worker(database, handlers(settings)).run(parent=parent)


class Worker:
    """One worker process."""

    def __init__(self, database: Database, handlers: Mapping[str, outbox.Handler]) -> None:
        self._database = database
        self._handlers = handlers
        self._kinds = tuple(handlers)
        self._wakeup = Wakeup(database)
        self._stopping = False
        self._current: str | None = None
        self._periodic: str | None = None

    def run(self, *, parent: int | None = None) -> None:
        """Work until asked to stop. To be called in the main thread, which gets the signals."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        signal.signal(signal.SIGALRM, self._interrupt)
        if parent is not None:
            threading.Thread(target=stop_without, args=(parent,), daemon=True).start()
        try:
            with heartbeat.beating(self._database, lambda: self._current):
                self._work()
                signal.alarm(0)
        except _Interrupted:
            log.warning("stopped in a task; its row is released")
        finally:
            signal.alarm(0)
            self._wakeup.close()
            self._database.close()

    def _work(self) -> None:
        """Process due rows and wait, in turn; continue after errors of the database."""
        ready, back_off, wait = False, 0.0, SHORTEST_WAIT
        while not self._stopping:
            try:
                if not ready:
                    self._check_tables()
                    ready = True
                done = self._do_due()
            except SQLAlchemyError as error:
                if faults.lacks_tables(error):
                    raise NotReadyError(faults.UPGRADE) from None
                if not back_off:
                    name = type(getattr(error, "orig", None) or error).__name__
                    log.warning("the database does not answer (%s); trying until it does", name)
                back_off = min(2 * back_off or SHORTEST_WAIT, LONGEST_BACK_OFF)
                self._wakeup.wait(back_off)
                continue
            if back_off:
                log.warning("the database answers again")
                back_off = 0.0
            wait = SHORTEST_WAIT if done else min(wait + 0.25, LONGEST_WAIT)
            self._wakeup.wait(wait)

    def _check_tables(self) -> None:
        try:
            if self._database.is_sqlite:
                migrations.upgrade(self._database)
            elif migrations.needs_upgrade(self._database):
                raise NotReadyError(faults.UPGRADE)
        except migrations.NewerDatabaseError as error:
            raise NotReadyError(str(error)) from None

    def _do_due(self) -> int:
        """Process all due rows; return how many rows were claimed."""
        self._put_periodic()
        claimed = 0
        if not outbox.has_due(self._database, self._kinds):  # which costs less than to take
            return claimed
        while not self._stopping and (claim := outbox.take(self._database, self._kinds)):
            claimed += 1
            self._current = claim.kind
            try:
                outbox.perform(self._database, self._handlers[claim.kind], claim)
            finally:
                self._current = None
        return claimed

    def _put_periodic(self) -> None:
        hour = f"{now():%Y-%m-%dT%H}"
        if hour != self._periodic and PURGE in self._handlers:
            with self._database.write() as session:
                outbox.put(session, PURGE, hour, {})
            self._periodic = hour

    def _stop(self, *_: Any) -> None:
        self._stopping = True
        signal.alarm(GRACE)
        self._wakeup.wake()

    def _interrupt(self, *_: Any) -> None:
        if self._current is not None:
            raise _Interrupted


class _Interrupted(BaseException):
    """Raised in the present task when its time after SIGTERM is over."""


def stop_without(parent: int) -> None:
    """Send SIGTERM to this process when ``parent`` is no longer its parent.

    The parent's id is polled, because the processes that a server forks inherit the write end of
    any pipe, and keep it open when the server is killed.
    """
    while os.getppid() == parent:
        time.sleep(1)
    os.kill(os.getpid(), signal.SIGTERM)
