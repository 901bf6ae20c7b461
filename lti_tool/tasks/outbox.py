"""Work that must happen later, written in the same transaction as its cause.

A row is put with a unique key, so the same cause never makes two; a worker takes a row for a while
(a lease), does the work and marks it done. If the worker dies, the lease runs out and another takes
the row: so a handler must bear being called twice for one row.
"""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Index, String, Text, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from lti_tool import log_format
from lti_tool.storage.database import HAS_WORK, Base, Database, Moment, now

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
MOST_ATTEMPTS = 12
LATE = timedelta(minutes=10)
KEEP_DONE = timedelta(days=7)

Handler = Callable[[Database, Mapping[str, Any]], None]


class OutboxRow(Base):
    """One thing to do: ``payload`` is JSON; ``key`` is unique for each kind."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(200))
    payload: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    last_error: Mapped[str | None] = mapped_column(String(500))

    __table_args__ = (
        Index("uq_outbox_kind_key", "kind", "key", unique=True),
        Index("ix_outbox_due", "done_at", "due_at"),
    )


@dataclass(frozen=True)
class Backlog:
    """What is not done: ``late_since``, when the oldest was due, and how many are given up."""

    late_since: datetime | None
    given_up: int


def put(session: Session, kind: str, key: str, payload: Mapping[str, Any]) -> None:
    """Write down something to do, once for each (kind, key)."""
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    session.execute(
        insert(OutboxRow)
        .values(kind=kind, key=key, payload=json.dumps(payload), due_at=now(), attempts=0)
        .on_conflict_do_nothing(index_elements=["kind", "key"])
    )
    session.info[HAS_WORK] = True


def drain(database: Database, handlers: Mapping[str, Handler], *, most: int = 1000) -> int:
    """Do what is due, oldest first; return how many rows were done. Never raises for one row."""
    done = 0
    for _ in range(most):
        row = _take(database, tuple(handlers))
        if row is None:
            break
        try:
            handlers[row.kind](database, json.loads(row.payload))
        except Exception as error:  # a handler's fault must not stop the others
            log.warning("outbox: %s %s failed: %s", row.kind, row.id, log_format.describe(error))
            _postpone(database, row, type(error).__name__)
            continue
        with database.write() as session:
            session.execute(update(OutboxRow).where(OutboxRow.id == row.id).values(done_at=now()))
        done += 1
    return done


def forget_done(database: Database) -> int:
    """Delete rows that were done long ago; return how many."""
    with database.write() as session:
        result = session.execute(delete(OutboxRow).where(OutboxRow.done_at < now() - KEEP_DONE))
        return int(result.rowcount)  # type: ignore[attr-defined]


def backlog(database: Database) -> Backlog:
    """Return what is late, and what was tried too often to be tried again."""
    undone, tried = OutboxRow.done_at.is_(None), OutboxRow.attempts >= MOST_ATTEMPTS
    late = select(func.min(OutboxRow.due_at)).where(undone, ~tried, OutboxRow.due_at < now() - LATE)
    with database.read() as session:
        given_up = session.scalar(select(func.count()).where(undone, tried))
        return Backlog(session.scalar(late), int(given_up or 0))


def _take(database: Database, kinds: tuple[str, ...]) -> OutboxRow | None:
    """Take the oldest row that is due, for the length of a lease."""
    with database.write() as session:
        row = session.scalars(
            select(OutboxRow)
            .where(
                OutboxRow.done_at.is_(None),
                OutboxRow.due_at <= now(),
                OutboxRow.attempts < MOST_ATTEMPTS,
                OutboxRow.kind.in_(kinds),
            )
            .order_by(OutboxRow.due_at, OutboxRow.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        ).first()
        if row is not None:
            row.attempts += 1
            row.due_at = now() + LEASE
        return row


def _postpone(database: Database, row: OutboxRow, error: str) -> None:
    """Try again later: after 30 seconds, then twice as long each time, at most 6 hours."""
    if row.attempts >= MOST_ATTEMPTS:
        log.error("outbox: %s %s is given up after %s attempts", row.kind, row.id, row.attempts)
    wait = min(timedelta(seconds=30 * 2 ** (row.attempts - 1)), timedelta(hours=6))
    with database.write() as session:
        session.execute(
            update(OutboxRow)
            .where(OutboxRow.id == row.id)
            .values(due_at=now() + wait, last_error=error[:500])
        )
