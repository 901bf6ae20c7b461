"""The author of a post that is being written: locked, and not too fast."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from lti_tool.attachments import service as attachments
from lti_tool.directory.model import User
from lti_tool.discussion.model import Post
from lti_tool.sessions.current import CurrentSession
from lti_tool.sessions.service import guest_user

_U = User.__table__
_P = Post.__table__
_OF_AUTHOR = _P.c.author_id == bindparam("author")


class PostAuthor(NamedTuple):
    """The user who writes."""

    id: int
    name: str | None


class Earlier(NamedTuple):
    """What the author wrote and sent before.

    ``first_id``: the post that was made from the same form. ``limit_at``: when the post was written
    that is as many posts ago as may be written within a minute. ``has_files``: files were sent with
    the form.
    """

    first_id: int | None
    limit_at: datetime | None
    has_files: bool


def locked_author(session: Session, launch_session: CurrentSession) -> PostAuthor:
    """Return the session's user, locked until the transaction ends; a guest's is made."""
    user_id = guest_user(session, launch_session)
    return PostAuthor(*session.connection().execute(_LOCKED, {"id": user_id}).one())


def earlier_posts(session: Session, author_id: int, draft_key: str, limit: int) -> Earlier:
    """Return what a locked author wrote before; ``limit``: of the posts in a minute."""
    parameters = {"author": author_id, "key": draft_key, "offset": limit - 1}
    return Earlier(*session.connection().execute(_EARLIER, parameters).one())


def author_role(launch_session: CurrentSession) -> str:
    """Return the role under which the user writes: ``guest``, ``instructor`` or ``participant``."""
    if launch_session.guest:
        return "guest"
    return "instructor" if launch_session.instructor else "participant"


_LOCKED = (
    select(_U.c.id, _U.c.name).where(_U.c.id == bindparam("id")).with_for_update(key_share=True)
)
# After the lock, and not in its statement, which would not see what the other transaction wrote.
_EARLIER = select(
    select(_P.c.id).where(_OF_AUTHOR, _P.c.draft_key == bindparam("key")).scalar_subquery(),
    select(_P.c.created_at)
    .where(_OF_AUTHOR)
    .order_by(_P.c.id.desc())
    .limit(1)
    .offset(bindparam("offset"))
    .scalar_subquery(),
    attachments.are_of_draft(bindparam("author"), bindparam("key")),
)
