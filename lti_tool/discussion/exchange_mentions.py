"""Mentions in the discussion of an exchange: those who wrote in it, as other institutions see them.

A post is read by all institutions, so what follows the ``@`` is the author's name only where the
author's institution shows names; else it is the author's code. In the list of names, people of
one's own institution are also found by their names.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    and_,
    case,
    cast,
    func,
    or_,
    select,
)

from courseware.module import Module
from lti_tool.discussion import discussions, mentions
from lti_tool.discussion.discussions import DiscussionState
from lti_tool.discussion.facets import PUBLISHED
from lti_tool.discussion.mentions import MAX_MENTIONS, PEOPLE_PER_PAGE, Circle, Mention, Person
from lti_tool.discussion.model import DiscussionCount, Post
from lti_tool.discussion.permissions import EVERYBODY, Permissions
from lti_tool.discussion.shared_posts import Viewpoint, viewpoint_of
from lti_tool.sessions.current import CurrentSession
from lti_tool.storage.database import Database

_COUNT = DiscussionCount.__table__.c
_P = Post.__table__


@dataclass(frozen=True, slots=True)
class ExchangeCircle:
    """Whom a reader of an exchange's discussion can mention: its authors, in these groups."""

    discussion_id: int
    groups: tuple[int, ...]
    viewpoint: Viewpoint

    @property
    def shown(self) -> ColumnElement[str]:
        """What follows the ``@``."""
        named = [each.id for each in self.viewpoint.members.values() if each.shown_as == "name"]
        by_name = and_(_P.c.shown_as == "name", _P.c.institution_id.in_(named))
        return case((by_name, _P.c.author_name), else_=_P.c.author_code)

    def people(self) -> Select[Any]:
        """User id and shown name of each author: of the latest post that is not anonymous."""
        wrote = (
            select(cast(_COUNT.value, Integer).label("user_id"))
            .where(
                _COUNT.discussion_id == self.discussion_id,
                _COUNT.kind == "author",
                _COUNT.posts > 0,
                _COUNT.group_id.in_(self.groups),
            )
            .distinct()
            .subquery("wrote")
        )
        earlier = _P.alias("earlier")
        latest = (
            select(func.max(earlier.c.id))
            .where(
                earlier.c.author_id == wrote.c.user_id,
                earlier.c.discussion_id == self.discussion_id,
                earlier.c.status == PUBLISHED,
                earlier.c.anonymous.is_(False),
                earlier.c.group_id.in_(self.groups),
            )
            .correlate(wrote)
            .scalar_subquery()
        )
        return (
            select(_P.c.author_id, self.shown.label("shown"))
            .select_from(wrote.join(_P, _P.c.id == latest))
            .where(_P.c.author_role != "guest", self.shown.is_not(None))
        )


AnyCircle = Circle | ExchangeCircle


def circle_of(
    permissions: Permissions,
    state: DiscussionState,
    viewpoint: Viewpoint | None,
    course_id: int | None,
) -> AnyCircle | None:
    """Return whom a user can mention; None for nobody."""
    if state.audience != "exchange":
        return mentions.circle_of(permissions, state.id, course_id)
    if not permissions.others or viewpoint is None:
        return None
    return ExchangeCircle(state.shared_id, permissions.groups or (0,), viewpoint)


def people_page(
    connection: Connection, circle: AnyCircle, typed: str, after: int = 0
) -> tuple[list[Person], int | None]:
    """Return the people who can be mentioned as :func:`mentions.people_page` does."""
    if isinstance(circle, Circle):
        return mentions.people_page(connection, circle, typed, after)
    query = circle.people()
    begin = mentions.like_pattern(typed)
    if begin:
        own = _P.c.institution_id == circle.viewpoint.institution_id
        found = [
            condition
            for text in (f"{begin}%", f"% {begin}%")
            for condition in (
                circle.shown.ilike(text, escape="\\"),
                and_(own, _P.c.author_name.ilike(text, escape="\\")),
            )
        ]
        query = query.where(or_(*found))
    # By what is shown: the order of their names would tell something of these.
    page = query.order_by(circle.shown, _P.c.author_id).offset(after).limit(PEOPLE_PER_PAGE + 1)
    rows = connection.execute(page).all()
    people = [Person(row.author_id, row.shown) for row in rows[:PEOPLE_PER_PAGE]]
    return people, after + PEOPLE_PER_PAGE if len(rows) > PEOPLE_PER_PAGE else None


def find(
    connection: Connection, circle: AnyCircle | None, source: str, chosen: Iterable[int] = ()
) -> list[Mention]:
    """Return the people whom a text mentions, as :func:`mentions.find` does."""
    if circle is None or isinstance(circle, Circle):
        return mentions.find(connection, circle, source, chosen)
    places = mentions.candidates(source)
    if not places:
        return []
    wanted = sorted({name.lower() for place in places for name in place})
    query = circle.people().where(
        or_(func.lower(circle.shown).in_(wanted), circle.shown.in_({n for p in places for n in p}))
    )
    people: dict[str, set[int]] = {}
    for row in connection.execute(query.limit(500)):
        people.setdefault(row.shown.casefold(), set()).add(row.author_id)
    picked = set(chosen)
    found: dict[str, Mention] = {}
    for place in places:
        for name in place:
            ids = people.get(name.casefold(), set())
            ids = ids & picked if len(ids) > 1 else ids
            if len(ids) == 1 and len(found) < MAX_MENTIONS:
                found.setdefault(name, Mention(name, *ids))
                break
    return list(found.values())


def find_in_text(
    database: Database,
    launch_session: CurrentSession,
    permissions: Permissions,
    module: Module,
    source: str,
    chosen: tuple[int, ...] = (),
) -> list[Mention]:
    """Return the people whom a text mentions, as far as its author may know of them."""
    if "@" not in source:
        return []
    with database.read_core() as connection:
        state = discussions.find(connection, launch_session, module)
        viewpoint = viewpoint_of(connection, state)
        course_id = launch_session.course_id
        circle = circle_of(permissions, state, viewpoint, course_id)
        return find(connection, circle, source, chosen)


def find_in_text_of_author(
    database: Database, launch_session: CurrentSession, module: Module, post_id: int, source: str
) -> list[Mention]:
    """Return the people whom a new text of a post mentions, as its author could.

    For instructors who approve it: the author chose people when the text was written.
    """
    if "@" not in source:
        return []
    with database.read() as session:
        post = session.get(Post, post_id)
        if post is None:
            return []
        connection = session.connection()
        state = discussions.find(connection, launch_session, module)
        readable = Permissions(read=True, post=True, groups=(EVERYBODY, post.group_id))
        viewpoint = viewpoint_of(connection, state)
        circle = circle_of(readable, state, viewpoint, None)
        chosen = mentions.mentions_of(session, post_id)
        return find(connection, circle, source, chosen)
