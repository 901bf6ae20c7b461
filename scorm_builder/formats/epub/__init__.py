"""EPUB 3: the module as an e-book, one for each language."""

from collections.abc import Iterable, Iterator

from courseware.i18n.marking import N_
from courseware.module import Module
from scorm_builder.checking import xml
from scorm_builder.checking.contents import PackageContents
from scorm_builder.checking.findings import Finding
from scorm_builder.checking.xml import XmlElement
from scorm_builder.formats.format import Format
from scorm_builder.plan import MediaUrl, PackageFile, PackagePlan

CONTAINER = "META-INF/container.xml"
MEDIA_TYPE = "application/epub+zip"

_OTHER_MARKERS = ("imsmanifest.xml", "cmi5.xml")


def _detect(contents: PackageContents) -> str | None:
    files = contents.files
    if any(name in files for name in _OTHER_MARKERS):
        return None
    return "EPUB" if "mimetype" in files or CONTAINER in files else None


def package_document(contents: PackageContents) -> XmlElement | None:
    """Return the root of the package document, or None if it cannot be read."""
    try:
        container = xml.read(contents.read(CONTAINER))
        return xml.read(contents.read(package_path(container)))
    except (KeyError, ValueError, xml.XmlError):
        return None


def package_path(container: XmlElement) -> str:
    """Return the path of the package document; ValueError if the container names none."""
    for one in container.walk():
        if one.local == "rootfile":
            return one.get("full-path")
    raise ValueError("the container names no package document")


def _check(contents: PackageContents) -> Iterable[Finding]:
    from scorm_builder.formats.epub import rules

    return rules.findings(contents.entries, contents.read)


def _draw(module: Module, languages: tuple[str, ...], media: MediaUrl) -> Iterator[PackageFile]:
    from scorm_builder.formats.epub import publication

    return publication.draw(module, languages, media)


def _complete(plan: PackagePlan) -> tuple[PackageFile, ...]:
    from scorm_builder.formats.epub import publication

    return publication.complete(plan)


FORMATS = (
    Format(
        name="epub",
        title="EPUB 3",
        audience=N_("For reading on a phone, a tablet or an e-reader, with no LMS at all."),
        marker="mimetype",
        detect=_detect,
        check=_check,
        complete=_complete,
        draw=_draw,
        suffix=".epub",
        media_type=MEDIA_TYPE,
        one_language=True,
    ),
)
