"""Find users as platforms identify them."""

from sqlalchemy import select

from lti_tool.directory.model import User
from lti_tool.storage.database import Database


def find_id(database: Database, registration_id: int, subject: str) -> int | None:
    """The row ID of the user with this LTI subject; None if there is none."""
    query = select(User.id).where(User.registration_id == registration_id, User.subject == subject)
    with database.read() as session:
        return session.scalar(query)
