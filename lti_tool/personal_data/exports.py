"""Make the file with everything of an institution: a task of the worker.

The people are written to a file, a few at a time. After ``SLICE`` seconds the task asks to be
called again, so that other tasks are done in between; it goes on after the last person whose data
are stored in the row as written. At last the file is compressed together with the institution's
policies, courses and log. Memory does not grow with the institution.
"""

import json
import os
import time
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, cast

from sqlalchemy import select

from lti_tool.directory.model import User
from lti_tool.institution import queries
from lti_tool.institution.scope import Institution, institution_with
from lti_tool.institution.service import policies_of
from lti_tool.personal_data import export_store, service
from lti_tool.personal_data.export_store import Export
from lti_tool.personal_data.service import Declarations
from lti_tool.settings import Settings
from lti_tool.storage.database import Database
from lti_tool.tasks.outbox import NotNow

SLICE = 10.0
"""Seconds after which other tasks may run."""
_CHUNK = 20
"""People whose data are written before the progress is stored."""
_COPY = 1 << 20
"""Bytes that are compressed at a time."""


def build(
    settings: Settings,
    declarations: Declarations,
    database: Database,
    payload: Mapping[str, Any],
) -> None:
    """Make an export. Raises :class:`NotNow` to be called again."""
    export = export_store.unfinished(database, payload["export"], payload["file"])
    if export is None:
        return
    with database.read() as session:
        institution = institution_with(session, export.registration_id, export.deployment_id)
    try:
        size = _make_file(settings, declarations, database, institution, export)
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
) -> int | None:
    """Write the file, and return its size; None if the export was deleted meanwhile."""
    part, file = export_store.part_of(settings, export), export_store.file_of(settings, export)
    part.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not _write_people(database, declarations, institution, export, part):
        return None
    draft = file.with_name(f"{file.name}.part")
    with _opened(draft) as target:
        target.truncate()
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            _pack(database, institution, archive, part)
        target.seek(0, os.SEEK_END)
        size = target.tell()
    draft.replace(file)
    return size


def _opened(path: Path) -> BinaryIO:
    """Open a file for reading and writing, for its owner only; it is made if there is none."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    return cast(BinaryIO, os.fdopen(descriptor, "r+b"))


def _write_people(
    database: Database,
    declarations: Declarations,
    institution: Institution,
    export: Export,
    part: Path,
) -> bool:
    """Write the people who are not in the file yet; False if the export was deleted meanwhile."""
    last, people, until = export.last_user_id, export.people, time.monotonic() + SLICE
    with _opened(part) as stream:
        stream.seek(0, os.SEEK_END)
        if stream.tell() < export.bytes_written:  # begun on another machine, or lost in a crash
            last = people = 0
            stream.seek(0)
        else:
            stream.seek(export.bytes_written)
        stream.truncate()
        while True:
            with database.read() as session:
                ids = session.scalars(
                    select(User.id)
                    .where(institution.has_user(), User.id > last)
                    .order_by(User.id)
                    .limit(_CHUNK)
                ).all()
            if not ids:
                return True
            for line in _lines(database, declarations, ids):
                stream.write(line)
                people += 1
            stream.flush()
            last = ids[-1]
            if not export_store.save_progress(
                database, export, last_user_id=last, people=people, bytes_written=stream.tell()
            ):
                return False
            if time.monotonic() > until:
                raise NotNow(0)


def _lines(database: Database, declarations: Declarations, ids: Any) -> Iterator[bytes]:
    for user_id in ids:
        try:
            found = service.as_json(service.export(database, declarations, user_id))
        except service.UnknownUserError:  # erased meanwhile
            continue
        yield _line(found)


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _pack(
    database: Database, institution: Institution, archive: zipfile.ZipFile, part: Path
) -> None:
    with database.read() as session:
        facts = {
            "name": institution.name,
            "issuer": institution.registration.issuer,
            "client_id": institution.registration.client_id,
            "policies": policies_of(session, institution),
        }
    archive.writestr("institution.json", json.dumps(facts, indent=2, ensure_ascii=False))
    with archive.open("people.jsonl", "w", force_zip64=True) as target, part.open("rb") as source:
        while piece := source.read(_COPY):
            target.write(piece)
    for name, rows in (
        ("courses.jsonl", _courses(database, institution)),
        ("log.jsonl", _log(database, institution)),
    ):
        with archive.open(name, "w", force_zip64=True) as target:
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
