"""The discussions of all activities of a course, for its instructors.

The number of statements does not depend on the number of activities. What is counted here is
bounded: at most ``MOST_NEW`` new posts of each discussion, and people of a course that is small.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, Integer, and_, bindparam, func, or_, select

from courseware.library import Library
from courseware.module import DiscussionDefaults, Module
from lti_tool.directory.model import ActivityOpening, Membership, ResourceLink
from lti_tool.discussion.counts import MOST_NEW, MOST_SCANNED
from lti_tool.discussion.discussion_selects import NUMBER_REPORTED, NUMBER_WAITING
from lti_tool.discussion.facets import is_published
from lti_tool.discussion.model import AuthorCount, Discussion, DiscussionReader, Post
from lti_tool.discussion.participation import NO_DISCUSSION, Participation
from lti_tool.discussion.settings import DiscussionSettings
from lti_tool.discussion.settings import parse as parse_settings
from lti_tool.lti.roles import LEARNER_ROLE
from lti_tool.roster.groups import groups_of
from lti_tool.sessions.current import CurrentSession

_WITHOUT_MODULE = DiscussionDefaults(guests="none", must_post_first=False)


@dataclass(frozen=True, slots=True)
class ActivityOverview:
    """An activity of the course and its discussion, as an instructor sees it.

    ``module_id`` is None if none was chosen; ``module`` also if the tool does not have it.
    ``new``: posts of others since the instructor's last visit that the instructor may read, at most
    ``MOST_NEW``. ``waiting``, ``reported``: what the instructor has to deal with.
    """

    resource_link_id: int
    title: str | None
    activity_url: str | None
    module_id: str | None
    part: str
    module: Module | None
    settings: DiscussionSettings
    scope: Participation
    new: int
    waiting: int
    reported: int


class Reach(NamedTuple):
    """Numbers of participants who opened an activity, read in its discussion, and wrote."""

    opened: int = 0
    read: int = 0
    wrote: int = 0


def activities(
    connection: Connection,
    launch_session: CurrentSession,
    library: Library,
    *,
    after: int = 0,
    limit: int,
) -> list[ActivityOverview]:
    """Return a page of the activities of the session's course, by id. Takes two statements."""
    course_id = launch_session.course_id
    if course_id is None:
        return []
    groups = [group.id for group in groups_of(connection, course_id, with_deleted=True)]
    rows = connection.execute(
        _ACTIVITIES,
        {
            "course": course_id,
            "user": launch_session.user_id or 0,
            "institution": str(launch_session.institution_id or 0),
            "groups": groups or [0],
            "after": after,
            "limit": limit,
        },
    )
    return [_overview(row, course_id, library) for row in rows]


def _overview(row: Any, course_id: int, library: Library) -> ActivityOverview:
    module = library.get(row.module_id) if row.module_id else None
    settings = parse_settings(module.discussion if module else _WITHOUT_MODULE, row.settings or "")
    return ActivityOverview(
        resource_link_id=row.id,
        title=row.title,
        activity_url=row.activity_url,
        module_id=row.module_id,
        part=row.part,
        module=module,
        settings=settings,
        scope=Participation(
            resource_link_id=row.id,
            course_id=course_id,
            discussion_id=row.discussion_id or NO_DISCUSSION,
            count_anonymous=settings.count_anonymous,
            shared=row.shared_id is not None,
        ),
        new=row.new,
        waiting=row.waiting or 0,
        reported=row.reported or 0,
    )


def reach(
    connection: Connection, course_id: int, scopes: Sequence[Participation]
) -> dict[int, Reach]:
    """Count the participants of a course in each activity, by resource link.

    Takes three statements. The people are those of ``participation.totals``.
    """
    discussions = {scope.discussion_id for scope in scopes} - {NO_DISCUSSION}
    open_ = {scope.discussion_id for scope in scopes if scope.count_anonymous} - {NO_DISCUSSION}
    links = {"course": course_id, "links": [scope.resource_link_id for scope in scopes]}
    opened = _numbers(connection, _OPENED, links)
    of_course = {"course": course_id, "discussions": _some(discussions), "open": _some(open_)}
    read = _numbers(connection, _READ, of_course)
    wrote = _numbers(connection, _WROTE, of_course)
    return {
        scope.resource_link_id: Reach(
            opened.get(scope.resource_link_id, 0),
            read.get(scope.discussion_id, 0),
            wrote.get(scope.discussion_id, 0),
        )
        for scope in scopes
    }


def _numbers(
    connection: Connection, statement: Any, parameters: Mapping[str, Any]
) -> dict[int, int]:
    return {row[0]: row[1] for row in connection.execute(statement, parameters)}


def _some(ids: Collection[int]) -> list[int]:
    return sorted(ids) or [NO_DISCUSSION]


_L = ResourceLink.__table__
_D = Discussion.__table__
_P = Post.__table__
_READER = DiscussionReader.__table__
_ID = func.coalesce(_D.c.shared_id, _D.c.id)


def _new_posts() -> Any:
    scanned = (
        select(_P.c.author_id, _P.c.group_id)
        .where(
            _P.c.discussion_id == _ID,
            is_published(_P),
            _P.c.sequence > func.coalesce(_READER.c.visited_up_to, 0),
        )
        .order_by(_P.c.sequence.desc())
        .limit(MOST_SCANNED)
        .correlate(_D, _READER)
        .subquery("scanned")
    )
    # In a shared discussion: what is for everybody, for this course, and for its groups.
    readable = or_(
        _D.c.shared_id.is_(None),
        scanned.c.group_id == 0,
        scanned.c.group_id == -_D.c.id,
        scanned.c.group_id.in_(bindparam("groups", expanding=True, type_=Integer)),
    )
    by_others = or_(
        scanned.c.author_id.is_(None), scanned.c.author_id != bindparam("user", type_=Integer)
    )
    found = (
        select(scanned.c.group_id)
        .where(by_others, readable)
        .limit(MOST_NEW)
        .correlate(_D, _READER)
        .subquery("found")
    )
    return select(func.count()).select_from(found).correlate(_D, _READER).scalar_subquery()


_ACTIVITIES = (
    select(
        _L.c.id,
        _L.c.title,
        _L.c.activity_url,
        _L.c.module_id,
        _L.c.part,
        _ID.label("discussion_id"),
        _D.c.shared_id,
        _D.c.settings,
        NUMBER_WAITING.label("waiting"),
        NUMBER_REPORTED.label("reported"),
        _new_posts().label("new"),
    )
    .select_from(
        _L.outerjoin(
            _D,
            and_(
                _D.c.resource_link_id == _L.c.id,
                _D.c.module_id == _L.c.module_id,
                _D.c.archived_at.is_(None),
            ),
        ).outerjoin(
            _READER,
            and_(
                _READER.c.user_id == bindparam("user", type_=Integer),
                _READER.c.discussion_id == _ID,
            ),
        )
    )
    .where(_L.c.course_id == bindparam("course"), _L.c.id > bindparam("after"))
    .order_by(_L.c.id)
    .limit(bindparam("limit"))
)

_PARTICIPANTS = select(Membership.user_id).where(
    Membership.course_id == bindparam("course"),
    Membership.ended_at.is_(None),
    Membership.role == LEARNER_ROLE,
)
_DISCUSSIONS: Any = bindparam("discussions", expanding=True)
_OPENED = (
    select(ActivityOpening.resource_link_id, func.count())
    .where(
        ActivityOpening.resource_link_id.in_(bindparam("links", expanding=True)),
        ActivityOpening.user_id.in_(_PARTICIPANTS),
    )
    .group_by(ActivityOpening.resource_link_id)
)
_READ = (
    select(DiscussionReader.discussion_id, func.count())
    .where(
        DiscussionReader.discussion_id.in_(_DISCUSSIONS),
        DiscussionReader.visited_at.is_not(None),
        DiscussionReader.user_id.in_(_PARTICIPANTS),
    )
    .group_by(DiscussionReader.discussion_id)
)
_WROTE = (
    select(AuthorCount.discussion_id, func.count(func.distinct(AuthorCount.user_id)))
    .where(
        AuthorCount.discussion_id.in_(_DISCUSSIONS),
        AuthorCount.threads + AuthorCount.replies > 0,
        or_(
            ~AuthorCount.anonymous,
            AuthorCount.discussion_id.in_(bindparam("open", expanding=True)),
        ),
        AuthorCount.user_id.in_(_PARTICIPANTS),
    )
    .group_by(AuthorCount.discussion_id)
)
