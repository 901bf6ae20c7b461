"""Tin Can (xAPI): recognised, but neither checked nor built."""

from scorm_builder.checking.contents import PackageContents
from scorm_builder.formats.format import Format

MANIFEST = "tincan.xml"
_OTHER_MARKERS = ("imsmanifest.xml", "cmi5.xml")


def _detect(contents: PackageContents) -> str | None:
    files = contents.files
    if MANIFEST not in files or any(name in files for name in _OTHER_MARKERS):
        return None
    root = contents.root(MANIFEST)
    return "Tin Can (xAPI)" if root is not None and root.local == "tincan" else None


FORMATS = (Format(name="tincan", title="Tin Can (xAPI)", marker=MANIFEST, detect=_detect),)
