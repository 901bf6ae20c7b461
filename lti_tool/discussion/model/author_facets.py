"""Let the facets of an author follow when two users become one.

``thread_facets`` and ``discussion_counts`` name authors in their values (``facets``), not by a
foreign key.
"""

from typing import Any

from sqlalchemy import Connection, and_, case, delete, func, insert, select, update

from lti_tool.discussion.model.counts import DiscussionCount, ThreadFacet
from lti_tool.discussion.model.discussions import Discussion
from lti_tool.storage.database import Base

_KINDS = ("author", "own")
_T = ThreadFacet.__table__.c
_C = DiscussionCount.__table__.c


def rename_author(connection: Connection, kept: int, removed: int) -> None:
    """Count what the user ``removed`` has published as written by ``kept``.

    Call it while the posts still have their former author.
    """
    posts = Base.metadata.tables["posts"].c
    found = select(posts.discussion_id).where(posts.author_id == removed).distinct()
    discussions = sorted(connection.scalars(found))
    if not discussions:
        return
    # In the order of all writers, who count posts under the same lock.
    lock = select(Discussion.id).where(Discussion.id.in_(discussions)).order_by(Discussion.id)
    connection.execute(lock.with_for_update(key_share=True)).all()
    for discussion_id in discussions:
        for kind in _KINDS:
            _rename(connection, discussion_id, kind, str(kept), str(removed))


def _rename(connection: Connection, discussion_id: int, kind: str, kept: str, removed: str) -> None:
    of_kind = and_(_T.discussion_id == discussion_id, _T.kind == kind)
    rows = connection.execute(
        select(_T.thread_id, _T.posts, _T.activity).where(of_kind, _T.value == removed)
    ).all()
    if not rows:
        return
    threads = select(_T.thread_id).where(of_kind, _T.value == kept)
    common = set(connection.scalars(threads)) & {row.thread_id for row in rows}
    for row in rows:
        own = and_(_T.thread_id == row.thread_id, _T.kind == kind)
        if row.thread_id not in common:
            change = update(ThreadFacet).where(own, _T.value == removed).values(value=kept)
            connection.execute(change)
            continue
        greater = _T.activity > row.activity
        activity = case((greater, _T.activity), else_=row.activity)
        connection.execute(
            update(ThreadFacet)
            .where(own, _T.value == kept)
            .values(posts=_T.posts + row.posts, activity=activity)
        )
        connection.execute(delete(ThreadFacet).where(own, _T.value == removed))
    _recount(connection, discussion_id, kind, kept, removed)


def _recount(
    connection: Connection, discussion_id: int, kind: str, kept: str, removed: str
) -> None:
    """Sum the facets of the threads again."""
    connection.execute(
        delete(DiscussionCount).where(
            _C.discussion_id == discussion_id, _C.kind == kind, _C.value.in_((kept, removed))
        )
    )
    key: tuple[Any, ...] = (_T.discussion_id, _T.kind, _T.value, _T.group_id)
    counted = (
        select(*key, func.sum(_T.posts), func.count())
        .where(_T.discussion_id == discussion_id, _T.kind == kind, _T.value == kept)
        .group_by(*key)
    )
    names = ["discussion_id", "kind", "value", "group_id", "posts", "threads"]
    connection.execute(insert(DiscussionCount).from_select(names, counted))
