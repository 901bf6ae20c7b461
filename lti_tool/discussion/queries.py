"""Read a discussion: a page of threads, a page of replies, the counts, and where a post stands.

Threads go from the newest to the oldest, so that whoever comes back finds on the first page what
they have not seen; replies go from the oldest to the newest, as in a conversation. A thread keeps
its place whatever is added to it, and pages are cut at post numbers, never at counts: nobody
misses or meets twice a thread because somebody wrote in the meantime.

How many statements a page takes does not depend on how much there is to read.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select

from courseware.markdown import RENDERER, TooComplex, post_html, unformatted_html
from lti_tool.discussion import selects
from lti_tool.discussion.selects import Row

THREADS = 20
"""Threads on a page."""
REPLIES = 10
"""Replies shown below a thread; the rest is on the thread's own pages."""
REPLIES_ALONE = 50
"""Replies on a page of one thread."""


@dataclass(frozen=True, slots=True)
class Thread:
    """A first post with its first replies; ``more`` says that there are others."""

    first: Row
    replies: tuple[Row, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Page:
    """Some threads, and the numbers from which the pages beside this one start, if there are any.

    ``newer`` goes to ``before``, ``older`` to ``after``.
    """

    threads: tuple[Thread, ...]
    newer: int | None
    older: int | None


@dataclass(frozen=True, slots=True)
class Replies:
    """A thread by itself: ``earlier`` goes to ``before``, ``later`` to ``after``."""

    first: Row
    replies: tuple[Row, ...]
    earlier: int | None
    later: int | None


@dataclass(frozen=True, slots=True)
class Counts:
    """Published posts: all, by language, and by question with whether the reader wrote one.

    ``latest`` is the number of the newest post, 0 if there is none.
    """

    total: int = 0
    latest: int = 0
    by_language: Mapping[str, int] = field(default_factory=dict)
    unknown: int = 0
    answers: Mapping[str, tuple[int, bool]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a post is shown: on the page of threads, or (``thread_id``) on one of its thread's.

    ``after`` is the number from which that page starts, None for the first page.
    """

    thread_id: int | None
    after: int | None


def page(
    connection: Connection,
    discussion_id: int,
    *,
    after: int | None = None,
    before: int | None = None,
    language: str | None = None,
    limit: int = THREADS,
    replies: int = REPLIES,
) -> Page:
    """A page of threads: those after ``after`` in the order shown, or just before ``before``."""
    filtered = language is not None
    wanted = {"discussion": discussion_id, "language": language}

    def fetch(edge: int | None, backwards: bool, most: int) -> list[Row]:
        statement = selects.threads(filtered, backwards, edge is not None)
        return _rows(connection, statement, {**wanted, "edge": edge, "most": most})

    first_posts, newer, older = _cut(fetch, limit, after, before)
    threads = [row.id for row in first_posts if row.reply_count]
    below: dict[int, list[Row]] = {}
    if threads:
        parameters = {"threads": threads, "most": replies, "language": language}
        for reply in _rows(connection, selects.first_replies(filtered), parameters):
            below.setdefault(reply.thread_id or 0, []).append(reply)
    return Page(
        tuple(_thread(first, below.get(first.id, []), replies) for first in first_posts),
        newer,
        older,
    )


def _thread(first: Row, replies: Sequence[Row], most: int) -> Thread:
    shown = tuple(replies[:most])
    published = sum(reply.status == "published" for reply in shown)
    return Thread(first, shown, more=len(replies) > most or published < first.reply_count)


def thread(
    connection: Connection,
    discussion_id: int,
    thread_id: int,
    *,
    after: int | None = None,
    before: int | None = None,
    limit: int = REPLIES_ALONE,
) -> Replies | None:
    """A thread by itself, in every language; None if there is no thread of that number."""
    first = one(connection, discussion_id, thread_id)
    if first is None or first.thread_id is not None:
        return None

    def fetch(edge: int | None, backwards: bool, most: int) -> list[Row]:
        statement = selects.replies(backwards, edge is not None)
        return _rows(connection, statement, {"thread": thread_id, "edge": edge, "most": most})

    shown, earlier, later = _cut(fetch, limit, after, before)
    return Replies(first, tuple(shown), earlier, later)


def one(connection: Connection, discussion_id: int, post_id: int) -> Row | None:
    """One post of a discussion."""
    rows = _rows(connection, selects.ONE, {"id": post_id, "discussion": discussion_id})
    return rows[0] if rows else None


def counts(connection: Connection, discussion_id: int, user_id: int | None) -> Counts:
    """What there is in a discussion, in one statement."""
    found = connection.execute(selects.COUNTS, {"discussion": discussion_id, "user": user_id}).all()
    by_language: dict[str | None, int] = {}
    answers: dict[str, tuple[int, bool]] = {}
    latest = 0
    for language, question, count, newest, mine in found:
        by_language[language] = by_language.get(language, 0) + count
        latest = max(latest, newest)
        if question is not None:
            before, was_mine = answers.get(question, (0, False))
            answers[question] = (before + count, was_mine or bool(mine))
    unknown = by_language.pop(None, 0)
    known = {tag: count for tag, count in by_language.items() if tag is not None}
    return Counts(sum(known.values()) + unknown, latest, known, unknown, answers)


def hidden(connection: Connection, discussion_id: int, language: str, all_counts: Counts) -> int:
    """How many published posts a filter hides."""
    context = connection.execute(
        selects.CONTEXT, {"discussion": discussion_id, "language": language}
    ).scalar_one()
    fitting = all_counts.by_language.get(language, 0) + all_counts.unknown
    return int(all_counts.total - fitting - context)


def news(
    connection: Connection,
    discussion_id: int,
    after: int,
    *,
    user_id: int | None,
    language: str | None = None,
) -> int:
    """How many posts others have published since the post ``after``."""
    wanted = {
        "discussion": discussion_id,
        "after": after,
        "user": user_id or 0,
        "language": language,
    }
    return int(connection.execute(selects.news(language is not None), wanted).scalar_one())


def place(
    connection: Connection, discussion_id: int, row: Row, language: str | None = None
) -> Place:
    """The page on which a post stands, with or without a filter that shows the post."""
    filtered = language is not None
    if row.thread_id is not None:
        wanted = {"thread": row.thread_id, "edge": row.id, "language": language, "most": REPLIES}
        if len(connection.execute(selects.numbers_before(filtered), wanted).all()) == REPLIES:
            count = connection.execute(selects.COUNT_BEFORE, wanted).scalar_one()
            start = count - count % REPLIES_ALONE
            if start == 0:
                return Place(row.thread_id, None)
            edge = connection.execute(
                selects.NUMBER_AT, {**wanted, "place": start - 1}
            ).scalar_one()
            return Place(row.thread_id, edge)
    above = connection.execute(
        selects.numbers_above(filtered),
        {
            "discussion": discussion_id,
            "edge": row.thread_id or row.id,
            "language": language,
            "most": THREADS,
        },
    ).all()
    return Place(None, above[0].id if len(above) == THREADS else None)


Fetch = Callable[[int | None, bool, int], list[Row]]


def _cut(
    fetch: Fetch, limit: int, after: int | None, before: int | None
) -> tuple[list[Row], int | None, int | None]:
    """The rows of a page, and the numbers from which the pages before and after it start.

    What is asked for before the first rows, or after the last, gives the first page.
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


def _rows(connection: Connection, statement: Select[Any], wanted: Mapping[str, Any]) -> list[Row]:
    found = connection.execute(statement, wanted)
    rows = [Row._make(row) for row in found]
    stale = [row.id for row in rows if row.renderer != RENDERER]
    return _rendered_anew(connection, rows, stale) if stale else rows


def _rendered_anew(connection: Connection, rows: list[Row], stale: list[int]) -> list[Row]:
    """What an older version made may be unsafe by what is known today: make it again."""
    sources = connection.execute(selects.SOURCES, {"ids": stale})
    html = {number: _shown(source) for number, source in sources}
    return [row._replace(html=html.get(row.id, row.html), renderer=RENDERER) for row in rows]


def _shown(source: str) -> str:
    """The HTML of a text that was accepted once, perhaps under other limits."""
    try:
        return post_html(source)
    except TooComplex:
        return unformatted_html(source)
