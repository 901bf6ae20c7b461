"""Enter a visit at each request, and forget the visits that are over."""

import hmac
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, bindparam, case, delete, func, select, update
from sqlalchemy.orm import Session

from lti_tool.directory.course_model import Course, LaunchSession, Membership, ResourceLink, User
from lti_tool.directory.registration_model import Deployment, RegistrationRow
from lti_tool.lti.roles import read_roles
from lti_tool.sessions.current import CurrentSession, session_token
from lti_tool.storage.database import Database, now


@dataclass(frozen=True, slots=True)
class Entry:
    """What came of trying to enter a visit."""

    launch_session: CurrentSession | None
    holds_token: bool = False


# An instructor's choice reaches every open visit of the placement; a link's module reaches only
# the visits opened through that link, and those that had none.
_MODULE = case(
    (ResourceLink.module_source == "instructor", ResourceLink.module_id),
    else_=func.coalesce(LaunchSession.module_id, ResourceLink.module_id),
)

_SESSION = (
    select(
        LaunchSession.id,
        LaunchSession.registration_id,
        LaunchSession.deployment_id,
        LaunchSession.user_id,
        LaunchSession.course_id,
        LaunchSession.resource_link_id,
        LaunchSession.message_type,
        LaunchSession.instructor,
        LaunchSession.administrator,
        LaunchSession.locale,
        LaunchSession.return_url,
        LaunchSession.frame_ancestors,
        LaunchSession.deep_linking,
        LaunchSession.expires_at,
        RegistrationRow.guests,
        RegistrationRow.status.label("registration_status"),
        Deployment.status.label("deployment_status"),
        User.name.label("user_name"),
        User.kind.label("user_kind"),
        User.language.label("user_language"),
        Course.title.label("course_title"),
        ResourceLink.title.label("resource_link_title"),
        _MODULE.label("module_id"),
        Membership.roles.label("course_roles"),
    )
    .join(RegistrationRow, RegistrationRow.id == LaunchSession.registration_id)
    .join(Deployment, Deployment.id == LaunchSession.deployment_id)
    .outerjoin(User, User.id == LaunchSession.user_id)
    .outerjoin(Course, Course.id == LaunchSession.course_id)
    .outerjoin(
        Membership,
        and_(
            Membership.course_id == LaunchSession.course_id,
            Membership.user_id == LaunchSession.user_id,
        ),
    )
    .outerjoin(ResourceLink, ResourceLink.id == LaunchSession.resource_link_id)
    .where(LaunchSession.id == bindparam("session_id"))
)


def enter(
    database: Database, secret_key: str, session_id: str, *, cookie: str | None, token: str | None
) -> Entry:
    """Open a visit to whoever holds its token, in a cookie or (``token``) in a page.

    A visit whose registration or deployment was switched off, or whose time is over, is closed.
    """
    right = session_token(secret_key, session_id)
    by_cookie, by_token = _same(cookie, right), _same(token, right)
    if not (by_cookie or by_token):
        return Entry(None)
    with database.read_core() as connection:
        row = connection.execute(_SESSION, {"session_id": session_id}).first()
    if row is None:
        return Entry(None)
    switched_on = row.registration_status == row.deployment_status == "active"
    if not switched_on or row.expires_at <= now():
        return Entry(None)
    return Entry(_current(row, right, cookieless=not by_cookie), holds_token=by_token)


def _same(given: str | None, right: str) -> bool:
    return given is not None and hmac.compare_digest(
        given.encode("utf-8", "replace"), right.encode()
    )


def _rights(row: Any) -> tuple[bool, bool]:
    """Whether the person of a visit is an instructor and an administrator now.

    The roles are those of the membership, so that they follow the latest launch. A guest and a
    visit without a course have no membership: there the visit's own launch decides.
    """
    if row.course_id is None or row.user_kind in (None, "guest"):
        return row.instructor, row.administrator
    roles = read_roles((row.course_roles or "").split())
    return roles.instructor, roles.administrator


def _current(row: Any, token: str, *, cookieless: bool) -> CurrentSession:
    instructor, administrator = _rights(row)
    return CurrentSession(
        id=row.id,
        token=token,
        cookieless=cookieless,
        registration_id=row.registration_id,
        deployment_id=row.deployment_id,
        user_id=row.user_id,
        user_name=row.user_name,
        user_kind=row.user_kind or "guest",
        user_language=row.user_language,
        course_id=row.course_id,
        course_title=row.course_title,
        resource_link_id=row.resource_link_id,
        resource_link_title=row.resource_link_title,
        module_id=row.module_id,
        instructor=instructor,
        administrator=administrator,
        guests=row.guests,
        locale=row.locale,
        return_url=row.return_url,
        frame_ancestors=tuple(row.frame_ancestors.split()),
        message_type=row.message_type,
        deep_linking=row.deep_linking,
    )


def guest_user(session: Session, launch_session: CurrentSession) -> int:
    """The id of the visit's person; a guest gets a record at the first thing worth recording."""
    if launch_session.user_id is not None:
        return launch_session.user_id
    # Two changes at once in one visit must not make two guests.
    row = session.get_one(LaunchSession, launch_session.id, with_for_update=True)
    if row.user_id is None:
        guest = User(registration_id=launch_session.registration_id, kind="guest", created_at=now())
        session.add(guest)
        session.flush()
        row.user_id = guest.id
        session.flush()
    return row.user_id


def remember_language(database: Database, launch_session: CurrentSession, language: str) -> None:
    """Keep the module language that this person chose, for every later visit."""
    if launch_session.user_language == language:
        return
    with database.write() as session:
        user_id = guest_user(session, launch_session)
        session.execute(update(User).where(User.id == user_id).values(language=language))


def forget_old(database: Database) -> None:
    """Delete visits that are over; no login that led to them can still be finished."""
    with database.write() as session:
        session.execute(delete(LaunchSession).where(LaunchSession.expires_at < now()))
