"""Read the stored counts of a discussion, and count what is new, at a bounded cost."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    String,
    and_,
    bindparam,
    case,
    exists,
    func,
    literal_column,
    or_,
    select,
    union_all,
)

from lti_tool.discussion import facets
from lti_tool.discussion.facets import ALL, PERSONAL, Facet, is_published
from lti_tool.discussion.languages import UNKNOWN
from lti_tool.discussion.model import DiscussionCount, Post, ThreadRead

MOST_NEW = 100
"""New or unread posts are counted up to this number."""
MOST_SCANNED = 1000
"""Posts that are looked at to find new or unread ones, the newest first."""
_MOST_ROWS = 400
"""Counts that are read, the largest first: anybody can write in any number of languages."""


@dataclass(frozen=True, slots=True)
class PostCounts:
    """Numbers of the published posts that the reader may see.

    ``posts`` and ``threads`` are by facet; ``answered`` are the questions that the reader answered;
    ``groups`` the groups that have posts.
    """

    posts: Mapping[Facet, int] = field(default_factory=dict)
    threads: Mapping[Facet, int] = field(default_factory=dict)
    answered: frozenset[str] = frozenset()
    groups: tuple[int, ...] = (0,)

    @property
    def total(self) -> int:
        """Number of posts."""
        return self.posts.get(ALL, 0)

    @property
    def by_language(self) -> dict[str, int]:
        """Number of posts in each language that has any, ``UNKNOWN`` among them."""
        return {
            facet.value: number
            for facet, number in self.posts.items()
            if facet.kind == "language" and number
        }

    @property
    def answers(self) -> dict[str, tuple[int, bool]]:
        """For each question id, the number of answers and whether the reader wrote one."""
        return {
            facet.value: (number, facet.value in self.answered)
            for facet, number in self.posts.items()
            if facet.kind == "question" and number
        }

    def in_languages(self, tags: tuple[str, ...]) -> int:
        """Return the number of posts in some languages."""
        return sum(self.posts.get(facets.language(tag), 0) for tag in tags)


def count_posts(
    connection: Connection,
    discussion_id: int,
    user_id: int | None,
    groups: tuple[int, ...] | None = (0,),
) -> PostCounts:
    """Return the counts of a discussion, in one statement. ``groups``: None for all."""
    rows = connection.execute(
        _COUNTS[_grouping(groups)],
        {
            "discussion": discussion_id,
            "user": user_id or 0,
            "user_value": str(user_id or 0),
            **_group_parameters(groups),
        },
    )
    posts: dict[Facet, int] = {}
    threads: dict[Facet, int] = {}
    answered, found_groups = set(), set()
    for row in rows:
        facet = Facet(row.kind, row.value)
        posts[facet] = posts.get(facet, 0) + row.posts
        threads[facet] = threads.get(facet, 0) + row.threads
        found_groups.add(row.group_id)
        if row.answered:
            answered.add(row.value)
    return PostCounts(
        posts, threads, frozenset(answered), groups or tuple(sorted(found_groups)) or (0,)
    )


def count_new(
    connection: Connection,
    discussion_id: int,
    after: int,
    *,
    user_id: int | None,
    languages: tuple[str, ...] = (),
    groups: tuple[int, ...] | None = (0,),
) -> int:
    """Count the posts that others have published after a sequence number; at most ``MOST_NEW``."""
    parameters = _parameters(discussion_id, after, user_id, groups)
    statement = _NEW[bool(languages), _grouping(groups)]
    found = connection.execute(statement, {**parameters, "languages": languages or ("",)})
    return int(found.scalar_one())


def count_unread(
    connection: Connection,
    discussion_id: int,
    read_up_to: int,
    earlier_visit_up_to: int,
    *,
    user_id: int,
    groups: tuple[int, ...] | None = (0,),
) -> tuple[int, int]:
    """Count the posts of others that the user has not read, and those since the earlier visit.

    At most ``MOST_NEW`` of each, in one statement.
    """
    parameters = _parameters(discussion_id, read_up_to, user_id, groups)
    statement = _UNREAD[_grouping(groups)]
    row = connection.execute(statement, {**parameters, "visit": earlier_visit_up_to}).one()
    return row.unread, row.since_visit


def next_unread(
    connection: Connection,
    discussion_id: int,
    read_up_to: int,
    *,
    user_id: int,
    groups: tuple[int, ...] | None = (0,),
) -> int | None:
    """Return the id of the oldest post that the user has not read."""
    parameters = _parameters(discussion_id, read_up_to, user_id, groups)
    post_id: int | None = connection.execute(_NEXT[_grouping(groups)], parameters).scalar()
    return post_id


def _parameters(
    discussion_id: int, after: int, user_id: int | None, groups: tuple[int, ...] | None
) -> dict[str, Any]:
    return {
        "discussion": discussion_id,
        "after": after,
        "user": user_id or 0,
        **_group_parameters(groups),
    }


Grouping = Literal["all", "one", "several"]
"""The groups whose posts are counted: statements for one are faster than for a list of one."""


def _grouping(groups: tuple[int, ...] | None) -> Grouping:
    if groups is None:
        return "all"
    return "several" if len(groups) > 1 else "one"


def _group_parameters(groups: tuple[int, ...] | None) -> dict[str, Any]:
    given = groups or (0,)
    return {"group": given[0], "groups": given}


def _is_in(groups: Grouping, column: ColumnElement[int]) -> tuple[ColumnElement[bool], ...]:
    """The condition that a row belongs to the groups."""
    if groups == "all":
        return ()
    if groups == "one":
        return (column == bindparam("group", type_=Integer),)
    return (column.in_(bindparam("groups", expanding=True, type_=Integer)),)


_C = DiscussionCount.__table__
_P = Post.__table__
_READ = ThreadRead.__table__

_ANSWERED = exists().where(
    _P.c.author_id == bindparam("user", type_=Integer),
    _P.c.discussion_id == _C.c.discussion_id,
    _P.c.question_id == _C.c.value,
    is_published(_P),
)
_COLUMNS = (_C.c.kind, _C.c.value, _C.c.group_id, _C.c.posts, _C.c.threads)


def _counts(groups: Grouping) -> Any:
    in_groups = _is_in(groups, _C.c.group_id)
    shared = (
        select(
            *_COLUMNS,
            case((and_(_C.c.kind == "question", _ANSWERED), 1), else_=0).label("answered"),
        )
        .where(
            _C.c.discussion_id == bindparam("discussion"),
            facets.is_one_of(_C.c.kind, ("all", "language", "question", "staff", "unanswered")),
            *in_groups,
        )
        .order_by(_C.c.posts.desc())
        .limit(_MOST_ROWS)
        .subquery("shared")
    )
    # A discussion has counts of thousands of authors: an OR would read them all.
    return union_all(
        select(shared),
        select(*_COLUMNS, literal_column("0").label("answered")).where(
            _C.c.discussion_id == bindparam("discussion"),
            facets.is_one_of(_C.c.kind, PERSONAL),
            _C.c.value == bindparam("user_value", type_=String),
            *in_groups,
        ),
    )


def _scanned(after: str = "after", *, newest_first: bool = True) -> Any:
    """The published posts after the parameter ``after``, a bounded number of them."""
    order = _P.c.sequence.desc() if newest_first else _P.c.sequence
    return (
        select(
            _P.c.id,
            func.coalesce(_P.c.thread_id, _P.c.id).label("thread_id"),
            _P.c.author_id,
            _P.c.language,
            _P.c.group_id,
            _P.c.sequence,
        )
        .where(
            _P.c.discussion_id == bindparam("discussion"),
            is_published(_P),
            _P.c.sequence > bindparam(after, type_=Integer),
        )
        .order_by(order)
        .limit(MOST_SCANNED)
        .subquery("scanned")
    )


def _by_others(scanned: Any, groups: Grouping) -> list[ColumnElement[bool]]:
    return [
        or_(
            scanned.c.author_id.is_(None),
            scanned.c.author_id != bindparam("user", type_=Integer),
        ),
        *_is_in(groups, scanned.c.group_id),
    ]


def _bounded_count(statement: Select[Any]) -> Select[Any]:
    return select(func.count()).select_from(statement.limit(MOST_NEW).subquery("found"))


def _new(filtered: bool, groups: Grouping, after: str = "after") -> Select[Any]:
    scanned = _scanned(after)
    statement = select(scanned.c.id).where(*_by_others(scanned, groups))
    if filtered:
        tags = bindparam("languages", expanding=True, type_=String)
        statement = statement.where(func.coalesce(scanned.c.language, UNKNOWN).in_(tags))
    return _bounded_count(statement)


def _unread(scanned: Any, groups: Grouping) -> Select[Any]:
    read = and_(
        _READ.c.user_id == bindparam("user", type_=Integer),
        _READ.c.discussion_id == bindparam("discussion"),
        _READ.c.thread_id == scanned.c.thread_id,
    )
    return (
        select(scanned.c.id)
        .select_from(scanned.outerjoin(_READ, read))
        .where(
            *_by_others(scanned, groups),
            scanned.c.sequence > func.coalesce(_READ.c.read_up_to, 0),
        )
    )


def _first_unread(groups: Grouping) -> Select[Any]:
    scanned = _scanned(newest_first=False)
    return _unread(scanned, groups).order_by(scanned.c.sequence).limit(1)


_GROUPINGS: tuple[Grouping, ...] = ("all", "one", "several")
_COUNTS = {groups: _counts(groups) for groups in _GROUPINGS}
_NEW = {
    (filtered, groups): _new(filtered, groups)
    for filtered in (False, True)
    for groups in _GROUPINGS
}
_UNREAD = {
    groups: select(
        _bounded_count(_unread(_scanned(), groups)).scalar_subquery().label("unread"),
        _new(False, groups, after="visit").scalar_subquery().label("since_visit"),
    )
    for groups in _GROUPINGS
}
_NEXT = {groups: _first_unread(groups) for groups in _GROUPINGS}
