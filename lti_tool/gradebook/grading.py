"""Set grades: compute them from what people did, or by hand; and ask for them to be sent.

Every grade of a change is locked before its column, so that two changes cannot wait for each other.
"""

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from courseware.library import Library
from lti_tool.gradebook import scoring
from lti_tool.gradebook.activities import (
    Activity,
    columns_of,
    ensure_columns,
    find_activity,
    learners,
    locked_column,
    queue,
    work_of,
)
from lti_tool.gradebook.model import Grade, GradeColumn
from lti_tool.gradebook.scoring import Computed, Work
from lti_tool.storage.database import Database, now

BATCH = 200
"""People whose grades one transaction computes."""
TOLERANCE = 0.001
"""Points that differ by less are equal: the LMS would only tell people again."""


def equal(
    points: float | None, maximum: float | None, others: float | None, other_maximum: float | None
) -> bool:
    """Whether two grades are the same share of their maximum."""
    if points is None or others is None or not maximum or not other_maximum:
        return points is None and others is None
    return abs(points - others / other_maximum * maximum) <= TOLERANCE


def recompute(session: Session, activity: Activity, user_ids: Sequence[int]) -> None:
    """Compute the grades of some users, as far as they are learners of the course now."""
    columns = ensure_columns(session, activity)
    if not columns or activity.module is None:
        return
    graded = learners(activity.course_id)
    users = sorted(session.scalars(graded.where(graded.selected_columns[0].in_(user_ids))))
    if not users:
        return
    work = work_of(session.connection(), activity, users)
    stored = _locked(session, [column.id for column in columns.values()], users)
    changed = set()
    for kind, column in columns.items():
        over = bool(activity.settings.zero_after_due and column.due_at and column.due_at <= now())
        for user_id in users:
            computed = scoring.compute(
                kind,
                activity.settings,
                activity.module,
                work.get(user_id, Work()),
                maximum=column.line_item_maximum,
                over=over,
            )
            grade = stored.get((column.id, user_id))
            if grade is None:
                if computed.points is None and computed.submitted_at is None:
                    continue
                grade = Grade(column_id=column.id, user_id=user_id, revision=0, state="none")
                session.add(grade)
            if _apply(grade, computed):
                changed.add(column.id)
    session.flush()
    for column_id in sorted(changed):
        queue(session, column_id)


def _apply(grade: Grade, computed: Computed) -> bool:
    """Store a computed grade; return whether it has to be sent."""
    new_submission = computed.submitted_at is not None and grade.submitted_at is None
    grade.submitted_at = computed.submitted_at or grade.submitted_at
    if computed.maximum is None:  # by hand: the LMS learns once that there is work
        if new_submission and grade.points is None and grade.announced_at is None:
            return _wait(grade)
        return False
    if grade.graded_at is not None:
        return False
    points = computed.points
    if points is None and grade.sent_points is not None:
        points = 0.0
    grade.complete = computed.complete
    if equal(points, computed.maximum, grade.points, grade.maximum):
        return False
    grade.points, grade.maximum = points, computed.maximum
    if points is None:
        grade.revision += 1
        grade.state, grade.due_at = "none", None
        return False
    return _wait(grade)


def _wait(grade: Grade) -> bool:
    grade.revision += 1
    grade.state, grade.problem, grade.attempts, grade.due_at = "waiting", None, 0, now()
    return True


def _locked(
    session: Session, column_ids: Collection[int], user_ids: Collection[int]
) -> dict[tuple[int, int], Grade]:
    rows = session.scalars(
        select(Grade)
        .where(Grade.column_id.in_(column_ids), Grade.user_id.in_(user_ids))
        .order_by(Grade.column_id, Grade.user_id)
        .with_for_update()
    )
    return {(row.column_id, row.user_id): row for row in rows}


def recompute_all(database: Database, library: Library, resource_link_id: int) -> None:
    """Compute the grades of all learners of an activity, in batches."""
    after = 0
    while True:
        with database.write() as session:
            activity = find_activity(session, library, resource_link_id)
            if activity is None or activity.module is None:
                return
            graded = learners(activity.course_id)
            user = graded.selected_columns[0]
            some = list(session.scalars(graded.where(user > after).order_by(user).limit(BATCH)))
            if not some:
                return
            recompute(session, activity, some)
            after = some[-1]


def give(
    session: Session,
    column: GradeColumn,
    user_id: int,
    *,
    points: float | None,
    maximum: float,
    comment: str,
    by: int | None,
) -> bool:
    """Set a grade by hand; without points, a comment alone is stored until there are some.

    Return whether anything has changed. An automatic column keeps the grade until it is cleared.
    """
    grade = _locked(session, [column.id], [user_id]).get((column.id, user_id))
    if grade is None:
        if points is None and not comment:
            return False
        grade = _insert(session, column.id, user_id)
    same = equal(points, maximum, grade.points, grade.maximum)
    if same and comment == (grade.comment or ""):
        return False
    grade.comment = comment or None
    if points is None:
        grade.points, grade.graded_at, grade.graded_by_id = None, None, None
        grade.revision += 1
        grade.state, grade.due_at = ("sent" if grade.sent_points is not None else "none"), None
        session.flush()
        return True
    grade.points, grade.maximum, grade.complete = points, maximum, True
    grade.graded_at, grade.graded_by_id = now(), by
    _wait(grade)
    session.flush()
    queue(session, column.id)
    return True


def _insert(session: Session, column_id: int, user_id: int) -> Grade:
    """Return an empty grade, locked; or the one that another transaction has inserted meanwhile."""
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    empty = insert(Grade).values(column_id=column_id, user_id=user_id, revision=0, state="none")
    session.execute(empty.on_conflict_do_nothing(index_elements=["column_id", "user_id"]))
    return _locked(session, [column_id], [user_id])[column_id, user_id]


def send_again(session: Session, column_id: int, user_id: int) -> None:
    """Let the grade of a user be sent again, if there is one."""
    grade = _locked(session, [column_id], [user_id]).get((column_id, user_id))
    if grade is not None and grade.points is not None:
        _wait(grade)
        session.flush()
        _resume(session, column_id)


def send_all_again(database: Database, resource_link_id: int) -> None:
    """Let all grades of an activity be sent again, in batches."""
    with database.read() as session:
        columns = [column.id for column in columns_of(session, resource_link_id).values()]
    for column_id in columns:
        after: int | None = 0
        while after is not None:
            with database.write() as session:
                after = _send_some(session, column_id, after)


def _send_some(session: Session, column_id: int, after: int) -> int | None:
    """Let the grades of users with higher ids be sent; return the last id, or None at the end."""
    rows = session.scalars(
        select(Grade)
        .where(Grade.column_id == column_id, Grade.user_id > after, Grade.points.is_not(None))
        .order_by(Grade.user_id)
        .limit(BATCH)
        .with_for_update()
    ).all()
    for grade in rows:
        _wait(grade)
    session.flush()
    _resume(session, column_id)
    return rows[-1].user_id if len(rows) == BATCH else None


def _resume(session: Session, column_id: int) -> None:
    """Queue a column, and end its pause: an instructor asks for it."""
    column = locked_column(session, column_id)
    if column is not None:
        column.paused_until = None
        session.flush()
        queue(session, column_id)
