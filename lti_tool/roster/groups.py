"""The groups of a course: those of the LMS, and those that an instructor makes here.

Groups of the LMS (``source="lms"``) follow the roster and cannot be changed here. The functions
that change something do not check rights, and run in the transaction of the caller.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, delete, func, insert, select, update
from sqlalchemy.orm import Session

from lti_tool.directory.model import Membership
from lti_tool.roster.model import CourseGroup, CourseGroupMember
from lti_tool.storage.database import now

Source = Literal["lms", "instructor"]
MAX_GROUPS = 500
"""Groups that an instructor can make in a course, and that are read from the LMS."""
NAME_LIMIT = 255
_ROWS = 500
"""Rows written by one statement."""


class GroupError(Exception):
    """The change is not possible. ``code``: ``name``, ``taken``, ``too_many`` or ``unknown``."""

    def __init__(self, code: Literal["name", "taken", "too_many", "unknown"]) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Group:
    """A group of a course. ``deleted``: it exists only because posts refer to it."""

    id: int
    name: str
    source: Source
    deleted: bool
    lti_group_id: str | None = None
    lti_set_id: str | None = None


def groups_of(
    connection: Connection | Session,
    course_id: int,
    *,
    source: Source | None = None,
    with_deleted: bool = False,
) -> list[Group]:
    """Return the groups of a course in the order of their names. Takes one statement."""
    query = select(CourseGroup.__table__).where(CourseGroup.course_id == course_id)
    if source is not None:
        query = query.where(CourseGroup.source == source)
    if not with_deleted:
        query = query.where(CourseGroup.deleted_at.is_(None))
    rows = connection.execute(query.order_by(func.lower(CourseGroup.name), CourseGroup.id))
    return [_group(row) for row in rows]


def groups_of_user(
    connection: Connection | Session,
    course_id: int,
    user_id: int,
    *,
    source: Source | None = None,
) -> tuple[int, ...]:
    """Return the ids of the groups of a course that a user is in. Takes one statement."""
    query = (
        select(CourseGroup.id)
        .join(CourseGroupMember, CourseGroupMember.group_id == CourseGroup.id)
        .where(
            CourseGroupMember.user_id == user_id,
            CourseGroup.course_id == course_id,
            CourseGroup.deleted_at.is_(None),
        )
        .order_by(CourseGroup.id)
    )
    if source is not None:
        query = query.where(CourseGroup.source == source)
    return tuple(connection.execute(query).scalars())


def members_of_group(connection: Connection | Session, group_id: int) -> list[int]:
    """Return the ids of the users in a group who are active members of its course."""
    query = (
        select(CourseGroupMember.user_id)
        .join(CourseGroup, CourseGroup.id == CourseGroupMember.group_id)
        .join(
            Membership,
            (Membership.course_id == CourseGroup.course_id)
            & (Membership.user_id == CourseGroupMember.user_id),
        )
        .where(CourseGroupMember.group_id == group_id, Membership.ended_at.is_(None))
        .order_by(CourseGroupMember.user_id)
    )
    return list(connection.execute(query).scalars())


def create_group(session: Connection | Session, course_id: int, name: str) -> int:
    """Make an empty group and return its id. Raises :class:`GroupError`."""
    name = _free_name(session, course_id, name)
    if len(groups_of(session, course_id, source="instructor")) >= MAX_GROUPS:
        raise GroupError("too_many")
    values = {"course_id": course_id, "source": "instructor", "name": name, "created_at": now()}
    made = session.execute(insert(CourseGroup).values(**values).returning(CourseGroup.id))
    return int(made.scalar_one())


def rename_group(session: Connection | Session, course_id: int, group_id: int, name: str) -> None:
    """Rename an instructor's group. Raises :class:`GroupError`."""
    _must_be_ours(session, course_id, group_id)
    name = _free_name(session, course_id, name, besides=group_id)
    session.execute(update(CourseGroup).where(CourseGroup.id == group_id).values(name=name))


def delete_group(session: Connection | Session, course_id: int, group_id: int) -> None:
    """Delete an instructor's group; its posts keep its id, and nobody is in it any more.

    Raises :class:`GroupError`.
    """
    _must_be_ours(session, course_id, group_id)
    session.execute(delete(CourseGroupMember).where(CourseGroupMember.group_id == group_id))
    session.execute(update(CourseGroup).where(CourseGroup.id == group_id).values(deleted_at=now()))


def set_members(
    session: Connection | Session, course_id: int, group_id: int, user_ids: Iterable[int]
) -> None:
    """Make these users the members of an instructor's group.

    Users without a membership of the course are left out. Raises :class:`GroupError`.
    """
    _must_be_ours(session, course_id, group_id)
    wanted = set(user_ids)
    members = set(_in_course(session, course_id, sorted(wanted)))
    write_members(session, group_id, members)


def write_members(session: Connection | Session, group_id: int, user_ids: set[int]) -> None:
    """Write the differences between the stored members of a group and these."""
    stored = set(
        session.execute(
            select(CourseGroupMember.user_id).where(CourseGroupMember.group_id == group_id)
        ).scalars()
    )
    for some in _chunks(sorted(stored - user_ids)):
        session.execute(
            delete(CourseGroupMember).where(
                CourseGroupMember.group_id == group_id, CourseGroupMember.user_id.in_(some)
            )
        )
    for some in _chunks(sorted(user_ids - stored)):
        session.execute(
            insert(CourseGroupMember), [{"group_id": group_id, "user_id": user} for user in some]
        )


def _in_course(session: Connection | Session, course_id: int, user_ids: Sequence[int]) -> list[int]:
    found: list[int] = []
    for some in _chunks(user_ids):
        query = select(Membership.user_id).where(
            Membership.course_id == course_id, Membership.user_id.in_(some)
        )
        found += session.execute(query).scalars()
    return found


def _chunks(values: Sequence[int]) -> Iterable[Sequence[int]]:
    return (values[start : start + _ROWS] for start in range(0, len(values), _ROWS))


def _must_be_ours(session: Connection | Session, course_id: int, group_id: int) -> None:
    query = select(CourseGroup.id).where(
        CourseGroup.id == group_id,
        CourseGroup.course_id == course_id,
        CourseGroup.source == "instructor",
        CourseGroup.deleted_at.is_(None),
    )
    if session.execute(query.with_for_update()).first() is None:
        raise GroupError("unknown")


def _free_name(
    session: Connection | Session, course_id: int, name: str, *, besides: int | None = None
) -> str:
    name = " ".join(name.split())
    if not name or len(name) > NAME_LIMIT:
        raise GroupError("name")
    taken = {
        group.name.casefold()
        for group in groups_of(session, course_id, source="instructor")
        if group.id != besides
    }
    if name.casefold() in taken:
        raise GroupError("taken")
    return name


def _group(row: Any) -> Group:
    return Group(
        id=row.id,
        name=row.name,
        source=row.source,
        deleted=row.deleted_at is not None,
        lti_group_id=row.lti_group_id,
        lti_set_id=row.lti_set_id,
    )
