"""Reports of posts by participants, for instructors."""

from datetime import timedelta

from sqlalchemy import select

from courseware.module import Module
from lti_tool.discussion import checks, discussions, events, writer
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.facets import PUBLISHED, UNAPPROVED
from lti_tool.discussion.model import PostReport
from lti_tool.discussion.moderation.service import checked_reason, locked_post
from lti_tool.discussion.permissions import (
    Permissions,
    may_read_group,
    may_report,
    must_see_others,
)
from lti_tool.sessions.current import CurrentSession
from lti_tool.storage.database import Database, now

REPORTS_PER_HOUR = 10
"""Reports that one user can send within an hour."""
_HOUR = timedelta(hours=1)


def report_post(
    database: Database,
    launch_session: CurrentSession,
    permissions: Permissions,
    module: Module,
    post_id: int,
    reason: str,
) -> None:
    """Tell the instructors of a post, with a reason. The post stays as it is."""
    must_see_others(permissions)
    reason = checked_reason(reason)
    with database.write() as session:
        discussion, post = locked_post(session, launch_session, module, post_id)
        settings = discussions.settings_for(session, discussion, launch_session, module)
        user_id = launch_session.user_id
        if not may_report(permissions, settings) or user_id is None:
            raise DiscussionError(Reason.NO_REPORTS)
        if not may_read_group(permissions, post.group_id) or post.status in UNAPPROVED:
            raise DiscussionError(Reason.UNKNOWN_POST)
        if post.status != PUBLISHED or checks.is_hidden_here(session, permissions, post.id):
            raise DiscussionError(Reason.DELETED_POST)
        if post.author_id == user_id:
            raise DiscussionError(Reason.OWN_POST)
        sent = (
            select(PostReport.created_at)
            .where(PostReport.user_id == user_id)
            .order_by(PostReport.created_at.desc())
        )
        checks.check_rate(session, sent, REPORTS_PER_HOUR, _HOUR)
        report = PostReport(
            post_id=post.id,
            user_id=user_id,
            revision=post.revision,
            reason=reason,
            created_at=now(),
        )
        told = dict.fromkeys((post.institution_id or 0, permissions.institution_id))
        if writer.add_report(session, discussion, report, tuple(told)):
            events.publish(session, events.Event("reported", post.id, reason))
