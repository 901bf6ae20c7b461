"""Find the resource link that a resource link was copied from.

Platforms differ in what they send with a copy (``lti/copy_history.py``), so there are three ways,
the surest first:

1. the platform lists the resource links before this one: the latest of them that is known;
2. it lists only the courses before this one, or a notice named them, and this link has kept its
   ID there;
3. or a link of the same title is there (Moodle), and all of that title show one module.

Where a platform was migrated from LTI 1.1, it may name a link by the ID that it has there
(Canvas: https://github.com/hypothesis/lms/issues/4369), so both are compared.

All within one deployment, because only there are these IDs unique (LTI Core 1.3 §5.3.3).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, false, or_, select
from sqlalchemy.orm import aliased

from lti_tool.directory.model import Course, CourseCopy, Membership, ResourceLink
from lti_tool.lti.launch import Launch

_LIMIT = 1000
_MOST_COURSES = 50

Found = Row[Any]


def find_original(
    connection: Connection, launch: Launch, deployment_id: int, own_id: int | None
) -> Found | None:
    """The row of the original, if it has a module; ``own_id`` is the copy's row, if there is one.

    The row has ``id``, the columns of its choice of a module, and the modules that its link named.
    """
    link = launch.resource_link
    courses = launch.course.history if launch.course else ()
    # Notices are looked up at the first launch of a link only.
    if launch.course is not None and not courses and own_id is None:
        courses = _announced(connection, deployment_id, launch.course.id)
    if link is None or not (link.history or courses):
        return None
    own_ids = [link.id, *filter(None, [link.lti1p1_id])]
    in_course = Course.context_id.in_(courses)
    same_title = ResourceLink.title == link.title if link.title else false()
    statement = (
        select(
            ResourceLink.id,
            ResourceLink.lti_resource_link_id.label("link"),
            ResourceLink.lti1p1_id,
            ResourceLink.title,
            ResourceLink.module_id,
            ResourceLink.module_source,
            ResourceLink.part,
            ResourceLink.module_language,
            ResourceLink.chosen_at,
            ResourceLink.linked_module,
            ResourceLink.linked_before,
            ResourceLink.linked_again,
            Course.context_id.label("course"),
        )
        .outerjoin(Course, Course.id == ResourceLink.course_id)
        .where(
            ResourceLink.deployment_id == deployment_id,
            ResourceLink.module_id.is_not(None),
            ResourceLink.id != (own_id or 0),
            or_(
                _is_named(link.history),
                and_(in_course, or_(_is_named(own_ids), same_title)),
            ),
        )
        .order_by(ResourceLink.id.desc())
        .limit(_LIMIT)
    )
    rows: list[Any] = list(connection.execute(statement).all())
    for link_id in link.history:
        if found := _latest([row for row in rows if link_id in _ids(row)], courses):
            return found
    in_courses = [row for row in rows if row.course in courses]
    kept = [row for row in in_courses if not _ids(row).isdisjoint(own_ids)]
    if found := _latest(kept, courses):
        return found
    if link.history:  # the platform knows what was copied, and this tool does not
        return None
    return _by_title([row for row in in_courses if row.title == link.title], courses)


def _is_named(ids: Sequence[str]) -> ColumnElement[bool]:
    return or_(ResourceLink.lti_resource_link_id.in_(ids), ResourceLink.lti1p1_id.in_(ids))


def _ids(row: Found) -> set[str | None]:
    return {row.link, row.lti1p1_id} - {None}


def _announced(connection: Connection, deployment_id: int, context_id: str) -> tuple[str, ...]:
    """The courses that a course was copied from, as notices said, the most recent copy first."""
    query = (
        select(CourseCopy.origin_context_id)
        .where(CourseCopy.deployment_id == deployment_id, CourseCopy.context_id == context_id)
        .order_by(CourseCopy.announced_at.desc())
        .limit(_MOST_COURSES)
    )
    return tuple(connection.scalars(query))


def _latest(rows: Sequence[Found], courses: Sequence[str]) -> Found | None:
    """The row of the latest of these courses; of another course only if there is no such row."""
    return min(rows, key=lambda row: _position(row.course, courses), default=None)


def _position(course: str | None, courses: Sequence[str]) -> int:
    return courses.index(course) if course in courses else len(courses)


def _by_title(rows: Iterable[Found], courses: Sequence[str]) -> Found | None:
    for course in courses:
        found = [row for row in rows if row.course == course]
        if found:
            return found[0] if len({row.module_id for row in found}) == 1 else None
    return None


@dataclass(frozen=True, slots=True)
class CopiedFrom:
    """``course``: the title of the original's course, if the reader is a member of it."""

    course: str | None


def copied_from(
    connection: Connection, resource_link_id: int, user_id: int | None
) -> CopiedFrom | None:
    """What a resource link that shows the module of another one was copied from."""
    copy, original = aliased(ResourceLink), aliased(ResourceLink)
    row = connection.execute(
        select(
            copy.course_id,
            original.course_id.label("origin"),
            Course.title,
            Membership.id.label("membership"),
        )
        .select_from(copy)
        .join(original, original.id == copy.copied_from_id)
        .outerjoin(Course, Course.id == original.course_id)
        .outerjoin(
            Membership, and_(Membership.course_id == Course.id, Membership.user_id == user_id)
        )
        .where(copy.id == resource_link_id)
    ).first()
    if row is None:
        return None
    shown = row.membership is not None and row.origin != row.course_id
    return CopiedFrom(row.title if shown else None)
