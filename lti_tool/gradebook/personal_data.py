"""What the gradebook stores about a person: the grades, and comments on them."""

from collections.abc import Sequence

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from courseware.i18n.marking import N_
from lti_tool.directory.model import Membership, ResourceLink
from lti_tool.directory.person_names import excerpt, has_name, name_to_find
from lti_tool.feature import Category, NamedText, PersonalData, Rows
from lti_tool.gradebook.model import Grade, GradeColumn, GradeUpdate

_GRADES = (
    select(Grade, GradeColumn.label, ResourceLink.title)
    .join(GradeColumn, GradeColumn.id == Grade.column_id)
    .join(ResourceLink, ResourceLink.id == GradeColumn.resource_link_id)
    .order_by(Grade.column_id, Grade.user_id)
)


def _grades(session: Session, user_id: int) -> Rows:
    return [
        _row(*found)
        | {
            "status": found[0].state,
            "points_sent": found[0].sent_points,
            "sent_at": found[0].sent_at,
            "points_in_lms": found[0].result_points,
        }
        for found in session.execute(_GRADES.where(Grade.user_id == user_id))
    ]


def _given(session: Session, user_id: int) -> Rows:
    """Grades that the user gave to others, without their names."""
    given = _GRADES.where(Grade.graded_by_id == user_id, Grade.user_id != user_id)
    return [_row(*found) for found in session.execute(given)]


def _row(grade: Grade, label: str | None, title: str | None) -> dict[str, object]:
    return {
        "activity": title,
        "column": label,
        "points": grade.points,
        "maximum_points": grade.maximum,
        "comment": grade.comment,
        "graded_at": grade.graded_at,
    }


def _named(session: Session, user_id: int) -> Sequence[NamedText]:
    """Comments on the grades of others in the user's courses, with the name of the user."""
    name = name_to_find(session, user_id)
    if name is None:
        return ()
    courses = select(Membership.course_id).where(Membership.user_id == user_id)
    rows = session.execute(
        select(Grade.user_id, Grade.comment, ResourceLink.title)
        .join(GradeColumn, GradeColumn.id == Grade.column_id)
        .join(ResourceLink, ResourceLink.id == GradeColumn.resource_link_id)
        .where(
            ResourceLink.course_id.in_(courses),
            Grade.user_id != user_id,
            has_name(Grade.comment, name),
        )
        .order_by(Grade.column_id, Grade.user_id)
    )
    found = ((row, excerpt(row.comment, name)) for row in rows)
    return [NamedText("grade", row.user_id, text, row.title) for row, text in found if text]


def _erase(session: Session, user_id: int) -> None:
    session.execute(delete(Grade).where(Grade.user_id == user_id))
    session.execute(delete(GradeUpdate).where(GradeUpdate.user_id == user_id))
    # The comment belongs to the person who was graded.
    given = update(Grade).where(Grade.graded_by_id == user_id)
    session.execute(given.values(graded_by_id=None))


PERSONAL_DATA = PersonalData(
    tables={"grades": "grades"},
    derived={"grade_updates": "that a grade is to be computed"},
    kept={
        "grade_columns": "columns of an activity; no person",
        "grade_rules": "what counts in an activity; no person",
    },
    categories=(
        Category(
            "grades",
            N_("Your grades"),
            N_(
                "To send what you did in graded activities to the gradebook of your course. Stored "
                "as long as the activity."
            ),
            _grades,
        ),
        Category(
            "grades_given",
            N_("Grades that you gave"),
            N_(
                "With your comments, for the people whom you graded. When you are erased, they "
                "stay without your name."
            ),
            _given,
        ),
    ),
    erase=_erase,
    named=_named,
)
