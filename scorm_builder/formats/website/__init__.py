"""A website: the module for any static host, or for a folder on a disk, without an LMS."""

from collections.abc import Iterable

from courseware.i18n.marking import N_
from scorm_builder.checking.archive import FolderArchive
from scorm_builder.checking.contents import PackageContents
from scorm_builder.checking.findings import Finding
from scorm_builder.formats.format import Format
from scorm_builder.plan import PackageFile, PackagePlan

WORKER = "sw.js"
"""The service worker, which stores the files for use without a connection."""

_OTHER_MARKERS = ("imsmanifest.xml", "cmi5.xml", "mimetype", "META-INF/container.xml")
"""Packages of other formats can have a service worker too."""


def _detect(contents: PackageContents) -> str | None:
    files = contents.files
    if any(name in files for name in _OTHER_MARKERS):
        return None
    return "website" if "index.html" in files and WORKER in files else None


def _check(contents: PackageContents) -> Iterable[Finding]:
    from scorm_builder.formats.website import rules

    return rules.findings(contents.files, contents.read, contents.sha256)


def _complete(plan: PackagePlan) -> tuple[PackageFile, ...]:
    from scorm_builder.formats.website import service_worker

    return service_worker.complete(plan)


def _find_foreign_files(folder: FolderArchive) -> list[str]:
    from scorm_builder.formats.website import service_worker

    return service_worker.find_foreign_files(folder)


FORMATS = (
    Format(
        name="website",
        title=N_("Website"),
        audience=N_("For any web server or a folder on a disk, with no LMS at all."),
        marker=WORKER,
        detect=_detect,
        check=_check,
        complete=_complete,
        adapters=("website.js",),
        find_foreign_files=_find_foreign_files,
    ),
)
