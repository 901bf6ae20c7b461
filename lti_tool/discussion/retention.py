"""Delete discussions that nobody uses any more, or make their authors anonymous.

An institution (registration) or a course decides after how many months; by default never. The last
use is the latest opening of the activity, reading or post; of an archived discussion, only the
latest post and the archiving. The hourly purge applies the rules in small transactions, at most
``MOST_POSTS`` posts at a time; what is left is done an hour later.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    delete,
    exists,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.orm import Session

from lti_tool.attachments import service as attachments
from lti_tool.directory.model import (
    ActivityOpening,
    Course,
    Deployment,
    RegistrationRow,
    ResourceLink,
)
from lti_tool.discussion import writer
from lti_tool.discussion.model import (
    DayCount,
    Discussion,
    DiscussionCount,
    DiscussionReader,
    Post,
    ThreadRead,
)
from lti_tool.storage.database import Database, now

ACTIONS = ("delete", "anonymise")
MOST_POSTS = 20_000
"""Posts that one purge changes."""

_BATCH = 500
"""Posts that one transaction deletes."""
MONTH = timedelta(days=30.4375)
_CODE_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_LENGTH = 6


@dataclass(frozen=True, slots=True)
class DueDiscussion:
    """A discussion that was not used for ``months``. ``begun``: the purge has started with it."""

    id: int
    registration_id: int
    course: str | None
    activity: str | None
    module_id: str
    action: str
    months: int
    posts: int
    begun: bool


def due(
    database: Database,
    *,
    registration_id: int | None = None,
    months: int | None = None,
    action: str | None = None,
    course_id: int | None = None,
    most: int = 1000,
) -> list[DueDiscussion]:
    """Return the discussions whose time is over, at most ``most``.

    With ``months`` and ``action``: those that would be, if this were the rule of the registration
    or of the course.
    """
    trial = (months, action) if action is not None else None
    with database.read_core() as connection:
        ages = [months] if trial else _months(connection)
        return _due(connection, ages, registration_id, course_id, trial, most)


def apply(database: Database, *, most_posts: int = MOST_POSTS) -> int:
    """Apply the rules; return the number of posts that were changed."""
    changed = 0
    for each in due(database):
        if changed >= most_posts:
            break
        left = most_posts - changed
        if each.action == "delete":
            changed += _delete(database, each, left)
        else:
            changed += _anonymise(database, each, left)
    return changed


def set_course_rule(
    database: Database,
    registration_id: int,
    context_id: str,
    *,
    months: int | None,
    action: str | None,
) -> bool:
    """Set the rule of a course, or (``action`` None) let that of the registration apply.

    False if there is no such course.
    """
    deployments = select(Deployment.id).where(Deployment.registration_id == registration_id)
    with database.write() as session:
        result = session.execute(
            update(Course)
            .where(Course.deployment_id.in_(deployments), Course.context_id == context_id)
            .values(retention_months=months, retention_action=action)
            .execution_options(synchronize_session=False)
        )
        return bool(result.rowcount)  # type: ignore[attr-defined]


def find_course(database: Database, registration_id: int, context_id: str) -> Course | None:
    """Return a course of a registration by its LTI context ID."""
    with database.read() as session:
        return session.scalars(
            select(Course)
            .join(Deployment, Deployment.id == Course.deployment_id)
            .where(Deployment.registration_id == registration_id, Course.context_id == context_id)
            .order_by(Course.id)
        ).first()


_COURSE_DECIDES = Course.retention_action.is_not(None)
_RULE_MONTHS = case(
    (_COURSE_DECIDES, Course.retention_months), else_=RegistrationRow.retention_months
)
_RULE_ACTION = case(
    (_COURSE_DECIDES, Course.retention_action), else_=RegistrationRow.retention_action
)


def _months(connection: Connection) -> list[int]:
    """Return the ages of all rules."""
    found: set[int | None] = set()
    for column in (RegistrationRow.retention_months, Course.retention_months):
        found |= set(connection.scalars(select(column).distinct()))
    return sorted(months for months in found if months is not None)


def unused_links(connection: Connection, among: Select[int], most: int) -> list[int]:
    """Return those of some resource links that nobody opened for as long as their rule says."""
    moment, ages = now(), _months(connection)
    if not ages:
        return []
    opened = ActivityOpening.latest_at
    old = or_(
        *(
            and_(
                _RULE_MONTHS.is_not_distinct_from(months),
                ~exists().where(
                    ActivityOpening.resource_link_id == ResourceLink.id,
                    opened > moment - months * MONTH,
                ),
            )
            for months in ages
        )
    )
    query = (
        select(ResourceLink.id)
        .join(Deployment, Deployment.id == ResourceLink.deployment_id)
        .join(RegistrationRow, RegistrationRow.id == Deployment.registration_id)
        .outerjoin(Course, Course.id == ResourceLink.course_id)
        .where(ResourceLink.id.in_(among), old)
        .order_by(ResourceLink.id)
        .limit(most)
    )
    return list(connection.scalars(query))


def _due(
    connection: Connection,
    ages: Sequence[int | None],
    registration_id: int | None,
    course_id: int | None,
    trial: tuple[int | None, str] | None,
    most: int,
) -> list[DueDiscussion]:
    moment = now()
    any_rule: ColumnElement[bool] = true()
    old = or_(
        *(
            and_(
                any_rule if trial else _RULE_MONTHS.is_not_distinct_from(months),
                _unused_since(moment - months * MONTH),
            )
            for months in ages
            if months is not None
        ),
        Discussion.retention == "delete",
    )
    has_people = or_(
        exists().where(
            Post.discussion_id == Discussion.id,
            or_(Post.author_id.is_not(None), Post.author_name.is_not(None)),
        ),
        exists().where(DiscussionReader.discussion_id == Discussion.id),
    )
    posts = (
        select(func.coalesce(func.sum(DiscussionCount.posts), 0))
        .where(DiscussionCount.discussion_id == Discussion.id, DiscussionCount.kind == "all")
        .scalar_subquery()
    )
    rule: Any = trial[1] if trial else func.coalesce(Discussion.retention, _RULE_ACTION)
    where: list[ColumnElement[bool]] = [old]
    where += [or_(rule == "delete", has_people)] if not trial else []
    if trial and trial[1] == "anonymise":
        where.append(has_people)
    if registration_id is not None:
        where.append(RegistrationRow.id == registration_id)
    if course_id is not None:
        where.append(Course.id == course_id)
    elif trial:
        where.append(func.coalesce(Course.retention_action, "") == "")
    rows = connection.execute(
        select(
            Discussion.id,
            Discussion.module_id,
            Discussion.retention,
            RegistrationRow.id.label("registration_id"),
            func.coalesce(Course.title, Course.context_id).label("course"),
            ResourceLink.title.label("activity"),
            posts.label("posts"),
            *(() if trial else (rule.label("action"), _RULE_MONTHS.label("months"))),
        )
        .select_from(Discussion)
        .join(ResourceLink, ResourceLink.id == Discussion.resource_link_id)
        .join(Deployment, Deployment.id == ResourceLink.deployment_id)
        .join(RegistrationRow, RegistrationRow.id == Deployment.registration_id)
        .outerjoin(Course, Course.id == ResourceLink.course_id)
        .where(*where)
        .order_by(Discussion.id)
        .limit(most)
    )
    return [
        DueDiscussion(
            id=row.id,
            registration_id=row.registration_id,
            course=row.course,
            activity=row.activity,
            module_id=row.module_id,
            action=trial[1] if trial else row.action,
            months=(trial[0] if trial else row.months) or 0,
            posts=row.posts,
            begun=row.retention is not None,
        )
        for row in rows
    ]


def _unused_since(moment: datetime) -> ColumnElement[bool]:
    opened = exists().where(
        ActivityOpening.resource_link_id == Discussion.resource_link_id,
        ActivityOpening.latest_at >= moment,
    )
    read = exists().where(
        DiscussionReader.discussion_id == Discussion.id, DiscussionReader.visited_at >= moment
    )
    written = exists().where(
        DayCount.discussion_id == Discussion.id, DayCount.day >= f"{moment:%Y-%m-%d}"
    )
    archived = Discussion.archived_at.is_not(None)
    return and_(
        func.coalesce(Discussion.archived_at, Discussion.created_at) < moment,
        or_(archived, ~or_(opened, read)),
        ~written,
    )


def _begin(session: Session, found: DueDiscussion) -> Discussion | None:
    """Return the discussion, locked; None if somebody has used or removed it meanwhile."""
    unused = _unused_since(now() - found.months * MONTH)
    discussion = session.scalars(
        select(Discussion)
        .where(Discussion.id == found.id, or_(unused, Discussion.retention == "delete"))
        .with_for_update(key_share=True)
    ).first()
    if discussion is not None:
        discussion.retention = found.action
    return discussion


def _delete(database: Database, found: DueDiscussion, most: int) -> int:
    """Delete a discussion, the latest posts first; it is not shown meanwhile."""
    with database.write() as session:
        discussion = _begin(session, found)
        if discussion is None:
            return 0
        discussion.archived_at = discussion.archived_at or now()
    deleted, discussion_id = 0, found.id
    while deleted < most:
        with database.write() as session:
            ids = session.scalars(
                select(Post.id)
                .where(Post.discussion_id == discussion_id)
                .order_by(Post.id.desc())
                .limit(min(_BATCH, most - deleted))
            ).all()
            if not ids:
                session.execute(delete(Discussion).where(Discussion.id == discussion_id))
                break
            session.execute(delete(Post).where(Post.id.in_(ids)))
        deleted += len(ids)
    return deleted


def _anonymise(database: Database, found: DueDiscussion, most: int) -> int:
    """Give each author a random pseudonym, all posts of one author in one transaction.

    The names of imported posts, which belong to no user, are replaced too.
    """
    with database.write() as session:
        if _begin(session, found) is None:
            return 0
    changed, discussion_id = 0, found.id
    while changed < most:
        with database.write() as session:
            discussion = writer.lock(session, discussion_id)
            author = _next_author(session, discussion_id)
            if author is None:
                for table in (DiscussionReader, ThreadRead):
                    session.execute(delete(table).where(table.discussion_id == discussion_id))
                discussion.retention = None
                break
            changed += make_anonymous(session, discussion, author)
    return changed


def make_anonymous(session: Session, discussion: Discussion, author: ColumnElement[bool]) -> int:
    """Give the author of posts a random pseudonym in a locked discussion; count the posts."""
    code = "".join(secrets.choice(_CODE_DIGITS) for _ in range(_CODE_LENGTH))
    posts = session.scalars(
        select(Post).where(author, Post.discussion_id == discussion.id).order_by(Post.id)
    ).all()
    for post in posts:
        names: dict[str, Any] = {"author_id": None, "author_name": None}
        names["author_code"] = None if post.status == "deleted" else code
        writer.change(session, discussion, post, **names)
    attachments.forget_authors(session, [post.id for post in posts])
    return len(posts)


def _next_author(session: Session, discussion_id: int) -> ColumnElement[bool] | None:
    """Return the condition for the posts of an author who has a name; None if nobody has one."""
    posts = select(Post.author_id).where(Post.discussion_id == discussion_id)
    author = session.scalar(posts.where(Post.author_id.is_not(None)).limit(1))
    if author is not None:
        return Post.author_id == author
    name = session.scalar(
        posts.with_only_columns(Post.author_name).where(Post.author_name.is_not(None)).limit(1)
    )
    return None if name is None else and_(Post.author_id.is_(None), Post.author_name == name)
