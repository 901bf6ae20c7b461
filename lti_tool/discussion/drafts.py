"""Drafts: texts that were typed and not yet published, stored for their author.

In the frame of an LMS the browser may refuse local storage, so a draft is stored here while it is
typed, and is shown again on any device, in any session and in any language of the module.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, case, delete, or_, select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from lti_tool.attachments import service as attachments
from lti_tool.attachments.service import StoredFile
from lti_tool.discussion.errors import DiscussionError, Reason
from lti_tool.discussion.model import Post, SavedDraft
from lti_tool.discussion.text import MAX_LENGTH, clean_text
from lti_tool.sessions.current import CurrentSession
from lti_tool.sessions.service import guest_user
from lti_tool.settings import Settings
from lti_tool.storage.database import Database, now

LIFETIME = timedelta(days=60)
"""Drafts that were not changed for this long are deleted."""

MAX_DRAFTS = 100
"""Drafts of one user; the oldest beyond this number are deleted."""

_MAX_KEY_LENGTH = 64
_COLUMNS = SavedDraft.__table__.c
_UNIQUE = ("user_id", "resource_link_id", "module_id", "place")

_IN_MODULE = (
    _COLUMNS.user_id == bindparam("user"),
    _COLUMNS.resource_link_id == bindparam("resource_link"),
    _COLUMNS.module_id == bindparam("module"),
)
_OF_USER = (
    select(
        _COLUMNS.place,
        _COLUMNS.language,
        _COLUMNS.draft_key,
        _COLUMNS.revision,
        _COLUMNS.updated_at,
        case((_COLUMNS.place == bindparam("place"), _COLUMNS.text)).label("text"),
    )
    .where(*_IN_MODULE)
    .order_by(_COLUMNS.updated_at.desc(), _COLUMNS.id.desc())
)
_IS_PLACE = _COLUMNS.place == bindparam("place")
_DISCARD = delete(SavedDraft).where(*_IN_MODULE, _IS_PLACE)
_DISCARD_FORM = delete(SavedDraft).where(
    *_IN_MODULE, or_(_IS_PLACE, _COLUMNS.draft_key == bindparam("key"))
)


@dataclass(frozen=True, slots=True)
class Place:
    """The form that a draft belongs to: a new post, an answer, a reply, or the edit of a post."""

    question_id: str | None = None
    reply_to_id: int | None = None
    edited_id: int | None = None

    @property
    def key(self) -> str:
        """The value of the column ``place``."""
        if self.edited_id is not None:
            return f"edit {self.edited_id}"
        if self.reply_to_id is not None:
            return f"reply {self.reply_to_id}"
        return f"question {self.question_id[:_MAX_KEY_LENGTH]}" if self.question_id else ""


def _place(key: str) -> Place:
    kind, _, value = key.partition(" ")
    match kind:
        case "edit":
            return Place(edited_id=int(value))
        case "reply":
            return Place(reply_to_id=int(value))
        case "question":
            return Place(question_id=value)
    return Place()


@dataclass(frozen=True, slots=True)
class Text:
    """A stored draft. ``revision``: of the post whose edit it is, when the edit began."""

    text: str
    language: str | None
    draft_key: str
    revision: int | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Drafts:
    """The draft of one place with its files, and the other places that have one, latest first."""

    here: Text | None = None
    others: list[Place] = field(default_factory=list)
    files: list[StoredFile] = field(default_factory=list)


def find(
    connection: Connection, launch_session: CurrentSession, module_id: str, place: Place
) -> Drafts:
    """Return the drafts of the session's user in a module. Takes one statement, for guests none."""
    if launch_session.user_id is None or launch_session.resource_link_id is None:
        return Drafts()
    rows = connection.execute(
        _OF_USER,
        {
            "place": place.key,
            "user": launch_session.user_id,
            "resource_link": launch_session.resource_link_id,
            "module": module_id,
        },
    )
    here, others = None, []
    for row in rows:
        if row.place == place.key:
            here = Text(row.text, row.language, row.draft_key, row.revision, row.updated_at)
        else:
            others.append(_place(row.place))
    return Drafts(here, others)


def save(
    database: Database,
    launch_session: CurrentSession,
    module_id: str,
    place: Place,
    typed: str,
    *,
    draft_key: str,
    language: str | None = None,
    revision: int | None = None,
    discarded: bool = False,
) -> None:
    """Store a text as it was typed, in the place of the earlier one.

    An empty text deletes it, unless files are attached; ``discarded`` deletes it in any case.

    The caller checks the permission to post. Raises :class:`DiscussionError` with
    ``Reason.TOO_LONG`` beyond 20,000 characters.
    """
    # Forms send line ends as CRLF; PostgreSQL cannot store NUL.
    text = typed.replace("\r\n", "\n").replace("\0", "")
    if len(text) > MAX_LENGTH:
        raise DiscussionError(Reason.TOO_LONG)
    empty = not text.strip()
    if launch_session.resource_link_id is None or (empty and launch_session.user_id is None):
        return
    with database.write() as session:
        user_id = guest_user(session, launch_session)
        if discarded or (empty and not attachments.has_files(session, user_id, draft_key)):
            discard(session, user_id, launch_session.resource_link_id, module_id, place)
            return
        if _published_already(session, user_id, place, text, draft_key, revision):
            return
        changed = {
            "text": text,
            "language": language,
            "draft_key": draft_key[:_MAX_KEY_LENGTH],
            "revision": revision,
            "updated_at": now(),
        }
        insert = sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert
        session.execute(
            insert(SavedDraft)
            .values(
                user_id=user_id,
                resource_link_id=launch_session.resource_link_id,
                module_id=module_id,
                place=place.key,
                **changed,
            )
            .on_conflict_do_update(index_elements=_UNIQUE, set_=changed)
        )
        _delete_oldest(session, user_id)


def discard(
    session: Session,
    user_id: int,
    resource_link_id: int,
    module_id: str,
    place: Place,
    draft_key: str | None = None,
) -> None:
    """Delete the draft of a place, and any of the module that was typed in the same form."""
    session.connection().execute(
        _DISCARD if draft_key is None else _DISCARD_FORM,
        {
            "user": user_id,
            "resource_link": resource_link_id,
            "module": module_id,
            "place": place.key,
            "key": (draft_key or "")[:_MAX_KEY_LENGTH],
        },
    )


def purge(_: Settings, database: Database) -> None:
    """Delete the drafts that were not changed for 60 days."""
    with database.write() as session:
        session.execute(delete(SavedDraft).where(SavedDraft.updated_at < now() - LIFETIME))


def _published_already(
    session: Session,
    user_id: int,
    place: Place,
    text: str,
    draft_key: str,
    revision: int | None,
) -> bool:
    """Whether this is a late request: its text, or its beginning, has been published meanwhile."""
    query = select(Post.source).where(Post.author_id == user_id)
    if place.edited_id is not None:
        query = query.where(Post.id == place.edited_id, Post.revision > (revision or 0))
    else:
        query = query.where(Post.draft_key == draft_key[:_MAX_KEY_LENGTH])
    published = session.scalar(query)
    # An empty text is one with files, which the post has.
    return published is not None and published.startswith(clean_text(text))


def _delete_oldest(session: Session, user_id: int) -> None:
    last = session.scalar(
        select(SavedDraft.updated_at)
        .where(SavedDraft.user_id == user_id)
        .order_by(SavedDraft.updated_at.desc())
        .offset(MAX_DRAFTS)
        .limit(1)
    )
    if last is not None:
        session.execute(
            delete(SavedDraft).where(SavedDraft.user_id == user_id, SavedDraft.updated_at <= last)
        )
