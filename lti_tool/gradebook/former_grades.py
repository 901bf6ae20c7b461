"""The grades of a former activity that becomes one with a new activity of the course.

The line items of the former activity are those of the activity that was deleted in the LMS, or
belong to the client ID of a former registration: its grades are sent to those of the new activity.
"""

from typing import Any

from sqlalchemy import Connection, and_, case, delete, literal, or_, select, update
from sqlalchemy.orm import Session, aliased

from courseware.library import Library
from lti_tool.gradebook import changes, rules
from lti_tool.gradebook.activities import columns_of, find_activity, queue
from lti_tool.gradebook.deep_links import labels
from lti_tool.gradebook.model import Grade, GradeColumn, GradeRule, GradeUpdate
from lti_tool.storage.database import Moment, now

_SENT = (
    *("sent_points", "sent_maximum", "sent_comment", "sent_at", "tried_points", "tried_maximum"),
    *("announced_at", "held_points", "held_maximum"),
)
_RESULT = ("result_points", "result_maximum", "result_read_at")


def detach(connection: Connection, former_id: int, resource_link_id: int) -> None:
    """Let the columns of a former activity have no line item, and their grades be due again.

    Call it before its row is merged into that of the resource link.
    """
    of_former = GradeColumn.resource_link_id == former_id
    gone: dict[str, Any] = dict.fromkeys(
        (
            *("line_item_url", "gone_url", "line_item_maximum", "problem", "problem_at"),
            *("paused_until", "results_requested_at", "results_read_at"),
        )
    )
    connection.execute(
        update(GradeColumn).where(of_former).values(**gone, failures=0, changed="new")
    )
    unsent: dict[str, Any] = dict.fromkeys((*_SENT, *_RESULT))
    has_points = Grade.points.is_not(None)
    connection.execute(
        update(Grade)
        .where(Grade.column_id.in_(select(GradeColumn.id).where(of_former)))
        .values(
            **unsent,
            state=case((has_points, "waiting"), else_="none"),
            due_at=case((has_points, literal(now(), Moment))),
            problem=None,
            attempts=0,
            revision=Grade.revision + 1,
        )
    )
    _keep_sent(connection, former_id, resource_link_id)
    # The tasks of these rows name the former activity; all grades are computed again.
    connection.execute(delete(GradeUpdate).where(GradeUpdate.resource_link_id == former_id))


def _keep_sent(connection: Connection, former_id: int, resource_link_id: int) -> None:
    """Note with the former grades what was sent to the columns that stay.

    A grade there that was not sent from here would count as given by a person.
    """
    grade, column, present = aliased(Grade), aliased(GradeColumn), aliased(GradeColumn)
    rows = connection.execute(
        select(column.id.label("former"), grade.user_id, *(getattr(grade, each) for each in _SENT))
        .join(present, present.id == grade.column_id)
        .join(column, and_(column.kind == present.kind, column.resource_link_id == former_id))
        .where(
            present.resource_link_id == resource_link_id,
            or_(grade.sent_at.is_not(None), grade.tried_at.is_not(None)),
        )
    ).all()
    for row in rows:
        connection.execute(
            update(Grade)
            .where(Grade.column_id == row.former, Grade.user_id == row.user_id)
            .values({each: getattr(row, each) for each in _SENT})
        )


def follow(session: Session, library: Library, resource_link_id: int) -> None:
    """Let the columns follow the rule of the merged activity, and the worker send all grades."""
    activity = find_activity(session, library, resource_link_id)
    rule = session.get(GradeRule, resource_link_id)
    if activity is not None and rule is not None:
        titles = labels(session, activity)
        rules.save(session, activity, activity.settings, titles, at=rule.settings_at)
    else:
        changes.note_all(session, resource_link_id)
    session.flush()
    for column in columns_of(session, resource_link_id).values():
        queue(session, column.id)
