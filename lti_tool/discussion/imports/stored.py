"""Uploads that wait until their instructor has confirmed them; deleted after a day."""

from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from lti_tool.discussion.imports.plans import Choice, Upload
from lti_tool.discussion.model import AnswerUpload
from lti_tool.sessions.current import CurrentSession
from lti_tool.storage.database import Database, now

MAX_AGE = timedelta(days=1)
MOST = 5
"""Uploads of one user that wait; an older one is deleted."""


def store(
    session: Session, launch_session: CurrentSession, module_id: str, upload: Upload, method: str
) -> int:
    """Store an upload and return its id."""
    assert launch_session.user_id is not None
    of_user = AnswerUpload.user_id == launch_session.user_id
    newest = select(AnswerUpload.id).where(of_user).order_by(AnswerUpload.id.desc())
    old = session.scalars(newest.offset(MOST - 1)).all()
    session.execute(delete(AnswerUpload).where(AnswerUpload.id.in_(old)))
    row = AnswerUpload(
        resource_link_id=launch_session.resource_link_id,
        module_id=module_id,
        user_id=launch_session.user_id,
        method=method,
        created_at=now(),
        content=upload.to_json(),
    )
    session.add(row)
    session.flush()
    return row.id


def find(
    session: Session, launch_session: CurrentSession, module_id: str, upload_id: int
) -> AnswerUpload | None:
    """Return an upload of the session's user for the module of its activity."""
    row = session.get(AnswerUpload, upload_id)
    if row is None or row.user_id != launch_session.user_id or row.user_id is None:
        return None
    if (row.resource_link_id, row.module_id) != (launch_session.resource_link_id, module_id):
        return None
    return row


def choose(session: Session, upload_id: int, number: int, choice: Choice) -> None:
    """Store who a person of an upload is; nothing if the upload is gone."""
    row = session.get(AnswerUpload, upload_id, with_for_update=True)
    if row is not None:
        row.content = Upload.from_json(row.content).choosing(number, choice).to_json()


def purge(database: Database) -> int:
    """Delete the uploads that are older than ``MAX_AGE``; return how many."""
    with database.write() as session:
        old = delete(AnswerUpload).where(AnswerUpload.created_at < now() - MAX_AGE)
        return len(session.execute(old.returning(AnswerUpload.id)).all())
