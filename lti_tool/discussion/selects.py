"""SQL SELECT statements of the discussion; ``queries`` executes them.

They are the most frequent statements of the tool: each is built once, and selects only the columns
that are shown. Bind parameters: ``discussion``, ``thread`` and ``id`` are row ids; ``edge`` is the
id of the post at which a page begins or ends; ``limit`` is the maximum number of rows; ``language``
is the filter.
"""

from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
)

from lti_tool.discussion.languages import UNKNOWN
from lti_tool.discussion.model import Post

_P = Post.__table__.alias("post")
_R = Post.__table__.alias("reply")
_T = Post.__table__.alias("thread")
_A = Post.__table__.alias("answered")
_MAX_ID = 2**31 - 1


class PostRow(NamedTuple):
    """A post as it is shown. The last four fields describe the post that it replies to, if any."""

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


_POST_COLUMNS = [_P.c[name] for name in PostRow._fields if not name.startswith("answered_")]
_ANSWERED_COLUMNS = [_A.c.author_name, _A.c.author_code, _A.c.author_role, _A.c.status]
_COLUMNS = (
    *_POST_COLUMNS,
    *(column.label(f"answered_{column.name}") for column in _ANSWERED_COLUMNS),
)
_SELECT_POSTS = select(*_COLUMNS).select_from(_P.outerjoin(_A, _A.c.id == _P.c.reply_to_id))


def _matches_language(posts: Any) -> ColumnElement[bool]:
    """Published, and in the chosen language or, for ``UNKNOWN``, in an unknown one."""
    return and_(
        posts.c.status == "published", _language(posts) == bindparam("language", type_=String)
    )


def _language(posts: Any) -> ColumnElement[str]:
    return func.coalesce(posts.c.language, UNKNOWN)


def _has_matching_reply(posts: Any) -> ColumnElement[bool]:
    return select(1).where(_R.c.thread_id == posts.c.id, _matches_language(_R)).exists()


def _is_shown(filtered: bool) -> ColumnElement[bool]:
    """Condition for a thread to be shown: its first post or one of its replies matches."""
    if filtered:
        return or_(_matches_language(_P), _has_matching_reply(_P))
    return or_(_P.c.status == "published", _P.c.reply_count > 0)


@cache
def threads(filtered: bool, backwards: bool, bounded: bool) -> Select[Any]:
    """First posts of a discussion, newest first; ``backwards``: from the edge to newer ones."""
    statement = _SELECT_POSTS.where(
        _P.c.discussion_id == bindparam("discussion"), _P.c.thread_id.is_(None)
    ).where(_is_shown(filtered))
    if bounded:
        edge = bindparam("edge", type_=Integer)
        statement = statement.where(_P.c.id > edge if backwards else _P.c.id < edge)
    order = _P.c.id.asc() if backwards else _P.c.id.desc()
    return statement.order_by(order).limit(bindparam("limit"))


@cache
def first_replies(filtered: bool) -> Select[Any]:
    """The first ``limit`` + 1 replies of each of several threads, in one statement.

    A correlated subquery finds the last id for each thread: a window function would have to number
    all replies of a long thread.
    """
    last = (
        select(_R.c.id)
        .where(_R.c.thread_id == _T.c.id, *([_matches_language(_R)] if filtered else []))
        .order_by(_R.c.id)
        .offset(bindparam("limit"))
        .limit(1)
        .correlate(_T)
        .scalar_subquery()
    )
    included = and_(_P.c.thread_id == _T.c.id, _P.c.id <= func.coalesce(last, _MAX_ID))
    statement = (
        select(*_COLUMNS)
        .select_from(_T.join(_P, included).outerjoin(_A, _A.c.id == _P.c.reply_to_id))
        .where(_T.c.id.in_(bindparam("threads", expanding=True)))
    )
    if filtered:
        statement = statement.where(_matches_language(_P))
    return statement.order_by(_P.c.thread_id, _P.c.id)


@cache
def replies(backwards: bool, bounded: bool) -> Select[Any]:
    """Replies of one thread, oldest first; ``backwards``: from the edge to older ones."""
    statement = _SELECT_POSTS.where(_P.c.thread_id == bindparam("thread"))
    if bounded:
        edge = bindparam("edge", type_=Integer)
        statement = statement.where(_P.c.id < edge if backwards else _P.c.id > edge)
    order = _P.c.id.desc() if backwards else _P.c.id.asc()
    return statement.order_by(order).limit(bindparam("limit"))


POST = _SELECT_POSTS.where(
    _P.c.id == bindparam("id"), _P.c.discussion_id == bindparam("discussion")
)

_PUBLISHED = and_(_P.c.discussion_id == bindparam("discussion"), _P.c.status == "published")

COUNTS = (
    select(
        _P.c.language,
        _P.c.question_id,
        func.count(),
        func.max(_P.c.id),
        func.max(case((_P.c.author_id == bindparam("user"), 1), else_=0)),
    )
    .where(_PUBLISHED)
    .group_by(_P.c.language, _P.c.question_id)
)

# First posts in another language that are shown because of a reply.
COUNT_CONTEXT = (
    select(func.count(_R.c.thread_id.distinct()))
    .select_from(_R.join(_T, _T.c.id == _R.c.thread_id))
    .where(
        _R.c.discussion_id == bindparam("discussion"),
        _matches_language(_R),
        _T.c.status == "published",
        _language(_T) != bindparam("language", type_=String),
    )
)


@cache
def count_new(filtered: bool) -> Select[Any]:
    """Number of posts that others have published after a post."""
    statement = select(func.count()).where(
        _PUBLISHED,
        _P.c.id > bindparam("after"),
        or_(_P.c.author_id.is_(None), _P.c.author_id != bindparam("user")),
    )
    return statement.where(_matches_language(_P)) if filtered else statement


@cache
def ids_above(filtered: bool) -> Select[Any]:
    """Ids of the threads shown just above a thread, nearest first."""
    return threads(filtered, True, True).with_only_columns(_P.c.id, maintain_column_froms=True)


@cache
def ids_before(filtered: bool) -> Select[Any]:
    """Ids of the replies before a reply, oldest first."""
    statement = select(_P.c.id).where(
        _P.c.thread_id == bindparam("thread"), _P.c.id < bindparam("edge")
    )
    if filtered:
        statement = statement.where(_matches_language(_P))
    return statement.order_by(_P.c.id).limit(bindparam("limit"))


COUNT_BEFORE = select(func.count()).where(
    _P.c.thread_id == bindparam("thread"), _P.c.id < bindparam("edge")
)
ID_AT = (
    select(_P.c.id)
    .where(_P.c.thread_id == bindparam("thread"))
    .order_by(_P.c.id)
    .offset(bindparam("offset"))
    .limit(1)
)
SOURCES = select(_P.c.id, _P.c.source).where(_P.c.id.in_(bindparam("ids", expanding=True)))
