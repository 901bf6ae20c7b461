"""Reactions to posts: a small fixed set, each set or unset once by each user.

``reaction_counts`` is changed in the transaction of each reaction, so nothing is counted at
reading. Readers see numbers, and their own reactions: never who else has reacted.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Integer,
    Select,
    and_,
    bindparam,
    delete,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from lti_tool.discussion import checks
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.model import Post, PostReaction, ReactionCount
from lti_tool.discussion.permissions import Permissions, may_read_group, must_post, must_see_others
from lti_tool.sessions.current import CurrentSession
from lti_tool.sessions.service import guest_user
from lti_tool.storage.database import Database, now

KINDS = ("thanks", "helpful", "agree", "question")
"""The reactions, in the order in which they are shown (``_posts.html`` has their names).

Stored in databases: keep the values.
"""

_REACTIONS = PostReaction.__table__
_COUNTS = ReactionCount.__table__


@dataclass(frozen=True, slots=True)
class Reaction:
    """A reaction to a post, with the number of users. ``mine``: the reader is one of them."""

    kind: str
    count: int
    mine: bool


def react(
    database: Database,
    launch_session: CurrentSession,
    permissions: Permissions,
    discussion_id: int | None,
    post_id: int,
    kind: str,
    *,
    set_: bool,
) -> int:
    """Set or unset a reaction and return the user's id; the same request again changes nothing.

    Raises :class:`DiscussionError`.
    """
    must_post(permissions)
    must_see_others(permissions)
    if kind not in KINDS:
        raise DiscussionError(Reason.UNKNOWN_REACTION)
    with database.write() as session:
        # The lock keeps the post from being deleted meanwhile, with its reactions.
        post = session.scalars(
            select(Post)
            .where(Post.id == post_id, Post.discussion_id == discussion_id)
            .with_for_update(key_share=True)
        ).first()
        if post is None or not may_read_group(permissions, post.group_id) or post.status == "held":
            raise DiscussionError(Reason.UNKNOWN_POST)
        if post.status != "published" or checks.is_hidden_here(session, permissions, post.id):
            raise DiscussionError(Reason.DELETED_POST)
        if post.author_id is not None and post.author_id == launch_session.user_id:
            raise DiscussionError(Reason.OWN_POST_REACTION)
        user_id = guest_user(session, launch_session)
        if set_:
            _set(session, post_id, user_id, kind)
        else:
            _unset(session, post_id, user_id, kind)
        return user_id


def _set(session: Session, post_id: int, user_id: int, kind: str) -> None:
    insert = _insert(session)
    key = {"post_id": post_id, "kind": kind}
    added = session.execute(
        insert(_REACTIONS)
        .values(**key, user_id=user_id, created_at=now())
        .on_conflict_do_nothing()
        .returning(_REACTIONS.c.post_id)
    ).first()
    if added is not None:
        session.execute(
            insert(_COUNTS)
            .values(**key, count=1)
            .on_conflict_do_update(
                index_elements=["post_id", "kind"], set_={"count": _COUNTS.c.count + 1}
            )
        )


def _unset(session: Session, post_id: int, user_id: int, kind: str) -> None:
    removed: Any = session.execute(
        delete(PostReaction).where(
            _REACTIONS.c.post_id == post_id,
            _REACTIONS.c.user_id == user_id,
            _REACTIONS.c.kind == kind,
        )
    )
    if removed.rowcount:
        session.execute(
            update(ReactionCount)
            .where(_COUNTS.c.post_id == post_id, _COUNTS.c.kind == kind)
            .values(count=_COUNTS.c.count - 1)
        )


def _insert(session: Session) -> Any:
    return sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert


@cache
def _select() -> Select[Any]:
    mine = and_(
        _REACTIONS.c.post_id == _COUNTS.c.post_id,
        _REACTIONS.c.kind == _COUNTS.c.kind,
        _REACTIONS.c.user_id == bindparam("user", type_=Integer),
    )
    return (
        select(_COUNTS.c.post_id, _COUNTS.c.kind, _COUNTS.c.count, _REACTIONS.c.user_id)
        .select_from(_COUNTS.outerjoin(_REACTIONS, mine))
        .where(
            _COUNTS.c.post_id.in_(bindparam("posts", expanding=True, type_=Integer)),
            _COUNTS.c.count > 0,
        )
    )


def of_posts(
    connection: Connection, post_ids: Iterable[int], user_id: int | None
) -> Mapping[int, tuple[Reaction, ...]]:
    """Return the reactions to posts that somebody has, by post id. Takes one statement."""
    rows = connection.execute(_select(), {"posts": list(post_ids), "user": user_id or 0})
    found: dict[int, list[Reaction]] = {}
    for post_id, kind, count, mine in rows:
        if kind in KINDS:
            found.setdefault(post_id, []).append(Reaction(kind, count, mine is not None))
    return {
        post_id: tuple(sorted(given, key=lambda each: KINDS.index(each.kind)))
        for post_id, given in found.items()
    }


def remove_of_post(session: Session, post_id: int) -> None:
    """Remove the reactions to a post, in the transaction that deletes it."""
    session.execute(delete(PostReaction).where(_REACTIONS.c.post_id == post_id))
    session.execute(delete(ReactionCount).where(_COUNTS.c.post_id == post_id))


def remove_of_user(session: Session, user_id: int) -> None:
    """Remove the reactions of a user and their counts: before the user is deleted."""
    given = select(_REACTIONS.c.post_id).where(
        _REACTIONS.c.user_id == user_id,
        _REACTIONS.c.post_id == _COUNTS.c.post_id,
        _REACTIONS.c.kind == _COUNTS.c.kind,
    )
    session.execute(
        update(ReactionCount)
        .where(given.correlate(_COUNTS).exists())
        .values(count=_COUNTS.c.count - 1)
    )
    session.execute(delete(PostReaction).where(_REACTIONS.c.user_id == user_id))


def given_by(connection: Connection | Session, user_id: int) -> list[tuple[int, str, Any]]:
    """Return post id, kind and time of the reactions of a user, for the user's own data."""
    rows = connection.execute(
        select(_REACTIONS.c.post_id, _REACTIONS.c.kind, _REACTIONS.c.created_at)
        .where(_REACTIONS.c.user_id == user_id)
        .order_by(_REACTIONS.c.post_id, _REACTIONS.c.kind)
    )
    return [(row.post_id, row.kind, row.created_at) for row in rows]
