"""When mail is sent: each mailing at a time of its own, or with the others in the next digest.

The rows are locked in this order: mailings, then digests; each in the order of the users.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from lti_tool.directory.model import User
from lti_tool.notifications.choices import (
    DIGEST_HOUR,
    DIGESTS,
    GATHER,
    Choice,
    as_time_zone,
    next_digest,
    next_time,
)
from lti_tool.notifications.model import (
    Digest,
    Mailing,
    MailPolicy,
    MailRecipient,
    put_digest,
    put_mail,
)
from lti_tool.notifications.people import Person
from lti_tool.storage.database import Database, now

MailRow = TypeVar("MailRow", Mailing, Digest)


def schedule(session: Session, mailing: Mailing, due_at: datetime) -> None:
    """Queue the mail that a row describes. An earlier task of the same mail then does nothing."""
    mailing.due_at = due_at
    session.flush()
    put_mail(session, mailing.id, mailing.first, due_at)


def join_digests(
    session: Session, mailings: Iterable[Mailing], choices: Mapping[int, Choice]
) -> None:
    """Let mailings wait for the next digests of their people; plan those that are not planned.

    ``choices``: what each person chose of these mailings' discussion.
    """
    kinds: dict[int, str] = {}
    for mailing in mailings:
        mailing.due_at = None
        kinds[mailing.user_id] = choices[mailing.user_id]
    session.flush()
    plan_digests(session, kinds)


def plan_digests(session: Session, kinds: Mapping[int, str], after: datetime | None = None) -> None:
    """Plan the next digest of a kind to each person (after ``after``), if none is planned."""
    if not kinds:
        return
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    rows = [{"user_id": user, "kind": kinds[user], "failures": 0} for user in sorted(kinds)]
    session.execute(insert(Digest).values(rows).on_conflict_do_nothing())
    found = session.scalars(
        select(Digest)
        .where(Digest.user_id.in_(kinds))
        .order_by(Digest.user_id, Digest.kind)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    idle = [row for row in found if row.kind == kinds[row.user_id] and row.due_at is None]
    clocks = _clocks(session, [row.user_id for row in idle])
    for row in idle:
        zone, hour = clocks[row.user_id]
        due_at = next_digest(after or now(), zone, hour, weekly=row.kind == "weekly")
        # A digest that should have gone already waits a little, for what joins it meanwhile.
        _set_time(session, row, due_at if due_at > now() else now() + GATHER)


def move_digests(session: Session, user_id: int) -> None:
    """Plan the digests of a person again, after the person changed the time zone or the hour."""
    found = session.scalars(
        select(Digest)
        .where(Digest.user_id == user_id, Digest.due_at.is_not(None))
        .order_by(Digest.kind)
        .with_for_update()
    ).all()
    clocks = _clocks(session, [row.user_id for row in found])
    for row in found:
        zone, hour = clocks[row.user_id]
        due_at = next_digest(now(), zone, hour, weekly=row.kind == "weekly")
        if due_at != row.due_at:
            _set_time(session, row, due_at)


def replan(session: Session, person: Person, mailing: Mailing) -> None:
    """Plan again what waits, after the person changed the choice."""
    if mailing.first is None:
        return
    if person.choice in DIGESTS:
        join_digests(session, [mailing], {person.user_id: person.choice})
        return
    due_at = next_time(now(), mailing.mailed_at)
    if mailing.due_at is None or due_at < mailing.due_at:
        schedule(session, mailing, due_at)


def close(session: Session, mailing: Mailing, *, up_to: int, mailed: bool) -> bool:
    """Store that the posts up to ``up_to`` were mailed or left out; return whether others wait.

    ``mailing`` is locked by the caller's transaction. Posts that came while the mail was sent wait.
    """
    if mailing.first is None:
        return False
    mailing.done_up_to = max(mailing.done_up_to, up_to)
    mailing.failures = 0
    if mailed:
        mailing.mailed_at = now()
    waits = mailing.last > up_to
    mailing.first = up_to + 1 if waits else None
    if not waits:
        mailing.due_at = None
    return waits


def count_failure(database: Database, table: type[MailRow], row_id: int) -> int | None:
    """Count a failed attempt to send a mail; return their number, None if the row is gone."""
    with database.write() as session:
        row = session.get(table, row_id, with_for_update=True)
        if row is None:
            return None
        row.failures += 1
        return row.failures


def _set_time(session: Session, digest: Digest, due_at: datetime) -> None:
    digest.due_at = due_at
    digest.failures = 0
    session.flush()
    put_digest(session, digest.id, due_at)


def _clocks(session: Session, ids: list[int]) -> dict[int, tuple[str, int]]:
    """The time zones and hours of the digests of people."""
    if not ids:
        return {}
    rows = session.execute(
        select(User.id, MailRecipient.time_zone, MailRecipient.digest_hour, MailPolicy.time_zone)
        .outerjoin(MailRecipient, MailRecipient.user_id == User.id)
        .outerjoin(MailPolicy, MailPolicy.registration_id == User.registration_id)
        .where(User.id.in_(ids))
    )
    return {
        user: (
            as_time_zone(zone) or as_time_zone(institution) or "UTC",
            DIGEST_HOUR if hour is None else hour,
        )
        for user, zone, hour, institution in rows
    }
