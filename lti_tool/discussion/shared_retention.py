"""Apply the retention rules of institutions to what their people wrote in shared discussions.

The posts of others stay. The last use is the latest opening of an activity of the registration that
takes part, and the latest reading or post of its people. Rules of single courses do not apply.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, func, not_, or_, select
from sqlalchemy.orm import Session

from lti_tool.directory.model import (
    ActivityOpening,
    Deployment,
    RegistrationRow,
    ResourceLink,
    User,
)
from lti_tool.discussion import post_texts, retention, writer
from lti_tool.discussion.model import Discussion, DiscussionReader, Post
from lti_tool.storage.database import Database, now

_BATCH = 100
"""Posts that one transaction changes, about."""


def apply(database: Database, *, most_posts: int = retention.MOST_POSTS) -> int:
    """Apply the rules; return the number of posts that were changed."""
    changed = 0
    with database.read() as session:
        due = list(_due(session))
    for discussion_id, registration in due:
        while changed < most_posts:
            number = _step(database, discussion_id, registration)
            changed += number
            if not number:
                break
    return changed


def _due(session: Session) -> Iterator[tuple[int, RegistrationRow]]:
    """The shared discussions whose time is over for a registration."""
    sharing = select(Deployment.registration_id).where(Deployment.institution_id.is_not(None))
    registrations = session.scalars(
        select(RegistrationRow).where(
            RegistrationRow.retention_months.is_not(None), RegistrationRow.id.in_(sharing)
        )
    ).all()
    for registration in registrations:
        moment = now() - (registration.retention_months or 0) * retention.MONTH
        unused = select(Discussion.id).where(
            Discussion.resource_link_id.is_(None), not_(_used_since(registration.id, moment))
        )
        for discussion_id in session.scalars(unused.order_by(Discussion.id)):
            if session.scalar(_posts(discussion_id, registration.id).limit(1)) is not None:
                yield discussion_id, registration


def _used_since(registration_id: int, moment: datetime) -> Any:
    own = Discussion.__table__.alias("own")
    opened = exists(
        select(ActivityOpening.user_id)
        .join(ResourceLink, ResourceLink.id == ActivityOpening.resource_link_id)
        .join(Deployment, Deployment.id == ResourceLink.deployment_id)
        .join(own, own.c.resource_link_id == ResourceLink.id)
        .where(
            own.c.shared_id == Discussion.id,
            Deployment.registration_id == registration_id,
            ActivityOpening.latest_at >= moment,
        )
        .correlate(Discussion)
    )
    read = exists().where(
        DiscussionReader.discussion_id == Discussion.id,
        DiscussionReader.visited_at >= moment,
        User.id == DiscussionReader.user_id,
        User.registration_id == registration_id,
    )
    written = exists().where(
        Post.discussion_id == Discussion.id,
        Post.created_at >= moment,
        User.id == Post.author_id,
        User.registration_id == registration_id,
    )
    return or_(opened, read, written)


def _posts(discussion_id: int, registration_id: int) -> Select[Any]:
    """The posts of the registration's people that still have a text."""
    query: Any = (
        select(Post.id)
        .join(User, User.id == Post.author_id)
        .where(
            Post.discussion_id == discussion_id,
            User.registration_id == registration_id,
            Post.status != "deleted",
        )
        .order_by(Post.author_id, Post.id)
    )
    return query  # type: ignore[no-any-return]


def _step(database: Database, discussion_id: int, registration: RegistrationRow) -> int:
    """Delete the texts of some posts, or make one author anonymous; return how many."""
    with database.write() as session:
        discussion = writer.lock(session, discussion_id)
        ids = session.scalars(_posts(discussion_id, registration.id).limit(_BATCH)).all()
        if not ids:
            return 0
        if registration.retention_action == "delete":
            posts = session.scalars(select(Post).where(Post.id.in_(ids)).order_by(Post.id)).all()
            for post in posts:
                post_texts.erase_texts(session, discussion, post)
            return len(posts)
        author = session.scalar(select(func.min(Post.author_id)).where(Post.id.in_(ids)))
        return retention.make_anonymous(session, discussion, Post.author_id == author)
