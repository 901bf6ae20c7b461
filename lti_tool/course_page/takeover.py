"""Take over the discussion of a former activity of the course."""

from courseware.library import Library
from courseware.module import Module
from lti_tool.discussion import former_activities
from lti_tool.discussion.moderation import log
from lti_tool.discussion.moderation.log import Action
from lti_tool.discussion.moderation.log_details import former_activity
from lti_tool.gradebook import former_grades
from lti_tool.sessions.current import CurrentSession
from lti_tool.storage.database import Database


def take_over(
    database: Database,
    library: Library,
    launch_session: CurrentSession,
    module: Module,
    former_id: int,
) -> bool:
    """Let everything of a former activity be that of the session's activity; False if it cannot.

    Nothing is written for each post: only what people have in both activities is merged one by one.
    """
    link = launch_session.resource_link_id
    if link is None:
        return False
    with database.write() as session:
        former = former_activities.find_locked(session, link, module.id, former_id)
        if former is None:
            return False
        connection = session.connection()
        former_grades.detach(connection, former_id, link)
        former_activities.merge_activities(connection, link, former_id)
        former_grades.follow(session, library, link)
        detail = former_activity(former.posts, former.title)
        log.record(session, launch_session, module.id, Action.TAKE_OVER, detail=detail)
    return True
