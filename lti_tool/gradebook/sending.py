"""Send the grades of a column to the LMS: the task ``gradebook.send``.

One task of a column exists at a time, so scores of a person are sent one after another, and what is
sent is always the present grade: an older one that waited was replaced in its row. A grade stays
due until the LMS has accepted it, however long the LMS is away; a problem of the column pauses the
whole column, a problem of one grade postpones that grade.

Before each score, the grade in the LMS is read (AGS 2.0 §3.3). One that this tool neither sent nor
tried to send was given by a person: it is kept. One that equals the new grade is not sent again,
which also holds for a score whose answer was lost.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from lti_tool.directory.access import inactive
from lti_tool.directory.model import (
    ActivityOpening,
    Deployment,
    RegistrationRow,
    ResourceLink,
    User,
)
from lti_tool.directory.platform_services import connector_for
from lti_tool.directory.registrations import from_row
from lti_tool.gradebook.activities import learners, locked_column, put_task
from lti_tool.gradebook.column_line_item import ColumnLineItem
from lti_tool.gradebook.model import Grade, GradeColumn
from lti_tool.gradebook.problems import ColumnProblem, Pause, Problem, pause_for
from lti_tool.gradebook.score_sender import DueGrade, ScoreSender
from lti_tool.lti.registration import Registration
from lti_tool.lti.service_connector import PlatformConnector
from lti_tool.lti.service_errors import ServiceError
from lti_tool.settings import Settings
from lti_tool.storage.database import Database, now

BATCH = 50
"""Grades that one task sends, so that other tasks of the worker take turns."""
LONGEST_TURN = 20.0
"""Seconds after which a task lets others take their turn."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
"""Of a column whose LMS does not answer; each pause is twice as long as the one before."""
IDLE = timedelta(days=1)
"""Between two tries of a column that needs an administrator."""
MOST_REFUSED = 5
"""Refused grades in sequence after which the column is paused: the reason concerns them all."""

_OF_LINE_ITEMS = {Problem.DELETED, Problem.UNGRADED, Problem.NOT_OFFERED}
"""Problems that end with a line item; others end with an accepted score."""


@dataclass(frozen=True, slots=True)
class Target:
    """A column with what is needed to reach it."""

    column: GradeColumn
    link: ResourceLink
    registration: Registration


def send(settings: Settings, database: Database, payload: Mapping[str, Any]) -> None:
    """Send some grades of a column that are due, and put the next task if there are more."""
    column_id = int(payload["column"])
    target = find_target(database, column_id)
    if target is None:
        _finish(database, column_id, stop=True)
        return
    paused = target.column.paused_until
    if paused is None or paused <= now():
        connector = connector_for(settings, database, target.registration)
        try:
            _send_due(database, connector, target)
        except ColumnProblem as error:
            _pause(database, column_id, error.problem, IDLE)
        except Pause as error:
            seconds = timedelta(seconds=error.seconds) if error.seconds else None
            _pause(database, column_id, error.problem, seconds)
    _finish(database, column_id)


def find_target(database: Database, column_id: int) -> Target | None:
    """Return the column; None if nothing may be sent to it now."""
    with database.read() as session:
        row = session.execute(
            select(GradeColumn, ResourceLink, Deployment.status, RegistrationRow)
            .join(ResourceLink, ResourceLink.id == GradeColumn.resource_link_id)
            .join(Deployment, Deployment.id == ResourceLink.deployment_id)
            .join(RegistrationRow, RegistrationRow.id == Deployment.registration_id)
            .where(GradeColumn.id == column_id, GradeColumn.active)
        ).first()
    if row is None:
        return None
    column, link, deployment_status, registration = row
    if inactive(registration.status, deployment_status):
        return None
    return Target(column, link, from_row(registration))


def _send_due(database: Database, connector: PlatformConnector, target: Target) -> None:
    """Send grades until the turn is over. Raises ColumnProblem and Pause."""
    column = target.column
    due = _due(database, target)
    if not due and not column.changed:
        return
    line_item = ColumnLineItem(database, connector, column, target.link)
    if column.problem == Problem.DELETED and line_item.claimed() is None:
        raise ColumnProblem(Problem.DELETED)
    try:
        url = line_item.url()
    except ServiceError as error:
        raise pause_for(error) from error
    if column.problem in _OF_LINE_ITEMS:
        line_item.store(problem=None, problem_at=None)
    sender = ScoreSender(database, connector, line_item)
    started, refused = monotonic(), 0
    for item in due:
        if monotonic() - started > LONGEST_TURN:
            return
        problem = sender.send(url, item)
        refused = refused + 1 if problem and problem is not Problem.OUTDATED else 0
        if problem and refused == MOST_REFUSED:
            raise Pause(problem)


def _due(database: Database, target: Target) -> list[DueGrade]:
    """Grades that are due, of people who are learners of the course now."""
    query = (
        select(Grade, User.subject, ActivityOpening.first_at)
        .join(User, User.id == Grade.user_id)
        .outerjoin(
            ActivityOpening,
            (ActivityOpening.user_id == Grade.user_id)
            & (ActivityOpening.resource_link_id == target.link.id),
        )
        .where(
            Grade.column_id == target.column.id,
            Grade.due_at <= now(),
            Grade.user_id.in_(learners(target.link.course_id)),
        )
        .order_by(Grade.due_at, Grade.user_id)
        .limit(BATCH)
    )
    with database.read() as session:
        return [
            DueGrade(grade, subject or "", opened)
            for grade, subject, opened in session.execute(query)
        ]


def _pause(database: Database, column_id: int, problem: Problem, length: timedelta | None) -> None:
    """Store why a column is paused, and until when."""
    with database.write() as session:
        column = locked_column(session, column_id)
        if column is None:
            return
        if length is None:
            length = min(FIRST_PAUSE * 2 ** min(column.failures, 20), LONGEST_PAUSE)
        if column.problem != problem:
            column.problem, column.problem_at = problem.value, now()
        column.failures += 1
        column.paused_until = now() + length


def _finish(database: Database, column_id: int, *, stop: bool = False) -> None:
    """Put the next task of the column, if grades of it are due or will be."""
    with database.write() as session:
        column = locked_column(session, column_id)
        if column is None:
            return
        due_at = _next_due(session, column)
        if stop or due_at is None or column.problem == Problem.DELETED:
            column.queued = False
            return
        moment = max(due_at, column.paused_until or due_at)
        put_task(session, column_id, max(moment - now(), timedelta()))


def _next_due(session: Session, column: GradeColumn) -> datetime | None:
    """When the next grade of the column is due; now, if its line item has to be written."""
    if column.changed:
        return now()
    course = select(ResourceLink.course_id).where(ResourceLink.id == column.resource_link_id)
    return session.scalar(
        select(func.min(Grade.due_at)).where(
            Grade.column_id == column.id,
            Grade.user_id.in_(learners(session.scalar(course))),
        )
    )
