"""Heartbeats: one row for each running worker, written every few seconds."""

import logging
import os
import socket
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import String, delete, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, mapped_column

from lti_tool.storage.database import Base, Database, Moment, now

log = logging.getLogger(__name__)

INTERVAL = timedelta(seconds=5)
ALIVE = timedelta(seconds=30)
"""A worker that was seen this recently counts as running."""
KEEP_DEAD = timedelta(days=1)


class WorkerHeartbeat(Base):
    """A worker process, and the kind of task that it is doing."""

    __tablename__ = "workers"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int]
    started_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    current_kind: Mapped[str | None] = mapped_column(String(64))


@contextmanager
def beating(database: Database, current_kind: Callable[[], str | None]) -> Iterator[None]:
    """Write the heartbeat of this process while the block runs; remove it at the end."""
    id_, started_at, ended = uuid.uuid4().hex, now(), threading.Event()

    def beat() -> None:
        while True:
            try:
                _write(database, id_, started_at, current_kind())
            except SQLAlchemyError as error:  # the worker's loop reports a database that is away
                log.debug("heartbeat not written: %s", type(error).__name__)
            if ended.wait(INTERVAL.total_seconds()):
                return

    thread = threading.Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(INTERVAL.total_seconds())
        try:
            with database.write() as session:
                session.execute(delete(WorkerHeartbeat).where(WorkerHeartbeat.id == id_))
        except SQLAlchemyError:
            log.debug("heartbeat not removed")


def latest(database: Database, *, alive_only: bool = False) -> list[WorkerHeartbeat]:
    """Return the workers, at most 100, the most recently seen first."""
    rows = select(WorkerHeartbeat).order_by(WorkerHeartbeat.seen_at.desc()).limit(100)
    if alive_only:
        rows = rows.where(WorkerHeartbeat.seen_at > now() - ALIVE)
    with database.read() as session:
        return list(session.scalars(rows))


def purge_dead(database: Database) -> None:
    """Delete the rows of workers that ended without removing them."""
    with database.write() as session:
        session.execute(delete(WorkerHeartbeat).where(WorkerHeartbeat.seen_at < now() - KEEP_DEAD))


def _write(database: Database, id_: str, started_at: datetime, kind: str | None) -> None:
    with database.write() as session:
        seen = {"seen_at": now(), "current_kind": kind}
        result = session.execute(
            update(WorkerHeartbeat).where(WorkerHeartbeat.id == id_).values(**seen)
        )
        if not result.rowcount:  # type: ignore[attr-defined]
            host = socket.gethostname()[:255]
            session.add(
                WorkerHeartbeat(id=id_, host=host, pid=os.getpid(), started_at=started_at, **seen)
            )
