"""Former activities of a course, whose discussions a new activity can take over.

After the tool was deleted in an LMS and added again, and the former registration or deployment was
joined to the new one, some LMSs (Moodle) do not let the former activities be opened any more: an
instructor has to make new ones, whose resource link IDs are others.

No LMS says that an activity can no longer be opened. A former activity is one whose row is older
than that of its deployment, which is so for what a join moved and no launch of the new deployment
has used since the join or before.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, and_, bindparam, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from courseware.i18n import Interface
from lti_tool.directory.audit import AuditEntry
from lti_tool.directory.model import ActivityOpening, Deployment, ResourceLink
from lti_tool.directory.row_merge import Merger, lock
from lti_tool.discussion.discussions import own_discussion
from lti_tool.discussion.facets import is_published
from lti_tool.discussion.model import Discussion, DiscussionCount, Post
from lti_tool.sessions.current import CurrentSession
from lti_tool.storage.database import Base

MOST_SHOWN = 20
"""Former activities that are offered, the newest first."""
_JOINED = "institution.join_registration"
"""The act of the audit log that turned the former registration off."""


@dataclass(frozen=True, slots=True)
class FormerActivity:
    """A former activity and its discussion: the published posts, and the time of the last one."""

    resource_link_id: int
    title: str | None
    posts: int
    latest_at: datetime | None


def may_take_over(launch_session: CurrentSession) -> bool:
    """Whether the user may take over discussions: an instructor of the course, in person."""
    return launch_session.instructor and launch_session.own_record and not launch_session.guest


def size_in_words(ui: Interface, former: FormerActivity) -> str:
    """Return the number of posts of a former activity, and the day of the last one."""
    posts = ui.ngettext("%(n)s post", "%(n)s posts", former.posts)
    if former.latest_at is None:
        return posts
    return ui.gettext("%(posts)s, the last on %(day)s", posts=posts, day=ui.date(former.latest_at))


def former_activities(
    connection: Connection, resource_link_id: int, module_id: str
) -> list[FormerActivity]:
    """Return the former activities whose discussion a resource link can take over.

    They are of the same course and show the same module. None if somebody has posted in the
    resource link, or if it takes part in a shared discussion. Takes one statement.
    """
    rows = connection.execute(_FORMER, {"link": resource_link_id, "module": module_id})
    return [FormerActivity(*row) for row in rows]


def find_locked(
    session: Session, resource_link_id: int, module_id: str, former_id: int
) -> FormerActivity | None:
    """Return a former activity, with both activities locked until the transaction ends.

    None if it cannot be taken over, perhaps because that was done meanwhile.
    """
    connection = session.connection()
    if _find(connection, resource_link_id, module_id, former_id) is None:
        return None
    # A first post creates this row, or waits for it: it is seen here, or sees the merged row.
    own_discussion(session, resource_link_id, module_id)
    links = sorted((resource_link_id, former_id))
    connection.execute(
        select(Discussion.id)
        .where(Discussion.resource_link_id.in_(links))
        .order_by(Discussion.id)
        .with_for_update()
    ).all()
    for link in links:
        lock(connection, Base.metadata.tables["resource_links"], (link,))
    return _find(connection, resource_link_id, module_id, former_id)


def _find(
    connection: Connection, resource_link_id: int, module_id: str, former_id: int
) -> FormerActivity | None:
    found = former_activities(connection, resource_link_id, module_id)
    return next((each for each in found if each.resource_link_id == former_id), None)


def merge_activities(connection: Connection, resource_link_id: int, former_id: int) -> None:
    """Let everything of a former activity be that of the resource link, and remove its row.

    Its discussions keep their IDs, because the lasting URLs of posts have them, and their settings,
    with which the posts were written. Title, URLs and line item are those of the resource link.
    """
    merger, tables = Merger(connection), Base.metadata.tables
    own = aliased(Discussion)
    pairs = connection.execute(
        select(Discussion.id, own.id)
        .join(own, own.module_id == Discussion.module_id)
        .where(
            Discussion.resource_link_id == former_id,
            Discussion.archived_at.is_(None),
            own.resource_link_id == resource_link_id,
            own.archived_at.is_(None),
        )
        .order_by(Discussion.id)
    ).all()
    for kept, removed in pairs:
        nothing = {"settings": "", "settings_at": None}
        connection.execute(update(Discussion).where(Discussion.id == removed).values(nothing))
        merger.merge(tables["discussions"], kept=(kept,), removed=(removed,))
    # A duplicate of the former activity would become a copy of itself.
    connection.execute(
        update(ResourceLink)
        .where(ResourceLink.id == resource_link_id, ResourceLink.copied_from_id == former_id)
        .values(copied_from_id=None)
    )
    merger.merge(tables["resource_links"], kept=(resource_link_id,), removed=(former_id,))


def _former() -> Select[int, str, int, datetime]:
    here, own, former = aliased(ResourceLink), aliased(Discussion), ResourceLink
    posts = (
        select(func.coalesce(func.sum(DiscussionCount.posts), 0))
        .where(
            DiscussionCount.discussion_id == Discussion.id,
            DiscussionCount.kind == "all",
        )
        .scalar_subquery()
    )
    latest = (
        select(Post.created_at)
        .where(Post.discussion_id == Discussion.id, is_published(Post.__table__))
        .order_by(Post.sequence.desc())
        .limit(1)
        .scalar_subquery()
    )
    joined_at = (
        select(AuditEntry.created_at)
        .where(
            AuditEntry.registration_id == Deployment.registration_id,
            AuditEntry.action == _JOINED,
        )
        .order_by(AuditEntry.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    opened_since = exists().where(
        ActivityOpening.resource_link_id == former.id,
        ActivityOpening.latest_at >= Deployment.created_at,
        ActivityOpening.latest_at >= func.coalesce(joined_at, Deployment.created_at),
    )
    own_posts = exists().where(Post.discussion_id == own.id, Post.status != "deleted")
    in_use = exists().where(
        own.resource_link_id == here.id,
        own.archived_at.is_(None),
        or_(own_posts, and_(own.module_id == here.module_id, own.shared_id.is_not(None))),
    )
    return (
        select(former.id, former.title, posts, latest)
        .select_from(here)
        .join(
            former,
            and_(
                former.course_id == here.course_id,
                former.deployment_id == here.deployment_id,
                former.module_id == here.module_id,
                former.id != here.id,
            ),
        )
        .join(Deployment, Deployment.id == former.deployment_id)
        .join(
            Discussion,
            and_(
                Discussion.resource_link_id == former.id,
                Discussion.module_id == former.module_id,
                Discussion.archived_at.is_(None),
                Discussion.shared_id.is_(None),
                Discussion.retention.is_(None),
            ),
        )
        .where(
            here.id == bindparam("link"),
            here.module_id == bindparam("module"),
            here.created_at >= Deployment.created_at,
            former.created_at < Deployment.created_at,
            posts > 0,
            ~in_use,
            ~opened_since,
        )
        .order_by(former.id.desc())
        .limit(MOST_SHOWN)
    )


_FORMER = _former()
