"""The rows and files of exports: request, find, finish and delete them.

A file is in the data folder, readable by its owner only, and named by a random key. It is deleted
after ``LIFETIME``, when a newer one is requested, and when a person of the institution is erased,
because the person may be in it. Files without a row are deleted by the purge.
"""

import re
import secrets
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from lti_tool.directory.model import RegistrationRow
from lti_tool.personal_data.model import READY, WAITING, InstitutionExport
from lti_tool.settings import Settings
from lti_tool.storage.database import Database, now
from lti_tool.tasks import outbox

EXPORT = "personal_data.export"
"""Outbox kind. Stored in databases: keep the value."""
LIFETIME = timedelta(days=3)
"""How long a finished file can be downloaded."""
_LONGEST = timedelta(days=7)
"""An export that is not finished by then is deleted: its task was given up."""
_NAME = re.compile(r"([0-9a-f]{32})\.(zip|part|zip\.part)")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a file is: the columns of :class:`InstitutionExport` with these names."""

    last_user_id: int = 0
    people: int = 0
    bytes_written: int = 0
    archive_bytes: int = 0
    missing_files: int = 0


@dataclass(frozen=True, slots=True)
class Export:
    """An export as it is now; ``size`` is in bytes."""

    id: int
    registration_id: int
    deployment_id: int | None
    is_ready: bool
    file_key: str
    progress: Progress
    size: int | None
    requested_at: datetime
    finished_at: datetime | None

    @property
    def available_until(self) -> datetime | None:
        """When the finished file is deleted."""
        return self.finished_at + LIFETIME if self.finished_at else None


def folder(settings: Settings) -> Path:
    """Return the folder of all files."""
    return settings.data_dir / "exports"


def file_of(settings: Settings, export: Export) -> Path:
    """Return the path of the finished file."""
    return folder(settings) / f"{export.file_key}.zip"


def part_of(settings: Settings, export: Export) -> Path:
    """Return the path of the file with the people, while the export is made."""
    return folder(settings) / f"{export.file_key}.part"


def draft_of(settings: Settings, export: Export) -> Path:
    """Return the path of the unfinished file, with what the people attached."""
    return folder(settings) / f"{export.file_key}.zip.part"


def find(session: Session, registration_id: int, deployment_id: int | None) -> Export | None:
    """Return the latest export of an institution."""
    row = session.scalars(
        select(InstitutionExport)
        .where(*_is_of(registration_id, deployment_id))
        .order_by(InstitutionExport.id.desc())
        .limit(1)
    ).first()
    return _export(row) if row is not None else None


def request(session: Session, registration_id: int, deployment_id: int | None) -> bool:
    """Queue an export, instead of the earlier ones; False if one is being made."""
    # The lock keeps two requests from making two.
    session.get_one(RegistrationRow, registration_id, with_for_update={"key_share": True})
    of_institution = _is_of(registration_id, deployment_id)
    waits = select(InstitutionExport.id).where(*of_institution, InstitutionExport.status == WAITING)
    if session.scalar(waits.limit(1)) is not None:
        return False
    session.execute(delete(InstitutionExport).where(*of_institution))
    row = InstitutionExport(
        registration_id=registration_id,
        deployment_id=deployment_id,
        file_key=secrets.token_hex(16),
        requested_at=now(),
    )
    session.add(row)
    session.flush()
    outbox.put(session, EXPORT, row.file_key, {"export": row.id, "file": row.file_key})
    return True


def unfinished(database: Database, export_id: int, file_key: str) -> Export | None:
    """Return an export that is being made; None if it was deleted or is ready."""
    with database.read() as session:
        row = session.get(InstitutionExport, export_id)
        if row is None or row.file_key != file_key or row.status != WAITING:
            return None
        return _export(row)


def save_progress(database: Database, export: Export, progress: Progress) -> bool:
    """Store which people are in the file; False if the export was deleted."""
    return _change(database, export, asdict(progress))


def finish(database: Database, export: Export, size: int) -> bool:
    """Let the file be downloaded; False if the export was deleted."""
    return _change(database, export, {"status": READY, "size": size, "finished_at": now()})


def withdraw(session: Session, registration_id: int) -> list[str]:
    """Delete the exports of a registration in the caller's transaction; return their file keys.

    ``delete_files`` must follow the commit.
    """
    of_registration = InstitutionExport.registration_id == registration_id
    keys = list(session.scalars(select(InstitutionExport.file_key).where(of_registration)))
    if keys:
        session.execute(delete(InstitutionExport).where(of_registration))
    return keys


def delete_files(settings: Settings, keys: Iterable[str]) -> None:
    """Delete the files of exports."""
    for key in keys:
        for suffix in ("zip", "part", "zip.part"):
            with suppress(FileNotFoundError):
                (folder(settings) / f"{key}.{suffix}").unlink()


def purge(settings: Settings, database: Database) -> None:
    """Delete exports whose time is over, and files without a row."""
    with database.write() as session:
        session.execute(
            delete(InstitutionExport).where(
                (InstitutionExport.finished_at < now() - LIFETIME)
                | (InstitutionExport.requested_at < now() - _LONGEST)
            )
        )
    # Files are listed before rows: the row of a file is there before it.
    names = [_NAME.fullmatch(each.name) for each in folder(settings).glob("*")]
    found = {name[1] for name in names if name is not None}
    if found:
        with database.read() as session:
            stored = set(session.scalars(select(InstitutionExport.file_key)))
        delete_files(settings, found - stored)


def _is_of(registration_id: int, deployment_id: int | None) -> tuple[ColumnElement[bool], ...]:
    return (
        InstitutionExport.registration_id == registration_id,
        InstitutionExport.deployment_id.is_not_distinct_from(deployment_id),
    )


def _change(database: Database, export: Export, values: Mapping[str, Any]) -> bool:
    with database.write() as session:
        result = session.execute(
            update(InstitutionExport)
            .where(InstitutionExport.id == export.id, InstitutionExport.file_key == export.file_key)
            .values(**values)
        )
        return bool(result.rowcount)  # type: ignore[attr-defined]


def _export(row: InstitutionExport) -> Export:
    return Export(
        id=row.id,
        registration_id=row.registration_id,
        deployment_id=row.deployment_id,
        is_ready=row.status == READY,
        file_key=row.file_key,
        progress=Progress(
            last_user_id=row.last_user_id,
            people=row.people,
            bytes_written=row.bytes_written,
            archive_bytes=row.archive_bytes,
            missing_files=row.missing_files,
        ),
        size=row.size,
        requested_at=row.requested_at,
        finished_at=row.finished_at,
    )
