"""The tasks of the worker: register our handler at a platform, and record copied courses."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from lti_tool.directory import audit
from lti_tool.directory.access import inactive
from lti_tool.directory.model import CourseCopy, Deployment, RegistrationRow
from lti_tool.directory.registrations import from_row
from lti_tool.lti.launch import NoticeService
from lti_tool.platform_notices import service
from lti_tool.platform_notices.model import NoticeHandler
from lti_tool.settings import Settings
from lti_tool.storage.database import Database, now
from lti_tool.tasks.outbox import Handler, RetryAfter

HANDLER_PATH = "/lti/notices"


def handlers(settings: Settings) -> Mapping[str, Handler]:
    """Return the handlers of the outbox kinds of this package."""

    def register(database: Database, payload: Mapping[str, Any]) -> None:
        _register(settings, database, int(payload["deployment"]))

    return {service.REGISTER: register, service.COPIED: record_copies}


def _register(settings: Settings, database: Database, deployment_id: int) -> None:
    # pylti1p3 and requests take time to import, and web processes need neither.
    from lti_tool.directory.platform_services import connector_for
    from lti_tool.lti.pns import set_handler
    from lti_tool.lti.service_errors import ServiceError

    with database.read() as session:
        row = session.execute(
            select(NoticeHandler, Deployment, RegistrationRow)
            .join(Deployment, Deployment.id == NoticeHandler.deployment_id)
            .join(RegistrationRow, RegistrationRow.id == Deployment.registration_id)
            .where(NoticeHandler.deployment_id == deployment_id)
        ).first()
    if row is None or inactive(row[2].status, row[1].status):
        return
    handler, _, registration = row
    offered = NoticeService(handler.service_url, (), tuple(handler.notice_types.split()))
    connector = connector_for(settings, database, from_row(registration))
    problem = ""
    try:
        for notice_type in service.WANTED:
            if notice_type in offered.notice_types:
                url = settings.public_url + HANDLER_PATH
                set_handler(connector, offered, notice_type, url)
    except ServiceError as error:
        problem = f"{error.kind} {error.status or ''}".strip()[:64]
        if error.is_retriable:
            _store(database, deployment_id, problem=problem)
            raise RetryAfter(error.retry_after or 0, problem) from None
    values = {"problem": problem} if problem else {"problem": "", "registered_at": now()}
    _store(database, deployment_id, **values)


def record_copies(database: Database, payload: Mapping[str, Any]) -> None:
    """Store from which courses a course was copied.

    A platform announces one copy for each deployment that is visible in the course, and may
    announce it again: each pair is stored once. Without origins, the launches name them.
    """
    deployment_id, course = int(payload["deployment"]), str(payload["course"])
    insert = sqlite_insert if database.is_sqlite else postgresql_insert
    with database.write_core() as connection:
        registration_id = connection.scalar(
            select(Deployment.registration_id).where(Deployment.id == deployment_id)
        )
        if registration_id is None:
            return
        for origin in payload["origins"]:
            added = connection.execute(
                insert(CourseCopy)
                .values(
                    deployment_id=deployment_id,
                    context_id=course,
                    origin_context_id=origin,
                    announced_at=now(),
                )
                .on_conflict_do_nothing()
                .returning(CourseCopy.context_id)
            ).first()
            if added is not None:
                place = audit.Place(registration_id, deployment_id)
                audit.record(
                    connection,
                    place,
                    "notices.copied",
                    actor="platform",
                    detail=f"{origin} → {course}",
                )
        connection.execute(
            update(NoticeHandler)
            .where(NoticeHandler.deployment_id == deployment_id)
            .values(noticed_at=now())
        )


def _store(database: Database, deployment_id: int, **values: Any) -> None:
    with database.write_core() as connection:
        connection.execute(
            update(NoticeHandler)
            .where(NoticeHandler.deployment_id == deployment_id)
            .values(**values)
        )
