"""Delete guests who can never return and who have not posted."""

from sqlalchemy import delete, exists

from lti_tool.directory.model import User
from lti_tool.discussion.model import Post
from lti_tool.sessions.model import LaunchSession
from lti_tool.storage.database import Database


def purge_guests(database: Database) -> None:
    """Delete the guests without a session and without a post, with their progress.

    A guest is known by the session only, which has been purged.
    """
    with database.write() as session:
        session.execute(
            delete(User).where(
                User.kind == "guest",
                ~exists().where(LaunchSession.user_id == User.id),
                ~exists().where(Post.author_id == User.id),
            )
        )
