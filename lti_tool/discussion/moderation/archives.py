"""Read which discussions are archived, and how large a discussion is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, and_, func, select

from lti_tool.discussion.model import Discussion, DiscussionCount, Post

MOST_SHOWN = 100
"""Archives that are listed, the latest first."""

_D = Discussion.__table__
_C = DiscussionCount.__table__


@dataclass(frozen=True, slots=True)
class Archive:
    """An archived discussion and the number of its posts."""

    id: int
    created_at: datetime
    archived_at: datetime
    posts: int


@dataclass(frozen=True, slots=True)
class Size:
    """Published posts and their threads, and posts and edits that wait for approval."""

    posts: int = 0
    threads: int = 0
    waiting: int = 0


def archives_of(connection: Connection, resource_link_id: int, module_id: str) -> list[Archive]:
    """Return the archived discussions of a module in a resource link, the latest first."""
    query = _archives(resource_link_id, module_id).order_by(_D.c.archived_at.desc(), _D.c.id.desc())
    return [Archive(*row) for row in connection.execute(query.limit(MOST_SHOWN))]


def find_archive(
    connection: Connection, resource_link_id: int, module_id: str, archive_id: int
) -> Archive | None:
    """Return one archived discussion of a module in a resource link."""
    query = _archives(resource_link_id, module_id).where(_D.c.id == archive_id)
    row = connection.execute(query).first()
    return Archive(*row) if row else None


def has_archived_post(
    connection: Connection, resource_link_id: int, module_id: str, post_id: int
) -> bool:
    """Whether a post with a text is in an archived discussion of a module in a resource link."""
    query = (
        select(_D.c.id)
        .join(Post, Post.discussion_id == _D.c.id)
        .where(
            Post.id == post_id,
            Post.status != "deleted",
            _D.c.resource_link_id == resource_link_id,
            _D.c.module_id == module_id,
            _D.c.archived_at.is_not(None),
        )
    )
    return connection.execute(query).first() is not None


def size_of(connection: Connection, discussion_id: int | None) -> Size:
    """Return the size of a discussion from its stored counts."""
    if discussion_id is None:
        return Size()
    row = connection.execute(
        select(
            func.coalesce(func.sum(_C.c.posts), 0),
            func.coalesce(func.sum(_C.c.threads), 0),
            _D.c.waiting,
        )
        .select_from(_D.outerjoin(_C, and_(_C.c.discussion_id == _D.c.id, _C.c.kind == "all")))
        .where(_D.c.id == discussion_id)
        .group_by(_D.c.id, _D.c.waiting)
    ).one()
    return Size(int(row[0]), int(row[1]), row[2])


def of_former_cohort(
    connection: Connection, discussion_id: int | None, renewed_at: datetime | None
) -> Size | None:
    """Return the size of a discussion that began before the course got other learners.

    None if the course did not, if the discussion is newer, or if nobody has written in it.
    """
    if discussion_id is None or renewed_at is None:
        return None
    older = select(_D.c.id).where(_D.c.id == discussion_id, _D.c.created_at < renewed_at)
    if connection.execute(older).first() is None:
        return None
    size = size_of(connection, discussion_id)
    return size if size.posts else None


def posts_of_groups(connection: Connection, discussion_id: int) -> int:
    """Return the number of published posts in the threads of groups."""
    query = select(func.coalesce(func.sum(_C.c.posts), 0)).where(
        _C.c.discussion_id == discussion_id, _C.c.kind == "all", _C.c.group_id != 0
    )
    return int(connection.execute(query).scalar_one())


def _archives(resource_link_id: int, module_id: str) -> Select[Any]:
    posts = (
        select(func.coalesce(func.sum(_C.c.posts), 0))
        .where(_C.c.discussion_id == _D.c.id, _C.c.kind == "all")
        .correlate(_D)
        .scalar_subquery()
    )
    return select(_D.c.id, _D.c.created_at, _D.c.archived_at, posts).where(
        _D.c.resource_link_id == resource_link_id,
        _D.c.module_id == module_id,
        _D.c.archived_at.is_not(None),
    )
