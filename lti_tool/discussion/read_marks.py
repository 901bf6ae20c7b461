"""What a user has read: posts that are new to the user, visits, and the languages that one reads.

Showing a page writes nothing. The page's script reports which posts were on the screen; without it,
a button marks everything as read. At the first visit everything counts as read, so that nobody
begins with thousands of unread posts.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from courseware.module import Module
from lti_tool.discussion.discussions import find_or_create, find_row
from lti_tool.discussion.model import Discussion, DiscussionReader, Post, ThreadRead
from lti_tool.sessions.current import CurrentSession
from lti_tool.storage.database import Database, now

VISIT_ENDS_AFTER = timedelta(minutes=30)
"""A visit ends when nothing was read for this long."""
MAX_SEEN = 200
"""Threads that one request can report as read."""

_READS = ThreadRead.__table__.c


def record_reading(
    database: Database,
    launch_session: CurrentSession,
    module: Module,
    seen: Mapping[int, int],
    up_to: int,
) -> None:
    """Store that the user visits a page, and up to which ``sequence`` threads were read.

    ``up_to`` is the latest sequence when the page was made: later posts were not on it. Nothing is
    stored for guests without a row and for test users.
    """
    with database.write() as session:
        found = _discussion(session, launch_session, module)
        if found is None:
            return
        row = _reader(session, launch_session, found)
        up_to = min(up_to, found.latest_sequence)
        moment = now()
        if row.visited_at is None:
            row.read_up_to = row.earlier_visit_up_to = up_to
        elif moment - row.visited_at > VISIT_ENDS_AFTER:
            row.earlier_visit_up_to = row.visited_up_to
        row.visited_at, row.visited_up_to = moment, max(row.visited_up_to, up_to)
        wanted = dict(list(seen.items())[:MAX_SEEN])
        threads = session.scalars(
            select(Post.id).where(
                Post.id.in_(wanted), Post.discussion_id == found.id, Post.thread_id.is_(None)
            )
        )
        rows = [
            {
                "user_id": row.user_id,
                "discussion_id": found.id,
                "thread_id": thread,
                "read_up_to": min(wanted[thread], up_to),
            }
            for thread in sorted(threads)
            if min(wanted[thread], up_to) > row.read_up_to
        ]
        if rows:
            session.connection().execute(_upsert(session), rows)


def mark_all_read(
    database: Database, launch_session: CurrentSession, module: Module, up_to: int
) -> None:
    """Store that the user has read all posts up to a ``sequence``."""
    with database.write() as session:
        found = _discussion(session, launch_session, module)
        if found is None:
            return
        row = _reader(session, launch_session, found)
        up_to = min(up_to, found.latest_sequence)
        row.read_up_to = max(row.read_up_to, up_to)
        row.earlier_visit_up_to = max(row.earlier_visit_up_to, up_to)
        row.visited_at, row.visited_up_to = now(), max(row.visited_up_to, up_to)
        session.execute(
            delete(ThreadRead).where(
                ThreadRead.user_id == row.user_id,
                ThreadRead.discussion_id == found.id,
                ThreadRead.read_up_to <= row.read_up_to,
            )
        )


def remember_languages(
    database: Database, launch_session: CurrentSession, module: Module, languages: Sequence[str]
) -> None:
    """Store the languages that the user wants to read in this discussion; none for all."""
    if launch_session.user_id is None or launch_session.resource_link_id is None:
        return
    with database.write() as session:
        found = find_or_create(session, launch_session.resource_link_id, module.id)
        _reader(session, launch_session, found).languages = ",".join(languages)


def _discussion(
    session: Session, launch_session: CurrentSession, module: Module
) -> Discussion | None:
    if launch_session.user_id is None or not launch_session.own_record:
        return None
    return find_row(session, launch_session.resource_link_id, module.id)


def _reader(
    session: Session, launch_session: CurrentSession, discussion: Discussion
) -> DiscussionReader:
    """Return the user's row, locked; it is inserted if there is none."""
    key = {"user_id": launch_session.user_id, "discussion_id": discussion.id}
    insert = _insert(session)(DiscussionReader).values(**key).on_conflict_do_nothing()
    session.execute(insert)
    return session.get_one(DiscussionReader, key, with_for_update=True)


def _insert(session: Session) -> Any:
    return sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert


def _upsert(session: Session) -> Any:
    statement = _insert(session)(ThreadRead.__table__)
    return statement.on_conflict_do_update(
        index_elements=["user_id", "discussion_id", "thread_id"],
        set_={"read_up_to": statement.excluded.read_up_to},
        where=_READS.read_up_to < statement.excluded.read_up_to,
    )
