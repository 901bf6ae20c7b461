"""IMS Content Packaging without SCORM: recognised and checked, but not built."""

from collections.abc import Iterable

from scorm_builder.checking.contents import PackageContents
from scorm_builder.checking.findings import Finding
from scorm_builder.checking.xml import XmlElement
from scorm_builder.formats.content_packaging import MANIFEST, label
from scorm_builder.formats.format import Format

NAME = "imscp"


def _is_plain(root: XmlElement) -> bool:
    """Whether a manifest has nothing of SCORM: neither its schema nor a namespace of ADL."""
    schema = next((one.text for one in root.walk() if one.local == "schema"), "")
    if "SCORM" in schema or not ("imscp" in root.namespace or schema.startswith("IMS")):
        return False
    names = (name for one in root.walk() for name in (one.name, *one.attributes))
    return not any("adlcp" in name for name in names)


def _detect(contents: PackageContents) -> str | None:
    root = contents.root(MANIFEST) if not contents.is_single_file else None
    if root is None or root.local != "manifest" or not _is_plain(root):
        return None
    return label(root, "IMS Content Packaging")


def _check(contents: PackageContents) -> Iterable[Finding]:
    from scorm_builder.formats.imscp import rules

    root = contents.root(MANIFEST)
    return rules.findings(root, contents.files) if root else ()


FORMATS = (
    Format(name=NAME, title="IMS Content Packaging", marker=MANIFEST, detect=_detect, check=_check),
)
