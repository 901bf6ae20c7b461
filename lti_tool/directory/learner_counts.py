"""``Course.learner_count``: the number of learners, stored so that no page counts them."""

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, func, select, update
from sqlalchemy.orm import Session

from lti_tool.directory.model import Course, Membership
from lti_tool.lti.roles import LEARNER_ROLE


def counts_as_learner(role: str, ended_at: datetime | None) -> int:
    """1 for a membership that ``courses.learner_count`` counts, else 0."""
    return int(role == LEARNER_ROLE and ended_at is None)


def count_learners(connection: Connection | Session, course_id: int, change: int) -> None:
    """Add ``change`` to the number of a course's learners."""
    if change:
        connection.execute(
            update(Course)
            .where(Course.id == course_id)
            .values(learner_count=Course.learner_count + change)
        )


def recount_learners(connection: Connection | Session, courses: ColumnElement[bool]) -> None:
    """Count the learners of some courses again. Their rows should be locked."""
    learners = (
        select(func.count())
        .where(
            Membership.course_id == Course.id,
            Membership.ended_at.is_(None),
            Membership.role == LEARNER_ROLE,
        )
        .correlate(Course)
        .scalar_subquery()
    )
    connection.execute(update(Course).where(courses).values(learner_count=learners))
