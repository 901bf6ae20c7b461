"""Read a discussion: pages of threads and replies, and the page on which a post is shown.

The SQL is in ``selects`` and ``counts``; the functions here execute it and build values.

A page of threads is a scan of the rows of one facet in ``thread_facets``, with any filters and any
order: all other filters are conditions on each row. The facet with the fewest threads is
scanned. Pages begin and end at positions (the ``sequence`` of the thread's newest post, or the id
of its first post), not at offsets, so no row is counted to reach a page.

The number of statements for a page does not depend on the size of the discussion.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Select

from courseware.markdown import RENDERER
from lti_tool.discussion import facets, selects
from lti_tool.discussion.checks import MAX_PINNED
from lti_tool.discussion.counts import PostCounts, count_posts
from lti_tool.discussion.facets import ALL, STAFF, UNANSWERED, Facet
from lti_tool.discussion.model import Post
from lti_tool.discussion.pagination import paginate
from lti_tool.discussion.permissions import HIDDEN_HERE
from lti_tool.discussion.selects import Order, PostRow, Source, ThreadScan
from lti_tool.discussion.shared_posts import Viewpoint, as_seen
from lti_tool.discussion.text import render_stored

THREADS_PER_PAGE = 20
REPLIES_SHOWN = 10
"""Replies shown below a thread; the thread's own pages show all."""
REPLIES_PER_PAGE = 50
"""Replies on a page of one thread."""
MAX_SCANNED_NEW = 200
"""Posts that are looked at for a page of new ones."""
_MOST_PENDING = 100


@dataclass(frozen=True, slots=True)
class Scope:
    """A discussion, and what its reader may see of it (see ``Permissions``).

    ``pinned``: the number of pinned threads, if known to be 0 nothing is searched. ``viewpoint``:
    the institution that reads a shared discussion.
    """

    discussion_id: int
    user_id: int | None = None
    groups: tuple[int, ...] | None = (0,)
    moderate: bool = False
    pinned: int = 0
    viewpoint: Viewpoint | None = None

    @property
    def moderates(self) -> int:
        """The institution whose posts the reader moderates; 0 in a discussion of one course."""
        if not self.moderate:
            return -1
        return self.viewpoint.institution_id if self.viewpoint else 0

    @property
    def parameters(self) -> dict[str, Any]:
        """The bind parameters of every statement."""
        return {
            "discussion": self.discussion_id,
            "user": self.user_id or 0,
            "moderates": self.moderates,
        }


@dataclass(frozen=True, slots=True)
class Filters:
    """Which threads are listed, in which order. A thread must match all filters.

    ``languages``: has a post in one of them, and only such replies are shown. ``mine``: has a post
    of the reader. ``author``: has a post that carries the name of this user. ``staff``: has a post
    of an instructor. In a list of one person's threads, ``activity`` is the person's newest post.
    """

    languages: tuple[str, ...] = ()
    question: str | None = None
    author: int | None = None
    mine: bool = False
    staff: bool = False
    unanswered: bool = False
    order: Order = "activity"

    @property
    def any(self) -> bool:
        """Whether some threads may be left out."""
        return replace(self, order="activity") != Filters()

    def conditions(self, user_id: int | None) -> list[tuple[Facet, ...]]:
        """Return, for each filter, facets of which a thread must have one. Personal ones first."""
        found: list[tuple[Facet, ...]] = []
        if self.mine:
            found.append(facets.own(user_id or 0))
        if self.author is not None:
            found.append((facets.by_author(self.author),))
        if self.languages:
            found.append(tuple(facets.language(tag) for tag in self.languages))
        if self.question is not None:
            found.append((facets.question(self.question),))
        if self.staff:
            found.append((STAFF,))
        if self.unanswered:
            found.append((UNANSWERED,))
        return found or [(ALL,)]


EVERYTHING = Filters()


@dataclass(frozen=True, slots=True)
class Thread:
    """A first post with its first replies. ``more``: there are other replies."""

    first: PostRow
    replies: tuple[PostRow, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """A page of threads, ``pinned`` ones (only on the first page) before the others.

    ``newer`` is the ``before`` of the previous page, ``older`` the ``after`` of the next one; None
    if there is no such page.
    """

    threads: tuple[Thread, ...]
    newer: int | None
    older: int | None
    pinned: tuple[Thread, ...] = ()


@dataclass(frozen=True, slots=True)
class ReplyPage:
    """A page of one thread.

    ``earlier`` is the ``before`` of the previous page, ``later`` the ``after`` of the next one;
    None if there is no such page.
    """

    first: PostRow
    replies: tuple[PostRow, ...]
    earlier: int | None
    later: int | None


@dataclass(frozen=True, slots=True)
class PostLocation:
    """The page that shows a post: a page of threads, or of the thread ``thread_id``.

    ``after`` is the ``after`` of that page, None for the first page.
    """

    thread_id: int | None
    after: int | None


def thread_page(
    connection: Connection,
    scope: Scope,
    filters: Filters = EVERYTHING,
    *,
    counts: PostCounts | None = None,
    after: int | None = None,
    before: int | None = None,
    limit: int = THREADS_PER_PAGE,
    replies: int = REPLIES_SHOWN,
) -> ThreadPage:
    """Return the page of threads after or before a position, in display order.

    ``counts`` are those of the same reader; without them one more statement is executed.
    """
    if counts is None:
        counts = count_posts(connection, scope.discussion_id, scope.user_id, scope.groups)
    scan = _Scan(scope, filters, counts)

    def fetch(edge: int | None, backwards: bool, count: int) -> list[Any]:
        return scan.rows(connection, edge, backwards, count)

    rows, newer, older = paginate(fetch, limit, after, before, lambda row: int(row[-1]))
    first_posts = _posts(connection, scope, [row[:-1] for row in rows])
    pinned = scan.pinned(connection) if scope.pinned and newer is None else []
    of_thread = _first_replies(connection, scope, filters, [*pinned, *first_posts], replies)

    def threads(firsts: list[PostRow]) -> tuple[Thread, ...]:
        return tuple(_thread(row, of_thread.get(row.id, []), replies) for row in firsts)

    return ThreadPage(threads(first_posts), newer, older, threads(pinned))


class _Scan:
    """The scan of one facet that gives a page of threads, with its bind parameters."""

    def __init__(self, scope: Scope, filters: Filters, counts: PostCounts) -> None:
        self.scope, self.filters, self.pins = scope, filters, scope.pinned > 0
        conditions = filters.conditions(scope.user_id)
        groups = scope.groups if scope.groups is not None else counts.groups
        personal = filters.mine or filters.author is not None
        driver = 0 if personal else _smallest(conditions, counts)
        branches = [(facet, group) for facet in conditions[driver] for group in groups]
        others = conditions[:driver] + conditions[driver + 1 :]
        self.branches, self.conditions = len(branches), len(others)
        self.parameters: dict[str, Any] = scope.parameters
        for number, (facet, group) in enumerate(branches):
            self.parameters |= {
                f"kind{number}": facet.kind,
                f"value{number}": facet.value,
                f"group{number}": group,
            }
        self.parameters |= _condition_parameters(others)
        self.pinned_parameters = scope.parameters | _condition_parameters(conditions)
        self.groups = groups

    def shape(self, edge: int | None, backwards: bool) -> ThreadScan:
        """Return the shape of the statement for a page."""
        return ThreadScan(
            self.branches,
            self.conditions,
            self.filters.order,
            backwards,
            edge is not None,
            self.pins,
        )

    def rows(
        self, connection: Connection, edge: int | None, backwards: bool, count: int
    ) -> list[Any]:
        """Return the first posts of a page, each with its position as the last column."""
        statement = selects.threads(self.shape(edge, backwards))
        parameters = {**self.parameters, "edge": edge, "limit": count}
        return list(connection.execute(statement, parameters).all())

    def pinned(self, connection: Connection) -> list[PostRow]:
        """Return the first posts of the pinned threads."""
        statement = selects.pinned_threads(len(self.filters.conditions(0)))
        most = MAX_PINNED * len(self.groups)
        parameters = {**self.pinned_parameters, "groups": self.groups, "limit": most}
        return _select(connection, self.scope, statement, parameters)


def _condition_parameters(conditions: Sequence[tuple[Facet, ...]]) -> dict[str, Any]:
    parameters: dict[str, Any] = {}
    for number, alternatives in enumerate(conditions):
        # The kinds of "mine" are two; a value of one kind never is one of the other for this user.
        parameters[f"kinds_{number}"] = sorted({facet.kind for facet in alternatives})
        parameters[f"values_{number}"] = [facet.value for facet in alternatives]
    return parameters


def _smallest(conditions: Sequence[tuple[Facet, ...]], counts: PostCounts) -> int:
    """Return the index of the condition that the fewest threads match."""
    sizes = [sum(counts.threads.get(facet, 0) for facet in each) for each in conditions]
    return sizes.index(min(sizes))


def _first_replies(
    connection: Connection, scope: Scope, filters: Filters, first_posts: list[PostRow], limit: int
) -> dict[int, list[PostRow]]:
    threads = [row.id for row in first_posts if row.reply_count]
    found: dict[int, list[PostRow]] = {}
    if threads:
        parameters = {
            **scope.parameters,
            "threads": threads,
            "limit": limit,
            "languages": filters.languages or ("",),
        }
        statement = selects.first_replies(bool(filters.languages))
        for reply in _select(connection, scope, statement, parameters):
            found.setdefault(reply.thread_id or 0, []).append(reply)
    return found


def _thread(first: PostRow, replies: Sequence[PostRow], limit: int) -> Thread:
    shown = tuple(replies[:limit])
    published = sum(reply.status in ("published", HIDDEN_HERE) for reply in shown)
    return Thread(first, shown, more=len(replies) > limit or published < first.reply_count)


def own_unlisted_threads(connection: Connection, scope: Scope) -> list[PostRow]:
    """Return the reader's own threads that only the reader sees, newest first.

    They wait for approval, were rejected, or were hidden and have no replies.
    """
    parameters = {**scope.parameters, "limit": THREADS_PER_PAGE}
    return _select(connection, scope, selects.OWN_UNLISTED_THREADS, parameters)


def own_pending_edits(connection: Connection, discussion_id: int, user_id: int) -> dict[int, str]:
    """Return the posts with edits of the user that are not approved: empty, or why not."""
    parameters = {"discussion": discussion_id, "user": user_id, "limit": _MOST_PENDING}
    rows = connection.execute(selects.OWN_PENDING_EDITS, parameters)
    return {row.post_id: row.rejected_reason or "" for row in rows}


def held_posts(
    connection: Connection, scope: Scope, source: Source, after: int | None, limit: int
) -> list[PostRow]:
    """Return posts that wait for approval, the oldest first."""
    parameters = {**scope.parameters, "edge": after or 0, "limit": limit}
    return _select(connection, scope, selects.HELD[source], parameters)


def posts_by_id(connection: Connection, scope: Scope, ids: Sequence[int]) -> dict[int, PostRow]:
    """Return posts of the discussion, regardless of their status."""
    if not ids:
        return {}
    parameters = {**scope.parameters, "ids": list(ids)}
    return {row.id: row for row in _select(connection, scope, selects.BY_ID, parameters)}


def reply_page(
    connection: Connection,
    scope: Scope,
    thread_id: int,
    *,
    after: int | None = None,
    before: int | None = None,
    limit: int = REPLIES_PER_PAGE,
) -> ReplyPage | None:
    """Return a page of one thread, in all languages; None if the reader sees no such thread."""
    first = find_post(connection, scope, thread_id)
    if first is None or first.thread_id is not None:
        return None

    def fetch(edge: int | None, backwards: bool, count: int) -> list[PostRow]:
        statement = selects.replies(backwards, edge is not None)
        parameters = {**scope.parameters, "thread": thread_id, "edge": edge, "limit": count}
        return _select(connection, scope, statement, parameters)

    shown, earlier, later = paginate(fetch, limit, after, before, lambda row: int(row.id))
    return ReplyPage(first, tuple(shown), earlier, later)


def find_post(connection: Connection, scope: Scope, post_id: int) -> PostRow | None:
    """Return a post of a discussion; None if there is none, or the reader may not know of it."""
    parameters = {**scope.parameters, "id": post_id}
    rows = _select(connection, scope, selects.POST, parameters)
    if not rows or (scope.groups is not None and rows[0].group_id not in scope.groups):
        return None
    (row,) = rows
    mine = row.author_id is not None and row.author_id == scope.user_id
    shown = row.status not in facets.UNAPPROVED and row.sequence > 0
    moderated = (row.institution_id or 0) == scope.moderates
    return row if shown or mine or moderated else None


def find_posts(connection: Connection, scope: Scope, ids: Sequence[int]) -> list[PostRow]:
    """Return posts of a discussion by their ids, in order, regardless of who may see them."""
    return _select(connection, scope, selects.POSTS, {**scope.parameters, "ids": ids})


def sources_of(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    """Return the texts of posts as they were written."""
    if not ids:
        return {}
    return {row.id: row.source for row in connection.execute(selects.SOURCES, {"ids": list(ids)})}


def locate(
    connection: Connection,
    scope: Scope,
    row: PostRow | Post,
    filters: Filters = EVERYTHING,
    *,
    newest: bool = False,
) -> PostLocation:
    """Return the page that shows a post, with filters that include the post.

    ``newest``: the post was published just now, so a list by activity begins with its thread.
    """
    thread_id = row.thread_id or row.id
    if row.thread_id is not None:
        parameters = {**scope.parameters, "thread": thread_id, "edge": row.id}
        first = {**parameters, "limit": REPLIES_SHOWN}
        if len(connection.execute(selects.ids_before(False), first).all()) == REPLIES_SHOWN:
            nearest = {**parameters, "limit": REPLIES_PER_PAGE}
            above = connection.execute(selects.ids_before(True), nearest).all()
            full = len(above) == REPLIES_PER_PAGE
            return PostLocation(thread_id, above[REPLIES_PER_PAGE // 2].id if full else None)
    begins = filters.order == "activity" or (filters.order == "newest" and row.thread_id is None)
    if newest and begins:
        return PostLocation(None, None)
    place = connection.execute(selects.POSITION, {"thread": thread_id}).first()
    if place is None:  # nothing in the thread is published
        return PostLocation(thread_id, None)
    counts = count_posts(connection, scope.discussion_id, scope.user_id, scope.groups)
    scan = _Scan(scope, filters, counts)
    edge = place.activity if filters.order == "activity" else thread_id
    above = connection.execute(
        selects.thread_positions(scan.shape(edge, True)),
        {**scan.parameters, "edge": edge, "limit": THREADS_PER_PAGE},
    ).all()
    return PostLocation(None, above[0].position if len(above) == THREADS_PER_PAGE else None)


@dataclass(frozen=True, slots=True)
class PostList:
    """Posts one after another, without their threads; ``next`` is where the next page begins."""

    posts: tuple[PostRow, ...] = ()
    next: int | None = None


def own_posts(
    connection: Connection, scope: Scope, *, after: int | None = None, limit: int = THREADS_PER_PAGE
) -> PostList:
    """Return the reader's own posts, the newest first; also held, hidden and deleted ones."""
    edge = selects.MAX_ID if after is None else after
    parameters = {**scope.parameters, "edge": edge, "limit": limit + 1}
    rows = _select(connection, scope, selects.OWN_POSTS, parameters)
    return PostList(tuple(rows[:limit]), rows[limit - 1].id if len(rows) > limit else None)


def new_posts(
    connection: Connection, scope: Scope, after: int, *, limit: int = THREADS_PER_PAGE
) -> PostList:
    """Return the posts of others that were published after a sequence number, the oldest first.

    At most ``MAX_SCANNED_NEW`` posts are looked at; if few of them are for the reader, the page is
    shorter.
    """
    parameters = {**scope.parameters, "edge": after, "limit": MAX_SCANNED_NEW + 1}
    scanned = connection.execute(selects.PUBLISHED_AFTER, parameters).all()
    more = len(scanned) > MAX_SCANNED_NEW
    scanned = scanned[:MAX_SCANNED_NEW]
    found = [
        row
        for row in scanned
        if (row.author_id is None or row.author_id != scope.user_id)
        and (scope.groups is None or row.group_id in scope.groups)
    ]
    last = scanned[-1].sequence if more else None
    if len(found) > limit:
        found = found[:limit]
        last = found[-1].sequence
    if not found:
        return PostList(next=last)
    return PostList(tuple(find_posts(connection, scope, [row.id for row in found])), last)


def _select(
    connection: Connection, scope: Scope, statement: Select[Any], parameters: Mapping[str, Any]
) -> list[PostRow]:
    return _posts(connection, scope, connection.execute(statement, parameters).all())


def _posts(connection: Connection, scope: Scope, found: Sequence[Any]) -> list[PostRow]:
    rows = as_seen(connection, scope.viewpoint, [PostRow._make(row) for row in found])
    stale = [row.id for row in rows if row.renderer != RENDERER and row.status != "deleted"]
    return _rerender(connection, rows, stale) if stale else rows


def _rerender(connection: Connection, rows: list[PostRow], stale: list[int]) -> list[PostRow]:
    """Render again what an older renderer made: its HTML may be unsafe by current rules.

    Only for this page, because reading does not write: the worker stores it
    (``tasks.render_outdated``).
    """
    sources = connection.execute(selects.SOURCES, {"ids": stale})
    html = {post_id: render_stored(source) for post_id, source in sources}
    return [row._replace(html=html.get(row.id, row.html), renderer=RENDERER) for row in rows]
