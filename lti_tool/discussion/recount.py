"""Compute the counts of a discussion from its posts: to check them, and to replace them.

Everything is computed by the database, so memory does not grow with the number of posts.
"""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    delete,
    except_,
    false,
    func,
    insert,
    literal_column,
    or_,
    select,
    text,
    true,
    union_all,
    update,
)

from lti_tool.discussion.facets import PERSONAL, is_held, is_published
from lti_tool.discussion.languages import UNKNOWN
from lti_tool.discussion.model import (
    AuthorCount,
    DayCount,
    Discussion,
    DiscussionCount,
    PendingEdit,
    Post,
    ReportedPost,
    ThreadFacet,
)
from lti_tool.discussion.model.posts import ARCHIVE
from lti_tool.storage.database import Database

_P = Post.__table__
_R = _P.alias("reply")
_E = PendingEdit.__table__
_REPORTED_POSTS = ReportedPost.__table__
_DISCUSSIONS = Discussion.__table__
_THREADS = ThreadFacet.__table__
_COUNTS = DiscussionCount.__table__
_AUTHORS = AuthorCount.__table__
_DAYS = DayCount.__table__
_THREAD_COLUMNS = ("thread_id", "kind", "value", "group_id", "activity", "posts")
_COUNT_COLUMNS = ("kind", "value", "group_id", "posts", "threads")

_EMPTY = literal_column("''", String)
_ONE: ColumnElement[Any] = literal_column("1")
_DISCUSSION: ColumnElement[Any] = bindparam("discussion")
_PUBLISHED = and_(_P.c.discussion_id == _DISCUSSION, is_published(_P))
_AUTHOR = cast(_P.c.author_id, String(64))
_KINDS: tuple[tuple[str, ColumnElement[Any], tuple[ColumnElement[bool], ...]], ...] = (
    ("all", _EMPTY, ()),
    ("language", func.coalesce(_P.c.language, literal_column(f"'{UNKNOWN}'")), ()),
    ("question", _P.c.question_id, (_P.c.question_id.is_not(None),)),
    ("staff", _EMPTY, (_P.c.author_role == "instructor",)),
    ("author", _AUTHOR, (_P.c.author_id.is_not(None), ~_P.c.anonymous)),
    ("own", _AUTHOR, (_P.c.author_id.is_not(None), _P.c.anonymous)),
)


def discussion_ids(database: Database) -> list[int]:
    """Return the ids of all discussions, archived ones too, but none that is being deleted."""
    stays = _DISCUSSIONS.c.retention.is_distinct_from("delete")
    with database.read_core() as connection:
        ids = select(_DISCUSSIONS.c.id).where(stays).order_by(_DISCUSSIONS.c.id)
        return list(connection.scalars(ids))


def wrong_discussions(database: Database) -> dict[int, int]:
    """Return the discussions whose stored counts are wrong, and how many are."""
    found = {}
    for discussion_id in discussion_ids(database):
        with database.read_core() as connection:
            wrong = count_differences(connection, discussion_id)
        if wrong:
            found[discussion_id] = wrong
    return found


def count_differences(connection: Connection, discussion_id: int) -> int:
    """Return how many stored counts of a discussion are not those of its posts."""
    parameters = {"discussion": discussion_id}
    statements = (*_DIFFERENCES, *_DAY_DIFFERENCES[connection.dialect.name])
    return sum(connection.execute(statement, parameters).scalar_one() for statement in statements)


def recount(connection: Connection, discussion_id: int) -> None:
    """Replace the counts of a discussion, in a writing transaction."""
    parameters = {"discussion": discussion_id}
    connection.execute(_LOCK, parameters)
    for statement in (*_REMAKE, _REMAKE_DAYS[connection.dialect.name]):
        connection.execute(statement, parameters)


def _of_kind(kind: str, value: ColumnElement[Any], *where: ColumnElement[bool]) -> Select[Any]:
    """Return the rows of ``thread_facets`` of one kind; their activity is that of their posts."""
    return (
        select(
            func.coalesce(_P.c.thread_id, _P.c.id).label("thread_id"),
            literal_column(f"'{kind}'", String).label("kind"),
            value.label("value"),
            _P.c.group_id,
            func.max(_P.c.sequence).label("activity"),
            func.count().label("posts"),
        )
        .where(_PUBLISHED, *where)
        .group_by(text("1"), text("3"), _P.c.group_id)
    )


def _expected_threads() -> Select[Any]:
    each = union_all(*(_of_kind(kind, value, *where) for kind, value, where in _KINDS)).subquery()
    whole = _of_kind("all", _EMPTY).subquery("whole")
    activity = case((each.c.kind.in_(PERSONAL), each.c.activity), else_=whole.c.activity)
    counted = select(
        each.c.thread_id, each.c.kind, each.c.value, each.c.group_id, activity, each.c.posts
    ).join(whole, whole.c.thread_id == each.c.thread_id)
    unanswered = (
        select(
            whole.c.thread_id,
            literal_column("'unanswered'", String),
            _EMPTY,
            whole.c.group_id,
            whole.c.activity,
            _ONE,
        )
        .join(_P, _P.c.id == whole.c.thread_id)
        .where(whole.c.posts == 1, is_published(_P))
    )
    return select(union_all(counted, unanswered).subquery("expected"))


_EXPECTED_THREADS = _expected_threads()
_STORED_THREADS = select(*(_THREADS.c[name] for name in _THREAD_COLUMNS)).where(
    _THREADS.c.discussion_id == _DISCUSSION
)
_KEY = (_THREADS.c.kind, _THREADS.c.value, _THREADS.c.group_id)
_FACET_COUNTS = (
    select(*_KEY, func.sum(_THREADS.c.posts), func.count())
    .where(_THREADS.c.discussion_id == _DISCUSSION)
    .group_by(*_KEY)
)


def _of_institutions(kind: str, institution: Any) -> Any:
    """Return what waits for the instructors of each institution of a shared discussion."""
    value = cast(institution, String(64)).label("value")
    query = select(literal_column(f"'{kind}'", String).label("kind"), value)
    return query.where(institution > 0)


_QUEUED = union_all(
    _of_institutions("waiting", _P.c.institution_id).where(
        _P.c.discussion_id == _DISCUSSION, _P.c.status == "held"
    ),
    _of_institutions("waiting", _P.c.institution_id)
    .join_from(_E, _P, _P.c.id == _E.c.post_id)
    .where(_E.c.discussion_id == _DISCUSSION, _E.c.rejected_reason.is_(None)),
    _of_institutions("reported", _REPORTED_POSTS.c.institution_id).where(
        _REPORTED_POSTS.c.discussion_id == _DISCUSSION
    ),
).subquery("queued")
_EXPECTED_COUNTS = select(
    union_all(
        _FACET_COUNTS,
        select(
            _QUEUED.c.kind,
            _QUEUED.c.value,
            literal_column("0").label("group_id"),
            func.count(),
            literal_column("0"),
        ).group_by(_QUEUED.c.kind, _QUEUED.c.value),
    ).subquery("counts")
)
_STORED_COUNTS = select(*(_COUNTS.c[name] for name in _COUNT_COLUMNS)).where(
    _COUNTS.c.discussion_id == _DISCUSSION, _COUNTS.c.posts != 0
)
_REPLY_COUNT = (
    select(func.count())
    .where(_R.c.thread_id == _P.c.id, is_published(_R))
    .correlate(_P)
    .scalar_subquery()
)
_WRONG_REPLY_COUNT = and_(
    _P.c.discussion_id == _DISCUSSION, _P.c.thread_id.is_(None), _P.c.reply_count != _REPLY_COUNT
)
_LATEST = (
    select(func.coalesce(func.max(_P.c.sequence), 0))
    .where(_P.c.discussion_id == _DISCUSSIONS.c.id)
    .correlate(_DISCUSSIONS)
    .scalar_subquery()
)
_BEHIND = and_(_DISCUSSIONS.c.id == _DISCUSSION, _DISCUSSIONS.c.latest_sequence < _LATEST)

_WAITING = (
    select(func.count())
    .where(_P.c.discussion_id == _DISCUSSIONS.c.id, is_held(_P))
    .correlate(_DISCUSSIONS)
    .scalar_subquery()
) + (
    select(func.count())
    .where(_E.c.discussion_id == _DISCUSSIONS.c.id, _E.c.rejected_reason.is_(None))
    .correlate(_DISCUSSIONS)
    .scalar_subquery()
)
_REPORTED = (
    select(func.count())
    .select_from(ReportedPost)
    .where(ReportedPost.discussion_id == _DISCUSSIONS.c.id)
    .correlate(_DISCUSSIONS)
    .scalar_subquery()
)
_WRONG_QUEUE = and_(
    _DISCUSSIONS.c.id == _DISCUSSION,
    or_(_DISCUSSIONS.c.waiting != _WAITING, _DISCUSSIONS.c.reported != _REPORTED),
)


_IS_THREAD = case((_P.c.thread_id.is_(None), 1), else_=0)
_AUTHOR_COLUMNS = (
    *("user_id", "anonymous", "question_id"),
    *("threads", "replies", "first_at", "latest_at"),
)
_EXPECTED_AUTHORS = (
    select(
        _P.c.author_id.label("user_id"),
        _P.c.anonymous,
        func.coalesce(_P.c.question_id, _EMPTY).label("question_id"),
        func.sum(_IS_THREAD).label("threads"),
        func.sum(1 - _IS_THREAD).label("replies"),
        func.min(_P.c.created_at).label("first_at"),
        func.max(_P.c.created_at).label("latest_at"),
    )
    .where(_PUBLISHED, _P.c.author_id.is_not(None))
    .group_by(text("1"), _P.c.anonymous, text("3"))
)
_STORED_AUTHORS = select(*(_AUTHORS.c[name] for name in _AUTHOR_COLUMNS)).where(
    _AUTHORS.c.discussion_id == _DISCUSSION
)
_DAY = {
    "sqlite": func.substr(_P.c.created_at, 1, 10, type_=String),
    "postgresql": func.to_char(func.timezone("UTC", _P.c.created_at), "YYYY-MM-DD"),
}
"""The day of a post in UTC, for each engine."""
_DAY_COLUMNS = ("day", "staff", "threads", "replies")
_STAFF = case((_P.c.author_role == "instructor", true()), else_=false())
_EXPECTED_DAYS = {
    dialect: select(
        day.label("day"),
        _STAFF.label("staff"),
        func.sum(_IS_THREAD).label("threads"),
        func.sum(1 - _IS_THREAD).label("replies"),
    )
    .where(_PUBLISHED, _P.c.origin.is_distinct_from(ARCHIVE))
    .group_by(text("1"), text("2"))
    for dialect, day in _DAY.items()
}
_STORED_DAYS = select(*(_DAYS.c[name] for name in _DAY_COLUMNS)).where(
    _DAYS.c.discussion_id == _DISCUSSION
)


def _count(rows: Any) -> Select[Any]:
    return select(func.count()).select_from(rows.subquery())


_DIFFERENCES = (
    _count(except_(_EXPECTED_THREADS, _STORED_THREADS)),
    _count(except_(_STORED_THREADS, _EXPECTED_THREADS)),
    _count(except_(_EXPECTED_COUNTS, _STORED_COUNTS)),
    _count(except_(_STORED_COUNTS, _EXPECTED_COUNTS)),
    _count(except_(_EXPECTED_AUTHORS, _STORED_AUTHORS)),
    _count(except_(_STORED_AUTHORS, _EXPECTED_AUTHORS)),
    select(func.count()).select_from(_P).where(_WRONG_REPLY_COUNT),
    select(func.count()).select_from(_DISCUSSIONS).where(_BEHIND),
    select(func.count()).select_from(_DISCUSSIONS).where(_WRONG_QUEUE),
)
_DAY_DIFFERENCES = {
    dialect: (_count(except_(expected, _STORED_DAYS)), _count(except_(_STORED_DAYS, expected)))
    for dialect, expected in _EXPECTED_DAYS.items()
}
_LOCK = (
    select(_DISCUSSIONS.c.id)
    .where(_DISCUSSIONS.c.id == _DISCUSSION)
    .with_for_update(key_share=True)
)
_REMAKE = (
    delete(ThreadFacet).where(_THREADS.c.discussion_id == _DISCUSSION),
    delete(DiscussionCount).where(_COUNTS.c.discussion_id == _DISCUSSION),
    insert(ThreadFacet).from_select(
        [*_THREAD_COLUMNS, "discussion_id"], _EXPECTED_THREADS.add_columns(_DISCUSSION)
    ),
    insert(DiscussionCount).from_select(
        [*_COUNT_COLUMNS, "discussion_id"], _EXPECTED_COUNTS.add_columns(_DISCUSSION)
    ),
    delete(AuthorCount).where(_AUTHORS.c.discussion_id == _DISCUSSION),
    insert(AuthorCount).from_select(
        [*_AUTHOR_COLUMNS, "discussion_id"], _EXPECTED_AUTHORS.add_columns(_DISCUSSION)
    ),
    delete(DayCount).where(_DAYS.c.discussion_id == _DISCUSSION),
    update(Post).where(_WRONG_REPLY_COUNT).values(reply_count=_REPLY_COUNT),
    update(Discussion).where(_BEHIND).values(latest_sequence=_LATEST),
    update(Discussion).where(_WRONG_QUEUE).values(waiting=_WAITING, reported=_REPORTED),
)
_REMAKE_DAYS = {
    dialect: insert(DayCount).from_select(
        [*_DAY_COLUMNS, "discussion_id"], expected.add_columns(_DISCUSSION)
    )
    for dialect, expected in _EXPECTED_DAYS.items()
}
