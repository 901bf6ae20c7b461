"""Transactional outbox: tasks stored in the same transaction as their cause, done by a worker.

A worker claims a row with a lease: a time until which no other claims it, renewed while the handler
runs, and a token. Each lease of a row has a new token, and completing, postponing and renewing
apply only while the row still has the worker's own: a worker that was stopped for longer than its
lease changes nothing. When a worker dies, the lease expires and another claims the row. A handler
must therefore tolerate being called again for a row whose effects it already had.

Rows of one kind with the same ``order_key`` are done one at a time, in the order in which they were
put; all others in any order and in parallel. A row waiting for its next attempt blocks the newer
ones of its key. A row that is given up does not: the newer ones go on without it, and when the
operator retries it, it runs after those that were done meanwhile. A handler of an ordered kind must
therefore not let an older value replace a newer one (send the present state, or a timestamp).

Leases use the clock of each worker's machine: the clocks may differ by a few seconds, not more.
"""

import json
import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Index,
    String,
    Text,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from lti_tool import log_format
from lti_tool.storage.database import Base, Database, Moment, now

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=1)
MOST_ATTEMPTS = 12
KEEP_DONE = timedelta(days=7)
LONGEST_ERROR = 500
LONGEST_RETRY_AFTER = 86_400.0
MOST_COUNTED = 10_000
"""Counts of the backlog stop here, so that a health check stays cheap."""

CHANNEL = "minga_outbox"
"""PostgreSQL channel that is notified, without data, when a row is put."""

Handler = Callable[[Database, Mapping[str, Any]], None]
Status = Literal["waiting", "running", "given up", "done"]
TaskOutcome = Literal["done", "postponed", "given up", "lost"]


class GiveUp(Exception):  # noqa: N818 - a handler's answer, not a fault
    """Raised by a handler: no attempt can succeed. The reason must hold no personal data."""


class RetryAfter(Exception):  # noqa: N818 - a handler's answer, not a fault
    """Raised by a handler: try again no sooner than after ``seconds``.

    Counts as an attempt. The usual back-off applies where it is longer; more than a day becomes a
    day. ``reason`` is shown to the operator and must hold no personal data.
    """

    def __init__(self, seconds: float, reason: str = "") -> None:
        super().__init__(reason or "asked to be tried again later")
        self.seconds = min(max(0.0, seconds), LONGEST_RETRY_AFTER)


class NotNow(Exception):  # noqa: N818 - a handler's answer, not a fault
    """Raised by a handler that attempted nothing: call it again after ``seconds``.

    Does not count as an attempt, so a row can wait as long as it has to. At most a day.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__("not now")
        self.seconds = min(max(0.0, seconds), LONGEST_RETRY_AFTER)


class OutboxRow(Base):
    """A task: ``payload`` is a JSON object; ``key`` is unique for each kind."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(200))
    order_key: Mapped[str | None] = mapped_column(String(200))
    payload: Mapped[str] = mapped_column(Text)
    due_at: Mapped[datetime] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_token: Mapped[int] = mapped_column(default=0, server_default="0")
    leased_until: Mapped[datetime | None] = mapped_column(Moment)
    done_at: Mapped[datetime | None] = mapped_column(Moment)
    given_up_at: Mapped[datetime | None] = mapped_column(Moment)
    last_error: Mapped[str | None] = mapped_column(String(LONGEST_ERROR))

    __table_args__ = (
        Index("uq_outbox_kind_key", "kind", "key", unique=True),
        Index("ix_outbox_due", "done_at", "due_at"),
        Index(
            "ix_outbox_order",
            "kind",
            "order_key",
            sqlite_where=text("done_at IS NULL"),
            postgresql_where=text("done_at IS NULL"),
        ),
    )

    @property
    def status(self) -> Status:
        """What is happening to the row at this moment."""
        if self.done_at is not None:
            return "done"
        if self.given_up_at is not None:
            return "given up"
        return "running" if self.leased_until and self.leased_until > now() else "waiting"


_LOCK_ORDER = select(func.pg_advisory_xact_lock(func.hashtextextended(bindparam("name"), 0)))
_ROW_KEY = ("kind", "key")
_PUT: dict[str, Any] = {
    "sqlite": sqlite_insert(OutboxRow).on_conflict_do_nothing(index_elements=_ROW_KEY),
    # Workers are notified when the transaction commits.
    "postgresql": postgresql_insert(OutboxRow)
    .on_conflict_do_nothing(index_elements=_ROW_KEY)
    .returning(func.pg_notify(CHANNEL, "")),
}


@dataclass(frozen=True, slots=True)
class Claim:
    """A row that this worker has claimed; ``token`` identifies the lease."""

    id: int
    kind: str
    payload: str
    attempts: int
    token: int


@dataclass(frozen=True, slots=True)
class Backlog:
    """Rows to do now (counted up to ``MOST_COUNTED``), since when the oldest is due, given up."""

    due: int
    oldest_due: datetime | None
    given_up: int


def put(
    session: Session | Connection,
    kind: str,
    key: str,
    payload: Mapping[str, Any],
    *,
    order_key: str | None = None,
    delay: timedelta = timedelta(),
) -> None:
    """Add a task, once for each (kind, key); it exists when the transaction commits.

    It is due after ``delay``.

    With ``order_key`` on PostgreSQL, other transactions that put a row with the same kind and
    ``order_key`` wait until this one ends, so that the order of the ids is that of the commits. A
    transaction that puts several such rows must put them in a fixed order, or it may deadlock.
    """
    connection = session if isinstance(session, Connection) else session.connection()
    dialect = connection.dialect.name
    if order_key is not None and dialect == "postgresql":
        connection.execute(_LOCK_ORDER, {"name": f"{kind}\n{order_key}"})
    connection.execute(
        _PUT[dialect],
        {
            "kind": kind,
            "key": key,
            "order_key": order_key,
            "payload": json.dumps(payload),
            "due_at": now() + delay,
            "attempts": 0,
            "lease_token": 0,
        },
    )


def hurry(session: Session, kind: str, order_key: str) -> None:
    """Make the rows of a key that wait for a later time due now, in the caller's transaction."""
    waits = (
        OutboxRow.kind == kind,
        OutboxRow.order_key == order_key,
        OutboxRow.done_at.is_(None),
        OutboxRow.given_up_at.is_(None),
        OutboxRow.due_at > now(),
        _unleased(),
    )
    session.execute(update(OutboxRow).where(*waits).values(due_at=now()))


def is_open(session: Session, kind: str, order_key: str) -> bool:
    """Whether a row of a key waits or runs."""
    open_ = select(OutboxRow.id).where(
        OutboxRow.kind == kind,
        OutboxRow.order_key == order_key,
        OutboxRow.done_at.is_(None),
        OutboxRow.given_up_at.is_(None),
    )
    return session.scalar(open_.limit(1)) is not None


def drain(database: Database, handlers: Mapping[str, Handler], *, most: int = 1000) -> int:
    """Process due rows, oldest first; return how many rows were done. Never raises for one row."""
    done = 0
    for _ in range(most):
        claim = take(database, tuple(handlers))
        if claim is None:
            break
        done += perform(database, handlers[claim.kind], claim) == "done"
    return done


def has_due(database: Database, kinds: tuple[str, ...]) -> bool:
    """Return whether :func:`take` would find a row. Takes no lock."""
    with database.read() as session:
        return session.scalar(select(OutboxRow.id).where(*_takeable(kinds)).limit(1)) is not None


def take(database: Database, kinds: tuple[str, ...]) -> Claim | None:
    """Lease the oldest row that is due; None when there is none."""
    while True:
        with database.write() as session:
            row = session.scalars(
                select(OutboxRow)
                .where(*_takeable(kinds))
                .order_by(OutboxRow.due_at, OutboxRow.id)
                .limit(1)
                .with_for_update(skip_locked=True, of=OutboxRow)
            ).first()
            if row is None:
                return None
            row.lease_token += 1
            if row.attempts < MOST_ATTEMPTS:
                row.attempts += 1
                row.leased_until = now() + LEASE
                return Claim(row.id, row.kind, row.payload, row.attempts, row.lease_token)
            # No attempt ended: neither with success nor with an error.
            row.given_up_at, row.leased_until = now(), None
            row.last_error = "The worker ended during the last attempt."
            kind, id_ = row.kind, row.id
        log.error("outbox: %s %s is given up: each attempt ended the worker", kind, id_)


def perform(database: Database, handler: Handler, claim: Claim) -> TaskOutcome:
    """Call the handler for a claimed row and record the outcome.

    Raises only where the database stays away, and what is no :class:`Exception` (a stop): the row
    is then released for another worker.
    """
    name = f"{claim.kind} {claim.id}"
    with _renewed(database, claim):
        try:
            outcome, values = _attempted(database, handler, claim, name)
            if _settled(database, claim, values):
                return outcome
        except Exception:
            raise
        except BaseException:
            release(database, claim)
            raise
    log.warning(
        "outbox: %s was claimed by another worker; this outcome (%s) is void", name, outcome
    )
    return "lost"


def _attempted(
    database: Database, handler: Handler, claim: Claim, name: str
) -> tuple[TaskOutcome, dict[str, Any]]:
    """Call the handler; return the outcome, and the columns to set in the row."""
    try:
        handler(database, json.loads(claim.payload))
    except GiveUp as error:
        return _given_up(name, claim, str(error))
    except NotNow as error:
        due_at = now() + timedelta(seconds=error.seconds)
        return "postponed", {"due_at": due_at, "attempts": claim.attempts - 1}
    except RetryAfter as error:
        return _postponed(name, claim, str(error), timedelta(seconds=error.seconds))
    except Exception as error:  # a handler's fault must not stop the others
        return _postponed(name, claim, _described(error), timedelta())
    return "done", {"done_at": now(), "last_error": None}


def renew(database: Database, claim: Claim) -> bool:
    """Extend the lease; False when the row is no longer this worker's."""
    return _change(database, claim, {"leased_until": now() + LEASE})


def release(database: Database, claim: Claim) -> bool:
    """Return the row undone, without counting the attempt; False when it is another's."""
    return _change(database, claim, {"leased_until": None, "attempts": claim.attempts - 1})


def retry(database: Database, row_id: int) -> Status | None:
    """Make a row due now, with all its attempts before it; return the status that it had.

    A row that is running or done is not changed. None where there is no such row.
    """
    with database.write() as session:
        row = session.get(OutboxRow, row_id, with_for_update=True)
        if row is None:
            return None
        status = row.status
        if status in ("waiting", "given up"):
            row.due_at, row.attempts, row.given_up_at = now(), 0, None
            row.leased_until = None
            row.lease_token += 1
            if not database.is_sqlite:
                session.execute(select(func.pg_notify(CHANNEL, "")))
        return status


def listed(
    database: Database, *, status: Status | None, kind: str | None, most: int
) -> list[OutboxRow]:
    """Return rows, oldest first; without ``status``, all that are not done."""
    leased = OutboxRow.leased_until > now()
    undone = OutboxRow.done_at.is_(None)
    given_up = OutboxRow.given_up_at.is_not(None)
    open_ = undone & ~given_up
    conditions: dict[Status | None, ColumnElement[bool]] = {
        None: undone,
        "waiting": open_ & func.coalesce(~leased, True),
        "running": open_ & leased,
        "given up": undone & given_up,
        "done": ~undone,
    }
    rows = select(OutboxRow).where(conditions[status]).order_by(OutboxRow.id).limit(most)
    if kind is not None:
        rows = rows.where(OutboxRow.kind == kind)
    with database.read() as session:
        return list(session.scalars(rows))


def find(database: Database, row_id: int) -> OutboxRow | None:
    """Return a row by its id."""
    with database.read() as session:
        return session.get(OutboxRow, row_id)


def purge_done(database: Database) -> int:
    """Delete rows that were done long ago; return how many."""
    with database.write() as session:
        result = session.execute(delete(OutboxRow).where(OutboxRow.done_at < now() - KEEP_DONE))
        return int(result.rowcount)  # type: ignore[attr-defined]


def backlog(database: Database) -> Backlog:
    """Return the rows that are due and not leased, and those that are given up."""
    due = (
        OutboxRow.done_at.is_(None),
        OutboxRow.given_up_at.is_(None),
        OutboxRow.due_at <= now(),
        _unleased(),
    )
    given_up = (OutboxRow.done_at.is_(None), OutboxRow.given_up_at.is_not(None))
    with database.read() as session:

        def count(*conditions: ColumnElement[bool]) -> int:
            some = select(OutboxRow.id).where(*conditions).limit(MOST_COUNTED).subquery()
            return session.scalar(select(func.count()).select_from(some)) or 0

        oldest = session.scalar(select(func.min(OutboxRow.due_at)).where(*due))
        return Backlog(count(*due) if oldest else 0, oldest, count(*given_up))


def _unleased() -> ColumnElement[bool]:
    return or_(OutboxRow.leased_until.is_(None), OutboxRow.leased_until <= now())


def _takeable(kinds: tuple[str, ...]) -> tuple[ColumnElement[bool], ...]:
    """Conditions of a row that a worker may take now."""
    other = aliased(OutboxRow)
    blocked = exists().where(
        other.kind == OutboxRow.kind,
        other.order_key == OutboxRow.order_key,
        other.done_at.is_(None),
        other.given_up_at.is_(None),
        other.id != OutboxRow.id,
        # A newer row can be running when an older one that was given up is retried.
        or_(other.id < OutboxRow.id, other.leased_until > now()),
    )
    return (
        OutboxRow.done_at.is_(None),
        OutboxRow.given_up_at.is_(None),
        OutboxRow.due_at <= now(),
        _unleased(),
        OutboxRow.kind.in_(kinds),
        or_(OutboxRow.order_key.is_(None), ~blocked),
    )


def _change(database: Database, claim: Claim, values: Mapping[str, Any]) -> bool:
    """Change a row if this worker still holds it."""
    with database.write() as session:
        result = session.execute(
            update(OutboxRow)
            .where(
                OutboxRow.id == claim.id,
                OutboxRow.lease_token == claim.token,
                OutboxRow.done_at.is_(None),
            )
            .values(**values)
        )
        return bool(result.rowcount)  # type: ignore[attr-defined]


def _settled(database: Database, claim: Claim, values: Mapping[str, Any]) -> bool:
    """Record an outcome; tries for half a minute, because a lost outcome is work done twice."""
    for pause in (0.2, 1, 3, 9, 18):
        try:
            return _change(database, claim, {"leased_until": None, **values})
        except SQLAlchemyError:
            time.sleep(pause)
    return _change(database, claim, {"leased_until": None, **values})


@contextmanager
def _renewed(database: Database, claim: Claim) -> Iterator[None]:
    """Renew the lease in a thread as long as the block runs."""
    ended = threading.Event()

    def renew_until_ended() -> None:
        while not ended.wait(LEASE.total_seconds() / 4):
            try:
                if not renew(database, claim):
                    return
            except SQLAlchemyError as error:  # it may be back at the next turn
                log.debug("outbox: lease not renewed: %s", type(error).__name__)

    thread = threading.Thread(target=renew_until_ended, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _postponed(
    name: str, claim: Claim, error: str, least: timedelta
) -> tuple[TaskOutcome, dict[str, Any]]:
    """Try again after 30 seconds, then twice as long each time, at most 6 hours."""
    if claim.attempts >= MOST_ATTEMPTS:
        return _given_up(name, claim, error)
    error = _storable(error)
    log.warning("outbox: %s failed: %s", name, error)
    wait = min(timedelta(seconds=30 * 2 ** (claim.attempts - 1)), timedelta(hours=6))
    return "postponed", {"due_at": now() + max(wait, least), "last_error": error}


def _given_up(name: str, claim: Claim, error: str) -> tuple[TaskOutcome, dict[str, Any]]:
    error = _storable(error)
    log.error("outbox: %s is given up after %s attempts: %s", name, claim.attempts, error)
    return "given up", {"given_up_at": now(), "last_error": error}


def _described(error: Exception) -> str:
    """Type and place of an error. Its message is left out: it can hold personal data."""
    return log_format.describe(error)


def _storable(error: str) -> str:
    """Return an error that logs and databases can store: the type and the innermost frame."""
    error = error.replace("\0", "").encode("utf-8", "replace").decode()
    if len(error) <= LONGEST_ERROR:
        return error
    return f"{error[:100]} … {error[-(LONGEST_ERROR - 103) :]}"
