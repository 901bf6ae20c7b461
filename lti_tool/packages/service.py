"""Ask for a package, follow what becomes of it, and clear away those that nobody needs.

A package is asked for in one transaction with the outbox row that makes the worker build it.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.exc import IntegrityError

from courseware.module import Module
from lti_tool.packages.model import BUILDING, FAILED, READY, WAITING, Package
from lti_tool.settings import Settings
from lti_tool.storage.database import Database, now
from lti_tool.tasks import outbox

BUILD = "packages.build"
KEEP = timedelta(days=30)
LONGEST_BUILD = timedelta(hours=2)
"""Longer than the outbox goes on trying a build that kills the worker each time."""

LONGEST_ERROR = 2000

Wish = tuple[str, str]
"""A format, and the languages (tags separated by spaces)."""


@dataclass(frozen=True, slots=True)
class Job:
    """A build that was begun at ``started_at``; a later beginning takes it over."""

    package_id: int
    module_id: str
    content: str
    format: str
    languages: tuple[str, ...]
    started_at: datetime


def folder_of(settings: Settings) -> Path:
    """Where the packages are kept, each in a folder named by its id."""
    return settings.data_dir / "packages"


def packages_of(
    database: Database, settings: Settings, module: Module, content: str
) -> dict[Wish, Package]:
    """The packages of the module made from this ``content``; not those whose file is gone."""
    with database.read() as session:
        found = session.scalars(
            select(Package).where(Package.module_id == module.id, Package.content == content)
        ).all()
    return {(row.format, row.languages): row for row in found if not _lost(row, settings)}


def ask(database: Database, settings: Settings, module: Module, content: str, wish: Wish) -> None:
    """Have a package built, unless it is there or on its way. One that failed is tried again."""
    try:
        _ask(database, settings, module, content, wish)
    except IntegrityError:  # two asked at once, for the first time: now the row is there
        _ask(database, settings, module, content, wish)


def _ask(database: Database, settings: Settings, module: Module, content: str, wish: Wish) -> None:
    form, languages = wish
    wanted = {
        "module_id": module.id,
        "content": content,
        "format": form,
        "languages": languages,
    }
    with database.write() as session:
        row = session.scalars(select(Package).filter_by(**wanted).with_for_update()).first()
        if row is None:
            row = Package(**wanted)
            session.add(row)
        elif row.status != FAILED and not _lost(row, settings):
            return
        row.status, row.asked_at = WAITING, now()
        row.size = row.path = row.error = row.started_at = row.finished_at = None
        session.flush()
        key = f"{row.id} {row.asked_at.isoformat()}"
        outbox.put(session, BUILD, key, {"package": row.id, "folder": module.folder.name})


def ready_file(
    database: Database, settings: Settings, module_id: str, package_id: int
) -> Path | None:
    """The file of a package of this module, or None if there is none (any more)."""
    with database.read() as session:
        row = session.get(Package, package_id)
    if row is None or row.module_id != module_id or row.status != READY:
        return None
    return _file(row, settings)


def _lost(row: Package, settings: Settings) -> bool:
    return row.status == READY and _file(row, settings) is None


def _file(row: Package, settings: Settings) -> Path | None:
    folder = folder_of(settings).resolve()
    file = (folder / (row.path or "")).resolve()
    return file if file.is_relative_to(folder) and file.is_file() else None


# What the worker does --------------------------------------------------------------------


def begin(database: Database, package_id: int) -> Job | None:
    """Begin to build a package, or begin again; None if there is nothing to build any more."""
    with database.write() as session:
        row = session.get(Package, package_id, with_for_update=True)
        if row is None or row.status not in (WAITING, BUILDING):
            return None
        started_at = now()
        row.status, row.started_at = BUILDING, started_at
        languages = tuple(row.languages.split())
        return Job(row.id, row.module_id, row.content, row.format, languages, started_at)


def finish(database: Database, job: Job, *, path: str, size: int) -> None:
    """A package is ready at ``path`` (relative to the folder of packages)."""
    _end(database, job, {"status": READY, "path": path, "size": size})


def fail(database: Database, job: Job, error: str) -> None:
    """A package cannot be built, for a reason that the instructor is told."""
    _end(database, job, {"status": FAILED, "error": error[:LONGEST_ERROR]})


def _end(database: Database, job: Job, values: Mapping[str, object]) -> None:
    with database.write() as session:
        session.execute(
            update(Package)
            .where(
                Package.id == job.package_id,
                Package.status == BUILDING,
                Package.started_at == job.started_at,
            )
            .values(**values, finished_at=now())
        )


def give_up(database: Database) -> None:
    """Call failed what was begun long ago: each try ended with the worker itself."""
    with database.write() as session:
        session.execute(
            update(Package)
            .where(Package.status == BUILDING, Package.started_at < now() - LONGEST_BUILD)
            .values(status=FAILED, error="The build was cut short.", finished_at=now())
        )


def has_old(database: Database) -> bool:
    """Whether any package was asked for so long ago that it may be forgotten."""
    with database.read() as session:
        return session.scalar(select(Package.id).where(_old()).limit(1)) is not None


def forget_old(database: Database, current: Mapping[str, str]) -> None:
    """Forget old packages of what is not ``current`` any more ({module id: fingerprint})."""
    with database.write() as session:
        old = session.execute(select(Package.id, Package.module_id, Package.content).where(_old()))
        gone = [row.id for row in old if current.get(row.module_id) != row.content]
        session.execute(delete(Package).where(Package.id.in_(gone)))


def _old() -> ColumnElement[bool]:
    return Package.asked_at < now() - KEEP


def sweep(database: Database, settings: Settings) -> None:
    """Delete the folders of packages that are forgotten."""
    root = folder_of(settings)
    folders = list(root.iterdir()) if root.is_dir() else []
    # Looked at after the folders: a package that is being built has its row before its folder.
    with database.read() as session:
        known = {str(each) for each in session.scalars(select(Package.id))}
    for folder in folders:
        if folder.name not in known:
            shutil.rmtree(folder, ignore_errors=True)
