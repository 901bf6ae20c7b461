"""What the roster stores about a person: the groups of the courses."""

from collections.abc import Sequence

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from courseware.i18n.marking import N_
from lti_tool.directory.model import Membership
from lti_tool.directory.person_names import excerpt, has_name, name_to_find
from lti_tool.feature import Category, NamedText, PersonalData, Rows
from lti_tool.roster.model import CourseGroup, CourseGroupMember


def _groups(session: Session, user_id: int) -> Rows:
    names = session.scalars(
        select(CourseGroup.name)
        .join(CourseGroupMember, CourseGroupMember.group_id == CourseGroup.id)
        .where(CourseGroupMember.user_id == user_id)
        .order_by(CourseGroup.id)
    )
    return [{"name": name} for name in names]


def _named(session: Session, user_id: int) -> Sequence[NamedText]:
    """Groups of the user's courses that are called after the user."""
    name = name_to_find(session, user_id)
    if name is None:
        return ()
    courses = select(Membership.course_id).where(Membership.user_id == user_id)
    rows = session.scalars(
        select(CourseGroup)
        .where(CourseGroup.course_id.in_(courses), has_name(CourseGroup.name, name))
        .order_by(CourseGroup.id)
    )
    return [NamedText("group", row.id, row.name) for row in rows if excerpt(row.name, name)]


def _erase(session: Session, user_id: int) -> None:
    session.execute(delete(CourseGroupMember).where(CourseGroupMember.user_id == user_id))


PERSONAL_DATA = PersonalData(
    tables={"course_group_members": "groups"},
    kept={
        "course_groups": "groups belong to the course; their names are reported",
        "course_rosters": "when the list of participants was read",
    },
    categories=(
        Category(
            "groups",
            N_("Your groups"),
            N_("Groups of your courses, which decide what you read. Stored as long as the group."),
            _groups,
        ),
    ),
    erase=_erase,
    named=_named,
)
