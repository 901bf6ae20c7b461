"""Send a digest: one mail with all discussions in which a person chose it.

The discussions are read one after another, and only what the mail shows is held in memory. What was
mailed is stored in one transaction after the server accepted the mail.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from lti_tool.discussion.notices import Place
from lti_tool.notifications import planning
from lti_tool.notifications.delivery import (
    MOST_FAILURES,
    Delivery,
    find_reader,
    set_aside,
    with_recipient,
)
from lti_tool.notifications.digest_letters import DigestWriter
from lti_tool.notifications.model import Digest, Mailing, due_key
from lti_tool.notifications.people import Person
from lti_tool.storage.database import Database, now
from lti_tool.tasks.outbox import NotNow


def deliver(delivery: Delivery, database: Database, payload: Mapping[str, Any]) -> None:
    """Send a digest. Raises :class:`NotNow` to be called again."""
    with database.read() as session:
        digest = session.get(Digest, payload["digest"])
        if digest is None or digest.due_at is None or due_key(digest.due_at) != payload["due"]:
            return
        if digest.due_at > now():
            raise NotNow((digest.due_at - now()).total_seconds())
        job = _DigestJob(database, digest)
        waiting = _read(session, job)
        writer = DigestWriter(delivery.settings, delivery.library, digest, len(waiting))
        reader: Person | None = None
        for mailing, place, person in waiting:
            known = person if reader is None else replace(person, recipient=reader.recipient)
            reader = with_recipient(database, known)
            try:
                writer.add(session, place, reader, mailing)
            except Exception:
                if not set_aside(database, mailing):
                    raise
    letter = writer.letter(reader) if reader is not None else None
    if letter is None or reader is None:
        job.finish(mailed=False)
    else:
        delivery.attempt(database, job, reader, letter)


def _read(session: Session, job: "_DigestJob") -> Sequence[tuple[Mailing, Place, Person]]:
    """The discussions of the digest, by course; the job learns of the others."""
    found: list[tuple[Mailing, Place, Person]] = []
    mailings = session.scalars(
        select(Mailing)
        .where(
            Mailing.user_id == job.digest.user_id,
            Mailing.first.is_not(None),
            Mailing.due_at.is_(None),
        )
        .order_by(Mailing.id)
    ).all()
    for mailing in mailings:
        place, person = find_reader(session, mailing)
        if place is not None and person is not None and person.choice != job.digest.kind:
            job.others.append((mailing, person))
            continue
        job.mailings.append(mailing)
        if place is not None and person is not None:
            found.append((mailing, place, person))
    return sorted(found, key=lambda each: (each[1].course or "", each[1].course_id or 0))


@dataclass(slots=True)
class _DigestJob:
    """A digest. The rows are as they were when it was written.

    ``others`` do not belong to it: their people chose something else since.
    """

    database: Database
    digest: Digest
    mailings: list[Mailing] = field(default_factory=list)
    others: list[tuple[Mailing, Person]] = field(default_factory=list)

    @property
    def name(self) -> str:
        return f"digest {self.digest.id}"

    def finish(self, *, mailed: bool) -> None:
        """Store what was mailed, and plan the next digest if posts came meanwhile."""
        digest, up_to = self.digest, {row.id: row.last for row in self.mailings}
        elsewhere = {row.id: person for row, person in self.others}
        with self.database.write() as session:
            rows = session.scalars(
                select(Mailing)
                .where(Mailing.id.in_({*up_to, *elsewhere}))
                .order_by(Mailing.id)
                .with_for_update()
            ).all()
            for row in rows:
                if row.id in up_to:
                    planning.close(session, row, up_to=up_to[row.id], mailed=mailed)
                elif row.due_at is None:
                    planning.replan(session, elsewhere[row.id], row)
            planned = session.get(Digest, digest.id, with_for_update=True)
            if planned is None or planned.due_at != digest.due_at:
                return
            planned.due_at = None
            session.flush()
            if session.scalar(select(_waits(digest.user_id, set(elsewhere)))):
                planning.plan_digests(session, {digest.user_id: digest.kind})

    def count_failure(self) -> int:
        failures = planning.count_failure(self.database, Digest, self.digest.id)
        return MOST_FAILURES if failures is None else failures


def _waits(user_id: int, elsewhere: set[int]) -> Any:
    return exists().where(
        Mailing.user_id == user_id,
        Mailing.first.is_not(None),
        Mailing.due_at.is_(None),
        Mailing.id.not_in(elsewhere),
    )
