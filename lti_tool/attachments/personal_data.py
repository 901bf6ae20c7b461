"""What is stored about the files that a person attached. Export and erasure."""

from collections.abc import Sequence

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from courseware.i18n.marking import N_
from lti_tool.attachments import service
from lti_tool.attachments.model import Attachment
from lti_tool.directory.model import User
from lti_tool.directory.person_names import excerpt, has_name, name_to_find
from lti_tool.feature import Category, NamedText, PersonalData, Rows

_MOST = 100


def _files(session: Session, user_id: int) -> Rows:
    return [file.as_row() for file in service.of_user(session, user_id)]


def _named(session: Session, user_id: int) -> Sequence[NamedText]:
    """Files of others, in the courses' posts or not, with the name of the user."""
    name = name_to_find(session, user_id)
    if name is None:
        return ()
    registration = select(User.registration_id).where(User.id == user_id).scalar_subquery()
    rows = session.scalars(
        select(Attachment)
        .join(User, User.id == Attachment.user_id)
        .where(
            User.registration_id == registration,
            Attachment.user_id != user_id,
            or_(has_name(Attachment.name, name), has_name(Attachment.alt, name)),
        )
        .order_by(Attachment.id)
        .limit(_MOST)
    )
    found = ((row, excerpt(f"{row.name} {row.alt}", name)) for row in rows)
    return [NamedText("file", row.id, text) for row, text in found if text]


def _erase(session: Session, user_id: int) -> None:
    """Remove the rows; the purge deletes the content."""
    session.execute(delete(Attachment).where(Attachment.user_id == user_id))


PERSONAL_DATA = PersonalData(
    tables={"attachments": "files"},
    categories=(
        Category(
            "files",
            N_("Files that you attached"),
            N_(
                "Read by everyone who sees the post. Stored as long as the post; a file without a "
                "post is deleted after 60 days."
            ),
            _files,
        ),
    ),
    erase=_erase,
    named=_named,
)
