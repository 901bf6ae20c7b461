"""What the response adds for a module: an activity, its SCORM package as a file, or a link.

Deep Linking 2.0 §3.1. The platform says which of these it accepts (§4.4.1).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from courseware.module import Module
from lti_tool.lti.deep_linking import LINK as LINK_TYPE
from lti_tool.lti.deep_linking import RESOURCE_LINK
from lti_tool.lti.launch import DeepLinkingSettings
from lti_tool.packages import service as packages
from lti_tool.packages.tasks import fingerprint, offered, scorm_formats
from lti_tool.settings import Settings
from lti_tool.storage.database import Database

ACTIVITY, LINK = "activity", "link"
_FILE = "file "
_ZIP = "application/zip"


@dataclass(frozen=True, slots=True)
class Kind:
    """One of the things that can be added. ``title``: the name of a package format."""

    key: str
    title: str = ""

    @property
    def format(self) -> str:
        """The format of the package that is added as a file; empty for other kinds."""
        return self.key.removeprefix(_FILE) if self.key.startswith(_FILE) else ""


def kinds(settings: DeepLinkingSettings | None, linked: Mapping[str, str | None]) -> list[Kind]:
    """Return what the platform accepts, the best first; empty if it accepts nothing of it.

    ``linked``: the modules of the course, with the URLs of their activities in the LMS. A link
    leads to one of these.
    """
    if settings is None:
        return [Kind(ACTIVITY)]
    found = [Kind(ACTIVITY)] if RESOURCE_LINK in settings.accept_types else []
    if settings.accepts_file(_ZIP):
        found += [Kind(_FILE + name, title) for name, title in scorm_formats().items()]
    if LINK_TYPE in settings.accept_types and any(linked.values()):
        found.append(Kind(LINK))
    return found


@dataclass(frozen=True, slots=True)
class ModulePackage:
    """The package of a chosen module. ``id``: if it is ready; ``error``: why it cannot be built."""

    module: Module
    id: int | None = None
    error: str | None = None


def module_package(
    database: Database, settings: Settings, module: Module, package_format: str, *, request: bool
) -> ModulePackage:
    """Return the package of a module in a format.

    ``request``: let it be built, again if that failed.
    """
    variants = (offer.variant for offer in offered(module) if offer.format == package_format)
    variant = next(variants, None)
    if variant is None:
        return ModulePackage(module, error="")
    digest = fingerprint(module, settings)
    row = packages.packages_of(database, settings, module, digest).get(variant)
    if row is not None and row.is_ready:
        return ModulePackage(module, row.id)
    if request:
        packages.request_build(database, settings, module, digest, variant)
        return ModulePackage(module)
    return ModulePackage(module, error=row.error or "" if row and row.has_failed else None)
