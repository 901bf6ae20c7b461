"""Is this a package that an LMS will take? Asked of what was just built, and of any zip.

First the zip itself (``archive.py``), then the manifest's XML (``xml.py`` refuses what is
dangerous), then the rules of its format, then the pages (``accessibility.py``). The schemas of IMS
and ADL are not enough (a misspelt scormtype passes) and not ours to hand on, so every rule is
written down here and in ``formats/*_rules.py``.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from scorm_builder import xml
from scorm_builder.archive import Archive, open_archive
from scorm_builder.findings import Finding
from scorm_builder.formats import (
    cartridge_rules,
    epub_rules,
    print_rules,
    scorm12_rules,
    scorm2004_rules,
    website_rules,
)

_MANIFEST = "imsmanifest.xml"
_MOST_PAGES = 500
_SCORM_2004 = ("imsss", "adlseq_v1p3", "adlcp_v1p3")


@dataclass(frozen=True, slots=True)
class Report:
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
    if print_rules.is_pdf(path):
        return _report("print", tuple(print_rules.findings(path)))
    archive = open_archive(path)
    if isinstance(archive, Finding):
        return Report(None, (archive,))
    with archive:
        if not archive.safe:
            return _report(None, archive.findings)
        findings = [*archive.findings, *(archive.damaged() if thorough else ())]
        if any(finding.clause == "zip/damaged" for finding in findings):
            return _report(None, tuple(findings))
        name, about_manifest = _manifest(archive)
        about_pages = _pages(archive) if thorough else ()
        return _report(name, (*findings, *about_manifest, *about_pages))


def _pages(archive: Archive) -> Iterator[Finding]:
    """Look at the pages for what keeps people out; what was just built is held to it by tests."""
    from scorm_builder import accessibility

    names = [name for name in archive.files if name.lower().endswith(accessibility.PAGES)]
    for name in names[:_MOST_PAGES]:
        with suppress(ValueError):  # far too large for a page
            yield from accessibility.findings(name, archive.read(name).decode("utf-8", "replace"))


def _report(name: str | None, findings: tuple[Finding, ...]) -> Report:
    return Report(name, tuple(sorted(findings, key=lambda one: one.level != "error")))


def _manifest(archive: Archive) -> tuple[str | None, tuple[Finding, ...]]:
    files = {name: entry.file_size for name, entry in archive.files.items()}
    if _MANIFEST not in files:
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
    if edition := cartridge_rules.edition_of(root):
        found = cartridge_rules.findings(edition, root, files, archive.read)
        return edition.name, tuple(found)
    if _is_scorm_2004(root):
        return scorm2004_rules.edition_of(root).name, tuple(scorm2004_rules.findings(root, files))
    return "scorm12", tuple(scorm12_rules.findings(root, files))


def _is_scorm_2004(root: xml.Element) -> bool:
    names = (name for one in root.walk() for name in (one.namespace, *one.attributes))
    return any(part in name for name in names for part in _SCORM_2004)


def _about_xml(message: str, line: int | None) -> Finding:
    return Finding("error", "manifest/xml", message, _MANIFEST, line, "XML 1.0")


def _missing(archive: Archive) -> Finding:
    message = f"There is no {_MANIFEST} at the root of the zip."
    deeper = [name for name in archive.files if name.endswith(f"/{_MANIFEST}")]
    cased = [name for name in archive.files if name.lower() == _MANIFEST]
    if deeper:
        message += f" It is in {deeper[0]}: zip the content of the folder, not the folder."
    elif cased:
        message += f" {cased[0]} must be written in lower case."
    return Finding("error", "manifest/missing", message, source="IMS Content Packaging 1.1.2")
