"""Make the file with everything of an institution: a task of the worker.

The people are written to a file, one after another, and what they attached to the ZIP file, whose
directory is missing until the end (``zip_draft``). After ``SLICE`` seconds the task asks to be
called again, so that other tasks are done in between; it goes on after the last person whose data
are stored in the row as written. At last the people are added to the ZIP file, compressed, together
with the institution's policies, courses and log. Memory does not grow with the institution.
"""

import fcntl
import json
import os
import shutil
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, cast

from sqlalchemy import select

from lti_tool.attachments.store import StoreError, open_store
from lti_tool.directory.model import User
from lti_tool.institution import queries
from lti_tool.institution.scope import Institution, institution_with
from lti_tool.institution.service import policies_of
from lti_tool.personal_data import archive, export_store, service, zip_draft
from lti_tool.personal_data.export_store import Export, Progress
from lti_tool.personal_data.service import Declarations
from lti_tool.settings import Settings
from lti_tool.storage.database import Database
from lti_tool.tasks.outbox import NotNow, RetryAfter

SLICE = 10.0
"""Seconds after which other tasks may run."""
_CHUNK = 20
"""People whose data are written before the progress is stored."""
_COPY = 1 << 20
"""Bytes that are compressed at a time."""
_BUSY = 30.0
"""Seconds until the task is called again if another worker makes the file."""
_ROOM_AGAIN = 3600.0
"""Seconds until the task is called again if the disk is full."""


def build(
    settings: Settings,
    declarations: Declarations,
    database: Database,
    payload: Mapping[str, Any],
) -> None:
    """Make an export. Raises :class:`NotNow` or :class:`RetryAfter` to be called again."""
    export = export_store.unfinished(database, payload["export"], payload["file"])
    if export is None:
        return
    with _locked(export_store.part_of(settings, export)) as part:
        try:
            _build(settings, declarations, database, export, part)
        except StoreError as error:
            raise RetryAfter(0, str(error)) from None
        except (archive.NoRoomError, zip_draft.DamagedError) as error:
            # It begins again: the part is shorter than what is stored about it.
            export_store.delete_files(settings, [export.file_key])
            if isinstance(error, zip_draft.DamagedError):
                raise
            raise RetryAfter(_ROOM_AGAIN, str(error)) from None


def _build(
    settings: Settings,
    declarations: Declarations,
    database: Database,
    before: Export,
    part: BinaryIO,
) -> None:
    # Another worker may have worked on it until the file was locked.
    export = export_store.unfinished(database, before.id, before.file_key)
    if export is None:
        export_store.part_of(settings, before).unlink(missing_ok=True)
        return
    with database.read() as session:
        institution = institution_with(session, export.registration_id, export.deployment_id)
    try:
        size = _make_file(settings, declarations, database, institution, export, part)
    except FileNotFoundError:  # a person was erased meanwhile, and the files with the person
        if export_store.unfinished(database, export.id, export.file_key) is not None:
            raise
        size = None
    if size is None or not export_store.finish(database, export, size):
        export_store.delete_files(settings, [export.file_key])
    else:
        export_store.part_of(settings, export).unlink(missing_ok=True)


def _make_file(
    settings: Settings,
    declarations: Declarations,
    database: Database,
    institution: Institution,
    export: Export,
    part: BinaryIO,
) -> int | None:
    """Write the file, and return its size; None if the export was deleted meanwhile."""
    path = export_store.draft_of(settings, export)
    with _opened(path) as draft:
        people = _People(settings, declarations, database, institution, export, part, draft)
        if not people.write():
            return None
        with zip_draft.completed(draft, people.progress.archive_bytes) as target:
            _pack(database, institution, target, part)
        draft.seek(0, os.SEEK_END)
        size = draft.tell()
    path.replace(export_store.file_of(settings, export))
    return size


@contextmanager
def _locked(path: Path) -> Iterator[BinaryIO]:
    """Open a file that one worker of this machine uses at a time. Raises :class:`NotNow`."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _opened(path) as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NotNow(_BUSY) from None
        yield stream


def _opened(path: Path) -> BinaryIO:
    """Open a file for reading and writing, for its owner only; it is made if there is none."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    return cast(BinaryIO, os.fdopen(descriptor, "r+b"))


class _People:
    """Writes the people who are not in the files yet."""

    def __init__(
        self,
        settings: Settings,
        declarations: Declarations,
        database: Database,
        institution: Institution,
        export: Export,
        part: BinaryIO,
        draft: BinaryIO,
    ) -> None:
        self._declarations, self._database = declarations, database
        self._institution, self._export = institution, export
        self._part, self._draft = part, draft
        self._store, self._folder = open_store(settings), export_store.folder(settings)
        self.progress = export.progress
        lengths = [each.seek(0, os.SEEK_END) for each in (part, draft)]
        expected = self.progress.bytes_written, self.progress.archive_bytes
        if any(map(int.__lt__, lengths, expected)):
            # Begun on another machine, or lost in a crash.
            self.progress = Progress()
        part.seek(self.progress.bytes_written)
        part.truncate()

    def write(self) -> bool:
        """Write people; False if the export was deleted. Raises :class:`NotNow`."""
        until = time.monotonic() + SLICE
        with zip_draft.continued(self._draft, self.progress.archive_bytes) as target:
            while ids := self._next():
                try:
                    for user_id in ids:
                        self._add(target, user_id)
                        if time.monotonic() > until:
                            break
                except StoreError:
                    self._save()
                    raise
                if not self._save():
                    return False
                if time.monotonic() > until:
                    raise NotNow(0)
        return True

    def _next(self) -> list[int]:
        with self._database.read() as session:
            return list(
                session.scalars(
                    select(User.id)
                    .where(self._institution.has_user(), User.id > self.progress.last_user_id)
                    .order_by(User.id)
                    .limit(_CHUNK)
                )
            )

    def _add(self, target: zipfile.ZipFile, user_id: int) -> None:
        now = self.progress
        try:
            person = archive.person_with_files(self._database, self._declarations, user_id)
        except service.UnknownUserError:  # erased meanwhile
            self.progress = replace(now, last_user_id=user_id)
            return
        archive.check_room(self._folder, person.files)
        missing = archive.add_files(target, self._store, person)
        self._part.write(_line(person.data))
        self.progress = replace(
            now,
            last_user_id=user_id,
            people=now.people + 1,
            missing_files=now.missing_files + missing,
            bytes_written=self._part.tell(),
            archive_bytes=self._draft.tell(),
        )

    def _save(self) -> bool:
        self._part.flush()
        self._draft.flush()
        return export_store.save_progress(self._database, self._export, self.progress)


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _pack(
    database: Database, institution: Institution, packed: zipfile.ZipFile, part: BinaryIO
) -> None:
    with database.read() as session:
        facts = {
            "name": institution.name,
            "issuer": institution.registration.issuer,
            "client_id": institution.registration.client_id,
            "policies": policies_of(session, institution),
        }
    packed.writestr("institution.json", json.dumps(facts, indent=2, ensure_ascii=False))
    part.seek(0)
    with packed.open("people.jsonl", "w", force_zip64=True) as target:
        shutil.copyfileobj(part, target, _COPY)
    for name, rows in (
        ("courses.jsonl", _courses(database, institution)),
        ("log.jsonl", _log(database, institution)),
    ):
        with packed.open(name, "w", force_zip64=True) as target:
            for row in rows:
                target.write(_line(row))


def _courses(database: Database, institution: Institution) -> Iterator[dict[str, Any]]:
    before: int | None = None
    while True:
        with database.read_core() as connection:
            found = queries.courses(connection, institution, before=before)
            for each in found[: queries.PER_PAGE]:
                yield {
                    "course": each.title,
                    "label": each.label,
                    "participants": each.learners,
                    "stored_since": each.created_at.isoformat(),
                    "activities": list(_activities(connection, each.id)),
                }
        if len(found) <= queries.PER_PAGE:
            return
        before = found[queries.PER_PAGE - 1].id


def _activities(connection: Any, course_id: int) -> Iterator[dict[str, Any]]:
    before: int | None = None
    while True:
        found = queries.activities(connection, course_id, before=before)
        for each in found[: queries.PER_PAGE]:
            moment = each.created_at.isoformat()
            yield {"activity": each.title, "module": each.module_id, "stored_since": moment}
        if len(found) <= queries.PER_PAGE:
            return
        before = found[queries.PER_PAGE - 1].id


def _log(database: Database, institution: Institution) -> Iterator[dict[str, Any]]:
    before: int | None = None
    while True:
        with database.read_core() as connection:
            found = queries.log(connection, institution, before)
        for each in found:
            yield {
                "written_at": each.created_at.isoformat(),
                "actor": each.actor,
                "name": each.name,
                "action": each.action,
                "detail": each.detail,
                "course": each.course,
                "activity": each.activity,
            }
        if not found:
            return
        before = found[-1].id
