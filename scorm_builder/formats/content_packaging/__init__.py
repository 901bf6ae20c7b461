"""IMS Content Packaging: what SCORM and other formats with an ``imsmanifest.xml`` share."""

from scorm_builder.checking.xml import XmlElement

MANIFEST = "imsmanifest.xml"


def label(root: XmlElement, default: str) -> str:
    """Return the schema and its version as a manifest names them, or ``default``."""
    words = []
    for name in ("schema", "schemaversion"):
        words += [one.text for one in root.walk() if one.local == name][:1]
    return " ".join(words) if words and all(words) else default
