"""Read the members of a course, to put them into groups."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from lti_tool.directory.model import Membership, User
from lti_tool.directory.sort_names import after_member, has_name_part
from lti_tool.roster.groups import members_of_group

PER_PAGE = 100
_U = User.__table__
_M = Membership.__table__


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the course. ``name`` is None if the platform sent none."""

    user_id: int
    name: str | None
    in_group: bool


@dataclass(frozen=True, slots=True)
class MemberPage:
    """A page of members, in the order of their names; ``more``: there are others."""

    members: tuple[Member, ...]
    more: bool
    total: int


def members_page(
    connection: Connection, course_id: int, group_id: int, *, search: str = "", after: int = 0
) -> MemberPage:
    """Return a page of the course's active members after a user; ``search``: a part of the name.

    The members are read from the index of their names. Takes two statements, one more for a later
    page.
    """
    query = (
        select(_U.c.id, _U.c.name)
        .select_from(_M.join(_U, _U.c.id == _M.c.user_id))
        .where(_M.c.course_id == course_id, _M.c.ended_at.is_(None), _U.c.kind == "person")
        .order_by(_M.c.sort_name, _M.c.user_id)
        .limit(PER_PAGE + 1)
    )
    query = query.where(*has_name_part(search), *after_member(connection, course_id, after))
    inside = set(members_of_group(connection, group_id))
    found = connection.execute(query).all()
    members = tuple(Member(row.id, row.name, row.id in inside) for row in found[:PER_PAGE])
    return MemberPage(members, len(found) > PER_PAGE, len(inside))
