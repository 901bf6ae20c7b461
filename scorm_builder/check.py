"""Is this a package that an LMS will take? Asked of what was just built, and of any zip.

First the zip itself (``archive.py``), then the manifest's XML (``xml.py`` refuses what is
dangerous), then the rules of its format, then the pages (``accessibility.py``). The schemas of IMS
and ADL are not enough (a misspelt scormtype passes) and not ours to hand on, so every rule is
written down here and in ``formats/*_rules.py``. Only the rules that are wanted are loaded: some
bring along as much as building the package took.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import NamedTuple

from scorm_builder import xml
from scorm_builder.archive import Archive, open_archive
from scorm_builder.findings import Finding

_MANIFEST = "imsmanifest.xml"
_STRUCTURE = "cmi5.xml"
_MOST_PAGES = 500
_CARTRIDGES = "/imscc"
_SCORM_2004 = ("imsss", "adlseq_v1p3", "adlcp_v1p3")

_Judged = tuple[str | None, tuple[Finding, ...]]


class Report(NamedTuple):
    """What a check found, errors first. ``format`` is the name of the format, if it was known."""

    format: str | None
    findings: tuple[Finding, ...]

    @property
    def good(self) -> bool:
        """Whether an LMS should take the package."""
        return not any(finding.level == "error" for finding in self.findings)


def check(path: Path, *, thorough: bool = True) -> Report:
    """Check the zip at ``path``. Unless ``thorough``, the checksums of its entries are believed
    and its pages are not looked at.
    """
    if not _begins_as_zip(path):
        from scorm_builder.formats import cmi5_rules, print_rules

        if print_rules.is_pdf(path):
            return _report("print", tuple(print_rules.findings(path)))
        if cmi5_rules.stands_alone(path):
            return _report(*_structure(path.read_bytes, None))
    archive = open_archive(path)
    if isinstance(archive, Finding):
        return Report(None, (archive,))
    with archive:
        if not archive.safe:
            return _report(None, archive.findings)
        findings = [*archive.findings, *(archive.damaged() if thorough else ())]
        if any(finding.clause == "zip/damaged" for finding in findings):
            return _report(None, tuple(findings))
        name, about_manifest = _manifests(archive)
        about_pages = _pages(archive) if thorough else ()
        return _report(name, (*findings, *about_manifest, *about_pages))


def _begins_as_zip(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(2) == b"PK"
    except OSError:
        return False


def _pages(archive: Archive) -> Iterator[Finding]:
    """Look at the pages for what keeps people out; what was just built is held to it by tests."""
    from scorm_builder import accessibility

    names = [name for name in archive.files if name.lower().endswith(accessibility.PAGES)]
    for name in names[:_MOST_PAGES]:
        with suppress(ValueError):  # far too large for a page
            yield from accessibility.findings(name, archive.read(name).decode("utf-8", "replace"))


def _report(name: str | None, findings: tuple[Finding, ...]) -> Report:
    return Report(name, tuple(sorted(findings, key=lambda one: one.level != "error")))


def _manifests(archive: Archive) -> _Judged:
    """Judge what tells an LMS what the package is: for an LMS of each kind, where it has two."""
    files = {name: entry.file_size for name, entry in archive.files.items()}
    if _STRUCTURE not in files:
        return _manifest(archive, files)
    structure = _structure(partial(archive.read, _STRUCTURE), files)
    if _MANIFEST not in files:
        return structure
    name, findings = _manifest(archive, files)
    return name, (*findings, *structure[1])


def _manifest(archive: Archive, files: dict[str, int]) -> _Judged:
    if _MANIFEST not in files:
        from scorm_builder.formats import epub_rules, website_rules

        if epub_rules.is_epub(archive.files):
            return "epub", tuple(epub_rules.findings(archive.files, archive.read))
        if website_rules.is_website(files):
            found = website_rules.findings(files, archive.read, archive.sha256)
            return "website", tuple(found)
        return None, (_missing(archive),)
    try:
        root = xml.read(archive.read(_MANIFEST))
    except xml.XmlError as error:
        return None, (_about_xml(f"The manifest cannot be read: {error.reason}.", error.line),)
    except ValueError as error:
        return None, (_about_xml(f"The manifest cannot be read: {error}.", None),)
    if _CARTRIDGES in root.namespace:
        from scorm_builder.formats import cartridge_rules

        if edition := cartridge_rules.edition_of(root):
            found = cartridge_rules.findings(edition, root, files, archive.read)
            return edition.name, tuple(found)
    if _is_scorm_2004(root):
        from scorm_builder.formats import scorm2004_rules

        return scorm2004_rules.edition_of(root).name, tuple(scorm2004_rules.findings(root, files))
    from scorm_builder.formats import scorm12_rules

    return "scorm12", tuple(scorm12_rules.findings(root, files))


def _structure(read: Callable[[], bytes], files: dict[str, int] | None) -> _Judged:
    """Judge the course structure of cmi5, which stands in a package or (``files`` None) alone."""
    from scorm_builder.formats import cmi5_rules

    try:
        return "cmi5", tuple(cmi5_rules.findings(xml.read(read()), files))
    except xml.XmlError as error:
        message = f"The course structure cannot be read: {error.reason}."
        return None, (_about_xml(message, error.line, _STRUCTURE),)
    except (ValueError, OSError) as error:
        message = f"The course structure cannot be read: {error}."
        return None, (_about_xml(message, None, _STRUCTURE),)


def _is_scorm_2004(root: xml.Element) -> bool:
    names = (name for one in root.walk() for name in (one.namespace, *one.attributes))
    return any(part in name for name in names for part in _SCORM_2004)


def _about_xml(message: str, line: int | None, file: str = _MANIFEST) -> Finding:
    return Finding("error", "manifest/xml", message, file, line, "XML 1.0")


def _missing(archive: Archive) -> Finding:
    """Say that nothing tells an LMS what the package is, and where it may have gone."""
    wanted = {_MANIFEST: "IMS Content Packaging 1.1.2", _STRUCTURE: "cmi5 14.1"}
    for name, source in wanted.items():
        message = f"There is no {name} at the root of the zip."
        for other in archive.files:
            if other.endswith(f"/{name}"):
                hint = f"It is in {other}: zip the content of the folder, not the folder."
                return Finding("error", "manifest/missing", f"{message} {hint}", source=source)
            if other.lower() == name:
                hint = f"{other} must be written in lower case."
                return Finding("error", "manifest/missing", f"{message} {hint}", source=source)
    message = f"There is no {_MANIFEST} at the root of the zip."
    return Finding("error", "manifest/missing", message, source=wanted[_MANIFEST])
