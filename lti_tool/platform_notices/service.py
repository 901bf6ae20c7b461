"""Ask a platform for notices, and store those that arrive for the worker.

Platform Notification Service 1.0. A platform may forget a handler, and a tool that was added again
has a new deployment without one (https://github.com/terracotta-education/terracotta): so the
handler is registered for each deployment, and again every day while the deployment is used.
"""

from datetime import timedelta

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from lti_tool.directory.access import inactive
from lti_tool.directory.model import Deployment
from lti_tool.lti.launch import NoticeService
from lti_tool.lti.pns import CONTEXT_COPY, Notice
from lti_tool.lti.refusal import Code, Refused
from lti_tool.lti.registration import Registration
from lti_tool.platform_notices.model import NoticeHandler
from lti_tool.storage.database import Database, now
from lti_tool.tasks import outbox

REGISTER, COPIED = "notices.register", "notices.copied"
"""Kinds of the outbox rows. Stored in databases: keep them."""
WANTED = (CONTEXT_COPY,)
AGAIN = timedelta(days=1)


def request_handlers(connection: Connection, deployment_id: int, offered: NoticeService) -> None:
    """Request the registration of our handler, in the transaction of a launch that offers it.

    Once a day for each deployment, or when the launch describes the service in another way.
    """
    if not set(WANTED) & set(offered.notice_types):
        return
    moment, types = now(), " ".join(sorted(offered.notice_types))
    table = NoticeHandler.__table__
    stored = connection.execute(select(table).where(table.c.deployment_id == deployment_id)).first()
    if (
        stored is not None
        and moment - stored.requested_at < AGAIN
        and (stored.service_url, stored.notice_types) == (offered.url, types)
    ):
        return
    insert = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    values = {"service_url": offered.url, "notice_types": types, "requested_at": moment}
    connection.execute(
        insert(NoticeHandler)
        .values(deployment_id=deployment_id, problem="", **values)
        .on_conflict_do_update(index_elements=["deployment_id"], set_=values)
    )
    key = f"{deployment_id}:{moment.isoformat()}"
    outbox.put(connection, REGISTER, key, {"deployment": deployment_id})


def accept_notice(database: Database, registration: Registration, notice: Notice) -> None:
    """Store a verified notice for the worker; one that arrives again is stored once.

    Types that the tool does not use are accepted and ignored. Raises Refused for a deployment that
    is not known or not active.
    """
    facts = {"issuer": notice.issuer, "deployment_id": notice.deployment_id}
    with database.write_core() as connection:
        deployment = connection.execute(
            select(Deployment.id, Deployment.status).where(
                Deployment.registration_id == registration.stored_id,
                Deployment.deployment_id == notice.deployment_id,
            )
        ).first()
        if deployment is None:
            raise Refused(Code.UNKNOWN_DEPLOYMENT, **facts)
        code = inactive(registration.status, deployment.status)
        if code is not None:
            raise Refused(code, **facts)
        if notice.type != CONTEXT_COPY or notice.course_id is None:
            return
        payload = {
            "deployment": deployment.id,
            "course": notice.course_id,
            "origins": list(notice.origin_course_ids),
        }
        key = f"{registration.stored_id}:{notice.id}"[:200]
        outbox.put(connection, COPIED, key, payload)
