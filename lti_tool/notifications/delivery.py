"""Send the mail that waits for one person: a task of the outbox, called again until it is done.

The posts are read and the person's choice, membership and address are checked at the moment of
sending, so nothing that was deleted, hidden or stopped meanwhile is mailed. However long the server
was down, everything that waits for a person in a discussion is one mail, and all digests are one.

Temporary refusals are tried again, later each time, for some days. A worker that is killed after
the server accepted a mail and before that is stored sends it again, with the same Message-ID.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Protocol

from sqlalchemy.orm import Session

from courseware.library import Library
from lti_tool.discussion.notices import Place, find_place
from lti_tool.mail.messages import make_message
from lti_tool.mail.server import parse_sender, parse_server
from lti_tool.mail.smtp import Mailer, NotSentError, Refusal
from lti_tool.notifications import letters, planning, server_state
from lti_tool.notifications.choices import DIGESTS, next_time
from lti_tool.notifications.letters import NoticeLetter
from lti_tool.notifications.model import Mailing, due_key
from lti_tool.notifications.people import Person, find_person, recipient_of
from lti_tool.settings import Settings
from lti_tool.storage.database import Database, now
from lti_tool.tasks.outbox import NotNow

log = logging.getLogger(__name__)

MOST_FAILURES = 12
"""Temporary refusals of one mail before it is left out: about two days."""
MOST_ERRORS = 5
"""Posts that could not be written so many times are left out."""
_FIRST_WAIT, _LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=6)


class Job(Protocol):
    """What one mail is about, and what is stored about its fate."""

    @property
    def name(self) -> str:
        """The job in the log, without personal data."""

    def finish(self, *, mailed: bool) -> None:
        """Store that the posts were mailed, or left out."""

    def count_failure(self) -> int:
        """Count a temporary refusal of this mail; return how many there were."""


class Delivery:
    """Sends mail with the settings' server; keeps the connection between two mails."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.library = Library(settings.content_dir)
        self._mailer = Mailer(parse_server(settings.smtp_url)) if settings.smtp_url else None
        self._sender = parse_sender(settings.mail_from) if settings.mail_from else None

    def deliver(self, database: Database, payload: Mapping[str, Any]) -> None:
        """Send what waits of one discussion. Raises :class:`NotNow` to be called again."""
        with database.read() as session:
            mailing = session.get(Mailing, payload["mailing"])
            if mailing is None or mailing.first is None or mailing.due_at is None:
                return
            if due_key(mailing.due_at) != payload["due"]:
                return
            if mailing.due_at > now():
                raise NotNow((mailing.due_at - now()).total_seconds())
            place, person = find_reader(session, mailing)
            job = _MailingJob(database, mailing)
            if place is None or person is None:
                job.finish(mailed=False)
                return
            if person.choice in DIGESTS:
                _join_digest(database, mailing, person)
                return
            try:
                letter = self._write(session, database, mailing, place, person)
            except Exception:
                set_aside(database, mailing)
                raise
        if letter is None:
            job.finish(mailed=False)
        else:
            self.attempt(database, job, person, letter)

    def attempt(self, database: Database, job: Job, person: Person, letter: NoticeLetter) -> None:
        """Send a letter to a person, and store how it went. Raises :class:`NotNow`."""
        assert person.address is not None
        until = server_state.pause_until(database)
        if until is not None:
            raise NotNow((until - now()).total_seconds())
        try:
            self.send(letter, person.address)
        except NotSentError as error:
            server_state.record_refusal(database, error.refusal)
            _refused(database, job, person, error.refusal)
            return
        server_state.record_success(database)
        job.finish(mailed=True)

    def send(self, notice: NoticeLetter, address: str) -> None:
        """Send one letter. Raises :class:`NotSentError`."""
        if self._mailer is None or self._sender is None:
            raise NotSentError(Refusal("connect"))
        message = make_message(
            notice.letter,
            sender=self._sender,
            sender_name=" · ".join(filter(None, (notice.sender_name, self._sender.display_name))),
            recipient=address,
            sent_at=now(),
        )
        self._mailer.send(message, sender=self._sender.addr_spec, recipient=address)

    def _write(
        self,
        session: Session,
        database: Database,
        mailing: Mailing,
        place: Place,
        person: Person,
    ) -> NoticeLetter | None:
        """The mail; None if there is nothing to send any more."""
        person = with_recipient(database, person)
        return letters.write(
            session, self.settings, self.library, place, person, mailing.first or 0, mailing.last
        )


def find_reader(session: Session, mailing: Mailing) -> tuple[Place | None, Person | None]:
    """Return where and by whom the posts are read; without a person, nothing is mailed any more."""
    place = find_place(session, mailing.discussion_id, mailing.user_id)
    if place is None or not place.active:
        return None, None
    person = find_person(session, mailing.user_id, place)
    if person is None or person.problem or person.choice == "off":
        return place, None
    return place, person


def with_recipient(database: Database, person: Person) -> Person:
    """Return the person with the row that signs the links; it is made if there is none."""
    if person.recipient is not None:
        return person
    with database.write() as session:
        return replace(person, recipient=recipient_of(session, person.user_id))


def set_aside(database: Database, mailing: Mailing) -> bool:
    """Leave out posts that cannot be written, so that they do not stop later ones.

    Returns whether they are left out: after some attempts.
    """
    job = _MailingJob(database, mailing)
    if job.count_failure() < MOST_ERRORS:
        return False
    log.error("mail: the posts of %s are left out", job.name)
    job.finish(mailed=False)
    return True


@dataclass(frozen=True, slots=True)
class _MailingJob:
    """A mail about one discussion. ``mailing`` is the row as it was when the mail was written."""

    database: Database
    mailing: Mailing

    @property
    def name(self) -> str:
        return f"mailing {self.mailing.id}"

    def finish(self, *, mailed: bool) -> None:
        with self.database.write() as session:
            row = session.get(Mailing, self.mailing.id, with_for_update=True)
            if row is None or not planning.close(
                session, row, up_to=self.mailing.last, mailed=mailed
            ):
                return
            if row.due_at is not None:
                planning.schedule(session, row, next_time(now(), row.mailed_at))

    def count_failure(self) -> int:
        failures = planning.count_failure(self.database, Mailing, self.mailing.id)
        return MOST_FAILURES if failures is None else failures


def _join_digest(database: Database, mailing: Mailing, person: Person) -> None:
    """Move a mail into the digest that is due with it or next: the person chose digests since.

    Releases before this one gave each discussion a digest of its own.
    """
    with database.write() as session:
        row = session.get(Mailing, mailing.id, with_for_update=True)
        if row is None or row.first is None or row.due_at is None:
            return
        after = row.due_at - timedelta(seconds=1)
        row.due_at = None
        session.flush()
        planning.plan_digests(session, {person.user_id: person.choice}, after)


def _refused(database: Database, job: Job, person: Person, refusal: Refusal) -> None:
    """Decide what a refusal means for this mail and this person."""
    log.warning("mail: %s was refused: %s", job.name, refusal)
    if refusal.concerns_server and (refusal.temporary or refusal.policy):
        until = server_state.pause_until(database)
        raise NotNow((until - now()).total_seconds() if until else 30.0)
    if refusal.bad_address:
        with database.write() as session:
            recipient = recipient_of(session, person.user_id)
            recipient.stopped_address, recipient.stopped_at = person.address, now()
            recipient.stopped_status = refusal.status or str(refusal.code)
        job.finish(mailed=False)
        return
    failures = job.count_failure()
    if failures >= MOST_FAILURES:
        with database.write() as session:
            recipient_of(session, person.user_id).soft_failures += 1
        job.finish(mailed=False)
        return
    wait = min(_FIRST_WAIT * 2 ** (failures - 1), _LONGEST_WAIT)
    raise NotNow(wait.total_seconds())
