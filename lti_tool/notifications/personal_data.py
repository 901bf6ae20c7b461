"""What the notices store about a person: choices, addresses, and what waits to be mailed."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from courseware.i18n.marking import N_
from lti_tool.directory.model import Course
from lti_tool.discussion.notices import find_place
from lti_tool.feature import Category, PersonalData, Rows
from lti_tool.notifications.model import Digest, Mailing, MailRecipient, Subscription


def _choices(session: Session, user_id: int) -> Rows:
    rows = session.scalars(
        select(Subscription).where(Subscription.user_id == user_id).order_by(Subscription.id)
    )
    found = []
    for row in rows:
        place = find_place(session, row.discussion_id, user_id) if row.discussion_id else None
        course = session.get(Course, row.course_id) if row.course_id else None
        found.append(
            {
                "course": place.course if place else course and (course.title or course.context_id),
                "activity": place.activity if place else None,
                "module": place.module_id if place else None,
                "notices": row.choice,
                "changed_at": row.changed_at,
            }
        )
    return found


def _addresses(session: Session, user_id: int) -> Rows:
    row = session.get(MailRecipient, user_id)
    if row is None:
        return []
    return [
        {
            "own_address": row.own_address,
            "asked_at": row.asked_at,
            "confirmed_at": row.confirmed_at,
            "time_zone": row.time_zone,
            "digest_hour": row.digest_hour,
            "has_private_feed": row.feed_key is not None,
            "stopped_address": row.stopped_address,
            "stopped_at": row.stopped_at,
            "reason": row.stopped_status,
            "soft_failures": row.soft_failures,
        }
    ]


def _mailings(session: Session, user_id: int) -> Rows:
    rows = session.scalars(select(Mailing).where(Mailing.user_id == user_id).order_by(Mailing.id))
    found = []
    for row in rows:
        place = find_place(session, row.discussion_id, user_id)
        found.append(
            {
                "activity": place.activity if place else None,
                "module": place.module_id if place else None,
                "mailed_at": row.mailed_at,
                "mailed_up_to": row.done_up_to,
                "waits_until": row.due_at if row.first is not None else None,
            }
        )
    digests = session.scalars(
        select(Digest).where(Digest.user_id == user_id, Digest.due_at.is_not(None))
    )
    found.extend({"notices": row.kind, "waits_until": row.due_at} for row in digests)
    return found


def _erase(session: Session, user_id: int) -> None:
    """Queued tasks find no row, and send nothing. Letters are written when they are sent."""
    for table in (Subscription, MailRecipient, Mailing, Digest):
        session.execute(delete(table).where(table.user_id == user_id))


PERSONAL_DATA = PersonalData(
    tables={
        "subscriptions": "notices",
        "mail_recipients": "addresses",
        "mailings": "mailings",
        "digests": "mailings",
    },
    kept={
        "mail_policies": "policies of the institution",
        "mail_server_state": "the mail server; no person",
    },
    categories=(
        Category(
            "notices",
            N_("Notices that you chose"),
            N_("What you want to receive by e-mail. Stored as long as the discussion or course."),
            _choices,
        ),
        Category(
            "addresses",
            N_("Where notices are sent"),
            N_(
                "Your own e-mail address, if you entered one, when digests are sent, and whether "
                "an e-mail address failed. Stored until they are erased."
            ),
            _addresses,
        ),
        Category(
            "mailings",
            N_("Mail that was sent or is waiting"),
            N_("So that you receive each post once. The texts of mail are not stored."),
            _mailings,
        ),
    ),
    erase=_erase,
)
