"""Build what the pages show of grades: the cells of the table, and their states in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from courseware.i18n import Interface
from courseware.i18n.marking import N_
from lti_tool.gradebook import scoring
from lti_tool.gradebook.activities import Activity, columns_of
from lti_tool.gradebook.model import Grade, GradeColumn
from lti_tool.gradebook.problems import MESSAGES, Problem
from lti_tool.gradebook.scoring import Kind
from lti_tool.gradebook.settings import DEFAULT_MAXIMUM

TITLES: dict[Kind, str] = {
    "activity": N_("Grade"),
    "first_post": N_("First post"),
    "replies": N_("Replies"),
}


@dataclass(frozen=True, slots=True)
class ColumnView:
    """A column of the table. ``problem``: why nothing of it can be sent, as a sentence."""

    id: int
    kind: Kind
    title: str
    maximum: float
    manual: bool
    problem: str | None
    deleted: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """A grade in the table. ``points`` is text; ``typed`` the points as a form has them."""

    column: ColumnView
    points: str | None
    typed: str
    comment: str
    by_hand: bool
    state: str
    in_lms: str | None
    can_send: bool
    error: str | None = None


def points_text(ui: Interface, points: float | None, maximum: float | None) -> str | None:
    """Return ``8 of 10``; None without points."""
    if points is None or maximum is None:
        return None
    number, whole = ui.number(round(points, 2)), ui.number(maximum)
    return ui.gettext("%(number)s of %(whole)s", number=number, whole=whole)


def column_views(session: Session, ui: Interface, activity: Activity) -> list[ColumnView]:
    """Return the columns that the settings ask for. Takes one statement."""
    stored = columns_of(session, activity.resource_link_id)
    views = []
    for kind in activity.kinds:
        column = stored.get(kind)
        views.append(
            ColumnView(
                id=column.id if column else 0,
                kind=kind,
                title=ui.gettext(TITLES[kind]),
                maximum=column_maximum(activity, kind, column),
                manual=kind == "activity" and activity.settings.method == "manual",
                problem=_problem(ui, column),
                deleted=column is not None and column.problem == Problem.DELETED,
            )
        )
    return views


def column_maximum(activity: Activity, kind: Kind, column: GradeColumn | None) -> float:
    """The points of a column: those that were set, else those of the LMS."""
    if kind == "activity" and activity.settings.method == "completion":
        return 1.0
    chosen = scoring.column_maximum(kind, activity.settings)
    return chosen or (column.line_item_maximum if column else None) or DEFAULT_MAXIMUM


def _problem(ui: Interface, column: GradeColumn | None) -> str | None:
    if column is None or column.problem is None:
        return None
    return ui.gettext(MESSAGES[Problem(column.problem)])


def cells_of(
    session: Session, ui: Interface, activity: Activity, user_ids: Sequence[int]
) -> dict[int, list[Cell]]:
    """Return the cells of some people, one for each column. Takes two statements."""
    columns = column_views(session, ui, activity)
    rows = session.scalars(
        select(Grade).where(
            Grade.column_id.in_([column.id for column in columns]), Grade.user_id.in_(user_ids)
        )
    )
    grades = {(grade.column_id, grade.user_id): grade for grade in rows}
    return {
        user_id: [_cell(ui, column, grades.get((column.id, user_id))) for column in columns]
        for user_id in user_ids
    }


def _cell(ui: Interface, column: ColumnView, grade: Grade | None) -> Cell:
    if grade is None:
        return Cell(column, None, "", "", by_hand=False, state="", in_lms=None, can_send=False)
    return Cell(
        column=column,
        points=points_text(ui, grade.points, grade.maximum),
        typed="" if grade.points is None else f"{grade.points:.12g}",
        comment=grade.comment or "",
        by_hand=grade.graded_at is not None,
        state=state_text(ui, grade),
        in_lms=points_text(ui, grade.result_points, grade.result_maximum),
        can_send=grade.points is not None,
    )


def state_text(ui: Interface, grade: Grade) -> str:
    """Return what has become of a grade, as a sentence; empty where there is none."""
    if grade.state == "sent" and grade.sent_at is not None:
        if _is_missing(grade):
            return ui.gettext(
                "Sent on %(when)s, but the LMS has no grade. Perhaps it was deleted there, and is "
                "protected against changes.",
                when=ui.datetime(grade.sent_at),
            )
        return ui.gettext("Sent on %(when)s", when=ui.datetime(grade.sent_at))
    if grade.state == "kept":
        return ui.gettext(
            "Not changed: graded in the LMS. To have this grade sent, delete the one in the LMS."
        )
    reason = ui.gettext(MESSAGES[Problem(grade.problem)]) if grade.problem else ""
    if grade.state == "refused":
        return ui.gettext("Refused. %(reason)s", reason=reason)
    if grade.state == "waiting" and grade.points is not None:
        return " ".join(filter(None, (ui.gettext("Waiting to be sent."), reason)))
    return ""


def _is_missing(grade: Grade) -> bool:
    """Whether the LMS held no grade when it was read after the score was sent."""
    sent_at, read_at = grade.sent_at, grade.result_read_at
    if sent_at is None or read_at is None or read_at < sent_at:
        return False
    return grade.result_points is None
