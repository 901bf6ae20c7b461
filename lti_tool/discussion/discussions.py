"""Find the discussion of a launch session, create it, change its settings and start it afresh.

The activity's own row (``own_discussion``) has the course's settings. The posts are in it, or in a
shared discussion in which the activity takes part (``Discussion.shared_id``).
"""

import json
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, Literal

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    exists,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session, aliased

from courseware.module import Module
from lti_tool.discussion.discussion_selects import FIND, WAITING
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.model import AnyDiscussion, Discussion, LockedDiscussion, Post
from lti_tool.discussion.settings import DiscussionSettings, parse, serialize
from lti_tool.roster.groups import groups_of, groups_of_user
from lti_tool.sessions.current import CurrentSession
from lti_tool.storage.database import Database, now

Audience = Literal["course", "institution", "exchange"]
"""Who reads a discussion: this course, or the courses of the institution or of an exchange."""


@dataclass(frozen=True, slots=True)
class DiscussionState:
    """What a request needs to know about a discussion, read in one statement.

    ``id`` is None before the first post. ``own_id`` is the activity's own row, which differs from
    it in a shared discussion (``audience``); there ``institution_id`` is that of the reader, else
    0, and ``course_groups`` are all groups of the course, if it has groups.

    ``own_posts``: published posts of the user; ``own_held``: the user has posts that wait for
    approval; ``own_unlisted``: or that were rejected, or hidden;
    ``own_edits``: or edits of published posts. ``moving``: threads are being moved. ``pinned``:
    number of pinned threads. ``visited``
    is False for a user who was never here; the fields up to ``languages`` are those of
    ``discussion_readers``. ``summary_week``: the latest week with a published summary.
    ``own_groups``: the user's groups, if the discussion has groups. ``waiting``, ``reported``: what
    an instructor has to deal with.
    """

    id: int | None = None
    own_id: int | None = None
    audience: Audience = "course"
    institution_id: int = 0
    exchange_id: int | None = None
    exchange_name: str = ""
    exchange_closed: bool = False
    course_groups: tuple[int, ...] = ()
    settings: DiscussionSettings = DiscussionSettings()
    latest_sequence: int = 0
    own_posts: int = 0
    own_held: bool = False
    own_unlisted: bool = False
    own_edits: bool = False
    moving: bool = False
    pinned: int = 0
    visited: bool = False
    read_up_to: int = 0
    earlier_visit_up_to: int = 0
    languages: str = ""
    summary_week: date | None = None
    own_groups: tuple[int, ...] = ()
    waiting: int = 0
    reported: int = 0

    @property
    def shared_id(self) -> int:
        """The id of a shared discussion; 0 for one of the course alone."""
        return (self.id or 0) if self.audience != "course" else 0


def find(connection: Connection, launch_session: CurrentSession, module: Module) -> DiscussionState:
    """Return the state of the session's discussion of a module.

    Takes one statement; one more for a participant of a discussion with groups, and one more if it
    is shared.
    """
    row = connection.execute(
        FIND,
        {
            **_parameters(launch_session, module),
            "user": launch_session.user_id or 0,
            "user_value": str(launch_session.user_id or 0),
        },
    ).first()
    if row is None:
        return DiscussionState(settings=parse(module.discussion, ""))
    settings = parse(module.discussion, row.settings)
    shared = row.shared_id is not None
    return DiscussionState(
        id=row.shared_id or row.id,
        own_id=row.id,
        audience=_audience(row),
        institution_id=(launch_session.institution_id or 0) if shared else 0,
        exchange_id=row.exchange_id,
        exchange_name=row.exchange_name or "",
        exchange_closed=row.exchange_closed_at is not None,
        course_groups=_course_groups(connection, launch_session, settings) if shared else (),
        settings=settings,
        own_groups=_own_groups(connection, launch_session, settings),
        waiting=row.waiting,
        reported=row.reported,
        latest_sequence=row.latest_sequence,
        own_posts=row.own_posts,
        own_held=bool(row.own_held),
        own_unlisted=bool(row.own_unlisted),
        own_edits=bool(row.own_edits),
        moving=bool(row.moving),
        pinned=row.pinned,
        visited=row.visited_at is not None,
        read_up_to=row.read_up_to or 0,
        earlier_visit_up_to=row.earlier_visit_up_to or 0,
        languages=row.languages or "",
        summary_week=row.summary_week,
    )


def number_waiting(connection: Connection, launch_session: CurrentSession, module: Module) -> int:
    """Return how many posts and edits wait for an instructor: held and reported ones."""
    return connection.execute(WAITING, _parameters(launch_session, module)).scalar() or 0


def _parameters(launch_session: CurrentSession, module: Module) -> dict[str, Any]:
    return {
        "resource_link": launch_session.resource_link_id,
        "module": module.id,
        "institution": str(launch_session.institution_id or 0),
    }


def _audience(row: Any) -> Audience:
    if row.shared_id is None:
        return "course"
    return "institution" if row.exchange_id is None else "exchange"


def _course_groups(
    connection: Connection, launch_session: CurrentSession, settings: DiscussionSettings
) -> tuple[int, ...]:
    course = launch_session.course_id
    if settings.reading_of_groups == "none" or course is None:
        return ()
    return tuple(group.id for group in groups_of(connection, course, with_deleted=True))


def _own_groups(
    connection: Connection, launch_session: CurrentSession, settings: DiscussionSettings
) -> tuple[int, ...]:
    course, user = launch_session.course_id, launch_session.user_id
    if settings.reading_of_groups == "none" or launch_session.instructor or not (course and user):
        return ()
    return groups_of_user(connection, course, user)


def find_or_create(session: Session, resource_link_id: int, module_id: str) -> Discussion:
    """Return the discussion with the posts of an activity, locked until the transaction ends."""
    found = find_row(session, resource_link_id, module_id, lock=True)
    if found is None:
        _create(session, resource_link_id, module_id)
        found = find_row(session, resource_link_id, module_id, lock=True)
        assert found is not None
    return found


def lock_for_post(session: Session, resource_link_id: int, module_id: str) -> LockedDiscussion:
    """Return what a new post needs of the row that :func:`find_or_create` returns, locked as well.

    Without the unit of work, because it is faster.
    """
    key = {"resource_link": resource_link_id, "module": module_id}
    while True:
        row = session.connection().execute(_LOCKED_COLUMNS, key).first()
        if row is None:
            _create(session, resource_link_id, module_id)
        elif row.shared_id is None and row.archived_at is None:
            return LockedDiscussion(*row[2:])


def find_row(
    session: Session, resource_link_id: int | None, module_id: str, *, lock: bool = False
) -> Discussion | None:
    """Return the discussion with the posts of an activity; None before it exists.

    ``lock``: locked until the transaction ends. Of a shared discussion only the shared row is
    locked, so that no two rows are waited for.
    """
    key = {"resource_link": resource_link_id, "module": module_id}
    if not lock:
        return session.scalars(_ROW, key).first()
    while True:
        found = session.scalars(_LOCKED_ROW, key).first()
        # An instructor may have changed the audience while this waited for the lock.
        if found is None or (found.shared_id is None and found.archived_at is None):
            return found


def own_discussion(session: Session, resource_link_id: int, module_id: str) -> Discussion:
    """Return the activity's own row, locked until the transaction ends; it is made if needed."""
    own = select(Discussion).where(*_is_own(resource_link_id, module_id))
    found = session.scalars(own.with_for_update(key_share=True)).first()
    if found is None:
        _create(session, resource_link_id, module_id)
        found = session.scalars(own.with_for_update(key_share=True)).one()
    return found


def settings_for(
    session: Session, discussion: AnyDiscussion, launch_session: CurrentSession, module: Module
) -> DiscussionSettings:
    """Return the settings that apply to the session's course in a discussion."""
    if not discussion.is_shared:
        return parse(module.discussion, discussion.settings)
    own = select(Discussion.settings).where(*_is_own(launch_session.resource_link_id, module.id))
    return parse(module.discussion, session.scalar(own) or "")


def _is_own(resource_link_id: int | None, module_id: str) -> tuple[ColumnElement[bool], ...]:
    return (
        Discussion.resource_link_id == resource_link_id,
        Discussion.module_id == module_id,
        Discussion.archived_at.is_(None),
    )


def _create(session: Session, resource_link_id: int, module_id: str) -> None:
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    session.execute(
        insert(Discussion)
        .values(resource_link_id=resource_link_id, module_id=module_id, created_at=now())
        .on_conflict_do_nothing(
            index_elements=["resource_link_id", "module_id"],
            index_where=Discussion.archived_at.is_(None),
        )
    )


def change_settings(
    database: Database, launch_session: CurrentSession, module: Module, **changes: Any
) -> DiscussionSettings:
    """Change some settings of the session's discussion; return all of them.

    Raises :class:`DiscussionError` after somebody has written anonymously: with
    ``Reason.ANONYMOUS_FOREVER`` for switching anonymity off, with ``Reason.ANONYMOUS_UNCOUNTED``
    for counting anonymous posts under their authors' names.
    """
    with database.write() as session:
        return set_settings(session, launch_session, module, **changes)[1]


def set_settings(
    session: Session, launch_session: CurrentSession, module: Module, **changes: Any
) -> tuple[DiscussionSettings, DiscussionSettings]:
    """Change settings in the transaction of the caller; return those before and after.

    Raises the errors of :func:`change_settings`.
    """
    assert launch_session.resource_link_id is not None
    discussion = own_discussion(session, launch_session.resource_link_id, module.id)
    before = parse(module.discussion, discussion.settings)
    after = replace(before, **changes)
    wrote_anonymously = has_anonymous_posts(session, discussion.shared_id or discussion.id)
    if before.anonymous and not after.anonymous and wrote_anonymously:
        raise DiscussionError(Reason.ANONYMOUS_FOREVER)
    counts_more = after.count_anonymous and not before.count_anonymous
    if counts_more and wrote_anonymously:
        raise DiscussionError(Reason.ANONYMOUS_UNCOUNTED)
    after = after.remembering_groups(before)
    discussion.settings = serialize(module.discussion, after)
    discussion.settings_at = now()
    return before, after


def start_afresh(
    session: Session, launch_session: CurrentSession, module: Module
) -> tuple[Discussion, Discussion]:
    """Archive the session's discussion, and let an empty one with the same settings take its place.

    Returns the archived and the new one. The posts of the archived one stay stored. Raises
    :class:`DiscussionError` for a shared discussion, which is not that of one course.
    """
    assert launch_session.resource_link_id is not None
    old = own_discussion(session, launch_session.resource_link_id, module.id)
    if old.shared_id is not None:
        raise DiscussionError(Reason.SHARED)
    old.archived_at = now()
    session.flush()
    new = own_discussion(session, launch_session.resource_link_id, module.id)
    new.settings, new.settings_at = old.settings, old.settings_at
    return old, new


def copy_settings(
    connection: Connection, original_id: int, resource_link_id: int, module_id: str
) -> None:
    """Let the discussion of a copied activity start with the settings of the original's.

    Without its dates, which are those of the original's course.
    """
    found = select(Discussion.settings, Discussion.settings_at)
    original = connection.execute(found.where(*_is_own(original_id, module_id))).first()
    if original is None:
        return
    settings = json.loads(original.settings) if original.settings else {}
    for name in ("opens_at", "closes_at"):
        settings.pop(name, None)
    if not settings and original.settings_at is None:
        return
    insert = sqlite_insert if connection.dialect.name == "sqlite" else postgresql_insert
    connection.execute(
        insert(Discussion)
        .values(
            resource_link_id=resource_link_id,
            module_id=module_id,
            settings=json.dumps(settings, sort_keys=True) if settings else "",
            settings_at=original.settings_at,
            created_at=now(),
        )
        .on_conflict_do_nothing(
            index_elements=["resource_link_id", "module_id"],
            index_where=Discussion.archived_at.is_(None),
        )
    )


def has_anonymous_posts(session: Session | Connection, discussion_id: int) -> bool:
    """Whether somebody has written anonymously in a discussion."""
    anonymous = exists().where(Post.discussion_id == discussion_id, Post.anonymous)
    return bool(session.scalar(select(anonymous)))


_OWN = aliased(Discussion)


def _with_posts(columns: Select[Any]) -> Select[Any]:
    """Select from the row with the posts of an activity."""
    return columns.join(_OWN, Discussion.id == func.coalesce(_OWN.shared_id, _OWN.id)).where(
        _OWN.resource_link_id == bindparam("resource_link"),
        _OWN.module_id == bindparam("module"),
        _OWN.archived_at.is_(None),
    )


_ROW = _with_posts(select(Discussion))
_LOCKED_ROW = _ROW.with_for_update(key_share=True, of=Discussion).execution_options(
    populate_existing=True
)
_LOCKED_COLUMNS = _with_posts(
    select(
        Discussion.shared_id,
        Discussion.archived_at,
        *(getattr(Discussion, each.name) for each in fields(LockedDiscussion)),
    )
).with_for_update(key_share=True, of=Discussion)
