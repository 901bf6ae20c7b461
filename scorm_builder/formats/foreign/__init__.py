"""Formats that one file at the root of the zip tells: recognised, but neither checked nor built."""

from functools import partial

from scorm_builder.checking.contents import PackageContents
from scorm_builder.formats.format import Format

_OTHER_MARKERS = ("imsmanifest.xml", "cmi5.xml", "tincan.xml")
_NAMES = (
    ("h5p", "H5P", "h5p.json"),
    ("moodle-backup", "Moodle course backup", "moodle_backup.xml"),
)
"""Name, title and marker of each."""


def _detect(marker: str, title: str, contents: PackageContents) -> str | None:
    if marker not in contents.files or any(name in contents.files for name in _OTHER_MARKERS):
        return None
    return title


FORMATS = tuple(
    Format(name=name, title=title, marker=marker, detect=partial(_detect, marker, title))
    for name, title, marker in _NAMES
)
