"""Notice what people do in graded activities, in the transactions in which they do it.

Several acts of one person within ``DELAY`` are computed and sent together. Each act locks the
person's row of ``grade_updates``; the worker clears ``waiting`` before it reads what was done, so
an act is either seen by it or puts a new task.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import Update, bindparam, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from lti_tool.discussion import events as discussion_events
from lti_tool.discussion.events import CountsChanged
from lti_tool.gradebook.activities import RECOMPUTE, is_graded
from lti_tool.gradebook.model import GradeUpdate
from lti_tool.module_page import events as page_events
from lti_tool.module_page.events import SectionRead
from lti_tool.storage.database import Moment, now
from lti_tool.tasks import outbox

_UPDATES = GradeUpdate.__table__

UPDATE = "gradebook.update"
"""Outbox kind: compute the grades of one person; the payload names ``link`` and ``user``."""
DELAY = timedelta(seconds=20)


def note(session: Session, resource_link_id: int, user_id: int) -> None:
    """Let the grades of a user be computed again, if the activity is graded."""
    if not is_graded(session, resource_link_id):
        return
    connection = session.connection()
    parameters = {"link": resource_link_id, "user": user_id, "moment": now()}
    waiting = connection.execute(_NOTE[connection.dialect.name], parameters).scalar_one()
    if waiting:
        return
    session.execute(_of(resource_link_id, user_id).values(waiting=True))
    put(session, resource_link_id, user_id)


def note_all(session: Session, resource_link_id: int) -> None:
    """Let the grades of all learners be computed again, if the activity is graded."""
    if is_graded(session, resource_link_id):
        key = f"{resource_link_id}:{now().isoformat()}"
        outbox.put(session, RECOMPUTE, key, {"link": resource_link_id})


def put(session: Session, resource_link_id: int, user_id: int) -> None:
    """Put the task that computes the grades of a user."""
    key = f"{resource_link_id}:{user_id}:{now().isoformat()}"
    payload = {"link": resource_link_id, "user": user_id}
    outbox.put(session, UPDATE, key, payload, delay=DELAY)


def take(session: Session, resource_link_id: int, user_id: int) -> bool:
    """Say that the grades are computed in this transaction; False if nothing is noted."""
    taken = session.execute(_of(resource_link_id, user_id).values(waiting=False))
    return bool(taken.rowcount)  # type: ignore[attr-defined]


def _of(resource_link_id: int, user_id: int) -> Update:
    return update(GradeUpdate).where(
        GradeUpdate.resource_link_id == resource_link_id, GradeUpdate.user_id == user_id
    )


def _note(dialect_insert: Any) -> Any:
    moment = bindparam("moment", type_=Moment)
    return (
        dialect_insert(_UPDATES)
        .values(
            resource_link_id=bindparam("link"),
            user_id=bindparam("user"),
            waiting=False,
            changed_at=moment,
        )
        .on_conflict_do_update(
            index_elements=["resource_link_id", "user_id"], set_={"changed_at": moment}
        )
        .returning(_UPDATES.c.waiting)
    )


_NOTE = {"sqlite": _note(sqlite_insert), "postgresql": _note(postgresql_insert)}


def on_post(session: Session, event: CountsChanged) -> None:
    """Follow the posts that count for their authors."""
    note(session, event.resource_link_id, event.author_id)


def on_section(session: Session, event: SectionRead) -> None:
    """Follow the sections that people read."""
    note(session, event.resource_link_id, event.user_id)


def subscribe() -> None:
    """Follow posts and sections; called when the feature is imported."""
    discussion_events.subscribe_to_counts(on_post)
    page_events.subscribe(on_section)
