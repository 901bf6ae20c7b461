"""Create, load and delete launch sessions."""

import hmac
import json
import logging
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    Case,
    Connection,
    and_,
    bindparam,
    case,
    delete,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from lti_tool import log_format
from lti_tool.directory.access import inactive, is_paused, refused_preview
from lti_tool.directory.launch_record import LaunchRecord
from lti_tool.directory.model import (
    Course,
    Deployment,
    Membership,
    RegistrationRow,
    ResourceLink,
    User,
)
from lti_tool.lti.launch import Launch
from lti_tool.lti.roles import is_observer, read_roles
from lti_tool.lti.sanitize import clean
from lti_tool.platforms import find_profile
from lti_tool.sessions.current import CurrentSession, session_token
from lti_tool.sessions.model import LaunchSession
from lti_tool.storage.database import Database, now

log = logging.getLogger(__name__)

_INSERT = insert(LaunchSession)

LATE_DRAFTS = timedelta(days=1)
"""How long after its end a session still accepts the text that was typed in its page."""


def create_session(
    connection: Connection,
    session_id: str,
    launch: Launch,
    record: LaunchRecord,
    *,
    registration_id: int,
    frame_ancestors: tuple[str, ...],
    hours: int,
    own_record: bool = True,
) -> None:
    """Insert the session of a launch; raises ``IntegrityError`` if the ID exists."""
    created_at = now()
    connection.execute(
        _INSERT,
        {
            "id": session_id,
            "registration_id": registration_id,
            "deployment_id": record.deployment_id,
            "user_id": record.user_id,
            "course_id": record.course_id,
            "resource_link_id": record.resource_link_id,
            "module_id": record.module.id,
            "part": record.module.part,
            "module_language": record.module.language,
            "message_type": launch.message_type,
            "instructor": launch.roles.instructor,
            "administrator": launch.roles.administrator,
            "content_developer": launch.roles.content_developer,
            "own_record": own_record,
            "token_age": int(created_at.timestamp()) - launch.issued_at,
            "locale": launch.presentation.locale or launch.user.locale,
            "return_url": launch.presentation.return_url,
            "frame_ancestors": " ".join(frame_ancestors),
            "placement": launch.placement,
            "deep_linking": (
                json.dumps(asdict(launch.deep_linking)) if launch.deep_linking else None
            ),
            "created_at": created_at,
            "expires_at": created_at + timedelta(hours=hours),
        },
    )


def session_exists(database: Database, session_id: str) -> bool:
    """Whether a launch has opened this session, and it has not expired."""
    open_ = select(LaunchSession.id).where(
        LaunchSession.id == session_id, LaunchSession.expires_at > now()
    )
    with database.read() as session:
        return session.scalar(open_) is not None


def is_session_of(database: Database, session_id: str, resource_link_id: int) -> bool:
    """Whether a session of this resource link is open. Its token is not checked."""
    open_ = select(LaunchSession.id).where(
        LaunchSession.id == session_id,
        LaunchSession.resource_link_id == resource_link_id,
        LaunchSession.expires_at > now(),
    )
    with database.read() as session:
        return session.scalar(open_) is not None


# Tables, not mapped classes: SQLAlchemy finds such a statement in its cache several times faster.
_SESSIONS = LaunchSession.__table__
_REGISTRATIONS = RegistrationRow.__table__
_DEPLOYMENTS = Deployment.__table__
_USERS = User.__table__
_COURSES = Course.__table__
_MEMBERSHIPS = Membership.__table__
_LINKS = ResourceLink.__table__

# The choice of an instructor applies to every open session of the resource link; the module that a
# link names applies only to the sessions opened through that link, and to those without a module.
_MODULE_OF_LINK = or_(_LINKS.c.module_source == "instructor", _SESSIONS.c.module_id.is_(None))


def _chosen(of_link: Any, of_session: Any) -> Case[Any]:
    return case((_MODULE_OF_LINK, of_link), else_=of_session)


_SESSION = (
    select(
        _SESSIONS.c.id,
        _SESSIONS.c.registration_id,
        _SESSIONS.c.deployment_id,
        _SESSIONS.c.user_id,
        _SESSIONS.c.course_id,
        _SESSIONS.c.resource_link_id,
        _SESSIONS.c.message_type,
        _SESSIONS.c.instructor,
        _SESSIONS.c.administrator,
        _SESSIONS.c.content_developer,
        _SESSIONS.c.own_record,
        _SESSIONS.c.locale,
        _SESSIONS.c.return_url,
        _SESSIONS.c.frame_ancestors,
        _SESSIONS.c.placement,
        _SESSIONS.c.deep_linking,
        _SESSIONS.c.created_at,
        _SESSIONS.c.expires_at,
        _REGISTRATIONS.c.issuer,
        _REGISTRATIONS.c.client_id,
        _REGISTRATIONS.c.product,
        _REGISTRATIONS.c.guests,
        _REGISTRATIONS.c.translation,
        _DEPLOYMENTS.c.institution_id,
        _REGISTRATIONS.c.observers,
        _REGISTRATIONS.c.test_users,
        _REGISTRATIONS.c.impersonation,
        _REGISTRATIONS.c.status.label("registration_status"),
        _DEPLOYMENTS.c.status.label("deployment_status"),
        _USERS.c.name.label("user_name"),
        _USERS.c.kind.label("user_kind"),
        _USERS.c.language.label("user_language"),
        _COURSES.c.title.label("course_title"),
        _LINKS.c.title.label("resource_link_title"),
        _chosen(_LINKS.c.module_id, _SESSIONS.c.module_id).label("module_id"),
        _chosen(_LINKS.c.part, _SESSIONS.c.part).label("part"),
        _chosen(_LINKS.c.module_language, _SESSIONS.c.module_language).label("module_language"),
        _MEMBERSHIPS.c.roles.label("course_roles"),
        _MEMBERSHIPS.c.ended_at.label("membership_ended_at"),
    )
    .select_from(_SESSIONS)
    .join(_REGISTRATIONS, _REGISTRATIONS.c.id == _SESSIONS.c.registration_id)
    .join(_DEPLOYMENTS, _DEPLOYMENTS.c.id == _SESSIONS.c.deployment_id)
    .outerjoin(_USERS, _USERS.c.id == _SESSIONS.c.user_id)
    .outerjoin(_COURSES, _COURSES.c.id == _SESSIONS.c.course_id)
    .outerjoin(
        _MEMBERSHIPS,
        and_(
            _MEMBERSHIPS.c.course_id == _SESSIONS.c.course_id,
            _MEMBERSHIPS.c.user_id == _SESSIONS.c.user_id,
        ),
    )
    .outerjoin(_LINKS, _LINKS.c.id == _SESSIONS.c.resource_link_id)
    .where(_SESSIONS.c.id == bindparam("session_id"))
)


def load_session(
    database: Database,
    secret_key: str,
    session_id: str,
    *,
    cookie: str | None,
    token: str | None,
    or_ended: bool = False,
) -> CurrentSession | None:
    """Load a session for a request that carries its token, in a cookie or a page (``token``).

    None without a valid token, for a session that has ended, where the registration or the
    deployment is no longer active, for a user who has left the course, and for a test user or an
    impersonation that the institution no longer allows. ``or_ended``: also a
    session that ended by time within the last day and whose user, if the activity is opened again,
    finds there what is stored now.
    """
    valid = session_token(secret_key, session_id)
    by_cookie, by_token = _equal(cookie, valid), _equal(token, valid)
    if not (by_cookie or by_token):
        return None
    with database.read_core() as connection:
        row = connection.execute(_SESSION, {"session_id": session_id}).first()
    if row is None:
        return None
    statuses = (row.registration_status, row.deployment_status)
    administrator = _rights(row)[1]
    if inactive(*statuses, administrator=administrator):
        return None
    ended = row.expires_at <= now()
    if ended and not (or_ended and _accepts_late_drafts(row)):
        return None
    if not row.own_record and _is_refused_preview(row):
        return None
    # A preview or an impersonation reads as a user, whom the roster may lack.
    if row.membership_ended_at is not None and row.own_record:
        return None
    return _current(row, valid, cookieless=not by_cookie, token_sent=by_token, ended=ended)


def _accepts_late_drafts(row: Any) -> bool:
    """Whether the user of a session that has ended may still store a draft with it.

    Not if it was left. A guest is another person after the next launch, and previews store nothing.
    """
    was_left = row.expires_at <= row.created_at
    return (
        row.own_record
        and not was_left
        and row.expires_at > now() - LATE_DRAFTS
        and row.user_kind not in (None, "guest")
    )


def _is_refused_preview(row: Any) -> bool:
    """Whether the institution has stopped allowing this preview since its launch."""
    roles = read_roles((row.course_roles or "").split())
    code = refused_preview(
        is_test_user=roles.test_user or (row.course_id is None and row.user_kind == "test"),
        test_users=row.test_users,
        impersonation=row.impersonation,
    )
    return code is not None


def _equal(given: str | None, valid: str) -> bool:
    return given is not None and hmac.compare_digest(
        given.encode("utf-8", "replace"), valid.encode()
    )


def _rights(row: Any) -> tuple[bool, bool, bool]:
    """Whether the user is an instructor, an administrator and a content developer now.

    The roles are those of the membership, so that they follow the latest launch. Guests and
    sessions without a course have no membership: there the roles of the session's launch apply.
    """
    if row.course_id is None or row.user_kind in (None, "guest"):
        return row.instructor, row.administrator, row.content_developer
    roles = read_roles((row.course_roles or "").split())
    return roles.instructor, roles.administrator, roles.content_developer


def _current(
    row: Any, token: str, *, cookieless: bool, token_sent: bool, ended: bool
) -> CurrentSession:
    instructor, administrator, content_developer = _rights(row)
    return CurrentSession(
        id=row.id,
        token=token,
        token_sent=token_sent,
        cookieless=cookieless,
        ended=ended,
        registration_id=row.registration_id,
        deployment_id=row.deployment_id,
        user_id=row.user_id,
        user_name=row.user_name,
        user_kind=row.user_kind or "guest",
        user_language=row.user_language,
        course_id=row.course_id,
        course_title=_title(row.course_title),
        resource_link_id=row.resource_link_id,
        resource_link_title=_title(row.resource_link_title),
        module_id=row.module_id,
        part=row.part or "",
        module_language=row.module_language,
        instructor=instructor,
        administrator=administrator,
        content_developer=content_developer,
        own_record=row.own_record,
        guests=row.guests,
        locale=row.locale,
        return_url=row.return_url,
        frame_ancestors=tuple(row.frame_ancestors.split()),
        message_type=row.message_type,
        deep_linking=row.deep_linking,
        translation=row.translation,
        profile=find_profile(row.issuer, row.product),
        client_id=row.client_id,
        placement=row.placement,
        institution_id=row.institution_id,
        paused=is_paused(row.registration_status, row.deployment_status),
        observer=row.observers == "read" and is_observer((row.course_roles or "").split()),
    )


def _title(stored: str | None) -> str | None:
    """A title as it is shown: earlier versions stored what the platform sent."""
    return (clean(stored, len(stored)) or None) if stored else stored


def guest_user(session: Session, launch_session: CurrentSession) -> int:
    """Return the ID of the session's user; a guest's user is created the first time."""
    if launch_session.user_id is not None:
        return launch_session.user_id
    # The row is locked: two concurrent requests must not create two guests.
    row = session.get_one(LaunchSession, launch_session.id, with_for_update=True)
    if row.user_id is None:
        guest = User(registration_id=launch_session.registration_id, kind="guest", created_at=now())
        session.add(guest)
        session.flush()
        row.user_id = guest.id
        session.flush()
    return row.user_id


def remember_language(database: Database, launch_session: CurrentSession, language: str) -> None:
    """Store the module language that the user chose, for later sessions.

    Nothing is stored for a guest without a row, and if the database is busy.
    """
    user_id = launch_session.user_id
    if user_id is None or launch_session.user_language == language or not launch_session.own_record:
        return
    try:
        with database.write() as session:
            session.execute(update(User).where(User.id == user_id).values(language=language))
    except OperationalError as error:
        log.warning("the chosen language was not stored: %s", log_format.describe(error))


def end_session(database: Database, session_id: str) -> None:
    """End a session now, because its user leaves: nothing can be done with it any more.

    Its row stays until the purge, so that its nonce cannot be used again.
    """
    left = update(LaunchSession).where(LaunchSession.id == session_id)
    with database.write() as session:
        session.execute(left.values(expires_at=LaunchSession.created_at))


def purge_sessions(database: Database) -> None:
    """Delete the sessions that ended more than a day ago.

    By then their login, which could use their nonce again, has expired too.
    """
    with database.write() as session:
        session.execute(delete(LaunchSession).where(LaunchSession.expires_at < now() - LATE_DRAFTS))
