"""Attach files to posts, find them, and delete those that nothing refers to.

A file is stored when it is sent, and belongs to the form's draft. Publishing the post binds the
files of its draft to it, in the post's transaction.
"""

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Exists,
    bindparam,
    delete,
    exists,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from lti_tool.attachments import file_types, images
from lti_tool.attachments.errors import AttachmentError, Reason
from lti_tool.attachments.file_types import BY_MEDIA_TYPE, FileType
from lti_tool.attachments.model import Attachment
from lti_tool.attachments.store import PIECE, Store, StoreError, new_key, open_store
from lti_tool.settings import Settings
from lti_tool.storage.database import Database, now

MAX_SIZE = 10 * 1024 * 1024
"""Bytes of one file, as it is sent."""
MAX_FILES = 5
"""Files of one post."""
MAX_ALT_LENGTH = 500
MAX_UNPUBLISHED = 50
"""Files of one user that belong to drafts."""

DRAFT_LIFETIME = timedelta(days=60)
"""As long as drafts: a file of a form that was not published for this long is deleted."""
ORPHAN_AGE = timedelta(days=1)

_MAX_KEY_LENGTH = 64
_IN_MEMORY = 16 * PIECE
"""Content up to this size is no temporary file."""
_COLUMNS = Attachment.__table__.c
_SHOWN = (
    _COLUMNS.id,
    _COLUMNS.post_id,
    _COLUMNS.name,
    _COLUMNS.media_type,
    _COLUMNS.alt,
    _COLUMNS.size,
    _COLUMNS.width,
    _COLUMNS.height,
    _COLUMNS.store_key,
    _COLUMNS.created_at,
)
_SELECT_OF_DRAFT = (
    select(*_SHOWN)
    .where(
        _COLUMNS.user_id == bindparam("user"),
        _COLUMNS.draft_key == bindparam("draft_key"),
        _COLUMNS.post_id.is_(None),
    )
    .order_by(_COLUMNS.id)
)
_SELECT_OF_POSTS = (
    select(*_SHOWN)
    .where(_COLUMNS.post_id.in_(bindparam("posts", expanding=True)))
    .order_by(_COLUMNS.id)
)
_SELECT_OF_USER = select(*_SHOWN).where(_COLUMNS.user_id == bindparam("user")).order_by(_COLUMNS.id)
_PUBLISH = (
    update(Attachment)
    .where(
        _COLUMNS.user_id == bindparam("user"),
        _COLUMNS.draft_key == bindparam("key"),
        _COLUMNS.post_id.is_(None),
    )
    .values(post_id=bindparam("post"))
)


@dataclass(frozen=True, slots=True)
class StoredFile:
    """An attachment as it is shown: ``size`` in bytes, ``width`` and ``height`` in pixels."""

    id: int
    post_id: int | None
    name: str
    media_type: str
    alt: str
    size: int
    width: int | None
    height: int | None
    store_key: str
    created_at: datetime

    @property
    def type(self) -> FileType:
        """The type, from the tool's own table."""
        return BY_MEDIA_TYPE[self.media_type]

    @property
    def download_name(self) -> str:
        """The name that a download gets."""
        return file_types.download_name(self.name, self.type)

    @property
    def archive_name(self) -> str:
        """The path that the file gets in an archive of many."""
        kind = BY_MEDIA_TYPE.get(self.media_type)
        return file_types.archive_name(self.id, self.name, kind)

    def as_row(self) -> dict[str, Any]:
        """Return the file as the export of its author describes it."""
        return {
            "file": self.name,
            "post": self.post_id,
            "written_at": self.created_at,
            "size": self.size,
            "media_type": self.media_type,
            "text_alternative": self.alt,
        }


def _stored(row: Any) -> StoredFile:
    return StoredFile(*row)


def add(
    database: Database,
    settings: Settings,
    *,
    user_id: int,
    draft_key: str,
    name: str,
    content: bytes,
    alt: str = "",
    already: int = 0,
) -> int:
    """Check and store a file of a draft; return its id. Raises :class:`AttachmentError`.

    ``already``: the number of files that the post has, if the draft is an edit of it. The same
    file sent twice is stored once.

    Raises :class:`store.StoreError` if the store does not respond.
    """
    name = file_types.clean_name(name)
    if len(content) > MAX_SIZE:
        raise AttachmentError(Reason.TOO_LARGE, name)
    kind = file_types.detect(content, name)
    width = height = None
    if kind.kind == "image":
        picture = images.encode_again(content, name)
        content, kind, width, height = picture.content, picture.type, picture.width, picture.height
    key = new_key()
    open_store(settings).write(key, content, kind.media_type)
    with database.write() as session:
        same = session.scalar(
            select(Attachment.id).where(
                Attachment.name == name,
                Attachment.size == len(content),
                *_of_draft(user_id, draft_key),
            )
        )
        if same is not None:
            return same
        _check_number(session, user_id, draft_key, name, already)
        row = Attachment(
            user_id=user_id,
            draft_key=draft_key[:_MAX_KEY_LENGTH],
            name=name,
            media_type=kind.media_type,
            alt=_clean_alt(alt),
            size=len(content),
            width=width,
            height=height,
            store_key=key,
            created_at=now(),
        )
        session.add(row)
        session.flush()
        return row.id


def _clean_alt(alt: str) -> str:
    return " ".join(alt.replace("\0", "").split())[:MAX_ALT_LENGTH]


def _check_number(session: Session, user_id: int, draft_key: str, name: str, already: int) -> None:
    of_draft, unpublished = session.execute(
        select(
            func.count().filter(Attachment.draft_key == draft_key[:_MAX_KEY_LENGTH]), func.count()
        ).where(Attachment.user_id == user_id, Attachment.post_id.is_(None))
    ).one()
    if of_draft + already >= MAX_FILES or unpublished >= MAX_UNPUBLISHED:
        raise AttachmentError(Reason.TOO_MANY, name)


def describe(session: Session, user_id: int, draft_key: str, texts: Mapping[int, str]) -> None:
    """Set the text alternatives of files of a draft: ``{attachment id: text}``."""
    for attachment_id, alt in texts.items():
        session.execute(
            update(Attachment)
            .where(Attachment.id == attachment_id, *_of_draft(user_id, draft_key))
            .values(alt=_clean_alt(alt))
        )


def remove(session: Session, user_id: int, draft_key: str, attachment_id: int) -> None:
    """Remove a file from a draft; the purge deletes its content."""
    session.execute(
        delete(Attachment).where(Attachment.id == attachment_id, *_of_draft(user_id, draft_key))
    )


def has_files(session: Session, user_id: int, draft_key: str) -> bool:
    """Whether a draft has files."""
    return (
        session.scalar(select(Attachment.id).where(*_of_draft(user_id, draft_key)).limit(1))
        is not None
    )


def are_of_draft(user_id: ColumnElement[int], draft_key: ColumnElement[str]) -> Exists:
    """The condition that a draft has files, as a part of other statements."""
    return exists().where(
        _COLUMNS.user_id == user_id, _COLUMNS.draft_key == draft_key, _COLUMNS.post_id.is_(None)
    )


def discard(session: Session, user_id: int, draft_key: str) -> None:
    """Remove all files of a draft."""
    session.execute(delete(Attachment).where(*_of_draft(user_id, draft_key)))


def _of_draft(user_id: int, draft_key: str) -> tuple[ColumnElement[bool], ...]:
    return (
        Attachment.user_id == user_id,
        Attachment.draft_key == draft_key[:_MAX_KEY_LENGTH],
        Attachment.post_id.is_(None),
    )


def of_draft(connection: Connection, user_id: int, draft_key: str) -> list[StoredFile]:
    """Return the files of a draft, in the order in which they were attached."""
    rows = connection.execute(
        _SELECT_OF_DRAFT, {"user": user_id, "draft_key": draft_key[:_MAX_KEY_LENGTH]}
    )
    return [_stored(row) for row in rows]


def publish(session: Session, user_id: int, draft_key: str, post_id: int) -> int:
    """Bind the files of a draft to its post, in the post's transaction; return their number."""
    parameters = {"user": user_id, "key": draft_key[:_MAX_KEY_LENGTH], "post": post_id}
    return session.connection().execute(_PUBLISH, parameters).rowcount


def are_of(post_id: ColumnElement[int]) -> Exists:
    """The condition that a post has files, as a part of other statements."""
    return exists().where(_COLUMNS.post_id == post_id)


def of_posts(connection: Connection, post_ids: Iterable[int]) -> dict[int, list[StoredFile]]:
    """Return the files of posts, by post id, in one statement."""
    rows = connection.execute(_SELECT_OF_POSTS, {"posts": list(post_ids)})
    found: dict[int, list[StoredFile]] = {}
    for row in rows:
        found.setdefault(row.post_id, []).append(_stored(row))
    return found


def of_user(session: Session, user_id: int) -> list[StoredFile]:
    """Return all files that a user attached, of posts and of drafts, in this order."""
    rows = session.connection().execute(_SELECT_OF_USER, {"user": user_id})
    return [_stored(row) for row in rows]


def find(connection: Connection, attachment_id: int, user_id: int | None) -> StoredFile:
    """Return a file of a post, or of a draft of this user. ``read`` returns its content.

    The caller checks that the reader may see the post. Raises :class:`AttachmentError`.
    """
    row = connection.execute(
        select(*_SHOWN).where(
            _COLUMNS.id == attachment_id,
            or_(_COLUMNS.post_id.is_not(None), _COLUMNS.user_id == (user_id or 0)),
        )
    ).first()
    if row is None:
        raise AttachmentError(Reason.UNKNOWN_FILE)
    return _stored(row)


def read(settings: Settings, file: StoredFile) -> bytes:
    """Return the content of a file. Raises :class:`store.StoreError`."""
    return open_store(settings).read(file.store_key)


@contextmanager
def whole_content(store: Store, file: StoredFile) -> Iterator[IO[bytes]]:
    """Copy content to a temporary file, in pieces, and give this at its beginning.

    Raises :class:`store.StoreError`, also if the content does not have the size of the file, and
    :class:`store.MissingContentError`; nothing is given then.
    """
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as content:
        for piece in store.pieces(file.store_key):
            content.write(piece)
        if content.tell() != file.size:
            raise StoreError(f"attachment {file.id} has {content.tell()} of {file.size} bytes")
        content.seek(0)
        yield content


def change_of_post(
    session: Session, post_id: int, texts: Mapping[int, str], removed: Iterable[int]
) -> bool:
    """Set text alternatives of a post's files, and remove files; return whether any was removed."""
    for attachment_id, alt in texts.items():
        session.execute(
            update(Attachment)
            .where(Attachment.id == attachment_id, Attachment.post_id == post_id)
            .values(alt=_clean_alt(alt))
        )
    result = session.execute(
        delete(Attachment).where(Attachment.id.in_(list(removed)), Attachment.post_id == post_id)
    )
    return bool(getattr(result, "rowcount", 0))


def delete_of_posts(session: Session, post_ids: Iterable[int]) -> None:
    """Remove the files of deleted posts, in the transaction that deletes them."""
    session.execute(delete(Attachment).where(Attachment.post_id.in_(list(post_ids))))


def forget_authors(session: Session, post_ids: Iterable[int]) -> None:
    """Let nothing but the posts tell who attached their files."""
    published = Attachment.post_id.in_(list(post_ids))
    session.execute(update(Attachment).where(published).values(user_id=None))


def purge(settings: Settings, database: Database) -> None:
    """Delete old files of drafts, and content that no row refers to."""
    with database.write() as session:
        session.execute(
            delete(Attachment).where(
                Attachment.post_id.is_(None), Attachment.created_at < now() - DRAFT_LIFETIME
            )
        )
    store = open_store(settings)
    orphans = list(_orphans(database, store, now() - ORPHAN_AGE))
    for key in orphans:
        store.delete(key)


def _orphans(database: Database, store: Store, before: datetime) -> Iterable[str]:
    batch: list[str] = []
    for key in store.keys_before(before):
        batch.append(key)
        if len(batch) == 500:
            yield from _unreferenced(database, batch)
            batch = []
    yield from _unreferenced(database, batch)


def _unreferenced(database: Database, keys: list[str]) -> list[str]:
    with database.read_core() as connection:
        known = set(
            connection.execute(
                select(_COLUMNS.store_key).where(_COLUMNS.store_key.in_(keys))
            ).scalars()
        )
    return [key for key in keys if key not in known]
