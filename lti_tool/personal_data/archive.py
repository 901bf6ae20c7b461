"""What is stored about a person, together with the files that the person attached.

The files are entries of a ZIP archive, and the data say where: ``path`` in each row of ``files``,
and ``files`` in each post. A file whose content cannot be read is no entry: its row has a
``problem`` instead of the path, ``missing`` or ``unreadable``.
"""

import json
import os
import shutil
import tempfile
import zipfile
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from lti_tool.attachments import service as attachments
from lti_tool.attachments.service import StoredFile
from lti_tool.attachments.store import MissingContentError, Store, StoreError, open_store
from lti_tool.personal_data import export_store, service
from lti_tool.personal_data.service import Declarations, Exported
from lti_tool.personal_data.zip_draft import MODE
from lti_tool.settings import Settings
from lti_tool.storage.database import Database

FREE = 256 << 20
"""Bytes of the disk that an export leaves free, because the database may be on it."""
_COPY = 1 << 16
_FILES, _POSTS = "files", "posts"
"""Categories of the export."""
_ATTEMPTS = 2


class NoRoomError(Exception):
    """The disk of the data folder has too little room for an export."""

    def __init__(self) -> None:
        super().__init__("the disk of the data folder has too little room for an export")


@dataclass(frozen=True, slots=True)
class PersonWithFiles:
    """Everything that is stored about a person; ``files`` are not read yet."""

    data: dict[str, Any]
    files: Sequence[StoredFile]


def person_with_files(
    database: Database, declarations: Declarations, user_id: int
) -> PersonWithFiles:
    """Return everything that is stored about a person. Raises :class:`service.UnknownUserError`."""
    data = service.as_json(service.export(database, declarations, user_id))
    with database.read() as session:
        return PersonWithFiles(data, attachments.of_user(session, user_id))


def size_of_files(exported: Sequence[Exported]) -> int:
    """Return the bytes of all files that a person attached, from the rows of an export."""
    return sum(row["size"] for each in exported if each.category.key == _FILES for row in each.rows)


def check_room(folder: Path, files: Sequence[StoredFile]) -> None:
    """Raise :class:`NoRoomError` if files cannot be copied to a folder."""
    if shutil.disk_usage(folder).free < FREE + sum(file.size for file in files):
        raise NoRoomError


def add_files(archive: zipfile.ZipFile, store: Store, person: PersonWithFiles) -> int:
    """Write the files of a person to an archive, and into the data where they are.

    Return the number of those that could not be read. Raises :class:`StoreError` if the store does
    not respond; files that were written before stay in the archive. Takes memory for one piece of a
    file.
    """
    rows, of_posts = [], defaultdict(list)
    for file in person.files:
        row = file.as_row() | {"written_at": file.created_at.isoformat()}
        problem = _add(archive, store, file)
        row |= {"path": file.archive_name} if problem is None else {"problem": problem}
        rows.append(row)
        of_posts[file.post_id].append(
            {name: value for name, value in row.items() if name not in ("post", "written_at")}
        )
    person.data[_FILES] = rows
    for post in person.data.get(_POSTS, ()):
        post[_FILES] = of_posts.get(post["post"], [])
    return sum("problem" in row for row in rows)


def _add(archive: zipfile.ZipFile, store: Store, file: StoredFile) -> str | None:
    """Add a file to an archive, whole or not at all; return the problem, if there is one."""
    for _ in range(_ATTEMPTS):
        try:
            with attachments.whole_content(store, file) as content:
                _write(archive, file, content)
        except MissingContentError:
            return "missing"
        except StoreError:
            if not store.responds():
                raise
        else:
            return None
    return "unreadable"


def _write(archive: zipfile.ZipFile, file: StoredFile, content: IO[bytes]) -> None:
    # Pictures, PDF and office documents are compressed already.
    entry = zipfile.ZipInfo(file.archive_name, file.created_at.timetuple()[:6])
    entry.file_size, entry.external_attr = file.size, MODE
    with archive.open(entry, "w") as target:
        shutil.copyfileobj(content, target, _COPY)


def person_archive(settings: Settings, person: PersonWithFiles, name: str) -> IO[bytes]:
    """Return a temporary ZIP file, at its beginning: the files, and the data as ``name``.

    Raises :class:`StoreError` and :class:`NoRoomError`.
    """
    folder = export_store.folder(settings)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    check_room(folder, person.files)
    stream = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 - the caller closes it
    try:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            add_files(archive, open_store(settings), person)
            archive.writestr(name, json_text(person))
        stream.seek(0, os.SEEK_SET)
    except BaseException:
        stream.close()
        raise
    return stream


def json_text(person: PersonWithFiles) -> str:
    """Return the data as a file to download."""
    return json.dumps(person.data, indent=2, ensure_ascii=False) + "\n"
