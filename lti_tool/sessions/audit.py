"""Record the acts of the users of launch sessions in the audit log."""

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from lti_tool.directory import audit
from lti_tool.sessions.current import CurrentSession


def record_act(
    connection: Connection | Session,
    launch_session: CurrentSession,
    action: str,
    *,
    module_id: str | None = None,
    object_id: int | None = None,
    detail: str = "",
) -> None:
    """Add an entry for the session's user, in the transaction of the act.

    ``action`` is ``<feature>.<act>``; its label is in the ``acts`` of the feature.
    """
    audit.record(
        connection,
        audit.Place(
            launch_session.registration_id,
            launch_session.deployment_id,
            launch_session.resource_link_id,
            module_id,
        ),
        action,
        user_id=launch_session.user_id,
        object_id=object_id,
        detail=detail,
    )
