"""Read a discussion: pages of threads and replies, counts, and the page on which a post is shown.

The SQL is in ``selects``; the functions here execute it and build values.

Threads are sorted newest first, replies oldest first. A new reply does not move its thread. Pages
begin and end at post ids, not at offsets, so a thread is neither skipped nor repeated when someone
posts while a reader goes from page to page.

The number of statements for a page does not depend on the size of the discussion.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select

from courseware.markdown import RENDERER
from lti_tool.discussion import selects
from lti_tool.discussion.languages import UNKNOWN
from lti_tool.discussion.selects import PostRow
from lti_tool.discussion.text import render_stored

THREADS_PER_PAGE = 20
REPLIES_SHOWN = 10
"""Replies shown below a thread; the thread's own pages show all."""
REPLIES_PER_PAGE = 50
"""Replies on a page of one thread."""


@dataclass(frozen=True, slots=True)
class Thread:
    """A first post with its first replies. ``more``: there are other replies."""

    first: PostRow
    replies: tuple[PostRow, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """A page of threads.

    ``newer`` is the ``before`` of the previous page, ``older`` the ``after`` of the next one; None
    if there is no such page.
    """

    threads: tuple[Thread, ...]
    newer: int | None
    older: int | None


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
class PostCounts:
    """Numbers of published posts.

    ``latest`` is the id of the newest post, 0 if there is none. ``unknown`` counts the posts
    without a language. ``answers``: for each question id, the number of answers and whether the
    reader wrote one.
    """

    total: int = 0
    latest: int = 0
    by_language: Mapping[str, int] = field(default_factory=dict)
    unknown: int = 0
    answers: Mapping[str, tuple[int, bool]] = field(default_factory=dict)

    def of(self, language: str) -> int:
        """Return the number of posts in a language, or in an unknown one (``UNKNOWN``)."""
        return self.unknown if language == UNKNOWN else self.by_language.get(language, 0)


@dataclass(frozen=True, slots=True)
class PostLocation:
    """The page that shows a post: a page of threads, or of the thread ``thread_id``.

    ``after`` is the ``after`` of that page, None for the first page.
    """

    thread_id: int | None
    after: int | None


def thread_page(
    connection: Connection,
    discussion_id: int,
    *,
    after: int | None = None,
    before: int | None = None,
    language: str | None = None,
    limit: int = THREADS_PER_PAGE,
    replies: int = REPLIES_SHOWN,
) -> ThreadPage:
    """Return the page of threads after or before a post id, in display order."""
    filtered = language is not None
    parameters = {"discussion": discussion_id, "language": language}

    def fetch(edge: int | None, backwards: bool, count: int) -> list[PostRow]:
        statement = selects.threads(filtered, backwards, edge is not None)
        return _rows(connection, statement, {**parameters, "edge": edge, "limit": count})

    first_posts, newer, older = _paginate(fetch, limit, after, before)
    threads = [row.id for row in first_posts if row.reply_count]
    replies_by_thread: dict[int, list[PostRow]] = {}
    if threads:
        options = {"threads": threads, "limit": replies, "language": language}
        for reply in _rows(connection, selects.first_replies(filtered), options):
            replies_by_thread.setdefault(reply.thread_id or 0, []).append(reply)
    return ThreadPage(
        tuple(_thread(row, replies_by_thread.get(row.id, []), replies) for row in first_posts),
        newer,
        older,
    )


def _thread(first: PostRow, replies: Sequence[PostRow], limit: int) -> Thread:
    shown = tuple(replies[:limit])
    published = sum(reply.status == "published" for reply in shown)
    return Thread(first, shown, more=len(replies) > limit or published < first.reply_count)


def reply_page(
    connection: Connection,
    discussion_id: int,
    thread_id: int,
    *,
    after: int | None = None,
    before: int | None = None,
    limit: int = REPLIES_PER_PAGE,
) -> ReplyPage | None:
    """Return a page of one thread, in all languages; None if there is no such thread."""
    first = find_post(connection, discussion_id, thread_id)
    if first is None or first.thread_id is not None:
        return None

    def fetch(edge: int | None, backwards: bool, count: int) -> list[PostRow]:
        statement = selects.replies(backwards, edge is not None)
        return _rows(connection, statement, {"thread": thread_id, "edge": edge, "limit": count})

    shown, earlier, later = _paginate(fetch, limit, after, before)
    return ReplyPage(first, tuple(shown), earlier, later)


def find_post(connection: Connection, discussion_id: int, post_id: int) -> PostRow | None:
    """Return a post of a discussion; None if there is no such post."""
    rows = _rows(connection, selects.POST, {"id": post_id, "discussion": discussion_id})
    return rows[0] if rows else None


def count_posts(connection: Connection, discussion_id: int, user_id: int | None) -> PostCounts:
    """Count the published posts of a discussion, in one statement."""
    rows = connection.execute(selects.COUNTS, {"discussion": discussion_id, "user": user_id}).all()
    by_language: dict[str | None, int] = {}
    answers: dict[str, tuple[int, bool]] = {}
    latest = 0
    for language, question, count, newest, mine in rows:
        by_language[language] = by_language.get(language, 0) + count
        latest = max(latest, newest)
        if question is not None:
            subtotal, any_mine = answers.get(question, (0, False))
            answers[question] = (subtotal + count, any_mine or bool(mine))
    unknown = by_language.pop(None, 0)
    tagged = {tag: count for tag, count in by_language.items() if tag is not None}
    return PostCounts(sum(tagged.values()) + unknown, latest, tagged, unknown, answers)


def count_hidden(
    connection: Connection, discussion_id: int, language: str, counts: PostCounts
) -> int:
    """Count the published posts that a language filter hides."""
    context = connection.execute(
        selects.COUNT_CONTEXT, {"discussion": discussion_id, "language": language}
    ).scalar_one()
    return int(counts.total - counts.of(language) - context)


def count_new(
    connection: Connection,
    discussion_id: int,
    after: int,
    *,
    user_id: int | None,
    language: str | None = None,
) -> int:
    """Count the posts that others have published since the post ``after``."""
    parameters = {
        "discussion": discussion_id,
        "after": after,
        "user": user_id or 0,
        "language": language,
    }
    return int(connection.execute(selects.count_new(language is not None), parameters).scalar_one())


def locate(
    connection: Connection, discussion_id: int, row: PostRow, language: str | None = None
) -> PostLocation:
    """Return the page that shows a post, without a filter or with one that includes the post."""
    filtered = language is not None
    if row.thread_id is not None:
        parameters = {
            "thread": row.thread_id,
            "edge": row.id,
            "language": language,
            "limit": REPLIES_SHOWN,
        }
        before = connection.execute(selects.ids_before(filtered), parameters).all()
        if len(before) == REPLIES_SHOWN:
            count = connection.execute(selects.COUNT_BEFORE, parameters).scalar_one()
            start = count - count % REPLIES_PER_PAGE
            if start == 0:
                return PostLocation(row.thread_id, None)
            edge = connection.execute(
                selects.ID_AT, {**parameters, "offset": start - 1}
            ).scalar_one()
            return PostLocation(row.thread_id, edge)
    above = connection.execute(
        selects.ids_above(filtered),
        {
            "discussion": discussion_id,
            "edge": row.thread_id or row.id,
            "language": language,
            "limit": THREADS_PER_PAGE,
        },
    ).all()
    return PostLocation(None, above[0].id if len(above) == THREADS_PER_PAGE else None)


Fetch = Callable[[int | None, bool, int], list[PostRow]]


def _paginate(
    fetch: Fetch, limit: int, after: int | None, before: int | None
) -> tuple[list[PostRow], int | None, int | None]:
    """Return the rows of a page, and the ids at which the previous and the next page begin.

    A position before the first row or after the last one gives the first page.
    """
    if before is not None:
        rows = fetch(before, True, limit + 1)
        if len(rows) > limit:
            rows = rows[limit - 1 :: -1]
            return rows, rows[0].id, rows[-1].id
        after = None
    rows = fetch(after, False, limit + 1)
    if not rows and after is not None:
        after = None
        rows = fetch(None, False, limit + 1)
    has_more = len(rows) > limit
    rows = rows[:limit]
    return rows, rows[0].id if after is not None else None, rows[-1].id if has_more else None


def _rows(
    connection: Connection, statement: Select[Any], parameters: Mapping[str, Any]
) -> list[PostRow]:
    rows = [PostRow._make(row) for row in connection.execute(statement, parameters)]
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
