"""Write posts, and keep counts and search index of the discussion true in the same transaction.

Every change of a post's status, language, thread, question or author goes through :func:`add` or
:func:`change`, of a thread's group through :func:`move_to_group`, and of the thread of many replies
through :func:`move_replies`. They compare the posts before and after, and write the difference to
``discussion_counts``, ``thread_facets``, ``reply_count``, ``latest_sequence``, ``waiting`` and
``author_counts``. Reports and edits that wait for approval are
counted here too (``waiting``, ``reported``). Nothing else writes these. ``recount`` computes the
same values from the posts, to check them.

The caller holds the lock of the discussion (:func:`lock`), so changes of one discussion are made
one after another.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, delete, func, insert, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from lti_tool.directory.model import Membership, ResourceLink
from lti_tool.discussion import author_counts, events, facets, search_index, thread_facets
from lti_tool.discussion.announcements import announce
from lti_tool.discussion.events import CountsChanged
from lti_tool.discussion.facets import Facet, PostState
from lti_tool.discussion.model import (
    AnyDiscussion,
    Discussion,
    DiscussionCount,
    LockedDiscussion,
    PendingEdit,
    Post,
    PostReport,
    PostTranslation,
    ReportedPost,
)
from lti_tool.discussion.thread_facets import Differences

_COUNTS = DiscussionCount.__table__
_DISCUSSIONS = Discussion.__table__
_POSTS = Post.__table__


def lock(session: Session, discussion_id: int) -> Discussion:
    """Return a discussion, locked until the transaction ends."""
    return session.get_one(Discussion, discussion_id, with_for_update={"key_share": True})


def add(session: Session, discussion: AnyDiscussion, post: Post, *, tell: bool = True) -> None:
    """Insert a post and count it. Without ``tell``, nobody gets a notice of it.

    With a ``LockedDiscussion``, the unit of work is not used: the post does not become a part of
    the session, and what has a default is set already.
    """
    is_new = _number(discussion, post)
    if post.status == "held":
        _queue(session, discussion, "waiting", post.institution_id, 1)
    if isinstance(discussion, LockedDiscussion):
        _insert(session.connection(), discussion, post)
    else:
        session.add(post)
        session.flush()
    if is_new and tell:
        announce(session, post)
    _apply(session, discussion, None, facets.state_of(post))
    _store_words(session, discussion, post)


def change(session: Session, discussion: Discussion, post: Post, **values: Any) -> None:
    """Set columns of a post and count the difference.

    Machine translations of an earlier text or from an earlier language are deleted.

    A reply that gets another ``thread_id`` needs the ``group_id`` of that thread too.
    """
    before, was_held = facets.state_of(post), post.status == "held"
    words_before = search_index.fields_of(post)
    for name, value in values.items():
        setattr(post, name, value)
    is_new = _number(discussion, post)
    _queue(session, discussion, "waiting", post.institution_id, (post.status == "held") - was_held)
    session.flush()
    if "source" in values or "language" in values:
        session.execute(_DELETE_TRANSLATIONS, {"post": post.id})
    if is_new:
        announce(session, post)
    _apply(session, discussion, before, facets.state_of(post))
    if search_index.fields_of(post) != words_before:
        _store_words(session, discussion, post)
    if before.published and post.status != facets.PUBLISHED:
        settle_reports(session, discussion, post.id)
    if post.status == "deleted":
        drop_pending_edit(session, discussion, post.id)


def add_pending_edit(session: Session, discussion: Discussion, edit: PendingEdit) -> None:
    """Store the new text of a post that waits for approval, instead of an earlier one."""
    drop_pending_edit(session, discussion, edit.post_id)
    session.add(edit)
    _queue_edit(session, discussion, edit, 1)
    session.flush()


def reject_pending_edit(
    session: Session, discussion: Discussion, edit: PendingEdit, reason: str
) -> None:
    """Say that the new text of a post was not approved. The author sees text and reason."""
    if edit.rejected_reason is None:
        _queue_edit(session, discussion, edit, -1)
    edit.rejected_reason = reason


def drop_pending_edit(session: Session, discussion: Discussion, post_id: int) -> None:
    """Remove the new text of a post, if there is one."""
    edit = session.get(PendingEdit, post_id)
    if edit is not None:
        if edit.rejected_reason is None:
            _queue_edit(session, discussion, edit, -1)
        session.delete(edit)
        session.flush()


def add_report(
    session: Session, discussion: Discussion, report: PostReport, institutions: Sequence[int] = (0,)
) -> bool:
    """Store a report. Return False for a user's second one of an unchanged post: it is ignored.

    ``institutions``: whose instructors deal with it: the author's, and in the discussion of an
    exchange the reporter's.
    """
    key = (report.post_id, report.user_id, report.revision)
    if session.get(PostReport, key) is not None:
        return False
    session.add(report)
    session.flush()
    reporters = session.scalar(
        select(func.count(PostReport.user_id.distinct())).where(
            PostReport.post_id == report.post_id, ~PostReport.settled
        )
    )
    for number, institution in enumerate(institutions):
        reported = session.get(ReportedPost, (report.post_id, institution))
        if reported is None:
            reported = ReportedPost(
                post_id=report.post_id,
                institution_id=institution,
                discussion_id=discussion.id,
                reports=0,
            )
            session.add(reported)
            _queue(session, discussion, "reported", institution, 1)
        # All reports are for the author's institution, those of its own people for another one.
        reported.reports = (reporters or 1) if number == 0 else reported.reports + 1
    session.flush()
    return True


def settle_reports(
    session: Session, discussion: Discussion, post_id: int, institution_id: int | None = None
) -> None:
    """Mark the reports of a post as dealt with: by all institutions, or by one."""
    rows = session.scalars(select(ReportedPost).where(ReportedPost.post_id == post_id)).all()
    settled = [each for each in rows if institution_id in (None, each.institution_id)]
    for reported in settled:
        _queue(session, discussion, "reported", reported.institution_id, -1)
        session.delete(reported)
    if settled and len(settled) == len(rows):
        session.execute(
            update(PostReport).where(PostReport.post_id == post_id).values(settled=True)
        )
    session.flush()


def _queue(
    session: Session,
    discussion: AnyDiscussion,
    kind: Literal["waiting", "reported"],
    institution_id: int | None,
    step: int,
) -> None:
    """Count what waits for instructors; in a shared discussion also for each institution."""
    if not step:
        return
    setattr(discussion, kind, getattr(discussion, kind) + step)
    if institution_id:
        _count(
            session.connection(),
            discussion.id,
            Differences(Counter({(Facet(kind, str(institution_id)), 0): step}), Counter()),
        )


def _queue_edit(session: Session, discussion: Discussion, edit: PendingEdit, step: int) -> None:
    institution = None
    if discussion.is_shared:
        institution = session.get_one(Post, edit.post_id).institution_id
    _queue(session, discussion, "waiting", institution, step)


def move_to_group(session: Session, discussion: Discussion, first: Post, group_id: int) -> None:
    """Move a whole thread, given by its first post, to another group."""
    old = first.group_id
    if old == group_id:
        return
    session.flush()
    connection, differences = session.connection(), thread_facets.no_differences()
    thread_facets.move_to_group(connection, first.id, old, group_id, differences)
    connection.execute(_MOVE_POSTS, {"thread": first.id, "to": group_id})
    session.expire(first, ["group_id"])
    _count(connection, discussion.id, differences)


def move_replies(
    session: Session, discussion: Discussion, first: Post, into: Post, most: int
) -> bool:
    """Move the first ``most`` replies of a thread into another one; return whether any are left.

    Takes a bounded number of statements. The posts of no author become more or fewer, so nobody is
    told of them.
    """
    session.flush()
    connection, differences = session.connection(), thread_facets.no_differences()
    rows = connection.execute(_REPLIES, {"thread": first.id, "limit": most + 1}).all()
    if not rows:
        return False
    before = [facets.state_of(row) for row in rows[:most]]
    after = [each._replace(thread=into.id, group_id=into.group_id) for each in before]
    connection.execute(
        _MOVE_REPLIES,
        {"ids": [each.id for each in before], "to": into.id, "group": into.group_id},
    )
    thread_facets.apply(connection, discussion.id, before, (), differences)
    thread_facets.apply(connection, discussion.id, (), after, differences)
    _count(connection, discussion.id, differences)
    for each in (first, into):
        session.expire(each, ["reply_count"])
    return len(rows) > most


def _insert(connection: Connection, discussion: LockedDiscussion, post: Post) -> None:
    numbers = {"latest": discussion.latest_sequence, "waits": discussion.waiting}
    connection.execute(_SET_NUMBERS, {"discussion": discussion.id, **numbers})
    values = {name: getattr(post, name) for name in _INSERTED}
    key = connection.execute(_INSERT, values).inserted_primary_key
    assert key is not None
    post.id = key[0]


def _number(discussion: AnyDiscussion, post: Post) -> bool:
    """Give a post that is published for the first time its sequence number, and return True."""
    if (post.status or facets.PUBLISHED) != facets.PUBLISHED or post.sequence:
        return False
    discussion.latest_sequence += 1
    post.sequence = discussion.latest_sequence
    return True


def _store_words(session: Session, discussion: AnyDiscussion, post: Post) -> None:
    position = post.sequence or discussion.latest_sequence
    fields = search_index.fields_of(post)
    search_index.store(session.connection(), post.id, fields, position)


def _apply(
    session: Session, discussion: AnyDiscussion, before: PostState | None, after: PostState
) -> None:
    if before == after or not ((before and before.published) or after.published):
        return
    connection, discussion_id = session.connection(), discussion.id
    differences = thread_facets.no_differences()
    if before is not None and before.thread != after.thread:
        thread_facets.apply(connection, discussion_id, (before,), (), differences)
        thread_facets.apply(connection, discussion_id, (), (after,), differences)
    else:
        thread_facets.apply(
            connection,
            discussion_id,
            () if before is None else (before,),
            (after,),
            differences,
            is_new=before is None and after.id == after.thread,
        )
    _count(connection, discussion_id, differences)
    author_counts.apply(connection, discussion_id, before, after)
    for author_id in dict.fromkeys(state.author_id for state in (before, after) if state):
        if author_id is not None:
            for link in _activities_of(session, discussion, author_id):
                events.publish_counts(session, CountsChanged(link, author_id))


def _activities_of(session: Session, discussion: AnyDiscussion, author_id: int) -> Sequence[int]:
    """Return the resource links in which the author takes part in a discussion."""
    if discussion.resource_link_id is not None:
        return (discussion.resource_link_id,)
    query = (
        select(ResourceLink.id)
        .join(Discussion, Discussion.resource_link_id == ResourceLink.id)
        .join(Membership, Membership.course_id == ResourceLink.course_id)
        .where(
            Discussion.shared_id == discussion.id,
            Discussion.archived_at.is_(None),
            Membership.user_id == author_id,
            Membership.ended_at.is_(None),
        )
        .order_by(ResourceLink.id)
    )
    return session.scalars(query).all()


def _count(connection: Connection, discussion_id: int, differences: Differences) -> None:
    posts, threads = differences
    rows = [
        {
            "discussion_id": discussion_id,
            "kind": facet.kind,
            "value": facet.value,
            "group_id": group_id,
            "posts": posts[facet, group_id],
            "threads": threads[facet, group_id],
        }
        for facet, group_id in sorted(posts.keys() | threads.keys())
        if posts[facet, group_id] or threads[facet, group_id]
    ]
    if rows:
        connection.execute(_ADD_TO_COUNTS[connection.dialect.name], rows)


_SET_NUMBERS = (
    update(Discussion)
    .where(_DISCUSSIONS.c.id == bindparam("discussion"))
    .values(latest_sequence=bindparam("latest"), waiting=bindparam("waits"))
)
_INSERT = insert(Post)
_INSERTED = [column.name for column in _POSTS.columns if not column.primary_key]
_DELETE_TRANSLATIONS = delete(PostTranslation).where(PostTranslation.post_id == bindparam("post"))
_MOVE_POSTS = (
    update(Post)
    .where(or_(_POSTS.c.id == bindparam("thread"), _POSTS.c.thread_id == bindparam("thread")))
    .values(group_id=bindparam("to"))
)
_REPLIES = (
    select(*(_POSTS.c[name] for name in facets.STATE_COLUMNS))
    .where(_POSTS.c.thread_id == bindparam("thread"))
    .order_by(_POSTS.c.id)
    .limit(bindparam("limit"))
)
_MOVE_REPLIES = (
    update(Post)
    .where(_POSTS.c.id.in_(bindparam("ids", expanding=True)))
    .values(thread_id=bindparam("to"), group_id=bindparam("group"))
)


def _add_to_counts(dialect_insert: Any) -> Any:
    statement = dialect_insert(_COUNTS)
    return statement.on_conflict_do_update(
        index_elements=["discussion_id", "kind", "value", "group_id"],
        set_={name: _COUNTS.c[name] + statement.excluded[name] for name in ("posts", "threads")},
    )


_ADD_TO_COUNTS = {
    "sqlite": _add_to_counts(sqlite_insert),
    "postgresql": _add_to_counts(postgresql_insert),
}
