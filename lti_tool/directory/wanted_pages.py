"""Pages that users want to see at their next launch of an activity.

A browser cannot always carry this through the LMS: in a frame it may send no cookie that was set in
a tab. The row is for the next launch of that user in that activity, within half an hour.
"""

from datetime import timedelta

from sqlalchemy import Connection, delete
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from lti_tool.directory.launch_record import LaunchRecord
from lti_tool.directory.model import WantedPage
from lti_tool.storage.database import Database, now

LIFETIME = timedelta(minutes=30)


def want_page(session: Session, user_id: int, resource_link_id: int, path: str) -> None:
    """Store that a user wants to see a page, instead of an earlier one.

    ``path`` is below the path of the launch session. The user and the resource link must exist.
    """
    insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
    values = {"path": path, "expires_at": now() + LIFETIME}
    session.execute(
        insert(WantedPage)
        .values(user_id=user_id, resource_link_id=resource_link_id, **values)
        .on_conflict_do_update(index_elements=["resource_link_id", "user_id"], set_=values)
    )


def use_page(connection: Connection, record: LaunchRecord) -> str | None:
    """Return the page that the user of a launch wants to see; it applies once."""
    if record.wanted_path is not None:
        connection.execute(
            delete(WantedPage).where(
                WantedPage.resource_link_id == record.resource_link_id,
                WantedPage.user_id == record.user_id,
            )
        )
    return record.wanted_path


def purge_wanted_pages(database: Database) -> None:
    """Delete the rows that no launch has used in time."""
    with database.write() as session:
        session.execute(delete(WantedPage).where(WantedPage.expires_at < now()))
