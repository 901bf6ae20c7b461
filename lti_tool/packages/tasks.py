"""Build packages in the worker. The only module of the tool that imports ``scorm_builder``.

It is imported inside functions, on first use: the web processes seldom need it.
"""

import hashlib
import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from courseware.library import Library
from courseware.module import Module
from courseware.parser.reader import read
from courseware.problems import ModuleError
from lti_tool import log_format
from lti_tool.packages import service
from lti_tool.packages.service import BuildJob
from lti_tool.settings import Settings
from lti_tool.storage.database import Database
from lti_tool.tasks.outbox import Handler

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Offer:
    """A package that can be built of a module.

    ``audience`` says for whom its format is, as a gettext message.
    """

    format: str
    title: str
    audience: str
    languages: tuple[str, ...]

    @property
    def variant(self) -> service.Variant:
        """The key of the package among those of its module."""
        return self.format, " ".join(self.languages)


class BuildError(Exception):
    """A package cannot be built. The message is for the instructor."""


def offered(module: Module) -> tuple[Offer, ...]:
    """Every package of a module that the builder can make on this machine."""
    from scorm_builder.build import languages_of_packages
    from scorm_builder.formats import registry

    return tuple(
        Offer(
            package_format.name,
            package_format.title,
            package_format.audience,
            languages or module.languages,
        )
        for package_format in registry.available_formats()
        for languages in languages_of_packages(module, package_format)
    )


def scorm_formats() -> Mapping[str, str]:
    """Return the names and titles of the SCORM formats that can be built, the most common first."""
    from scorm_builder.formats import registry

    found = {one.name: one.title for one in registry.available_formats()}
    return {name: title for name, title in found.items() if name.startswith("scorm")}


def unavailable_formats() -> Mapping[str, str]:
    """Return the titles of the formats that cannot be built on this machine, with the reason."""
    from scorm_builder.formats import registry

    reasons = {one.title: one.unavailable() for one in registry.buildable_formats()}
    return {title: reason for title, reason in reasons.items() if reason is not None}


def fingerprint(module: Module, settings: Settings) -> str:
    """Return the SHA-256, in hexadecimal, of everything that a package of the module is made from.

    This includes the builder, so that packages of an older release are not offered.
    """
    from scorm_builder.build_digest import module_digest, program_digest

    made_from = f"{program_digest()}\n{settings.public_url}\n{module_digest(module)}"
    return hashlib.sha256(made_from.encode()).hexdigest()


def handlers(settings: Settings) -> Mapping[str, Handler]:
    """Return the handlers of the outbox kinds of this package."""
    return {service.BUILD: partial(build, settings)}


def build(settings: Settings, database: Database, payload: Mapping[str, Any]) -> None:
    """Build a requested package, or store the reason why it cannot be built."""
    job = service.start_build(database, payload["package"])
    if job is None:
        return
    try:
        path, size = _build(settings, job, settings.content_dir / payload["folder"])
    except BuildError as error:
        log.warning("package %s cannot be built: %s", job.package_id, error)
        service.fail_build(database, job, str(error))
    except Exception as error:
        log.error("fault in building package %s: %s", job.package_id, log_format.describe(error))
        service.fail_build(database, job, f"The builder stopped: {type(error).__name__}.")
    else:
        service.finish_build(database, job, path=path, size=size)


def _build(settings: Settings, job: BuildJob, source: Path) -> tuple[str, int]:
    """Build the package in its own folder; return its path (see the table) and its size."""
    from scorm_builder.build import PackageError
    from scorm_builder.build import build as build_package
    from scorm_builder.plan import PlanError
    from scorm_builder.zip_writer import SourceChangedError

    root = service.packages_folder(settings)
    folder = root / str(job.package_id)
    shutil.rmtree(folder, ignore_errors=True)  # left by a worker that was killed
    try:
        package = build_package(
            _module(settings, job, source),
            folder,
            format_name=job.format,
            languages=job.languages,
            tool_url=settings.public_url,
        )
    except (PlanError, PackageError, SourceChangedError) as error:
        raise BuildError(str(error)) from error
    except OSError as error:
        raise BuildError(f"The file system: {error.strerror}.") from error
    return package.path.relative_to(root).as_posix(), package.size


def _module(settings: Settings, job: BuildJob, source: Path) -> Module:
    """Read the module; it must still be the version that was requested."""
    try:
        module = read(source)
    except ModuleError as error:
        raise BuildError("\n".join(map(str, error.problems))) from error
    if fingerprint(module, settings) != job.source_digest:
        raise BuildError("The module, or this tool, was changed in the meantime.")
    return module


def purge(settings: Settings, database: Database) -> None:
    """Delete old packages and orphaned folders, and fail stale builds."""
    service.fail_stale_builds(database)
    if service.has_old(database):
        modules = Library(settings.content_dir).modules()
        current = {module.id: fingerprint(module, settings) for module in modules}
        service.delete_old(database, current)
    service.delete_orphaned_folders(database, settings)
