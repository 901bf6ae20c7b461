"""The one place where the live tool calls the builder: what it offers, and building in the worker.

The builder is loaded when it is first asked for: the web process seldom needs it.
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
from lti_tool.packages.service import Job
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
    def wish(self) -> service.Wish:
        """What the package is known by."""
        return self.format, " ".join(self.languages)


class CannotBuild(Exception):  # noqa: N818 - it is told to a person, it is no fault
    """Why there is no package, in words for who asked for it."""


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


def unavailable_formats() -> Mapping[str, str]:
    """Return the titles of the formats that cannot be built on this machine, with the reason."""
    from scorm_builder.formats import registry

    reasons = {one.title: one.unavailable() for one in registry.buildable_formats()}
    return {title: reason for title, reason in reasons.items() if reason is not None}


def fingerprint(module: Module, settings: Settings) -> str:
    """A digest of all that a package of the module is made from, in 64 hexadecimal digits.

    The builder is part of it: after an upgrade nobody is given what an older one made.
    """
    from scorm_builder.build_digest import module_digest, program_digest

    made_from = f"{program_digest()}\n{settings.public_url}\n{module_digest(module)}"
    return hashlib.sha256(made_from.encode()).hexdigest()


def handlers(settings: Settings) -> Mapping[str, Handler]:
    """What the outbox leaves to this room."""
    return {service.BUILD: partial(build, settings)}


def build(settings: Settings, database: Database, payload: Mapping[str, Any]) -> None:
    """Build a package that was asked for; tell the reason where it cannot be built."""
    job = service.begin(database, payload["package"])
    if job is None:
        return
    try:
        path, size = _built(settings, job, settings.content_dir / payload["folder"])
    except CannotBuild as error:
        log.warning("package %s cannot be built: %s", job.package_id, error)
        service.fail(database, job, str(error))
    except Exception as error:
        log.error("fault in building package %s: %s", job.package_id, log_format.told(error))
        service.fail(database, job, f"The builder stopped: {type(error).__name__}.")
    else:
        service.finish(database, job, path=path, size=size)


def _built(settings: Settings, job: Job, source: Path) -> tuple[str, int]:
    """Build the package in a folder of its own; return its path below all packages, its size."""
    from scorm_builder.build import PackageError
    from scorm_builder.build import build as build_package
    from scorm_builder.plan import PlanError
    from scorm_builder.zip_writer import SourceChangedError

    root = service.folder_of(settings)
    folder = root / str(job.package_id)
    shutil.rmtree(folder, ignore_errors=True)  # what a killed worker left half done
    try:
        made = build_package(
            _module(settings, job, source),
            folder,
            format_name=job.format,
            languages=job.languages,
            tool_url=settings.public_url,
        )
    except (PlanError, PackageError, SourceChangedError) as error:
        raise CannotBuild(str(error)) from error
    except OSError as error:
        raise CannotBuild(f"The file system: {error.strerror}.") from error
    return made.path.relative_to(root).as_posix(), made.size


def _module(settings: Settings, job: Job, source: Path) -> Module:
    """The module as it is now, which must be what was asked for."""
    try:
        module = read(source)
    except ModuleError as error:
        raise CannotBuild("\n".join(map(str, error.problems))) from error
    if fingerprint(module, settings) != job.content:
        raise CannotBuild("The module, or this tool, was changed in the meantime.")
    return module


def tidy(settings: Settings, database: Database) -> None:
    """Clear away what nobody needs: old packages of changed modules, builds that never ended."""
    service.give_up(database)
    if service.has_old(database):
        modules = Library(settings.content_dir).modules()
        current = {module.id: fingerprint(module, settings) for module in modules}
        service.forget_old(database, current)
    service.sweep(database, settings)
