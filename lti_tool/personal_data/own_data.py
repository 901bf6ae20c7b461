"""The data about a user that belong to no other feature: identity, courses, openings, sessions."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.orm import Session

from courseware.i18n.marking import N_
from lti_tool.directory.audit import AuditEntry
from lti_tool.directory.learner_counts import recount_learners
from lti_tool.directory.model import (
    ActivityOpening,
    Course,
    Membership,
    RegistrationRow,
    ResourceLink,
    User,
    WantedPage,
)
from lti_tool.directory.person_names import excerpt, has_name, name_to_find
from lti_tool.feature import Category, NamedText, PersonalData, Rows
from lti_tool.sessions.model import LaunchSession
from lti_tool.storage.database import now

_MOST_NAMED = 100


def _identity(session: Session, user_id: int) -> Rows:
    user = session.get_one(User, user_id)
    registration = session.get_one(RegistrationRow, user.registration_id)
    return [
        {
            "name": user.name,
            "email": user.email,
            "lms_user_id": user.subject,
            "institution": registration.name or registration.issuer,
            "language": user.language,
            "language_of_mail": user.locale,
            "stored_since": user.created_at,
        }
    ]


def _courses(session: Session, user_id: int) -> Rows:
    rows = session.execute(
        select(Course.title, Course.context_id, Membership)
        .join(Course, Course.id == Membership.course_id)
        .where(Membership.user_id == user_id)
        .order_by(Membership.id)
    )
    return [
        {
            "course": title or context_id,
            "roles": member.roles.split(),
            "latest_at": member.seen_at,
            "left_at": member.ended_at,
            "stored_since": member.created_at,
        }
        for title, context_id, member in rows
    ]


def _openings(session: Session, user_id: int) -> Rows:
    rows = session.execute(
        select(ResourceLink.title, ActivityOpening.first_at, ActivityOpening.latest_at)
        .join(ResourceLink, ResourceLink.id == ActivityOpening.resource_link_id)
        .where(ActivityOpening.user_id == user_id)
        .order_by(ActivityOpening.first_at)
    )
    return [
        {"activity": row.title, "first_at": row.first_at, "latest_at": row.latest_at}
        for row in rows
    ]


def _acts(session: Session, user_id: int) -> Rows:
    """The acts in the audit log, without those in discussions, which the discussion exports."""
    rows = session.scalars(
        select(AuditEntry)
        .where(AuditEntry.user_id == user_id, ~AuditEntry.action.startswith("discussion."))
        .order_by(AuditEntry.id)
    )
    return [
        {"written_at": row.created_at, "action": row.action, "reason": row.detail} for row in rows
    ]


def _acts_on(session: Session, user_id: int) -> Rows:
    """What others did with the user's data; the log names the user by ID."""
    rows = session.scalars(
        select(AuditEntry)
        .where(
            AuditEntry.registration_id == _registration_of(user_id),
            AuditEntry.user_id.is_distinct_from(user_id),
            or_(
                and_(AuditEntry.action.startswith("people."), AuditEntry.object_id == user_id),
                AuditEntry.detail.endswith(f", user={user_id}"),
            ),
        )
        .order_by(AuditEntry.id)
    )
    return [
        {"written_at": row.created_at, "action": row.action, "reason": row.detail} for row in rows
    ]


def _named(session: Session, user_id: int) -> Sequence[NamedText]:
    """Entries of the log with the name of the user, such as the reason for hiding a post."""
    name = name_to_find(session, user_id)
    if name is None:
        return ()
    rows = session.execute(
        select(AuditEntry.id, AuditEntry.detail, ResourceLink.title)
        .outerjoin(ResourceLink, ResourceLink.id == AuditEntry.resource_link_id)
        .where(
            AuditEntry.registration_id == _registration_of(user_id),
            has_name(AuditEntry.detail, name),
        )
        .order_by(AuditEntry.id)
        .limit(_MOST_NAMED)
    )
    found = ((row, excerpt(row.detail, name)) for row in rows)
    return [NamedText("log", row.id, text, row.title) for row, text in found if text]


def _registration_of(user_id: int) -> Any:
    return select(User.registration_id).where(User.id == user_id).scalar_subquery()


def _sessions(session: Session, user_id: int) -> Rows:
    rows = session.execute(
        select(
            ResourceLink.title,
            LaunchSession.locale,
            LaunchSession.created_at,
            LaunchSession.expires_at,
        )
        .outerjoin(ResourceLink, ResourceLink.id == LaunchSession.resource_link_id)
        .where(LaunchSession.user_id == user_id)
        .order_by(LaunchSession.created_at)
    )
    return [
        {
            "activity": row.title,
            "opened_at": row.created_at,
            "ends_at": row.expires_at,
            "language": row.locale,
        }
        for row in rows
    ]


def _erase(session: Session, user_id: int) -> None:
    """End the sessions, without data, and delete the rest.

    The rows of sessions stay until the purge, so that their nonces cannot be used again.
    """
    session.execute(
        update(LaunchSession)
        .where(LaunchSession.user_id == user_id)
        .values(
            user_id=None,
            course_id=None,
            locale=None,
            return_url=None,
            placement=None,
            deep_linking=None,
            expires_at=now(),
        )
    )
    # The institution's log stays, and names nobody.
    own_entries = update(AuditEntry).where(AuditEntry.user_id == user_id)
    session.execute(own_entries.values(user_id=None))
    mine = select(Membership.course_id).where(Membership.user_id == user_id)
    course_ids = session.scalars(mine).all()
    for table in (ActivityOpening, WantedPage, Membership):
        session.execute(delete(table).where(table.user_id == user_id))
    recount_learners(session, Course.id.in_(course_ids))


OWN_DATA = PersonalData(
    tables={
        "users": "identity",
        "memberships": "courses",
        "activity_openings": "openings",
        "launch_sessions": "sessions",
        "audit_entries": "administration",
    },
    derived={"wanted_pages": "where the next launch leads, after a link in a mail; 30 minutes"},
    kept={
        **dict.fromkeys(
            ("registrations", "registration_changes", "invitations", "deployments", "courses"),
            "what the platform sent about itself and its courses",
        ),
        **dict.fromkeys(
            ("course_copies", "resource_links"), "activities and their modules; no person"
        ),
        **dict.fromkeys(
            ("jwks_cache", "access_token_cache", "service_pauses", "service_uses", "signing_keys"),
            "calls to the services of a platform; no person",
        ),
        **dict.fromkeys(
            ("institutions", "exchanges", "exchange_members", "exchange_invitations"),
            "institutions and what they share; no person",
        ),
        "institution_exports": "files for administrators; deleted when anyone is erased",
        "erasures": "keyed hashes, so that an erasure holds after a restored backup",
        "outbox": "tasks with numbers of rows; deleted a week after they are done",
        "workers": "processes of the tool",
    },
    categories=(
        Category(
            "identity",
            N_("Who you are"),
            N_(
                "Sent by your LMS each time you open an activity, so that others see who writes. "
                "Stored until it is erased."
            ),
            _identity,
        ),
        Category(
            "courses",
            N_("Your courses"),
            N_(
                "The courses from which you opened an activity, with your roles there, which "
                "decide what you can do. Stored until they are erased."
            ),
            _courses,
        ),
        Category(
            "openings",
            N_("Activities that you opened"),
            N_(
                "So that instructors see who has started. Stored as long as the activity, or until "
                "they are erased."
            ),
            _openings,
        ),
        Category(
            "administration",
            N_("What you did as an administrator"),
            N_(
                "Stored in the log of the institution, so that it is known who changed what. Your "
                "name disappears from it when you are erased."
            ),
            _acts,
        ),
        Category(
            "acts_on_you",
            N_("What others did with your data"),
            N_("Downloads by administrators, and grades given manually. Stored in the log."),
            _acts_on,
        ),
        Category(
            "sessions",
            N_("Your sessions"),
            N_("Each opening is a session in one browser tab. Deleted some hours after its end."),
            _sessions,
        ),
    ),
    erase=_erase,
    named=_named,
)
