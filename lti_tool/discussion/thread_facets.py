"""Keep the facets of threads (``thread_facets``) true when posts change, for ``writer``."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, or_, select, update

from lti_tool.discussion import facets
from lti_tool.discussion.facets import ALL, PERSONAL, UNANSWERED, Facet, PostState
from lti_tool.discussion.model import Post, ThreadFacet

_THREADS = ThreadFacet.__table__
_POSTS = Post.__table__


class Differences(NamedTuple):
    """What is to be added to ``posts`` and ``threads`` of ``discussion_counts``, by group."""

    posts: Counter[tuple[Facet, int]]
    threads: Counter[tuple[Facet, int]]


class _Row(NamedTuple):
    """``posts`` and ``activity`` of one facet of a thread."""

    posts: int
    activity: int


class _Thread(NamedTuple):
    """A thread: whether its first post is published, its published replies, and its facets."""

    first_published: bool
    reply_count: int
    rows: dict[Facet, _Row]


def no_differences() -> Differences:
    """Return empty differences, to be filled."""
    return Differences(Counter(), Counter())


def apply(
    connection: Connection,
    discussion_id: int,
    before: Sequence[PostState],
    after: Sequence[PostState],
    differences: Differences,
    *,
    is_new: bool = False,
) -> None:
    """Write the facets of one thread whose posts have changed; add to ``differences``.

    ``before``: the former states of posts that were in the thread; ``after``: the states of posts
    that are in it now. The rows of the posts are written already. ``is_new``: the thread is a
    published post, and nothing is stored about it yet.
    """
    state = (*after, *before)[0]
    if is_new:
        old, new = _Thread(False, 0, {}), _new(state)
    else:
        old = _load(connection, before, after)
        new = _changed(connection, old, before, after)
    key = {"thread": state.thread}
    if new.reply_count != old.reply_count:
        connection.execute(_SET_REPLY_COUNT, {**key, "replies": new.reply_count})
    added, updated, removed = [], [], []
    for facet in sorted(old.rows.keys() | new.rows.keys()):
        was, now = old.rows.get(facet), new.rows.get(facet)
        step = (now.posts if now else 0) - (was.posts if was else 0)
        if step:
            differences.posts[facet, state.group_id] += step
        if was == now:
            continue
        target = {**key, "facet_kind": facet.kind, "facet_value": facet.value}
        if now is None:
            differences.threads[facet, state.group_id] -= 1
            removed.append(target)
        elif was is None:
            differences.threads[facet, state.group_id] += 1
            added.append(
                {
                    "thread_id": state.thread,
                    "kind": facet.kind,
                    "value": facet.value,
                    "discussion_id": discussion_id,
                    "group_id": state.group_id,
                    **now._asdict(),
                }
            )
        else:
            updated.append({**target, "posts": now.posts, "activity": now.activity})
    for statement, rows in ((_INSERT, added), (_UPDATE, updated), (_DELETE, removed)):
        if rows:
            connection.execute(statement, rows)


def move_to_group(
    connection: Connection, thread_id: int, old: int, new: int, differences: Differences
) -> None:
    """Give the facets of a thread another group."""
    key = {"thread": thread_id, "to": new}
    for row in connection.execute(_LOAD_ALL, key).all():
        facet = Facet(row.kind, row.value)
        for group, step in ((old, -1), (new, 1)):
            differences.posts[facet, group] += step * row.posts
            differences.threads[facet, group] += step
    connection.execute(_MOVE_FACETS, key)


def _load(
    connection: Connection, before: Sequence[PostState], after: Sequence[PostState]
) -> _Thread:
    """Return the thread as it is stored, with the facets of the posts' authors only."""
    states = (*after, *before)
    thread = states[0].thread
    parameters = {
        "thread": thread,
        "authors": sorted({str(each.author_id) for each in states if each.author_id}),
    }
    rows = {
        Facet(row.kind, row.value): _Row(row.posts, row.activity)
        for row in connection.execute(_LOAD, parameters)
    }
    if any(each.id == thread for each in states):
        first_published = any(each.id == thread and each.published for each in before)
    else:
        first_published = connection.scalar(_STATUS, parameters) == facets.PUBLISHED
    published = rows[ALL].posts if ALL in rows else 0
    return _Thread(first_published, published - first_published, rows)


def _new(first: PostState) -> _Thread:
    """Return the thread that a published post begins."""
    return _Thread(True, 0, dict.fromkeys((*first.facets, UNANSWERED), _Row(1, first.sequence)))


def _changed(
    connection: Connection,
    old: _Thread,
    before: Sequence[PostState],
    after: Sequence[PostState],
) -> _Thread:
    """Return the thread after the change of posts."""
    states = (*after, *before)
    thread = states[0].thread
    gained, lost = _sequences(after), _sequences(before)
    step: Counter[Facet] = Counter()
    for state in after:
        step.update(state.facets)
    for state in before:
        step.subtract(state.facets)
    posts = {facet: row.posts for facet, row in old.rows.items() if facet != UNANSWERED}
    for facet, difference in step.items():
        posts[facet] = posts.get(facet, 0) + difference
    posts = {facet: number for facet, number in posts.items() if number}
    first_published = old.first_published
    if any(each.id == thread for each in states):
        first_published = any(each.id == thread and each.published for each in after)
    replies = posts.get(ALL, 0) - first_published
    if first_published and not replies:
        posts[UNANSWERED] = 1
    latest = {
        facet: max([old.rows[facet].activity if facet in old.rows else 0, *gained.get(facet, ())])
        for facet in {ALL, *posts}
    }
    # The newest post is gone: which one is the newest now?
    outdated = {
        facet
        for facet, activity in latest.items()
        if activity in lost.get(facet, ()) and activity not in gained.get(facet, ())
    }
    if ALL in outdated:
        latest[ALL] = connection.scalar(_LATEST, {"thread": thread}) or 0
    own = [facet for facet in outdated if facet.kind in PERSONAL]
    if own:
        authors = sorted({int(facet.value) for facet in own})
        found = connection.execute(_LATEST_OWN, {"thread": thread, "authors": authors}).all()
        newest = {facets.own(row.author_id)[row.anonymous]: row.latest for row in found}
        latest |= {facet: newest.get(facet, 0) for facet in own}
    rows = {
        facet: _Row(number, latest[facet] if facet.kind in PERSONAL else latest[ALL])
        for facet, number in posts.items()
    }
    return _Thread(first_published, replies, rows)


def _sequences(states: Sequence[PostState]) -> dict[Facet, set[int]]:
    """Return the sequence numbers of posts, by facet."""
    found: dict[Facet, set[int]] = {}
    for state in states:
        for facet in state.facets:
            found.setdefault(facet, set()).add(state.sequence)
    return found


_OF_FACET = and_(
    _THREADS.c.thread_id == bindparam("thread"),
    _THREADS.c.kind == bindparam("facet_kind"),
    _THREADS.c.value == bindparam("facet_value"),
)
_INSERT = insert(ThreadFacet)
_UPDATE = (
    update(ThreadFacet)
    .where(_OF_FACET)
    .values(posts=bindparam("posts"), activity=bindparam("activity"))
)
_DELETE = delete(ThreadFacet).where(_OF_FACET)
_LOAD = select(_THREADS.c.kind, _THREADS.c.value, _THREADS.c.posts, _THREADS.c.activity).where(
    _THREADS.c.thread_id == bindparam("thread"),
    or_(
        _THREADS.c.kind.not_in(PERSONAL),
        _THREADS.c.value.in_(bindparam("authors", expanding=True)),
    ),
)
_LOAD_ALL = select(_THREADS.c.kind, _THREADS.c.value, _THREADS.c.posts).where(
    _THREADS.c.thread_id == bindparam("thread")
)
_MOVE_FACETS = (
    update(ThreadFacet)
    .where(_THREADS.c.thread_id == bindparam("thread"))
    .values(group_id=bindparam("to"))
)
_STATUS = select(_POSTS.c.status).where(_POSTS.c.id == bindparam("thread"))
_SET_REPLY_COUNT = (
    update(Post).where(_POSTS.c.id == bindparam("thread")).values(reply_count=bindparam("replies"))
)
_IN_THREAD = (
    or_(_POSTS.c.id == bindparam("thread"), _POSTS.c.thread_id == bindparam("thread")),
    facets.is_published(_POSTS),
)
_LATEST = select(func.max(_POSTS.c.sequence)).where(*_IN_THREAD)
_LATEST_OWN = (
    select(_POSTS.c.author_id, _POSTS.c.anonymous, func.max(_POSTS.c.sequence).label("latest"))
    .where(*_IN_THREAD, _POSTS.c.author_id.in_(bindparam("authors", expanding=True)))
    .group_by(_POSTS.c.author_id, _POSTS.c.anonymous)
)
