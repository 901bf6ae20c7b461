"""Read a discussion: a page of threads, a page of replies, the counts, and where a post stands.

Threads go from the newest to the oldest, so that whoever comes back finds on the first page what
they have not seen; replies go from the oldest to the newest, as in a conversation. A thread keeps
its place whatever is added to it, and pages are cut at post numbers, never at counts: nobody
misses or meets twice a thread because somebody wrote in the meantime.

These are the hottest statements of the tool. They are made once, ask for the columns that are shown
and no others, and their number does not depend on how much there is to read.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session

from courseware.markdown import RENDERER, post_html
from lti_tool.discussion.model import Post

THREADS = 20
"""Threads on a page."""
REPLIES = 10
"""Replies shown below a thread; the rest is on the thread's own pages."""
REPLIES_ALONE = 50
"""Replies on a page of one thread."""

_P = Post.__table__.alias("post")
_R = Post.__table__.alias("reply")
_T = Post.__table__.alias("thread")
_A = Post.__table__.alias("answered")
_AFTER_ALL = 2**31 - 1


class Row(NamedTuple):
    """A post as it is shown. The last four tell of the post that it replies to, if it is one."""

    id: int
    thread_id: int | None
    reply_to_id: int | None
    author_id: int | None
    author_name: str | None
    author_code: str | None
    author_role: str
    question_id: str | None
    language: str | None
    status: str
    reply_count: int
    created_at: datetime
    edited_at: datetime | None
    renderer: str
    html: str
    answered_name: str | None
    answered_code: str | None
    answered_role: str | None
    answered_status: str | None


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
    by_language: Mapping[str, int] | None = None
    unknown: int = 0
    answers: Mapping[str, tuple[int, bool]] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a post is shown: on the page of threads, or (``thread_id``) on one of its thread's.

    ``after`` is the number from which that page starts, None for the first page.
    """

    thread_id: int | None
    after: int | None


_OWN = [_P.c[name] for name in Row._fields if not name.startswith("answered_")]
_ANSWERED = [_A.c.author_name, _A.c.author_code, _A.c.author_role, _A.c.status]
_ROWS = select(*_OWN, *(column.label(f"answered_{column.name}") for column in _ANSWERED))
_ROWS = _ROWS.select_from(_P.outerjoin(_A, _A.c.id == _P.c.reply_to_id))


def _fits(posts: Any) -> ColumnElement[bool]:
    """Written in the chosen language, as far as anybody knows: a filter hides what is known."""
    language = bindparam("language")
    return and_(
        posts.c.status == "published",
        or_(posts.c.language == language, posts.c.language.is_(None)),
    )


def _has_fitting_reply(posts: Any) -> ColumnElement[bool]:
    return select(1).where(_R.c.thread_id == posts.c.id, _fits(_R)).exists()


def _is_shown(filtered: bool) -> ColumnElement[bool]:
    """Threads on the page. A first post stays for its replies' sake, deleted or in any language."""
    if filtered:
        return or_(_fits(_P), _has_fitting_reply(_P))
    return or_(_P.c.status == "published", _P.c.reply_count > 0)


@cache
def _threads(filtered: bool, backwards: bool, bounded: bool) -> Select[Any]:
    statement = _ROWS.where(
        _P.c.discussion_id == bindparam("discussion"), _P.c.thread_id.is_(None)
    ).where(_is_shown(filtered))
    if bounded:
        edge = bindparam("edge")
        statement = statement.where(_P.c.id > edge if backwards else _P.c.id < edge)
    order = _P.c.id.asc() if backwards else _P.c.id.desc()
    return statement.order_by(order).limit(bindparam("most"))


@cache
def _first_replies(filtered: bool) -> Select[Any]:
    """The first replies of each of some threads, and one more, in one statement.

    The number of the last one wanted is found for each thread by itself: a window function would
    have to number all replies of a long thread.
    """
    last = (
        select(_R.c.id)
        .where(_R.c.thread_id == _T.c.id, *([_fits(_R)] if filtered else []))
        .order_by(_R.c.id)
        .offset(bindparam("most"))
        .limit(1)
        .correlate(_T)
        .scalar_subquery()
    )
    wanted = and_(_P.c.thread_id == _T.c.id, _P.c.id <= func.coalesce(last, _AFTER_ALL))
    statement = _ROWS.select_from(
        _T.join(_P, wanted).outerjoin(_A, _A.c.id == _P.c.reply_to_id)
    ).where(_T.c.id.in_(bindparam("threads", expanding=True)))
    if filtered:
        statement = statement.where(_fits(_P))
    return statement.order_by(_P.c.thread_id, _P.c.id)


@cache
def _replies(backwards: bool, bounded: bool) -> Select[Any]:
    statement = _ROWS.where(_P.c.thread_id == bindparam("thread"))
    if bounded:
        edge = bindparam("edge")
        statement = statement.where(_P.c.id < edge if backwards else _P.c.id > edge)
    order = _P.c.id.desc() if backwards else _P.c.id.asc()
    return statement.order_by(order).limit(bindparam("most"))


_ONE = _ROWS.where(_P.c.id == bindparam("id"), _P.c.discussion_id == bindparam("discussion"))

_PUBLISHED = and_(_P.c.discussion_id == bindparam("discussion"), _P.c.status == "published")

_COUNTS = (
    select(
        _P.c.language,
        _P.c.question_id,
        func.count(),
        func.max(_P.c.id),
        func.max(case((_P.c.author_id == bindparam("person"), 1), else_=0)),
    )
    .where(_PUBLISHED)
    .group_by(_P.c.language, _P.c.question_id)
)

# First posts in another language that are shown because of a reply.
_CONTEXT = (
    select(func.count(_R.c.thread_id.distinct()))
    .select_from(_R.join(_T, _T.c.id == _R.c.thread_id))
    .where(
        _R.c.discussion_id == bindparam("discussion"),
        _fits(_R),
        _T.c.status == "published",
        _T.c.language != bindparam("language"),
    )
)


@cache
def _news(filtered: bool) -> Select[Any]:
    statement = select(func.count()).where(
        _PUBLISHED,
        _P.c.id > bindparam("after"),
        or_(_P.c.author_id.is_(None), _P.c.author_id != bindparam("person")),
    )
    return statement.where(_fits(_P)) if filtered else statement


@cache
def _numbers_above(filtered: bool) -> Select[Any]:
    """The numbers of the threads shown just above one, the nearest first."""
    return _threads(filtered, True, True).with_only_columns(_P.c.id, maintain_column_froms=True)


@cache
def _numbers_before(filtered: bool) -> Select[Any]:
    """The numbers of the replies before one, in the order of the thread."""
    statement = select(_P.c.id).where(
        _P.c.thread_id == bindparam("thread"), _P.c.id < bindparam("edge")
    )
    if filtered:
        statement = statement.where(_fits(_P))
    return statement.order_by(_P.c.id).limit(bindparam("most"))


_COUNT_BEFORE = select(func.count()).where(
    _P.c.thread_id == bindparam("thread"), _P.c.id < bindparam("edge")
)
_NUMBER_AT = (
    select(_P.c.id)
    .where(_P.c.thread_id == bindparam("thread"))
    .order_by(_P.c.id)
    .offset(bindparam("place"))
    .limit(1)
)
_SOURCES = select(_P.c.id, _P.c.source).where(_P.c.id.in_(bindparam("ids", expanding=True)))


def page(
    session: Session,
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
        statement = _threads(filtered, backwards, edge is not None)
        return _rows(session, statement, {**wanted, "edge": edge, "most": most})

    first_posts, newer, older = _cut(fetch, limit, after, before)
    threads = [row.id for row in first_posts if row.reply_count]
    below: dict[int, list[Row]] = {}
    if threads:
        parameters = {"threads": threads, "most": replies, "language": language}
        for reply in _rows(session, _first_replies(filtered), parameters):
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
    session: Session,
    discussion_id: int,
    thread_id: int,
    *,
    after: int | None = None,
    before: int | None = None,
    limit: int = REPLIES_ALONE,
) -> Replies | None:
    """A thread by itself, in every language; None if there is no thread of that number."""
    first = one(session, discussion_id, thread_id)
    if first is None or first.thread_id is not None:
        return None

    def fetch(edge: int | None, backwards: bool, most: int) -> list[Row]:
        statement = _replies(backwards, edge is not None)
        return _rows(session, statement, {"thread": thread_id, "edge": edge, "most": most})

    shown, earlier, later = _cut(fetch, limit, after, before)
    return Replies(first, tuple(shown), earlier, later)


def one(session: Session, discussion_id: int, post_id: int) -> Row | None:
    """One post of a discussion."""
    rows = _rows(session, _ONE, {"id": post_id, "discussion": discussion_id})
    return rows[0] if rows else None


def counts(session: Session, discussion_id: int, person_id: int | None) -> Counts:
    """What there is in a discussion, in one statement."""
    found = (
        session.connection()
        .execute(_COUNTS, {"discussion": discussion_id, "person": person_id})
        .all()
    )
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


def hidden(session: Session, discussion_id: int, language: str, all_counts: Counts) -> int:
    """How many published posts a filter hides."""
    context = (
        session.connection()
        .execute(_CONTEXT, {"discussion": discussion_id, "language": language})
        .scalar_one()
    )
    fitting = (all_counts.by_language or {}).get(language, 0) + all_counts.unknown
    return int(all_counts.total - fitting - context)


def news(
    session: Session,
    discussion_id: int,
    after: int,
    *,
    person_id: int | None,
    language: str | None = None,
) -> int:
    """How many posts others have published since the post ``after``."""
    wanted = {
        "discussion": discussion_id,
        "after": after,
        "person": person_id or 0,
        "language": language,
    }
    return int(session.connection().execute(_news(language is not None), wanted).scalar_one())


def place(session: Session, row: Row, discussion_id: int, language: str | None = None) -> Place:
    """The page on which a post stands, with or without a filter that shows the post."""
    connection, filtered = session.connection(), language is not None
    if row.thread_id is not None:
        wanted = {"thread": row.thread_id, "edge": row.id, "language": language, "most": REPLIES}
        if len(connection.execute(_numbers_before(filtered), wanted).all()) == REPLIES:
            count = connection.execute(_COUNT_BEFORE, wanted).scalar_one()
            start = count - count % REPLIES_ALONE
            if start == 0:
                return Place(row.thread_id, None)
            edge = connection.execute(_NUMBER_AT, {**wanted, "place": start - 1}).scalar_one()
            return Place(row.thread_id, edge)
    above = connection.execute(
        _numbers_above(filtered),
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


def _rows(session: Session, statement: Select[Any], wanted: Mapping[str, Any]) -> list[Row]:
    found = session.connection().execute(statement, wanted)
    rows = [Row._make(row) for row in found]
    stale = [row.id for row in rows if row.renderer != RENDERER]
    return _rendered_anew(session, rows, stale) if stale else rows


def _rendered_anew(session: Session, rows: list[Row], stale: list[int]) -> list[Row]:
    """What an older version made may be unsafe by what is known today: make it again."""
    sources = session.connection().execute(_SOURCES, {"ids": stale})
    html = {number: post_html(source) for number, source in sources}
    return [row._replace(html=html.get(row.id, row.html), renderer=RENDERER) for row in rows]
