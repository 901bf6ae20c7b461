"""What other features ask about the members of a course.

A member is a user with a membership, known from a launch or from the roster of the LMS. Functions
that count, or list by a role, leave test users out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, or_, select
from sqlalchemy.orm import Session

from lti_tool.directory.model import Course, Membership, User
from lti_tool.roster.model import CourseRoster

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class CourseMember:
    """A member of a course. ``role``: ``instructor``, ``learner``, ``test`` or ``other``.

    ``listed``: the roster of the LMS has listed the user; else only launches are known.
    ``name`` and ``email`` are None where the LMS does not send them; ``lms_user_id`` is its id.
    """

    user_id: int
    name: str | None
    email: str | None
    role: str
    active: bool
    listed: bool
    lms_user_id: str | None = None


_MEMBERS = select(
    Membership.user_id,
    User.name,
    User.email,
    User.subject,
    Membership.role,
    Membership.ended_at,
    Membership.roster_read_at,
).join(User, User.id == Membership.user_id)


def _member(row: Any) -> CourseMember:
    return CourseMember(
        user_id=row.user_id,
        name=row.name,
        email=row.email,
        role=row.role,
        active=row.ended_at is None,
        listed=row.roster_read_at is not None,
        lms_user_id=row.subject,
    )


def roster_of(
    connection: Connection | Session,
    course_id: int,
    *,
    role: str | None = None,
    active: bool | None = True,
    after: int = 0,
    limit: int = PAGE_SIZE,
) -> list[CourseMember]:
    """Return members with a user id above ``after``, in the order of their user ids.

    ``role`` limits the list to one role; without it, test users are left out. ``active`` None: also
    those who have left. Takes one statement.
    """
    query = (
        _MEMBERS.where(Membership.course_id == course_id, Membership.user_id > after)
        .order_by(Membership.user_id)
        .limit(limit)
    )
    query = query.where(Membership.role != "test" if role is None else Membership.role == role)
    if active is not None:
        ended = Membership.ended_at
        query = query.where(ended.is_(None) if active else ended.is_not(None))
    return [_member(row) for row in connection.execute(query)]


def members_by_id(
    connection: Connection | Session, course_id: int, user_ids: Sequence[int]
) -> list[CourseMember]:
    """Return those of some users who are in a course now. Takes one statement."""
    query = _MEMBERS.where(
        Membership.course_id == course_id,
        Membership.user_id.in_(user_ids),
        Membership.ended_at.is_(None),
    )
    return [_member(row) for row in connection.execute(query)]


def search_members(
    connection: Connection | Session, course_id: int, text: str, *, after: int = 0, limit: int
) -> list[CourseMember]:
    """Return present members with a text in name or e-mail address, in the order of user ids."""
    # SQLite changes the case of ASCII letters only.
    forms = sorted({text, text.lower(), text.title()})
    named = or_(
        *(
            field.icontains(each, autoescape=True)
            for field in (User.name, User.email)
            for each in forms
        )
    )
    query = _MEMBERS.where(
        Membership.course_id == course_id,
        Membership.user_id > after,
        Membership.ended_at.is_(None),
        Membership.role != "test",
    )
    query = query.where(named) if text else query
    found = connection.execute(query.order_by(Membership.user_id).limit(limit))
    return [_member(row) for row in found]


def every_member(
    connection: Connection | Session,
    course_id: int,
    *,
    role: str | None = None,
    active: bool | None = True,
) -> Iterator[CourseMember]:
    """Yield all members, reading 500 at a time."""
    after = 0
    while page := roster_of(
        connection, course_id, role=role, active=active, after=after, limit=500
    ):
        yield from page
        after = page[-1].user_id


def is_active_member(connection: Connection | Session, course_id: int, user_id: int) -> bool:
    """Whether a user is in a course now. False for guests, who have no membership."""
    query = select(Membership.id).where(
        Membership.course_id == course_id,
        Membership.user_id == user_id,
        Membership.ended_at.is_(None),
    )
    return connection.execute(query).first() is not None


def active_members(
    connection: Connection | Session, course_id: int, user_ids: list[int]
) -> set[int]:
    """Return those of some users who are in a course now."""
    query = select(Membership.user_id).where(
        Membership.course_id == course_id,
        Membership.user_id.in_(user_ids),
        Membership.ended_at.is_(None),
    )
    return set(connection.execute(query).scalars())


def learners_count(connection: Connection | Session, course_id: int) -> int:
    """Return the stored number of active learners, without test users."""
    query = select(Course.learner_count).where(Course.id == course_id)
    return connection.execute(query).scalar() or 0


def is_offered(connection: Connection | Session, course_id: int) -> bool:
    """Whether the latest launch of a course had the URL of its roster."""
    query = select(Course.memberships_url).where(Course.id == course_id)
    return connection.execute(query).scalar() is not None


def roster_state(connection: Connection | Session, course_id: int) -> CourseRoster | None:
    """Return when the roster was requested and read, and why not; None before the first request."""
    query = select(CourseRoster.__table__).where(CourseRoster.course_id == course_id)
    row = connection.execute(query).first()
    return None if row is None else CourseRoster(**row._asdict())


def renewed_at(connection: Connection | Session, course_id: int | None) -> datetime | None:
    """Return when the roster of a course had nearly only new learners for the last time."""
    query = select(CourseRoster.renewed_at).where(CourseRoster.course_id == course_id)
    return None if course_id is None else connection.execute(query).scalar()
