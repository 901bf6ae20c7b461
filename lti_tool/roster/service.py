"""Request that the roster of a course is read from the LMS."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, exists, or_, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from lti_tool.directory.model import Course, Deployment, Membership, RegistrationRow
from lti_tool.roster.model import CourseRoster
from lti_tool.storage.database import Database, now
from lti_tool.tasks import outbox

REFRESH = "roster.refresh"
"""Kind of the outbox rows; the payload names the ``course``."""

MAX_AGE = timedelta(hours=4)
"""Age of a roster at which an instructor's launch requests it again."""
DAILY = timedelta(hours=24)
"""Age at which the worker requests the roster of a course that is in use."""
RETRY = timedelta(minutes=15)
"""Time between two requests, except by the button."""
LOST = timedelta(hours=1)
"""After this time a request is taken for lost."""
IN_USE = timedelta(days=30)
"""A course is in use while the latest launch of a member is not older."""
MOST_AT_ONCE = 200
"""Courses that are requested in one hour."""


def request_refresh(connection: Connection | Session, course_id: int) -> bool:
    """Request a read in the transaction of the caller; return False if one is waiting already."""
    moment = now()
    sqlite = _dialect(connection) == "sqlite"
    insert = sqlite_insert if sqlite else postgresql_insert
    requested = connection.execute(
        insert(CourseRoster)
        .values(course_id=course_id, requested_at=moment)
        .on_conflict_do_update(
            index_elements=["course_id"],
            set_={"requested_at": moment},
            where=or_(
                CourseRoster.requested_at.is_(None), CourseRoster.requested_at < moment - LOST
            ),
        )
        .returning(CourseRoster.course_id)
    ).first()
    if requested is None:
        return False
    key = f"{course_id}:{moment.isoformat()}"
    outbox.put(connection, REFRESH, key, {"course": course_id}, order_key=str(course_id))
    return True


def request_if_old(connection: Connection | Session, course_id: int) -> bool:
    """Request a read if the latest complete one is older than ``MAX_AGE``."""
    moment = now()
    row = connection.execute(
        select(CourseRoster.read_at, CourseRoster.tried_at).where(
            CourseRoster.course_id == course_id
        )
    ).first()
    if row is not None:
        if row.read_at is not None and row.read_at > moment - MAX_AGE:
            return False
        if row.tried_at is not None and row.tried_at > moment - RETRY:
            return False
    return request_refresh(connection, course_id)


def request_old_rosters(database: Database) -> int:
    """Request the rosters that are older than a day, of courses in use; return how many."""
    moment = now()
    in_use = exists().where(Membership.course_id == Course.id, Membership.seen_at > moment - IN_USE)
    old = (
        select(Course.id)
        .join(Deployment, Deployment.id == Course.deployment_id)
        .join(RegistrationRow, RegistrationRow.id == Deployment.registration_id)
        .outerjoin(CourseRoster, CourseRoster.course_id == Course.id)
        .where(
            Course.memberships_url.is_not(None),
            Deployment.status == "active",
            RegistrationRow.status == "active",
            or_(CourseRoster.read_at.is_(None), CourseRoster.read_at < moment - DAILY),
            or_(CourseRoster.tried_at.is_(None), CourseRoster.tried_at < moment - RETRY),
            in_use,
        )
        .order_by(CourseRoster.tried_at.asc().nulls_first(), Course.id)
        .limit(MOST_AT_ONCE)
    )
    with database.read_core() as connection:
        courses = list(connection.execute(old).scalars())
    requested = 0
    for course_id in courses:
        with database.write_core() as connection:
            requested += request_refresh(connection, course_id)
    return requested


def is_lost(state: CourseRoster, moment: datetime) -> bool:
    """Whether the request of a roster is so old that nothing is to be expected of it."""
    return state.requested_at is not None and state.requested_at < moment - LOST


def _dialect(connection: Connection | Session) -> str:
    bind = connection if isinstance(connection, Connection) else connection.get_bind()
    return bind.dialect.name
