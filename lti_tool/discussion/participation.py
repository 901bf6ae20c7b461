"""Who has taken part in a discussion, and how much: the queries of the participation pages.

Participants are the present learners of the course, whose number is ``Course.learner_count``;
without a course, the people who opened the activity. All numbers of people are about them, above
and below a fraction line. The numbers of posts were counted when they were written
(``author_counts``); anonymous posts count for a person only if the discussion's settings say so.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    Select,
    Subquery,
    and_,
    bindparam,
    case,
    func,
    not_,
    or_,
    select,
)

from courseware.module import Module
from lti_tool.directory.model import ActivityOpening, Membership, ResourceLink, User
from lti_tool.discussion import queries
from lti_tool.discussion.discussions import DiscussionState
from lti_tool.discussion.model import AuthorCount, DayCount, Discussion, DiscussionReader, Post
from lti_tool.discussion.post_views import post_view
from lti_tool.discussion.reader import Reader
from lti_tool.discussion.view_models import PostView
from lti_tool.lti.roles import LEARNER_ROLE
from lti_tool.sessions.current import CurrentSession

NO_DISCUSSION = 0
"""The discussion's id before there is one."""


@dataclass(frozen=True, slots=True)
class Participation:
    """The discussion of a launch session, seen as a whole.

    ``shared``: other courses take part in it, whose people are left out.
    """

    resource_link_id: int
    course_id: int | None
    discussion_id: int
    count_anonymous: bool
    shared: bool = False

    @classmethod
    def of(cls, launch_session: CurrentSession, state: DiscussionState) -> "Participation":
        """Return that of a session of an activity."""
        assert launch_session.resource_link_id is not None
        return cls(
            resource_link_id=launch_session.resource_link_id,
            course_id=launch_session.course_id,
            discussion_id=state.id or NO_DISCUSSION,
            count_anonymous=state.settings.count_anonymous,
            shared=state.shared_id > 0,
        )


class Person(NamedTuple):
    """One person, and what the person did. ``threads`` and ``replies`` are published posts."""

    user_id: int
    name: str | None
    lms_user_id: str | None
    opened_at: datetime | None
    latest_opened_at: datetime | None
    read_at: datetime | None
    threads: int
    replies: int
    first_post_at: datetime | None
    latest_post_at: datetime | None

    @property
    def posts(self) -> int:
        """All posts."""
        return self.threads + self.replies


class Totals(NamedTuple):
    """Numbers of participants: all, and those who opened, read, and wrote; their posts."""

    people: int
    opened: int
    read: int
    wrote: int
    threads: int
    replies: int


class QuestionTotal(NamedTuple):
    """The participants who answered a question, and their answers."""

    people: int
    answers: int


class Day(NamedTuple):
    """The posts of one day (``day`` as in ISO 8601, in UTC); ``staff`` are those of instructors."""

    day: str
    threads: int
    replies: int
    staff: int


def totals(connection: Connection, scope: Participation) -> Totals:
    """Return the totals of all participants. Takes one statement."""
    rows = _people(scope).subquery()

    def number(condition: ColumnElement[bool]) -> Any:
        return func.coalesce(func.sum(case((condition, 1), else_=0)), 0)

    row = connection.execute(
        select(
            func.count(),
            number(rows.c.opened_at.is_not(None)),
            number(rows.c.read_at.is_not(None)),
            number(rows.c.threads + rows.c.replies > 0),
            func.coalesce(func.sum(rows.c.threads), 0),
            func.coalesce(func.sum(rows.c.replies), 0),
        ).select_from(rows)
    ).one()
    return Totals(*map(int, row))


def person(connection: Connection, scope: Participation, user_id: int) -> Person | None:
    """Return one person who takes part, or who wrote in the discussion (an instructor, say)."""
    wrote = select(AuthorCount.user_id).where(
        AuthorCount.user_id == user_id, AuthorCount.discussion_id == scope.discussion_id
    )
    if not scope.count_anonymous:
        wrote = wrote.where(not_(AuthorCount.anonymous))
    among: ColumnElement[bool] = User.id.in_(_participants(scope))
    if not scope.shared:
        among = or_(among, User.id.in_(wrote))
    found = connection.execute(select(User.id).where(User.id == user_id, among)).first()
    return next(iter(work_of(connection, scope, [user_id])), None) if found else None


def work_of(connection: Connection, scope: Participation, user_ids: Sequence[int]) -> list[Person]:
    """Return what some users did, regardless of their roles. Takes one statement."""
    parameters = {
        "link": scope.resource_link_id,
        "discussion": scope.discussion_id,
        "users": list(user_ids),
    }
    rows = connection.execute(_WORK[scope.count_anonymous], parameters)
    return [Person(*row) for row in rows]


def by_question(connection: Connection, scope: Participation) -> dict[str, QuestionTotal]:
    """Return how many participants answered each question. Takes one statement."""
    counted = _counted(scope)
    rows = connection.execute(
        select(
            AuthorCount.question_id,
            func.count(func.distinct(AuthorCount.user_id)),
            func.sum(AuthorCount.threads + AuthorCount.replies),
        )
        .where(
            *counted,
            AuthorCount.question_id != "",
            AuthorCount.user_id.in_(_participants(scope)),
        )
        .group_by(AuthorCount.question_id)
    )
    return {row[0]: QuestionTotal(int(row[1]), int(row[2])) for row in rows}


def answers(
    connection: Connection, scope: Participation, user_ids: Sequence[int]
) -> dict[int, dict[str, int]]:
    """Return the number of answers of some people to each question. Takes one statement."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    rows = connection.execute(
        select(
            AuthorCount.user_id,
            AuthorCount.question_id,
            func.sum(AuthorCount.threads + AuthorCount.replies),
        )
        .where(*_counted(scope), AuthorCount.question_id != "", AuthorCount.user_id.in_(user_ids))
        .group_by(AuthorCount.user_id, AuthorCount.question_id)
    )
    for user_id, question_id, number in rows:
        found[user_id][question_id] = int(number)
    return found


def days(connection: Connection, scope: Participation) -> list[Day]:
    """Return the days on which somebody wrote, in order. Takes one statement.

    None of a shared discussion: the days are counted for all courses together.
    """
    if scope.shared:
        return []
    threads, replies = DayCount.threads, DayCount.replies

    def total(value: Any, *, staff: bool) -> Any:
        wanted = DayCount.staff if staff else not_(DayCount.staff)
        return func.coalesce(func.sum(case((wanted, value), else_=0)), 0)

    rows = connection.execute(
        select(
            DayCount.day,
            total(threads, staff=False),
            total(replies, staff=False),
            total(threads + replies, staff=True),
        )
        .where(DayCount.discussion_id == scope.discussion_id)
        .group_by(DayCount.day)
        .order_by(DayCount.day)
    )
    return [Day(row[0], *map(int, row[1:])) for row in rows]


def contributions(
    connection: Connection, reader: Reader, user_id: int, *, after: int, limit: int
) -> list[PostView]:
    """Return a page of the posts of a person in order, without the anonymous ones."""
    scope = reader.scope
    if scope is None:
        return []
    ids = connection.scalars(
        select(Post.id)
        .where(
            Post.author_id == user_id,
            Post.discussion_id == scope.discussion_id,
            Post.id > after,
            not_(Post.anonymous),
            Post.status != "deleted",
        )
        .order_by(Post.id)
        .limit(limit)
    ).all()
    return [post_view(reader, row, set()) for row in queries.find_posts(connection, scope, ids)]


def question_ids(module: Module) -> list[str]:
    """Return the ids of the module's questions, in order."""
    return [question.id for question in module.questions]


def _counted(scope: Participation) -> tuple[ColumnElement[bool], ...]:
    """The rows of ``author_counts`` that count for people."""
    of_discussion = AuthorCount.discussion_id == scope.discussion_id
    return (of_discussion,) if scope.count_anonymous else (of_discussion, ~AuthorCount.anonymous)


def _participants(scope: Participation) -> Select[Any]:
    """The user IDs of all participants: the filter of every number of people."""
    if scope.course_id is None:
        return (
            select(ActivityOpening.user_id)
            .join(User, User.id == ActivityOpening.user_id)
            .where(
                ActivityOpening.resource_link_id == scope.resource_link_id, User.kind == "person"
            )
        )
    return select(Membership.user_id).where(
        Membership.course_id == scope.course_id,
        Membership.ended_at.is_(None),
        Membership.role == LEARNER_ROLE,
    )


def _people(scope: Participation) -> Select[Any]:
    """Columns of :class:`Person` for all participants."""
    wrote = _written().where(*_counted(scope)).subquery("wrote")
    parameters = {"link": scope.resource_link_id, "discussion": scope.discussion_id}
    statement = _rows(wrote).where(User.id.in_(_participants(scope)))
    return statement.params(parameters)


def _written() -> Any:
    """The posts of each author, to be limited to some rows."""
    return select(
        AuthorCount.user_id,
        func.sum(AuthorCount.threads).label("threads"),
        func.sum(AuthorCount.replies).label("replies"),
        func.min(AuthorCount.first_at).label("first_at"),
        func.max(AuthorCount.latest_at).label("latest_at"),
    ).group_by(AuthorCount.user_id)


def _rows(wrote: Subquery) -> Select[Any]:
    """Columns of :class:`Person` for users; bind parameters ``link`` and ``discussion``."""
    return (
        select(
            User.id.label("user_id"),
            User.name,
            User.subject.label("lms_user_id"),
            ActivityOpening.first_at.label("opened_at"),
            ActivityOpening.latest_at.label("latest_opened_at"),
            DiscussionReader.visited_at.label("read_at"),
            func.coalesce(wrote.c.threads, 0).label("threads"),
            func.coalesce(wrote.c.replies, 0).label("replies"),
            wrote.c.first_at.label("first_post_at"),
            wrote.c.latest_at.label("latest_post_at"),
        )
        .select_from(User)
        .outerjoin(
            ActivityOpening,
            and_(
                ActivityOpening.user_id == User.id,
                ActivityOpening.resource_link_id == bindparam("link", type_=Integer),
            ),
        )
        .outerjoin(
            DiscussionReader,
            and_(
                DiscussionReader.user_id == User.id,
                DiscussionReader.discussion_id == bindparam("discussion", type_=Integer),
            ),
        )
        .outerjoin(wrote, wrote.c.user_id == User.id)
    )


def _work(count_anonymous: bool) -> Select[Any]:
    some = bindparam("users", expanding=True, type_=Integer)
    wrote = _written().where(
        AuthorCount.discussion_id == bindparam("discussion", type_=Integer),
        AuthorCount.user_id.in_(some),
    )
    if not count_anonymous:
        wrote = wrote.where(~AuthorCount.anonymous)
    return _rows(wrote.subquery("wrote")).where(User.id.in_(some))


_WORK = {count_anonymous: _work(count_anonymous) for count_anonymous in (False, True)}


def posts_by_deployment(connection: Connection, day: str) -> dict[int, int]:
    """Published posts of one day (``2026-11-30``) by the row ID of the deployment."""
    rows = connection.execute(
        select(
            ResourceLink.deployment_id,
            func.sum(DayCount.threads + DayCount.replies).label("posts"),
        )
        .join(Discussion, Discussion.id == DayCount.discussion_id)
        .join(ResourceLink, ResourceLink.id == Discussion.resource_link_id)
        .where(DayCount.day == day)
        .group_by(ResourceLink.deployment_id)
    ).all()
    return {row.deployment_id: row.posts for row in rows}
