"""Read a discussion for people without a session: for mail and feeds.

The same visibility as on the page applies at the moment of reading: a post that was deleted,
hidden, edited or moved since it was announced is shown as it is now, or not at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, literal, or_, select
from sqlalchemy.orm import Session, aliased

from courseware.i18n import Interface
from courseware.languages import choose
from courseware.library import Library
from lti_tool.directory.access import ACTIVE
from lti_tool.directory.model import (
    Course,
    Deployment,
    Membership,
    RegistrationRow,
    ResourceLink,
)
from lti_tool.discussion import discussions, names, queries
from lti_tool.discussion.facets import PUBLISHED, is_published
from lti_tool.discussion.model import Discussion, Post
from lti_tool.discussion.model.posts import ARCHIVE
from lti_tool.discussion.permissions import permissions_of
from lti_tool.discussion.selects import PostRow
from lti_tool.discussion.shared_posts import Viewpoint, viewpoint_of
from lti_tool.sessions.current import CurrentSession


@dataclass(frozen=True, slots=True)
class PublishedPost:
    """A post whose notices are due. ``answered``: the authors of the posts that it replies to.

    ``course_ids``: the courses in which its discussion is read.
    """

    id: int
    sequence: int
    discussion_id: int
    author_id: int | None
    answered: frozenset[int]
    course_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a discussion is read.

    ``active``: its platform may use the tool, the discussion is not archived, and the activity
    shows it.
    """

    discussion_id: int
    module_id: str
    resource_link_id: int
    course_id: int | None
    registration_id: int
    deployment_id: int
    course: str | None
    activity: str | None
    active: bool
    institution_id: int | None = None


@dataclass(frozen=True, slots=True)
class NoticeReader:
    """A person who reads without a session."""

    user_id: int
    instructor: bool


@dataclass(frozen=True, slots=True)
class NoticedPost:
    """A post as it is shown in a mail or a feed. ``lang`` is empty if it is not known."""

    id: int
    sequence: int
    thread_id: int
    author: str
    lang: str
    created_at: datetime
    changed_at: datetime
    source: str
    html: str
    in_reply_to: str | None
    mine: bool


@dataclass(frozen=True, slots=True)
class News:
    """Posts, oldest first; ``total`` counts those that were left out as well."""

    posts: Sequence[NoticedPost]
    total: int


_FIRST, _ANSWERED = aliased(Post), aliased(Post)


def find_published(session: Session, post_id: int) -> PublishedPost | None:
    """Return a post if it is published."""
    query = (
        select(
            Post.id,
            Post.sequence,
            Post.discussion_id,
            Post.author_id,
            _FIRST.author_id.label("first_author"),
            _ANSWERED.author_id.label("answered_author"),
        )
        .outerjoin(_FIRST, _FIRST.id == Post.thread_id)
        .outerjoin(_ANSWERED, _ANSWERED.id == Post.reply_to_id)
        .where(Post.id == post_id, Post.status == PUBLISHED)
    )
    row = session.execute(query).first()
    if row is None:
        return None
    answered = frozenset({row.first_author, row.answered_author} - {None, row.author_id})
    courses = session.scalars(
        select(ResourceLink.course_id)
        .join(Discussion, Discussion.resource_link_id == ResourceLink.id)
        .where(
            or_(Discussion.id == row.discussion_id, Discussion.shared_id == row.discussion_id),
            ResourceLink.course_id.is_not(None),
        )
        .distinct()
    ).all()
    return PublishedPost(*row[:4], answered, tuple(sorted(filter(None, courses))))


def find_place(session: Session, discussion_id: int, user_id: int) -> Place | None:
    """Return where somebody reads a discussion; None if it no longer exists.

    A shared discussion is read in one of the courses that take part in it and of which the user is
    a member.
    """
    query: Any = (
        select(
            literal(discussion_id),
            Discussion.module_id,
            ResourceLink.id,
            ResourceLink.course_id,
            RegistrationRow.id,
            Deployment.id,
            Course.title,
            ResourceLink.title,
            and_(
                RegistrationRow.status == ACTIVE,
                Deployment.status == ACTIVE,
                Discussion.archived_at.is_(None),
                func.coalesce(Discussion.shared_id, Discussion.id) == discussion_id,
            ),
            Deployment.institution_id,
        )
        .join(ResourceLink, ResourceLink.id == Discussion.resource_link_id)
        .join(Deployment, Deployment.id == ResourceLink.deployment_id)
        .join(RegistrationRow, RegistrationRow.id == Deployment.registration_id)
        .outerjoin(Course, Course.id == ResourceLink.course_id)
    )
    row = session.execute(query.where(Discussion.id == discussion_id)).first()
    if row is None:
        row = session.execute(
            query.join(Membership, Membership.course_id == ResourceLink.course_id)
            .where(
                Discussion.shared_id == discussion_id,
                Discussion.archived_at.is_(None),
                Membership.user_id == user_id,
                Membership.ended_at.is_(None),
            )
            .order_by(Discussion.id)
            .limit(1)
        ).first()
    return Place(*row) if row else None


def title_of(library: Library, place: Place, ui: Interface) -> str | None:
    """Return the title of the discussion's module in the reader's language; None if it is gone."""
    return module_title(library, place.module_id, ui)


def module_title(library: Library, module_id: str, ui: Interface) -> str | None:
    """Return the title of a module with a discussion; None if there is none any more."""
    module = library.get(module_id)
    if module is None or module.discussion_section is None:
        return None
    language = choose([ui.lang], module.languages, module.source_language)
    return module.titles.get(language, module.titles[module.source_language])


def titles_of(
    session: Session, library: Library, ui: Interface, discussion_ids: Sequence[int]
) -> dict[int, tuple[str | None, str | None]]:
    """Return the course, and the activity or else the module, of discussions, by their ids."""
    rows = session.execute(
        select(Discussion.id, Discussion.module_id, Course.title, ResourceLink.title)
        .outerjoin(ResourceLink, ResourceLink.id == Discussion.resource_link_id)
        .outerjoin(Course, Course.id == ResourceLink.course_id)
        .where(Discussion.id.in_(discussion_ids))
    )
    return {
        row_id: (course, activity or module_title(library, module_id, ui))
        for row_id, module_id, course, activity in rows
    }


def news(
    session: Session,
    library: Library,
    reader: NoticeReader,
    place: Place,
    ui: Interface,
    *,
    after: int = 0,
    up_to: int | None = None,
    most: int,
    own: bool = False,
    only_to: Sequence[int] | None = None,
    newest: bool = False,
) -> News:
    """Return the posts that the reader may read, published after ``after`` and up to ``up_to``.

    ``own``: also the reader's own. ``only_to``: only replies to the reader, and these posts.
    ``newest``: the newest of them instead of the oldest, if there are more than ``most``.
    Posts of an imported archive are no news.
    """
    found = _scope(session, library, reader, place)
    if found is None:
        return News((), 0)
    query = (
        select(Post.id)
        .outerjoin(_ANSWERED, _ANSWERED.id == Post.reply_to_id)
        .outerjoin(_FIRST, _FIRST.id == Post.thread_id)
        .where(
            Post.discussion_id == place.discussion_id,
            is_published(Post.__table__),
            Post.sequence > after,
            or_(Post.origin.is_(None), Post.origin != ARCHIVE),
        )
    )
    if found.groups is not None:
        query = query.where(Post.group_id.in_(found.groups))
    if up_to is not None:
        query = query.where(Post.sequence <= up_to)
    if not own:
        query = query.where(or_(Post.author_id.is_(None), Post.author_id != reader.user_id))
    if only_to is not None:
        answers = or_(_FIRST.author_id == reader.user_id, _ANSWERED.author_id == reader.user_id)
        query = query.where(or_(answers, Post.id.in_(only_to)))
    order = Post.sequence.desc() if newest else Post.sequence.asc()
    ids = session.scalars(query.order_by(order).limit(most)).all()
    total = len(ids)
    if total == most:
        counted = query.with_only_columns(func.count(Post.id), maintain_column_froms=True)
        total = session.execute(counted).scalar_one()
    connection = session.connection()
    rows = queries.posts_by_id(connection, found, ids)
    shown = [rows[each] for each in ids if rows[each].status == PUBLISHED]
    sources = queries.sources_of(connection, [row.id for row in shown])
    posts = [_noticed(reader, ui, found.viewpoint, row, sources[row.id]) for row in shown]
    return News(posts[::-1] if newest else posts, total - len(ids) + len(shown))


def _scope(
    session: Session, library: Library, reader: NoticeReader, place: Place
) -> queries.Scope | None:
    """What the person may read on the page, by the same functions, at this moment."""
    module = library.get(place.module_id)
    if module is None or not place.active:
        return None
    launch_session = _as_session(reader, place)
    connection = session.connection()
    state = discussions.find(connection, launch_session, module)
    permissions = permissions_of(launch_session, module, state)
    if state.id != place.discussion_id or not (permissions.read and permissions.others):
        return None
    return queries.Scope(
        discussion_id=place.discussion_id,
        user_id=reader.user_id,
        groups=permissions.groups,
        moderate=permissions.moderate,
        viewpoint=viewpoint_of(connection, state),
    )


def _as_session(reader: NoticeReader, place: Place) -> CurrentSession:
    """The person as if they had opened the activity. Nothing opens this session."""
    return CurrentSession(
        id="",
        token="",
        token_sent=False,
        cookieless=False,
        registration_id=place.registration_id,
        deployment_id=place.deployment_id,
        user_id=reader.user_id,
        user_name=None,
        user_kind="person",
        user_language=None,
        course_id=place.course_id,
        course_title=place.course,
        resource_link_id=place.resource_link_id,
        resource_link_title=place.activity,
        module_id=place.module_id,
        instructor=reader.instructor,
        administrator=False,
        content_developer=False,
        own_record=True,
        guests="none",
        locale=None,
        return_url=None,
        frame_ancestors=(),
        message_type="LtiResourceLinkRequest",
        deep_linking=None,
        institution_id=place.institution_id,
    )


def _noticed(
    reader: NoticeReader, ui: Interface, viewpoint: Viewpoint | None, row: PostRow, source: str
) -> NoticedPost:
    # A post that was written anonymously has no stored name.
    in_reply_to = None
    if row.answered_role is not None and row.answered_status == PUBLISHED:
        in_reply_to = names.display_name(
            ui, row.answered_name, row.answered_code, row.answered_role
        )
    author = names.display_name(ui, row.author_name, row.author_code, row.author_role)
    label = viewpoint.label(row.institution_id) if viewpoint else None
    return NoticedPost(
        id=row.id,
        sequence=row.sequence,
        thread_id=row.thread_id or row.id,
        author=f"{author}, {label}" if label else author,
        lang=row.language or "",
        created_at=row.created_at,
        changed_at=row.edited_at or row.created_at,
        source=source,
        html=row.html,
        in_reply_to=in_reply_to,
        mine=row.author_id == reader.user_id,
    )
