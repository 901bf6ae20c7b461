"""Count the published posts of each author and of each day, in the transaction that changes them.

``writer`` calls :func:`apply`. The counts are for the participation pages of instructors.
"""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, bindparam, case, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from lti_tool.discussion.facets import PostState, is_published
from lti_tool.discussion.model import AuthorCount, DayCount, Post

_AUTHORS = AuthorCount.__table__
_DAYS = DayCount.__table__
_POSTS = Post.__table__


class _Author(NamedTuple):
    """The key of a row of ``author_counts`` in a discussion."""

    user_id: int
    anonymous: bool
    question_id: str


class _Day(NamedTuple):
    """The key of a row of ``day_counts`` in a discussion."""

    day: str
    staff: bool


def apply(
    connection: Connection, discussion_id: int, before: PostState | None, after: PostState
) -> None:
    """Count the difference between two states of a post."""
    steps: Counter[tuple[_Author | _Day, bool]] = Counter()
    for state, step in ((before, -1), (after, 1)):
        if state is not None and state.published:
            is_reply = state.id != state.thread
            for key in _keys(state):
                steps[key, is_reply] += step
    rows: dict[type, list[dict[str, Any]]] = {_Author: [], _Day: []}
    for key in sorted({key for (key, _), step in steps.items() if step}, key=repr):
        row = {
            "discussion_id": discussion_id,
            **key._asdict(),
            "threads": steps[key, False],
            "replies": steps[key, True],
        }
        if isinstance(key, _Author):
            row |= {"first_at": after.created_at, "latest_at": after.created_at}
        rows[type(key)].append(row)
    dialect = connection.dialect.name
    if rows[_Author]:
        connection.execute(_ADD_TO_AUTHORS[dialect], rows[_Author])
    if rows[_Day]:
        connection.execute(_ADD_TO_DAYS[dialect], rows[_Day])
    fewer = [row for row in rows[_Author] if min(row["threads"], row["replies"]) < 0]
    if fewer:
        keys = [{f"key_{name}": row[name] for name in _AUTHOR_KEY} for row in fewer]
        connection.execute(_DELETE_EMPTY, keys)
        connection.execute(_SET_TIMES, keys)
    if any(min(row["threads"], row["replies"]) < 0 for row in rows[_Day]):
        connection.execute(_DELETE_EMPTY_DAYS, {"discussion": discussion_id})


def _keys(state: PostState) -> Iterator[_Author | _Day]:
    if not state.archived:
        yield _Day(f"{state.created_at.astimezone(UTC):%Y-%m-%d}", state.staff)
    if state.author_id is not None:
        yield _Author(state.author_id, state.anonymous, state.question_id or "")


_AUTHOR_KEY = ("discussion_id", "user_id", "anonymous", "question_id")
_IS_ROW = and_(*(_AUTHORS.c[name] == bindparam(f"key_{name}") for name in _AUTHOR_KEY))
_OF_ROW = (
    _POSTS.c.author_id == _AUTHORS.c.user_id,
    _POSTS.c.discussion_id == _AUTHORS.c.discussion_id,
    _POSTS.c.anonymous == _AUTHORS.c.anonymous,
    func.coalesce(_POSTS.c.question_id, "") == _AUTHORS.c.question_id,
    is_published(_POSTS),
)
_DELETE_EMPTY = delete(AuthorCount).where(_IS_ROW, _AUTHORS.c.threads == 0, _AUTHORS.c.replies == 0)
_SET_TIMES = (
    update(AuthorCount)
    .where(_IS_ROW)
    .values(
        first_at=select(func.min(_POSTS.c.created_at)).where(*_OF_ROW).scalar_subquery(),
        latest_at=select(func.max(_POSTS.c.created_at)).where(*_OF_ROW).scalar_subquery(),
    )
)
_DELETE_EMPTY_DAYS = delete(DayCount).where(
    _DAYS.c.discussion_id == bindparam("discussion"),
    _DAYS.c.threads == 0,
    _DAYS.c.replies == 0,
)


def _add_to_authors(dialect_insert: Any) -> Any:
    statement = dialect_insert(_AUTHORS)
    new, counted = statement.excluded, (_AUTHORS.c.threads, _AUTHORS.c.replies)
    # A negative step is written for a post that is taken away: its time is no new one.
    adds = new.threads + new.replies > 0
    return statement.on_conflict_do_update(
        index_elements=list(_AUTHOR_KEY),
        set_={
            **{each.name: each + new[each.name] for each in counted},
            "first_at": case(
                (and_(adds, new.first_at < _AUTHORS.c.first_at), new.first_at),
                else_=_AUTHORS.c.first_at,
            ),
            "latest_at": case(
                (and_(adds, new.latest_at > _AUTHORS.c.latest_at), new.latest_at),
                else_=_AUTHORS.c.latest_at,
            ),
        },
    )


def _add_to_days(dialect_insert: Any) -> Any:
    statement = dialect_insert(_DAYS)
    return statement.on_conflict_do_update(
        index_elements=["discussion_id", "day", "staff"],
        set_={name: _DAYS.c[name] + statement.excluded[name] for name in ("threads", "replies")},
    )


_ADD_TO_AUTHORS = {
    "sqlite": _add_to_authors(sqlite_insert),
    "postgresql": _add_to_authors(postgresql_insert),
}
_ADD_TO_DAYS = {
    "sqlite": _add_to_days(sqlite_insert),
    "postgresql": _add_to_days(postgresql_insert),
}
