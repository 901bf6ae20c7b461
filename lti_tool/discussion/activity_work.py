"""What people did in an activity and its discussion, as the counts say: for grades."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Integer, and_, bindparam, func, select

from courseware.module import Module
from lti_tool.directory.model import ActivityOpening, User
from lti_tool.discussion.model import AuthorCount, Discussion
from lti_tool.discussion.settings import parse as parse_settings


class Contribution(NamedTuple):
    """What a person did. ``answered``: the questions to which the person has a published answer."""

    opened_at: datetime | None = None
    threads: int = 0
    replies: int = 0
    first_post_at: datetime | None = None
    latest_post_at: datetime | None = None
    answered: frozenset[str] = frozenset()


def work_in_activity(
    connection: Connection, resource_link_id: int, module: Module, user_ids: Sequence[int]
) -> dict[int, Contribution]:
    """Return what some users did in an activity and its discussion. Takes one statement."""
    parameters = {"link": resource_link_id, "module": module.id, "users": list(user_ids)}
    found: dict[int, Contribution] = {}
    counts: dict[str, bool] = {}
    for row in connection.execute(_IN_ACTIVITY, parameters):
        before = found.setdefault(row.id, Contribution(row.opened_at))
        if row.question_id is None:
            continue
        if row.settings not in counts:
            settings = parse_settings(module.discussion, row.settings)
            counts[row.settings] = settings.count_anonymous
        if row.anonymous and not counts[row.settings]:
            continue
        first, latest = before.first_post_at or row.first_at, before.latest_post_at or row.latest_at
        found[row.id] = Contribution(
            opened_at=row.opened_at,
            threads=before.threads + row.threads,
            replies=before.replies + row.replies,
            first_post_at=min(first, row.first_at),
            latest_post_at=max(latest, row.latest_at),
            answered=before.answered | {row.question_id} - {""},
        )
    return found


_OWN_ROW = and_(
    Discussion.resource_link_id == bindparam("link", type_=Integer),
    Discussion.module_id == bindparam("module"),
    Discussion.archived_at.is_(None),
)
_IN_ACTIVITY = (
    select(
        User.id,
        ActivityOpening.first_at.label("opened_at"),
        Discussion.settings,
        AuthorCount.question_id,
        AuthorCount.anonymous,
        AuthorCount.threads,
        AuthorCount.replies,
        AuthorCount.first_at,
        AuthorCount.latest_at,
    )
    .select_from(User)
    .outerjoin(
        ActivityOpening,
        and_(
            ActivityOpening.user_id == User.id,
            ActivityOpening.resource_link_id == bindparam("link", type_=Integer),
        ),
    )
    .outerjoin(Discussion, _OWN_ROW)
    .outerjoin(
        AuthorCount,
        and_(
            AuthorCount.discussion_id == func.coalesce(Discussion.shared_id, Discussion.id),
            AuthorCount.user_id == User.id,
        ),
    )
    .where(User.id.in_(bindparam("users", expanding=True, type_=Integer)))
)
