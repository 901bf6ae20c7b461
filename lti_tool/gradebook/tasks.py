"""The tasks of the grades, in the worker."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, exists, or_, select

from courseware.library import Library
from lti_tool.directory.model import ResourceLink
from lti_tool.discussion import retention
from lti_tool.gradebook import changes, grading
from lti_tool.gradebook.activities import (
    RECOMPUTE,
    RESULTS,
    SEND,
    find_activity,
    locked_column,
    queue,
)
from lti_tool.gradebook.model import Grade, GradeColumn, GradeUpdate
from lti_tool.gradebook.problems import Problem
from lti_tool.settings import Settings
from lti_tool.storage.database import Database, now
from lti_tool.tasks import outbox
from lti_tool.tasks.outbox import Handler

LATE = timedelta(hours=1)
"""After this time a task that was not done is taken for lost."""
MOST_AT_ONCE = 500


def handlers(settings: Settings) -> Mapping[str, Handler]:
    """Return the handlers of the outbox kinds of this package."""
    library = Library(settings.content_dir)

    def update(database: Database, payload: Mapping[str, Any]) -> None:
        link, user = int(payload["link"]), int(payload["user"])
        with database.write() as session:
            if not changes.take(session, link, user):
                return
            activity = find_activity(session, library, link)
            if activity is not None and activity.module is not None:
                grading.recompute(session, activity, [user])

    def recompute(database: Database, payload: Mapping[str, Any]) -> None:
        grading.recompute_all(database, library, int(payload["link"]))

    def send(database: Database, payload: Mapping[str, Any]) -> None:
        # Imported here, because pylti1p3 and requests take time, and web processes need neither.
        from lti_tool.gradebook.sending import send as send_grades

        send_grades(settings, database, payload)

    def read_results(database: Database, payload: Mapping[str, Any]) -> None:
        from lti_tool.gradebook.results import read

        read(settings, database, payload)

    return {RESULTS: read_results, changes.UPDATE: update, RECOMPUTE: recompute, SEND: send}


def purge(_settings: Settings, database: Database) -> None:
    """Put the tasks that were lost, and those of columns whose problem a launch has ended."""
    _repeat_updates(database)
    _resume_columns(database)
    _grade_overdue(database)
    _delete_unused(database)


def _repeat_updates(database: Database) -> None:
    lost = (
        select(GradeUpdate.resource_link_id, GradeUpdate.user_id)
        .where(GradeUpdate.waiting, GradeUpdate.changed_at < now() - LATE)
        .limit(MOST_AT_ONCE)
    )
    with database.write() as session:
        for row in session.execute(lost).all():
            changes.put(session, row.resource_link_id, row.user_id)


def _resume_columns(database: Database) -> None:
    """Queue columns with grades that are due and no task; end pauses that a launch has ended."""
    due = exists().where(Grade.column_id == GradeColumn.id, Grade.due_at < now() - LATE)
    offered = GradeColumn.problem == Problem.NOT_OFFERED.value, ResourceLink.line_items_url
    linked = GradeColumn.problem == Problem.DELETED.value, ResourceLink.line_item_url
    columns = (
        select(GradeColumn.id)
        .join(ResourceLink, ResourceLink.id == GradeColumn.resource_link_id)
        .where(
            GradeColumn.active,
            or_(due, offered[0] & offered[1].is_not(None)),
            or_(
                GradeColumn.problem.is_(None),
                ~linked[0],
                linked[1].is_not(None) & (linked[1] != GradeColumn.gone_url),
            ),
        )
        .order_by(GradeColumn.id)
        .limit(MOST_AT_ONCE)
    )
    with database.read() as session:
        found = list(session.scalars(columns))
    for column_id in found:
        with database.write() as session:
            column = locked_column(session, column_id)
            if column is None:
                continue
            if column.problem == Problem.NOT_OFFERED:
                column.paused_until = None
            if not outbox.is_open(session, SEND, str(column_id)):
                column.queued = False
            session.flush()
            queue(session, column_id)


def _grade_overdue(database: Database) -> None:
    """Compute the grades of activities whose due date has passed, if nothing done counts as 0."""
    moment = now()
    over = (
        select(GradeColumn.resource_link_id)
        .where(GradeColumn.active, GradeColumn.due_at <= moment, GradeColumn.due_at > moment - LATE)
        .distinct()
        .limit(MOST_AT_ONCE)
    )
    with database.write() as session:
        for link in session.scalars(over).all():
            hour = f"{moment:%Y-%m-%dT%H}"
            outbox.put(session, RECOMPUTE, f"{link}:{hour}", {"link": link})


def _delete_unused(database: Database) -> None:
    """Delete the grades of activities that were not opened for as long as their rule says.

    A rule that makes authors anonymous deletes them too: a grade without its person is none.
    """
    graded = select(GradeColumn.resource_link_id).where(
        exists().where(Grade.column_id == GradeColumn.id)
    )
    with database.read_core() as connection:
        links = retention.unused_links(connection, graded, MOST_AT_ONCE)
    for link in links:
        columns = select(GradeColumn.id).where(GradeColumn.resource_link_id == link)
        with database.write() as session:
            session.execute(delete(Grade).where(Grade.column_id.in_(columns)))
            session.execute(delete(GradeUpdate).where(GradeUpdate.resource_link_id == link))
