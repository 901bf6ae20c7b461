"""Move a thread with its replies into another thread: at once, or in steps by the worker.

The worker moves the replies of a long thread some in each transaction, the oldest first. Meanwhile
every reply is in one of the two threads, the counts are true, both threads say what is happening,
and replies to posts of the thread go to the other one. So a move that was interrupted is continued
by calling :func:`move_in_steps` again.
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, exists, func, select
from sqlalchemy.orm import Session

from lti_tool.discussion import events, writer
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.model import Discussion, Post, ThreadMove
from lti_tool.storage.database import Database, now
from lti_tool.tasks import outbox

MOVE_THREAD = "discussion.move_thread"
"""Outbox kind. Stored in databases: keep the value."""
BATCH = 200
"""Replies that one transaction moves."""

_M = ThreadMove.__table__
_FROM = Post.__table__.alias("moved")
_INTO = Post.__table__.alias("target")


class Moving(NamedTuple):
    """What happens to a thread: it is moved away, or another one is moved into it.

    ``other_id`` and ``other_group``: first post and group of the other thread.
    """

    away: bool
    other_id: int
    other_group: int


def move(session: Session, discussion: Discussion, post: Post, into: Post) -> None:
    """Move a post into a thread, with the replies of the thread that it begins.

    ``into`` is the first post of the other thread. The discussion is locked. A thread of more than
    ``BATCH`` replies is moved by the worker.
    """
    if post.thread_id is not None:
        _move_post(session, discussion, post, into)
    elif _has_many_replies(session, post.id):
        moment = now()
        session.add(
            ThreadMove(
                thread_id=post.id, into_id=into.id, discussion_id=discussion.id, created_at=moment
            )
        )
        key = f"{post.id} {moment.isoformat()}"
        outbox.put(session, MOVE_THREAD, key, {"thread": post.id})
    else:
        writer.move_replies(session, discussion, post, into, BATCH)
        _move_first(session, discussion, post, into)


def move_in_steps(database: Database, payload: Mapping[str, Any]) -> None:
    """Move the replies of a thread, then its first post."""
    while True:
        with database.write() as session:
            if not _step(session, payload["thread"]):
                return


def _step(session: Session, thread_id: int) -> bool:
    """Move some replies; return whether the move is to be continued."""
    discussion_id = session.scalar(
        select(ThreadMove.discussion_id).where(ThreadMove.thread_id == thread_id)
    )
    if discussion_id is None:
        return False
    discussion = writer.lock(session, discussion_id)
    found = session.get(ThreadMove, thread_id)
    if found is None:
        return False
    first, into = session.get_one(Post, thread_id), first_post(session, found.into_id)
    if writer.move_replies(session, discussion, first, into, BATCH):
        return True
    session.delete(found)
    _move_first(session, discussion, first, into)
    return False


def _move_first(session: Session, discussion: Discussion, post: Post, into: Post) -> None:
    of_thread = {"question_id": None, "pinned_at": None, "locked_at": None}
    _move_post(session, discussion, post, into, **of_thread)


def _move_post(
    session: Session, discussion: Discussion, post: Post, into: Post, **values: Any
) -> None:
    place = {"thread_id": into.id, "reply_to_id": into.id, "group_id": into.group_id}
    writer.change(session, discussion, post, **place, **values)
    events.publish(session, events.Event("moved", post.id))


def first_post(session: Session, post_id: int) -> Post:
    """Return the first post of the thread that a post is in."""
    post = session.get_one(Post, post_id)
    return post if post.thread_id is None else session.get_one(Post, post.thread_id)


class Answered(NamedTuple):
    """A post that is replied to, and a post of the thread that the reply belongs to."""

    post: Post
    in_thread: int


def answered_post(session: Session, discussion_id: int, post_id: int) -> Answered | None:
    """Return a post of a discussion that is replied to; None if there is none."""
    row = session.execute(_ANSWERED, {"discussion": discussion_id, "id": post_id}).first()
    return None if row is None else Answered(row[0], row.into_id or row[0].id)


def must_stay(session: Session, *thread_ids: int) -> None:
    """Raise :class:`DiscussionError` if one of these threads is being moved."""
    if session.scalar(select(exists().where(ThreadMove.thread_id.in_(thread_ids)))):
        raise DiscussionError(Reason.BEING_MOVED)


def moves_in(connection: Connection, discussion_id: int) -> dict[int, Moving]:
    """Return what is happening to the threads of a discussion, by the ids of their first posts."""
    rows = connection.execute(_MOVES, {"discussion": discussion_id}).all()
    joined = {row.into_id: Moving(False, row.thread_id, row.group_id) for row in rows}
    moved = {row.thread_id: Moving(True, row.into_id, row.into_group) for row in rows}
    return joined | moved


def _has_many_replies(session: Session, thread_id: int) -> bool:
    replies = select(Post.id).where(Post.thread_id == thread_id)
    return session.scalar(replies.offset(BATCH).limit(1)) is not None


_ANSWERED = (
    select(Post, ThreadMove.into_id)
    .outerjoin(ThreadMove, ThreadMove.thread_id == func.coalesce(Post.thread_id, Post.id))
    .where(Post.id == bindparam("id"), Post.discussion_id == bindparam("discussion"))
)
_MOVES = (
    select(
        _M.c.thread_id,
        _FROM.c.group_id,
        func.coalesce(_INTO.c.thread_id, _INTO.c.id).label("into_id"),
        _INTO.c.group_id.label("into_group"),
    )
    .join_from(_M, _FROM, _FROM.c.id == _M.c.thread_id)
    .join(_INTO, _INTO.c.id == _M.c.into_id)
    .where(_M.c.discussion_id == bindparam("discussion"))
)
