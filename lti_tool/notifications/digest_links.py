"""What the link of a digest shows and ends: mail about all discussions that are in it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from courseware.i18n import Interface
from courseware.library import Library
from lti_tool.directory.model import Course, User
from lti_tool.discussion.notices import titles_of
from lti_tool.notifications.links import DigestKind, is_signed, read_token
from lti_tool.notifications.model import MailRecipient, Subscription
from lti_tool.notifications.people import language_of
from lti_tool.storage.database import Database, now

MOST_ROWS = 200
"""Discussions and courses that the page lists."""


@dataclass(frozen=True, slots=True)
class LinkedDigest:
    """The digest of a link whose signature is valid. ``language`` is its reader's."""

    kind: DigestKind
    user_id: int
    language: str


@dataclass(frozen=True, slots=True)
class FollowedRow:
    """A discussion, or all discussions of a course (``title`` is None), in a digest."""

    subscription_id: int
    course: str | None
    title: str | None


def follow_digest(session: Session, secret_key: str, token: str) -> LinkedDigest | None:
    """Return what the link of a digest is about; None if it is not valid any more."""
    link = read_token(token)
    if link is None or link.purpose not in ("daily", "weekly"):
        return None
    row = session.execute(
        select(User, MailRecipient.link_key)
        .join(MailRecipient, MailRecipient.user_id == User.id)
        .where(User.id == link.user_id)
    ).first()
    if row is None or not is_signed(secret_key, token, row.link_key):
        return None
    kind: DigestKind = "weekly" if link.purpose == "weekly" else "daily"
    return LinkedDigest(kind, link.user_id, language_of(row.User))


def followed_rows(
    session: Session, library: Library, ui: Interface, linked: LinkedDigest
) -> Sequence[FollowedRow]:
    """Return the discussions and courses of which the person chose this digest. Two statements."""
    rows = session.execute(
        select(Subscription.id, Subscription.discussion_id, Course.title)
        .outerjoin(Course, Course.id == Subscription.course_id)
        .where(Subscription.user_id == linked.user_id, Subscription.choice == linked.kind)
        .order_by(Subscription.id)
        .limit(MOST_ROWS)
    ).all()
    titles = titles_of(session, library, ui, [row.discussion_id for row in rows])
    found = [FollowedRow(row.id, *titles.get(row.discussion_id, (row.title, None))) for row in rows]
    return sorted(found, key=lambda row: row.course or "")


def stop_digest(
    database: Database, linked: LinkedDigest, subscription_id: int | None = None
) -> None:
    """End the digest, or its part with this row. Doing so twice is the same as once.

    What waits is left out when the digest is due: the choice is read then.
    """
    stopped = update(Subscription).where(
        Subscription.user_id == linked.user_id, Subscription.choice == linked.kind
    )
    if subscription_id is not None:
        stopped = stopped.where(Subscription.id == subscription_id)
    with database.write() as session:
        session.execute(stopped.values(choice="off", changed_at=now()))
