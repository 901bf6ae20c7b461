"""Tables of subscriptions, of the people who get mail, and of what waits to be sent."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, ForeignKey, Index, String, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, Session, mapped_column

from lti_tool.storage.database import Base, Moment, now
from lti_tool.tasks import outbox

MAIL = "notifications.mail"
"""Outbox kind of a mail about one discussion. Stored in databases: keep the value."""
DIGEST = "notifications.digest"
"""Outbox kind of a digest. Stored in databases: keep the value."""
_SEQUENCE = {"is_sequence": True}
"""Marks the columns that hold the ``sequence`` of a post (``discussion.model``)."""


def put_mail(
    session: Session | Connection, mailing_id: int, first: int | None, due_at: datetime
) -> None:
    """Queue the mail of a row. An earlier task of the same mail then does nothing."""
    payload = {"mailing": mailing_id, "due": due_key(due_at)}
    key = f"{mailing_id}:{first}:{due_key(due_at)}"
    outbox.put(session, MAIL, key, payload, delay=max(due_at - now(), timedelta()))


def put_digest(session: Session | Connection, digest_id: int, due_at: datetime) -> None:
    """Queue a digest. A task for another time then does nothing."""
    payload = {"digest": digest_id, "due": due_key(due_at)}
    key = f"{digest_id}:{due_key(due_at)}"
    outbox.put(session, DIGEST, key, payload, delay=max(due_at - now(), timedelta()))


def due_key(due_at: datetime) -> int:
    """Return the due time as the task stores it; another value means a rescheduled mail."""
    return int(due_at.timestamp())


class Subscription(Base):
    """What a person wants to get of one discussion or of all discussions of a course.

    Exactly one of ``discussion_id`` and ``course_id`` is set; the discussion's row comes first.
    ``choice`` is one of ``choices.Choice``. Without a row the choice is ``replies``.
    """

    __tablename__ = "subscriptions"
    __table_args__ = (
        UniqueConstraint("discussion_id", "user_id", name="uq_subscriptions_discussion"),
        UniqueConstraint("course_id", "user_id", name="uq_subscriptions_course"),
        Index("ix_subscriptions_user_id", "user_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    discussion_id: Mapped[int | None] = mapped_column(
        ForeignKey("discussions.id", ondelete="CASCADE")
    )
    course_id: Mapped[int | None] = mapped_column(ForeignKey("courses.id", ondelete="CASCADE"))
    choice: Mapped[str] = mapped_column(String(8))
    changed_at: Mapped[datetime] = mapped_column(Moment)


class MailRecipient(Base):
    """The address and the preferences of a person. Made with the first mail or preference.

    - ``link_key``: part of the signatures of links in mail; a new one makes all old links invalid.
    - ``feed_key``: the same for private feeds; None while the person has none.
    - ``own_address``: an address that the person gave because the platform sends none. It is used
      once it is confirmed (``confirmed_at``); ``asked_at`` is when the confirmation was sent.
    - ``time_zone`` (IANA) and ``digest_hour``: when digests are sent.
    - ``stopped_address``: an address that does not exist. Nothing is sent to it; another address of
      the same person is not affected. ``stopped_status`` is the server's code.
    - ``soft_failures``: failures whose reason is not known, since the last accepted mail.
    """

    __tablename__ = "mail_recipients"
    __table_args__ = (
        Index("ix_mail_recipients_own_address", "own_address"),
        {"sqlite_with_rowid": False},
    )

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    link_key: Mapped[str] = mapped_column(String(32))
    feed_key: Mapped[str | None] = mapped_column(String(32))
    own_address: Mapped[str | None] = mapped_column(String(254))
    asked_at: Mapped[datetime | None] = mapped_column(Moment)
    confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    time_zone: Mapped[str | None] = mapped_column(String(64))
    digest_hour: Mapped[int | None]
    stopped_address: Mapped[str | None] = mapped_column(String(254))
    stopped_status: Mapped[str | None] = mapped_column(String(16))
    stopped_at: Mapped[datetime | None] = mapped_column(Moment)
    soft_failures: Mapped[int] = mapped_column(default=0, server_default="0")

    @classmethod
    def merged_values(cls, kept: Any, removed: Any) -> dict[str, Any]:
        """What the kept one lacks: a confirmed address, and choices."""
        names = ["time_zone", "digest_hour", "feed_key"]
        if kept.own_address is None:
            names += ["own_address", "asked_at", "confirmed_at"]
        return {name: getattr(removed, name) for name in names if getattr(kept, name) is None}


class Mailing(Base):
    """The posts of a discussion that wait to be mailed to one person.

    They are those with ``first`` ≤ ``sequence`` ≤ ``last``, as far as the person wants and may read
    them when the mail is written. ``first`` is None while nothing waits. ``due_at`` is None while
    they wait for a digest. ``done_up_to``: these were mailed or left out. ``failures`` counts
    temporary refusals of this mail.
    """

    __tablename__ = "mailings"
    __table_args__ = (
        UniqueConstraint("user_id", "discussion_id", name="uq_mailings_pair"),
        Index("ix_mailings_discussion_id", "discussion_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    discussion_id: Mapped[int] = mapped_column(ForeignKey("discussions.id", ondelete="CASCADE"))
    first: Mapped[int | None] = mapped_column(info=_SEQUENCE)
    last: Mapped[int] = mapped_column(default=0, info=_SEQUENCE)
    done_up_to: Mapped[int] = mapped_column(default=0, info=_SEQUENCE)
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    failures: Mapped[int] = mapped_column(default=0)
    mailed_at: Mapped[datetime | None] = mapped_column(Moment)

    @classmethod
    def prepare_merge(cls, connection: Connection, kept: Any, removed: Any) -> None:
        """Plan the mail of the kept row, if only the removed one waits."""
        if kept.discussion_id == removed.discussion_id:
            values = _of_one_discussion(kept, removed)
            if values["due_at"] is not None and values["due_at"] != kept.due_at:
                put_mail(connection, kept.id, values["first"], values["due_at"])
        elif kept.first is None and removed.first is not None and removed.due_at is not None:
            put_mail(connection, kept.id, removed.first, removed.due_at)

    @classmethod
    def merged_values(cls, kept: Any, removed: Any) -> dict[str, Any]:
        """What waits in either.

        Of two discussions, the posts of the kept one have the higher numbers. Of one discussion,
        the rows are those of two users who are the same person.
        """
        if kept.discussion_id == removed.discussion_id:
            return _of_one_discussion(kept, removed)
        values = {"mailed_at": max(filter(None, (kept.mailed_at, removed.mailed_at)), default=None)}
        if removed.first is None:
            return {**values, "done_up_to": max(kept.done_up_to, removed.done_up_to)}
        values |= {"first": removed.first, "done_up_to": removed.done_up_to}
        if kept.first is None:
            values |= {"last": removed.last, "due_at": removed.due_at, "failures": 0}
        return values


def _of_one_discussion(kept: Any, removed: Any) -> dict[str, Any]:
    """What waits for a person who had two rows: the posts that neither has mailed."""
    done = max(kept.done_up_to, removed.done_up_to)
    last = max(kept.last, removed.last)
    firsts = [each.first for each in (kept, removed) if each.first is not None]
    first = max(min(firsts), done + 1) if firsts else None
    if first is not None and first > last:
        first = None
    due = [each.due_at for each in (kept, removed) if each.first is not None and each.due_at]
    mailed = [each.mailed_at for each in (kept, removed) if each.mailed_at is not None]
    return {
        "first": first,
        "last": last,
        "done_up_to": done,
        "due_at": min(due, default=None) if first is not None else None,
        "failures": 0,
        "mailed_at": max(mailed, default=None),
    }


class Digest(Base):
    """The next digest of one kind, ``daily`` or ``weekly``, to one person: one row, one mail.

    It has the posts of all mailings of the person that have no time of their own, as far as the
    person chose this kind for their discussions. ``due_at`` is None while none is planned.
    ``failures`` counts temporary refusals of this mail.
    """

    __tablename__ = "digests"
    __table_args__ = (UniqueConstraint("user_id", "kind", name="uq_digests_pair"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(8))
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    failures: Mapped[int] = mapped_column(default=0)

    @classmethod
    def prepare_merge(cls, connection: Connection, kept: Any, removed: Any) -> None:
        """Plan the kept digest, if only the removed one is planned."""
        if kept.due_at is None and removed.due_at is not None:
            put_digest(connection, kept.id, removed.due_at)

    @classmethod
    def merged_values(cls, kept: Any, removed: Any) -> dict[str, Any]:
        """The time of the kept digest, if it has one."""
        return {"due_at": kept.due_at or removed.due_at}


class MailServerState(Base):
    """One row: how the mail server answered last. ``lti-tool doctor`` reports it.

    ``failures`` in a row; nothing is tried before ``retry_at``. ``refused`` is the latest refusal
    by policy, which the operator has to resolve.
    """

    __tablename__ = "mail_server_state"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    failures: Mapped[int] = mapped_column(default=0)
    retry_at: Mapped[datetime | None] = mapped_column(Moment)
    failed: Mapped[str | None] = mapped_column(String(100))
    failed_at: Mapped[datetime | None] = mapped_column(Moment)
    refused: Mapped[str | None] = mapped_column(String(100))
    refused_at: Mapped[datetime | None] = mapped_column(Moment)
    refusals: Mapped[int] = mapped_column(default=0, server_default="0")


class MailPolicy(Base):
    """What an institution decided about mail to its people.

    ``sends_mail``: notices are sent by mail; if not, what waits is left out.
    ``own_addresses``: people may give an address of their own where the platform sends none.
    ``time_zone`` (IANA) is that of digests to those who chose none.
    """

    __tablename__ = "mail_policies"
    __table_args__ = ({"sqlite_with_rowid": False},)

    registration_id: Mapped[int] = mapped_column(
        ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    sends_mail: Mapped[bool] = mapped_column(default=True, server_default=true())
    own_addresses: Mapped[bool] = mapped_column(default=False, server_default=false())
    time_zone: Mapped[str | None] = mapped_column(String(64))
