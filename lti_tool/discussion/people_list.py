"""Pages of the participants of an activity, in several orders, without sorting all of them.

Each order is read from an index: names from ``memberships``, the latest opening from
``activity_openings``, the latest post from ``author_counts``. Only *most posts first* adds up the
counts of all who wrote. A list is a sequence of one or two parts: people who have the value by
which it is sorted, and all others by name. A page begins after a person or ends before one. Where
only some people are listed, at most ``MOST_SCANNED`` are looked at for a page, which may then be
shorter.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    and_,
    bindparam,
    exists,
    func,
    literal,
    select,
    tuple_,
)

from lti_tool.directory.model import NAMELESS, ActivityOpening, Membership, User
from lti_tool.discussion.model import AuthorCount
from lti_tool.discussion.page_query import parse_post_id
from lti_tool.discussion.participation import Participation, Person, work_of
from lti_tool.lti.roles import LEARNER_ROLE

Stage = Literal["all", "not_opened", "opened", "wrote", "not_written"]
Order = Literal["name", "posts", "latest", "opened"]

MOST_SCANNED = 2000

_M = Membership.__table__
_O = ActivityOpening.__table__
_C = AuthorCount.__table__
_U = User.__table__
_LINK = bindparam("link", type_=Integer)
_COURSE = bindparam("course", type_=Integer)
_DISCUSSION = bindparam("discussion", type_=Integer)
_USER = bindparam("user", type_=Integer)


class Place(NamedTuple):
    """A person at whom a page begins or ends; ``rest``: in the second part of the list.

    ``str`` is the form in URLs.
    """

    user_id: int
    rest: bool

    def __str__(self) -> str:
        return f"{self.user_id}{'r' if self.rest else ''}"


def parse_place(value: str | None) -> Place | None:
    """Parse a place in a URL; None if it is not valid."""
    number = parse_post_id((value or "").removesuffix("r"))
    return None if number is None else Place(number, (value or "").endswith("r"))


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """A page of participants. ``before``, ``after``: where the pages next to it end and begin."""

    people: list[Person]
    before: Place | None = None
    after: Place | None = None


class _Part(NamedTuple):
    """A part of a list: people with a value of ``order``, or (``rest``) those without one.

    ``course``: the list has the members of a course, else those who opened the activity.
    ``anonymous``: anonymous posts count for people.
    """

    order: Order
    rest: bool
    stage: Stage
    course: bool
    anonymous: bool


def people_page(
    connection: Connection,
    scope: Participation,
    *,
    stage: Stage = "all",
    order: Order = "name",
    after: Place | None = None,
    before: Place | None = None,
    limit: int,
) -> PeoplePage:
    """Return a page of the participants, after or before a person; the first one without both.

    A place that is not in the list gives the first page. Takes at most nine statements.
    """
    reader = _Reader(connection, scope, _parts(scope, stage, order))
    after, before = (each if reader.has(each) else None for each in (after, before))
    if before is not None:
        found, resume = reader.read(before, limit + 1, backwards=True)
        if len(found) >= limit or resume is not None:
            shown = found[:limit][::-1]
            earlier = shown[0] if len(found) > limit else resume
            return PeoplePage(_people(connection, scope, shown), earlier, (shown or [before])[-1])
        after = None
    found, resume = reader.read(after, limit + 1)
    shown = found[:limit]
    later = shown[-1] if len(found) > limit else resume
    earlier = (shown or [after])[0] if after is not None else None
    return PeoplePage(_people(connection, scope, shown), earlier, later)


def _people(connection: Connection, scope: Participation, places: list[Place]) -> list[Person]:
    ids = [each.user_id for each in places]
    found = {each.user_id: each for each in work_of(connection, scope, ids)} if ids else {}
    return [found[each] for each in ids if each in found]


def _parts(scope: Participation, stage: Stage, order: Order) -> list[_Part]:
    """Return the parts that can have people of a stage, in their order."""
    common = stage, scope.course_id is not None, scope.count_anonymous
    if order == "name":
        return [_Part(order, True, *common)]
    have = {"opened": "opened", "posts": "wrote", "latest": "wrote"}[order]
    lack = {"opened": "not_opened", "posts": "not_written", "latest": "not_written"}[order]
    parts = []
    if stage not in (lack, "not_opened"):
        parts.append(_Part(order, False, *common))
    if stage != have:
        parts.append(_Part(order, True, *common))
    return parts


class _Reader:
    """Reads the parts of a list one after another, forwards or backwards."""

    def __init__(self, connection: Connection, scope: Participation, parts: list[_Part]) -> None:
        self.connection, self.parts = connection, parts
        self.parameters = {
            "link": scope.resource_link_id,
            "course": scope.course_id,
            "discussion": scope.discussion_id,
        }

    def has(self, place: Place | None) -> bool:
        """Whether a place is one of the list."""
        return place is not None and any(
            part.rest == place.rest and self._key(part, place) is not None for part in self.parts
        )

    def _key(self, part: _Part, place: Place) -> Any:
        return self.connection.scalar(_key(part), {**self.parameters, "user": place.user_id})

    def read(
        self, edge: Place | None, count: int, *, backwards: bool = False
    ) -> tuple[list[Place], Place | None]:
        """Return up to ``count`` people after (before) a place, and where to continue scanning.

        The second value is None if the list has ended, or there are enough people.
        """
        found: list[Place] = []
        for part in reversed(self.parts) if backwards else self.parts:
            key = None
            if edge is not None:
                if edge.rest != part.rest:
                    continue
                key = self._key(part, edge)
            places, resume = self._part(part, key, edge, count - len(found), backwards)
            edge = None
            found += places
            if resume is not None or len(found) == count:
                return found, resume
        return found, None

    def _part(
        self, part: _Part, key: Any, edge: Place | None, count: int, backwards: bool
    ) -> tuple[list[Place], Place | None]:
        parameters = {**self.parameters, "limit": count, "scan": MOST_SCANNED}
        if edge is not None:
            parameters |= {"key": key, "edge": edge.user_id}
        shape = part, edge is not None, backwards
        found = [Place(each, part.rest) for each in self._ids(_page(*shape), parameters)]
        if len(found) == count or not _is_filtered(part):
            return found, None
        last = self._ids(_last_scanned(*shape), {**parameters, "scan": MOST_SCANNED - 1})
        return found, Place(last[0], part.rest) if last else None

    def _ids(self, statement: Any, parameters: dict[str, Any]) -> list[int]:
        return list(self.connection.scalars(statement, parameters))


def _is_filtered(part: _Part) -> bool:
    """Whether people that are scanned may be left out."""
    return part.stage != "all" or (part.rest and part.order != "name")


@cache
def _page(part: _Part, bounded: bool, backwards: bool) -> Any:
    scanned = _scanned(part, bounded, backwards)
    if not _is_filtered(part):
        return scanned.with_only_columns(scanned.selected_columns.user_id).limit(bindparam("limit"))
    inner = scanned.limit(bindparam("scan")).subquery("scanned")
    ordering = _ordering(part, inner.c.key, inner.c.user_id, backwards)
    return (
        select(inner.c.user_id)
        .where(*_conditions(part, inner.c.user_id))
        .order_by(*ordering)
        .limit(bindparam("limit"))
    )


@cache
def _last_scanned(part: _Part, bounded: bool, backwards: bool) -> Any:
    scanned = _scanned(part, bounded, backwards)
    return (
        scanned.with_only_columns(scanned.selected_columns.user_id)
        .offset(bindparam("scan"))
        .limit(1)
    )


@cache
def _key(part: _Part) -> Any:
    key, user, statement = _source(part)
    return statement.with_only_columns(key).where(user == _USER)


def _scanned(part: _Part, bounded: bool, backwards: bool) -> Any:
    """The people of a part without the stage, in its order; columns ``user_id`` and ``key``."""
    key, user, statement = _source(part)
    statement = statement.with_only_columns(user.label("user_id"), key.label("key"))
    if bounded:
        edge = tuple_(bindparam("key", type_=key.type), bindparam("edge", type_=Integer))
        position = tuple_(key, user)
        descending = (not part.rest) != backwards
        statement = statement.where(position < edge if descending else position > edge)
    return statement.order_by(*_ordering(part, key, user, backwards))


def _ordering(part: _Part, key: Any, user: Any, backwards: bool) -> tuple[Any, ...]:
    """Names from A on, values from the greatest on; people with the same by their ids."""
    if (not part.rest) != backwards:
        return key.desc(), user.desc()
    return key, user


def _source(part: _Part) -> tuple[Any, Any, Any]:
    """Return sort key, user id and the statement of the people of a part."""
    if part.rest:
        return _by_name(part)
    if part.order == "opened":
        statement = select(_O.c.user_id).where(_O.c.resource_link_id == _LINK)
        return _O.c.latest_at, _O.c.user_id, _among(part, statement, _O.c.user_id)
    if part.order == "latest":
        newer = _C.alias("newer")
        order = tuple_(newer.c.latest_at, newer.c.question_id, newer.c.anonymous)
        is_newer = exists().where(
            *_counted(part, newer, _C.c.user_id),
            order > tuple_(_C.c.latest_at, _C.c.question_id, _C.c.anonymous),
        )
        statement = select(_C.c.user_id).where(*_counted(part, _C), ~is_newer)
        return _C.c.latest_at, _C.c.user_id, _among(part, statement, _C.c.user_id)
    posts = func.sum(_C.c.threads + _C.c.replies)
    totals = (
        select(_C.c.user_id, posts.label("posts"))
        .where(*_counted(part, _C))
        .group_by(_C.c.user_id)
        .having(posts > 0)
        .subquery("totals")
    )
    statement = select(totals.c.user_id)
    return totals.c.posts, totals.c.user_id, _among(part, statement, totals.c.user_id)


def _by_name(part: _Part) -> tuple[Any, Any, Any]:
    if part.course:
        where = _M.c.course_id == _COURSE, _M.c.ended_at.is_(None), _M.c.role == LEARNER_ROLE
        return _M.c.sort_name, _M.c.user_id, select(_M.c.user_id).where(*where)
    # Without a course there is no stored key.
    name = func.coalesce(literal("0") + func.lower(func.nullif(_U.c.name, "")), NAMELESS)
    people = (
        select(_O.c.user_id, name.label("key"))
        .join(_U, _U.c.id == _O.c.user_id)
        .where(_O.c.resource_link_id == _LINK, _U.c.kind == "person")
        .subquery("people")
    )
    return people.c.key, people.c.user_id, select(people.c.user_id)


def _among(part: _Part, statement: Any, user: Any) -> Any:
    """Leave out who is no participant.

    The role is a scalar subquery, so that the members are not what the statement begins with.
    """
    if part.course:
        role = select(_M.c.role).where(
            _M.c.course_id == _COURSE, _M.c.user_id == user, _M.c.ended_at.is_(None)
        )
        return statement.where(role.scalar_subquery() == LEARNER_ROLE)
    if part.order != "opened":
        opened = and_(_O.c.resource_link_id == _LINK, _O.c.user_id == user)
        statement = statement.join(_O, opened)
    return statement.join(_U, and_(_U.c.id == user, _U.c.kind == "person"))


def _conditions(part: _Part, user: Any) -> tuple[ColumnElement[bool], ...]:
    """The conditions on the people who are scanned."""
    opened = exists().where(_O.c.resource_link_id == _LINK, _O.c.user_id == user)
    wrote = _has_written(part, user)
    stages: dict[Stage, tuple[ColumnElement[bool], ...]] = {
        "all": (),
        "not_opened": (~opened, ~wrote),
        "opened": (opened,),
        "wrote": (wrote,),
        "not_written": (~wrote,),
    }
    return (*stages[part.stage], *_conditions_of_rest(part, user))


def _conditions_of_rest(part: _Part, user: Any) -> tuple[ColumnElement[bool], ...]:
    if not part.rest or part.order == "name":
        return ()
    if part.order == "opened":
        return (~exists().where(_O.c.resource_link_id == _LINK, _O.c.user_id == user),)
    return (~_has_written(part, user),)


def _has_written(part: _Part, user: Any) -> ColumnElement[bool]:
    counts = _C.alias("counts")
    has_posts = counts.c.threads + counts.c.replies > 0
    return exists().where(*_counted(part, counts, user), has_posts)


def _counted(part: _Part, counts: Any, user: Any = None) -> list[ColumnElement[bool]]:
    found = [counts.c.discussion_id == _DISCUSSION]
    if user is not None:
        found.append(counts.c.user_id == user)
    if not part.anonymous:
        found.append(~counts.c.anonymous)
    return found
