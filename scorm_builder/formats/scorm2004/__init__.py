"""SCORM 2004: the 3rd and 4th Edition, and the 2nd, which is only recognised and checked."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from courseware.i18n.marking import N_
from scorm_builder.checking.contents import PackageContents
from scorm_builder.checking.findings import Finding
from scorm_builder.checking.xml import XmlElement
from scorm_builder.formats.content_packaging import MANIFEST, label
from scorm_builder.formats.format import Format
from scorm_builder.plan import PackageFile, PackagePlan

_NAMESPACE_PARTS = ("imsss", "adlseq_v1p3", "adlcp_v1p3")
"""Parts of the namespaces that only manifests of SCORM 2004 use."""

_VERSIONS_OF_2ND = ("CAM 1.3", "1.3")
"""The version that the 2nd Edition writes, and another that Moodle accepts."""

_ADAPTERS = ("scorm2004.js", "scorm12.js", "scorm12_comments.js")
"""SCORM 1.2 too: an LMS without SCORM 2004 may import the package as 1.2."""


@dataclass(frozen=True, slots=True)
class Scorm2004Edition:
    """An edition: the format's ``name``, and ``version`` as manifests spell it."""

    name: str
    version: str


SECOND = Scorm2004Edition("scorm2004-2", "CAM 1.3")
THIRD = Scorm2004Edition("scorm2004-3", "2004 3rd Edition")
FOURTH = Scorm2004Edition("scorm2004-4", "2004 4th Edition")


def edition_of(root: XmlElement) -> Scorm2004Edition:
    """Return the edition of a manifest; the 4th if it does not say."""
    metadata = root.first("metadata")
    version = metadata.first("schemaversion") if metadata else None
    text = version.text if version else ""
    if text in _VERSIONS_OF_2ND or "2nd" in text:
        return SECOND
    return THIRD if "3rd" in text else FOURTH


def _is_scorm_2004(root: XmlElement) -> bool:
    version = next((one.text for one in root.walk() if one.local == "schemaversion"), "")
    if version.startswith("2004 "):
        return True
    names = (name for one in root.walk() for name in (one.namespace, *one.attributes))
    return any(part in name for name in names for part in _NAMESPACE_PARTS)


def _detect(edition: Scorm2004Edition, contents: PackageContents) -> str | None:
    root = contents.root(MANIFEST) if not contents.is_single_file else None
    if root is None or edition_of(root) != edition or not _is_scorm_2004(root):
        return None
    return label(root, edition.name)


def _check(contents: PackageContents) -> Iterable[Finding]:
    from scorm_builder.formats.scorm2004 import rules

    root = contents.root(MANIFEST)
    return rules.findings(root, contents.files) if root else ()


def _complete(edition: Scorm2004Edition, plan: PackagePlan) -> tuple[PackageFile, ...]:
    from scorm_builder.formats.scorm2004 import manifest

    return manifest.complete(plan, edition)


FORMATS = (
    Format(
        name=SECOND.name,
        title="SCORM 2004 2nd Edition",
        marker=MANIFEST,
        detect=partial(_detect, SECOND),
        check=_check,
    ),
    *(
        Format(
            name=edition.name,
            title=f"SCORM {edition.version}",
            audience=N_("For LMSs that ask for this edition. It can save longer answers."),
            marker=MANIFEST,
            detect=partial(_detect, edition),
            check=_check,
            complete=partial(_complete, edition),
            adapters=_ADAPTERS,
            has_scos=True,
        )
        for edition in (THIRD, FOURTH)
    ),
)
