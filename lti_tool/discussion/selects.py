"""SQL SELECT statements that read posts and lists of threads; ``queries`` executes them.

They are the most frequent statements of the tool: each is built once, and selects only the columns
that are shown. Common bind parameters: ``discussion``, ``thread``, ``user`` and ``id`` are row ids;
``moderates`` is the institution whose posts the reader moderates (0 in a discussion of one course,
-1 for participants); ``edge`` is the position at which a page begins or ends;
``limit`` is the maximum number of rows; ``languages`` is the filter.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Any, Literal, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    case,
    exists,
    func,
    null,
    or_,
    select,
    union_all,
)

from lti_tool.attachments import service as attachments
from lti_tool.discussion.facets import is_held, is_published, is_unapproved
from lti_tool.discussion.languages import UNKNOWN
from lti_tool.discussion.model import PendingEdit, Post, ReactionCount, ThreadFacet, ThreadRead

Order = Literal["activity", "newest", "oldest"]

_P = Post.__table__.alias("post")
_R = Post.__table__.alias("reply")
_T = Post.__table__.alias("thread")
_A = Post.__table__.alias("answered")
_F = ThreadFacet.__table__.alias("facet")
MAX_ID = 2**31 - 1
_MAX_SCANNED_REPLIES = 200
"""Replies of one thread that are looked at for those in the chosen languages."""


class PostRow(NamedTuple):
    """A post as it is shown. ``answered_``: fields of the post that it replies to, if any.

    The columns from ``reply_count`` on are not shown with the post itself.
    ``has_extras``: files belong to it, or reactions. ``thread_read``: up to which ``sequence`` the
    reader has read its thread, 0 where that is not stored.
    """

    id: int
    discussion_id: int
    thread_id: int | None
    reply_to_id: int | None
    group_id: int
    author_id: int | None
    author_name: str | None
    author_code: str | None
    author_role: str
    anonymous: bool
    institution_id: int | None
    shown_as: str | None
    question_id: str | None
    language: str | None
    status: str
    hidden_reason: str | None
    sequence: int
    mark: str | None
    pinned_at: datetime | None
    locked_at: datetime | None
    created_at: datetime
    edited_at: datetime | None
    revision: int
    origin: str | None
    renderer: str
    html: str
    answered_name: str | None
    answered_code: str | None
    answered_role: str | None
    answered_status: str | None
    answered_institution: int | None
    answered_shown_as: str | None
    reply_count: int
    has_extras: int
    thread_read: int


SHOWN_COLUMNS = PostRow._fields.index("reply_count")
"""The number of columns on which the rendered post depends."""


class HitRow(NamedTuple):
    """A post that the search found."""

    id: int
    author_id: int | None
    author_name: str | None
    author_code: str | None
    author_role: str
    anonymous: bool
    institution_id: int | None
    shown_as: str | None
    question_id: str | None
    language: str | None
    status: str
    hidden_reason: str | None
    created_at: datetime
    html: str


_REACTIONS = ReactionCount.__table__
_HAS_EXTRAS = or_(
    attachments.are_of(_P.c.id),
    exists().where(_REACTIONS.c.post_id == _P.c.id, _REACTIONS.c.count > 0),
)
_READS = ThreadRead.__table__
_THREAD_READ = (
    select(_READS.c.read_up_to)
    .where(
        _READS.c.user_id == bindparam("user", type_=Integer),
        _READS.c.discussion_id == _P.c.discussion_id,
        _READS.c.thread_id == func.coalesce(_P.c.thread_id, _P.c.id),
    )
    .scalar_subquery()
)
_STORED = [name for name in PostRow._fields if name in _P.c]
_ANSWERED = {
    "answered_name": _A.c.author_name,
    "answered_code": _A.c.author_code,
    "answered_role": _A.c.author_role,
    "answered_status": _A.c.status,
    "answered_institution": _A.c.institution_id,
    "answered_shown_as": _A.c.shown_as,
}


def _columns(answered: Mapping[str, ColumnElement[Any]]) -> list[ColumnElement[Any]]:
    """Return the columns of ``PostRow``, in its order."""
    found = {
        **{name: _P.c[name] for name in _STORED},
        **{name: column.label(name) for name, column in answered.items()},
        "has_extras": case((_HAS_EXTRAS, 1), else_=0).label("has_extras"),
        "thread_read": func.coalesce(_THREAD_READ, 0).label("thread_read"),
    }
    return [found[name] for name in PostRow._fields]


_COLUMNS = _columns(_ANSWERED)
_FIRST_COLUMNS = _columns(dict.fromkeys(_ANSWERED, null()))
_SELECT_POSTS = select(*_COLUMNS).select_from(_P.outerjoin(_A, _A.c.id == _P.c.reply_to_id))


def row_of_first(post: Post) -> PostRow:
    """Return the row of a thread's first post without files that was written just now."""
    values: dict[str, Any] = {name: getattr(post, name) for name in _STORED}
    return PostRow(**values | dict.fromkeys(_ANSWERED), has_extras=0, thread_read=0)


def _is_shown(posts: Any) -> ColumnElement[bool]:
    """Published once and not held, or by the reader, or the reader moderates it."""
    return or_(
        and_(posts.c.sequence > 0, posts.c.status != "held"),
        posts.c.author_id == bindparam("user", type_=Integer),
        moderated(posts),
    )


def moderated(posts: Any) -> ColumnElement[bool]:
    """The condition that the reader moderates a post."""
    return func.coalesce(posts.c.institution_id, 0) == bindparam("moderates", type_=Integer)


def _matches_language(posts: Any) -> ColumnElement[bool]:
    """Published, and in one of the chosen languages (``UNKNOWN`` among them)."""
    return and_(
        is_published(posts),
        func.coalesce(posts.c.language, UNKNOWN).in_(
            bindparam("languages", expanding=True, type_=String)
        ),
    )


def _has_facet(number: int, thread: Any) -> ColumnElement[bool]:
    """The thread has one of the facets of the condition ``number``."""
    other = ThreadFacet.__table__.alias(f"other{number}")
    return exists().where(
        other.c.thread_id == thread,
        other.c.kind.in_(bindparam(f"kinds_{number}", expanding=True, type_=String)),
        other.c.value.in_(bindparam(f"values_{number}", expanding=True, type_=String)),
    )


_PINNED = select(_T.c.id).where(
    _T.c.discussion_id == bindparam("discussion"), _T.c.pinned_at.is_not(None)
)
_IN_GROUPS = bindparam("groups", expanding=True, type_=Integer)


class ThreadScan(NamedTuple):
    """The shape of a statement that selects a page of threads.

    It is a scan of ``branches`` facets, each in one group, in the order of the page; the rows must
    have ``conditions`` other facets. ``backwards``: from the edge to earlier rows of the list.
    ``pins``: leave out the pinned threads.
    """

    branches: int
    conditions: int
    order: Order
    backwards: bool
    bounded: bool
    pins: bool


@cache
def thread_positions(scan: ThreadScan) -> Select[Any]:
    """``thread_id`` and ``position`` of a page of threads, in the order of the scan.

    The parameters of branch n are ``kind<n>``, ``value<n>`` and ``group<n>``, those of condition n
    ``kinds_<n>`` and ``values_<n>``. Without conditions, each branch reads ``limit`` rows of one
    index at most; a thread that is found in several branches has the same position in each.
    """
    position = _F.c.activity if scan.order == "activity" else _F.c.thread_id
    descending = (scan.order == "oldest") == scan.backwards
    parts = []
    for number in range(scan.branches):
        part = select(_F.c.thread_id, position.label("position")).where(
            _F.c.discussion_id == bindparam("discussion"),
            _F.c.kind == bindparam(f"kind{number}"),
            _F.c.value == bindparam(f"value{number}"),
            _F.c.group_id == bindparam(f"group{number}"),
            *(_has_facet(each, _F.c.thread_id) for each in range(scan.conditions)),
        )
        if scan.bounded:
            edge = bindparam("edge", type_=Integer)
            part = part.where(position < edge if descending else position > edge)
        if scan.pins:
            part = part.where(_F.c.thread_id.not_in(_PINNED))
        part = part.order_by(position.desc() if descending else position.asc())
        parts.append(part.limit(bindparam("limit")))
    if len(parts) == 1:
        return parts[0]
    found = union_all(*(select(part.subquery()) for part in parts)).subquery("found")
    merged = func.max(found.c.position).label("position")
    return (
        select(found.c.thread_id, merged)
        .group_by(found.c.thread_id)
        .order_by(merged.desc() if descending else merged.asc())
        .limit(bindparam("limit"))
    )


@cache
def threads(scan: ThreadScan) -> Select[Any]:
    """First posts of a page of threads, each followed by its position."""
    page = thread_positions(scan).subquery("page")
    descending = (scan.order == "oldest") == scan.backwards
    position = page.c.position
    return (
        select(*_FIRST_COLUMNS, position)
        .select_from(page.join(_P, _P.c.id == page.c.thread_id))
        .order_by(position.desc() if descending else position.asc())
    )


@cache
def pinned_threads(conditions: int) -> Select[Any]:
    """First posts of the pinned threads with some facets, the latest pin first."""
    return (
        select(*_FIRST_COLUMNS)
        .where(
            _P.c.discussion_id == bindparam("discussion"),
            _P.c.pinned_at.is_not(None),
            _P.c.group_id.in_(_IN_GROUPS),
            *(_has_facet(each, _P.c.id) for each in range(conditions)),
        )
        .order_by(_P.c.pinned_at.desc(), _P.c.id.desc())
        .limit(bindparam("limit"))
    )


OWN_LATEST = (
    select(_P.c.id, _P.c.discussion_id, _P.c.status, _P.c.thread_id, _P.c.reply_count)
    .where(_P.c.author_id == bindparam("user", type_=Integer))
    .order_by(_P.c.id.desc())
    .limit(50)
    .subquery("latest")
)
"""The reader's latest posts, in any discussion: among them are those that an instructor hid."""
IS_UNLISTED_THREAD = and_(
    OWN_LATEST.c.status == "hidden",
    OWN_LATEST.c.thread_id.is_(None),
    OWN_LATEST.c.reply_count == 0,
)
"""A hidden post without published replies: the list of threads does not have it."""

OWN_UNLISTED_THREADS = (
    select(*_FIRST_COLUMNS)
    .where(
        _P.c.id.in_(
            union_all(
                select(_T.c.id).where(
                    _T.c.discussion_id == bindparam("discussion"),
                    _T.c.author_id == bindparam("user", type_=Integer),
                    is_unapproved(_T),
                    _T.c.thread_id.is_(None),
                ),
                select(OWN_LATEST.c.id).where(
                    OWN_LATEST.c.discussion_id == bindparam("discussion"), IS_UNLISTED_THREAD
                ),
            )
        )
    )
    .order_by(_P.c.id.desc())
    .limit(bindparam("limit"))
)

POSITION = select(_F.c.activity, _F.c.thread_id, _F.c.group_id).where(
    _F.c.thread_id == bindparam("thread"), _F.c.kind == "all", _F.c.value == ""
)


@cache
def first_replies(filtered: bool) -> Select[Any]:
    """The first ``limit`` + 1 replies of each of several threads, in one statement.

    A correlated subquery finds the last id for each thread: a window function would have to number
    all replies of a long thread. With a filter, only the first replies of a long thread are
    searched for matching ones.
    """

    def nth(offset: Any, *conditions: ColumnElement[bool]) -> Any:
        return (
            select(_R.c.id)
            .where(_R.c.thread_id == _T.c.id, *conditions)
            .order_by(_R.c.id)
            .offset(offset)
            .limit(1)
            .correlate(_T)
            .scalar_subquery()
        )

    if filtered:
        searched = func.coalesce(nth(_MAX_SCANNED_REPLIES), MAX_ID)
        last = func.coalesce(
            nth(bindparam("limit"), _matches_language(_R), _R.c.id <= searched), searched
        )
    else:
        last = func.coalesce(nth(bindparam("limit"), _is_shown(_R)), MAX_ID)
    included = and_(_P.c.thread_id == _T.c.id, _P.c.id <= last)
    return (
        select(*_COLUMNS)
        .select_from(_T.join(_P, included).outerjoin(_A, _A.c.id == _P.c.reply_to_id))
        .where(_T.c.id.in_(bindparam("threads", expanding=True)))
        .where(_matches_language(_P) if filtered else _is_shown(_P))
        .order_by(_P.c.thread_id, _P.c.id)
    )


@cache
def replies(backwards: bool, bounded: bool) -> Select[Any]:
    """Replies of one thread, oldest first; ``backwards``: from the edge to older ones."""
    statement = _SELECT_POSTS.where(_P.c.thread_id == bindparam("thread"), _is_shown(_P))
    if bounded:
        edge = bindparam("edge", type_=Integer)
        statement = statement.where(_P.c.id < edge if backwards else _P.c.id > edge)
    order = _P.c.id.desc() if backwards else _P.c.id.asc()
    return statement.order_by(order).limit(bindparam("limit"))


POST = _SELECT_POSTS.where(
    _P.c.id == bindparam("id"), _P.c.discussion_id == bindparam("discussion")
)

Source = Literal["", "imported", "guests"]
"""Held posts of all kinds, imported answers, or posts of guests."""
_OF_SOURCE: dict[Source, tuple[ColumnElement[bool], ...]] = {
    "": (),
    "imported": (_P.c.origin.is_not(None),),
    "guests": (_P.c.author_role == "guest",),
}
HELD = {
    source: _SELECT_POSTS.where(
        _P.c.discussion_id == bindparam("discussion"),
        is_held(_P),
        moderated(_P),
        _P.c.id > bindparam("edge", type_=Integer),
        *conditions,
    )
    .order_by(_P.c.id)
    .limit(bindparam("limit"))
    for source, conditions in _OF_SOURCE.items()
}
BY_ID = _SELECT_POSTS.where(
    _P.c.discussion_id == bindparam("discussion"), _P.c.id.in_(bindparam("ids", expanding=True))
)
_E = PendingEdit.__table__
OWN_PENDING_EDITS = (
    select(_E.c.post_id, _E.c.rejected_reason)
    .where(
        _E.c.discussion_id == bindparam("discussion"),
        _E.c.author_id == bindparam("user", type_=Integer),
    )
    .order_by(_E.c.post_id.desc())
    .limit(bindparam("limit"))
)


@cache
def ids_before(nearest: bool) -> Select[Any]:
    """Ids of the replies that are shown before a reply: the first, or the nearest ones."""
    return (
        select(_P.c.id)
        .where(
            _P.c.thread_id == bindparam("thread"),
            _P.c.id < bindparam("edge", type_=Integer),
            _is_shown(_P),
        )
        .order_by(_P.c.id.desc() if nearest else _P.c.id)
        .limit(bindparam("limit"))
    )


OWN_POSTS = (
    _SELECT_POSTS.where(
        _P.c.author_id == bindparam("user", type_=Integer),
        _P.c.discussion_id == bindparam("discussion"),
        _P.c.id < bindparam("edge", type_=Integer),
    )
    .order_by(_P.c.id.desc())
    .limit(bindparam("limit"))
)
"""All posts of the reader, regardless of their status, the newest first."""

PUBLISHED_AFTER = (
    select(_P.c.id, _P.c.sequence, _P.c.author_id, _P.c.group_id)
    .where(
        _P.c.discussion_id == bindparam("discussion"),
        is_published(_P),
        _P.c.sequence > bindparam("edge", type_=Integer),
    )
    .order_by(_P.c.sequence)
    .limit(bindparam("limit"))
)
POSTS = _SELECT_POSTS.where(_P.c.id.in_(bindparam("ids", expanding=True))).order_by(_P.c.sequence)

SOURCES = select(_P.c.id, _P.c.source).where(_P.c.id.in_(bindparam("ids", expanding=True)))
