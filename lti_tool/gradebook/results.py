"""Read the grades that the LMS holds (AGS 2.0 §3.3), for instructors to see: nothing is sent."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from lti_tool.directory.model import User
from lti_tool.directory.platform_services import connector_for
from lti_tool.gradebook.column_line_item import ColumnLineItem
from lti_tool.gradebook.model import Grade, GradeColumn
from lti_tool.gradebook.sending import find_target
from lti_tool.lti.ags.scores import Result, list_results
from lti_tool.lti.service_errors import ServiceError
from lti_tool.settings import Settings
from lti_tool.storage.database import Database, now

log = logging.getLogger(__name__)

_BATCH = 200
"""Results that one transaction stores."""


def read(settings: Settings, database: Database, payload: Mapping[str, Any]) -> None:
    """Read the results of a column, and store them with the grades.

    A read that fails is not repeated: an instructor asks again.
    """
    column_id = int(payload["column"])
    target = find_target(database, column_id)
    read_at = None
    if target is not None:
        connector = connector_for(settings, database, target.registration)
        line_item = ColumnLineItem(database, connector, target.column, target.link)
        url = line_item.claimed() or target.column.line_item_url
        try:
            found = list_results(connector, line_item.service, url) if url else None
        except ServiceError as error:
            log.warning("the results of column %s were not read: %s", column_id, error)
        else:
            started_at, results = now(), found.results if found else ()
            for start in range(0, len(results), _BATCH):
                some = results[start : start + _BATCH]
                _store(database, column_id, target.registration.stored_id, some)
            if found is not None and found.complete:
                _clear_missing(database, column_id, started_at)
            read_at = now()
    values: dict[str, Any] = {"results_requested_at": None}
    if read_at is not None:
        values["results_read_at"] = read_at
    with database.write() as session:
        session.execute(update(GradeColumn).where(GradeColumn.id == column_id).values(**values))


def _store(
    database: Database, column_id: int, registration_id: int, results: Sequence[Result]
) -> None:
    by_subject = {result.subject: result for result in results}
    with database.write() as session:
        rows = session.execute(
            select(Grade, User.subject)
            .join(User, User.id == Grade.user_id)
            .where(
                Grade.column_id == column_id,
                User.registration_id == registration_id,
                User.subject.in_(by_subject),
            )
            .order_by(Grade.user_id)
            .with_for_update(of=Grade)
        ).all()
        for grade, subject in rows:
            result = by_subject[subject or ""]
            grade.result_points, grade.result_maximum = result.score, result.maximum
            grade.result_read_at = now()


def _clear_missing(database: Database, column_id: int, before: datetime) -> None:
    """Clear the results that were read earlier, and that the complete list no longer has."""
    with database.write() as session:
        session.execute(
            update(Grade)
            .where(
                Grade.column_id == column_id,
                Grade.result_points.is_not(None),
                Grade.result_read_at < before,
            )
            .values(result_points=None, result_maximum=None, result_read_at=now())
        )
