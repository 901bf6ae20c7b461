"""Create, load and delete launch sessions."""

import hmac
import json
import logging
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    and_,
    bindparam,
    case,
    delete,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from lti_tool import log_format
from lti_tool.directory.access import inactive
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
from lti_tool.lti.roles import read_roles
from lti_tool.sessions.current import CurrentSession, session_token
from lti_tool.sessions.model import LaunchSession
from lti_tool.storage.database import Database, now

log = logging.getLogger(__name__)

_INSERT = insert(LaunchSession)


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
            "module_id": record.module_id,
            "message_type": launch.message_type,
            "instructor": launch.roles.instructor,
            "administrator": launch.roles.administrator,
            "content_developer": launch.roles.content_developer,
            "own_record": own_record,
            "locale": launch.presentation.locale or launch.user.locale,
            "return_url": launch.presentation.return_url,
            "frame_ancestors": " ".join(frame_ancestors),
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


# The choice of an instructor applies to every open session of the resource link; the module that a
# link names applies only to the sessions opened through that link, and to those without a module.
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
        LaunchSession.content_developer,
        LaunchSession.own_record,
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


def load_session(
    database: Database, secret_key: str, session_id: str, *, cookie: str | None, token: str | None
) -> CurrentSession | None:
    """Load a session for a request that carries its token, in a cookie or a page (``token``).

    None without a valid token, for an expired session, and where the registration or the
    deployment is no longer active.
    """
    valid = session_token(secret_key, session_id)
    by_cookie, by_token = _equal(cookie, valid), _equal(token, valid)
    if not (by_cookie or by_token):
        return None
    with database.read_core() as connection:
        row = connection.execute(_SESSION, {"session_id": session_id}).first()
    if row is None or row.expires_at <= now():
        return None
    if inactive(row.registration_status, row.deployment_status):
        return None
    return _current(row, valid, cookieless=not by_cookie, token_sent=by_token)


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


def _current(row: Any, token: str, *, cookieless: bool, token_sent: bool) -> CurrentSession:
    instructor, administrator, content_developer = _rights(row)
    return CurrentSession(
        id=row.id,
        token=token,
        token_sent=token_sent,
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
        content_developer=content_developer,
        own_record=row.own_record,
        guests=row.guests,
        locale=row.locale,
        return_url=row.return_url,
        frame_ancestors=tuple(row.frame_ancestors.split()),
        message_type=row.message_type,
        deep_linking=row.deep_linking,
    )


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


def purge_sessions(database: Database) -> None:
    """Delete expired sessions; a login that could reuse their nonce has expired before."""
    with database.write() as session:
        session.execute(delete(LaunchSession).where(LaunchSession.expires_at < now()))
