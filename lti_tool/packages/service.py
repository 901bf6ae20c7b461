"""Request packages, follow their builds, and delete old packages.

A request writes the package's row and the outbox row for the worker in one transaction.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.exc import IntegrityError

from courseware.module import Module
from lti_tool.packages.model import BUILDING, FAILED, READY, WAITING, PackageBuild
from lti_tool.settings import Settings
from lti_tool.storage.database import Database, now
from lti_tool.tasks import outbox

BUILD = "packages.build"
"""Outbox kind of a build. Stored in databases: keep the value."""

RETENTION = timedelta(days=30)
"""How long a package of an earlier version of a module is stored after its last request."""
MAX_BUILD_TIME = timedelta(hours=2)
"""Longer than the outbox retries a build that kills the worker each time."""

MAX_ERROR_LENGTH = 2000

Variant = tuple[str, str]
"""A format, and languages (tags separated by spaces)."""


@dataclass(frozen=True, slots=True)
class BuildJob:
    """A build started at ``started_at``. A later start of the same package supersedes it."""

    package_id: int
    module_id: str
    source_digest: str
    format: str
    languages: tuple[str, ...]
    started_at: datetime


def packages_folder(settings: Settings) -> Path:
    """Return the folder of all packages; each package has a subfolder named by its id."""
    return settings.data_dir / "packages"


def packages_of(
    database: Database, settings: Settings, module: Module, source_digest: str
) -> dict[Variant, PackageBuild]:
    """Return the packages of a version of the module, without those whose file is missing."""
    with database.read() as session:
        rows = session.scalars(
            select(PackageBuild).where(
                PackageBuild.module_id == module.id, PackageBuild.source_digest == source_digest
            )
        ).all()
    return {(row.format, row.languages): row for row in rows if not _file_missing(row, settings)}


def request_build(
    database: Database, settings: Settings, module: Module, source_digest: str, variant: Variant
) -> None:
    """Queue a build, unless the package is ready or on its way. A failed build is retried."""
    try:
        _queue_build(database, settings, module, source_digest, variant)
    except IntegrityError:  # another request inserted the row at the same time
        _queue_build(database, settings, module, source_digest, variant)


def _queue_build(
    database: Database, settings: Settings, module: Module, source_digest: str, variant: Variant
) -> None:
    package_format, languages = variant
    key = {
        "module_id": module.id,
        "source_digest": source_digest,
        "format": package_format,
        "languages": languages,
    }
    with database.write() as session:
        row = session.scalars(select(PackageBuild).filter_by(**key).with_for_update()).first()
        if row is None:
            row = PackageBuild(**key)
            session.add(row)
        elif row.status != FAILED and not _file_missing(row, settings):
            return
        row.status, row.asked_at = WAITING, now()
        row.size = row.path = row.error = row.started_at = row.finished_at = None
        session.flush()
        outbox_key = f"{row.id} {row.asked_at.isoformat()}"
        outbox.put(session, BUILD, outbox_key, {"package": row.id, "folder": module.folder.name})


def ready_file(
    database: Database, settings: Settings, package_id: int, *, module_id: str | None = None
) -> Path | None:
    """Return the file of a ready package; None if there is none, or if it is of another module."""
    with database.read() as session:
        row = session.get(PackageBuild, package_id)
    if row is None or row.status != READY or module_id not in (None, row.module_id):
        return None
    return _file(row, settings)


def _file_missing(row: PackageBuild, settings: Settings) -> bool:
    return row.status == READY and _file(row, settings) is None


def _file(row: PackageBuild, settings: Settings) -> Path | None:
    folder = packages_folder(settings).resolve()
    file = (folder / (row.path or "")).resolve()
    return file if file.is_relative_to(folder) and file.is_file() else None


def start_build(database: Database, package_id: int) -> BuildJob | None:
    """Mark a package as being built, again after a crash; None if it needs no build."""
    with database.write() as session:
        row = session.get(PackageBuild, package_id, with_for_update=True)
        if row is None or row.status not in (WAITING, BUILDING):
            return None
        started_at = now()
        row.status, row.started_at = BUILDING, started_at
        languages = tuple(row.languages.split())
        return BuildJob(row.id, row.module_id, row.source_digest, row.format, languages, started_at)


def finish_build(database: Database, job: BuildJob, *, path: str, size: int) -> None:
    """Mark a package as ready at ``path`` (relative to the packages folder)."""
    _end_build(database, job, {"status": READY, "path": path, "size": size})


def fail_build(database: Database, job: BuildJob, error: str) -> None:
    """Mark a build as failed, with a message for the instructor."""
    _end_build(database, job, {"status": FAILED, "error": error[:MAX_ERROR_LENGTH]})


def _end_build(database: Database, job: BuildJob, values: Mapping[str, object]) -> None:
    with database.write() as session:
        session.execute(
            update(PackageBuild)
            .where(
                PackageBuild.id == job.package_id,
                PackageBuild.status == BUILDING,
                PackageBuild.started_at == job.started_at,
            )
            .values(**values, finished_at=now())
        )


def fail_stale_builds(database: Database) -> None:
    """Mark builds that started long ago as failed: every attempt ended with the worker."""
    with database.write() as session:
        session.execute(
            update(PackageBuild)
            .where(
                PackageBuild.status == BUILDING, PackageBuild.started_at < now() - MAX_BUILD_TIME
            )
            .values(status=FAILED, error="The build was cut short.", finished_at=now())
        )


def has_old(database: Database) -> bool:
    """Whether any package is old enough to be deleted."""
    with database.read() as session:
        return session.scalar(select(PackageBuild.id).where(_is_old()).limit(1)) is not None


def delete_old(database: Database, current: Mapping[str, str]) -> None:
    """Delete the rows of old packages whose digest is not ``current`` ({module id: digest})."""
    with database.write() as session:
        old = session.execute(
            select(PackageBuild.id, PackageBuild.module_id, PackageBuild.source_digest).where(
                _is_old()
            )
        )
        outdated = [row.id for row in old if current.get(row.module_id) != row.source_digest]
        session.execute(delete(PackageBuild).where(PackageBuild.id.in_(outdated)))


def _is_old() -> ColumnElement[bool]:
    return PackageBuild.asked_at < now() - RETENTION


def delete_orphaned_folders(database: Database, settings: Settings) -> None:
    """Delete the folders of packages without a row."""
    root = packages_folder(settings)
    folders = list(root.iterdir()) if root.is_dir() else []
    # Read after listing the folders: the row of a build is written before its folder.
    with database.read() as session:
        ids = {str(package_id) for package_id in session.scalars(select(PackageBuild.id))}
    for folder in folders:
        if folder.name not in ids:
            shutil.rmtree(folder, ignore_errors=True)
