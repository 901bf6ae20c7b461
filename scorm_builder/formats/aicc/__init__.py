"""AICC (CMI001): recognised, but neither checked nor built."""

from scorm_builder.checking.contents import PackageContents
from scorm_builder.formats.format import Format

_FILES = (".crs", ".au", ".des", ".cst")
"""The files of a course structure, which share their name (CMI001, 6)."""

_OTHER_MARKERS = ("imsmanifest.xml", "cmi5.xml", "tincan.xml")


def _detect(contents: PackageContents) -> str | None:
    if any(name in contents.files for name in _OTHER_MARKERS):
        return None
    names = {name.lower() for name in contents.files}
    courses = (name.removesuffix(".crs") for name in names if name.endswith(".crs"))
    is_course = any(all(course + suffix in names for suffix in _FILES) for course in courses)
    return "AICC" if is_course else None


FORMATS = (Format(name="aicc", title="AICC", detect=_detect),)
