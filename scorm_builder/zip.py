"""A zip that is the same, byte for byte, wherever and whenever it is made from the same files.

Entries stand in the order given, each with the same time (1980, the format's first day, or the
moment in ``SOURCE_DATE_EPOCH``), the same permissions and no other trace of the machine. What is
compressed already is stored, the rest is deflated at one level. Files go through in pieces: a
package may be larger than memory. It is written beside its place and renamed at the end, so a
build that dies leaves no half package. See https://reproducible-builds.org/docs/archives/ and the
zip specification (APPNOTE.TXT), 4.4.
"""

import hashlib
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from scorm_builder.plan import PlanFile

_LEVEL = 6
_PIECE = 1 << 20
_UNIX = 3
_PERMISSIONS = 0o100644 << 16
_FIRST_MOMENT = (1980, 1, 1, 0, 0, 0)
_LAST_YEAR = 2107
_LARGE = 1 << 31

_COMPRESSED = (
    *(".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif"),
    *(".mp4", ".webm", ".m4a", ".mp3", ".ogg"),
    *(".pdf", ".zip", ".epub", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp"),
)

_NEVER_COMPRESSED = ("mimetype",)  # Open Container Format: readers look at the bytes themselves


class SourceChangedError(Exception):
    """A file that is no longer what it was when the package was planned."""


def write(target: Path, files: Iterable[PlanFile]) -> None:
    """Write ``files`` to a new zip at ``target``, in their order."""
    when = moment()
    with target.open("xb") as out, ZipFile(out, "w") as archive:
        for file in files:
            _add(archive, file, when)


@contextmanager
def unfinished(target: Path) -> Iterator[Path]:
    """Give a path beside ``target`` to write to; it takes the target's place if all goes well."""
    part = target.with_name(f".{target.name}.{os.urandom(4).hex()}.part")
    try:
        yield part
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _add(archive: ZipFile, file: PlanFile, when: tuple[int, int, int, int, int, int]) -> None:
    entry = ZipInfo(file.path, when)
    entry.create_system = _UNIX
    entry.external_attr = _PERMISSIONS
    entry.compress_type = ZIP_STORED if _is_compressed(file.path) else ZIP_DEFLATED
    if file.data is not None:
        archive.writestr(entry, file.data, compresslevel=_LEVEL)
        return
    entry.file_size = file.size
    with archive.open(entry, "w", force_zip64=file.size >= _LARGE) as out:
        copy(file, out)


def copy(file: PlanFile, out: IO[bytes]) -> None:
    """Copy a file's source in pieces; it must still be what was planned."""
    assert file.source is not None
    digest = hashlib.sha256()
    with file.source.open("rb") as source:
        while piece := source.read(_PIECE):
            digest.update(piece)
            out.write(piece)
    if digest.hexdigest() != file.sha256:
        raise SourceChangedError(
            f"{file.source} changed while the package was being built. Build it again."
        )


def moment() -> tuple[int, int, int, int, int, int]:
    """Return the time of every entry: a zip has no zone, so it is UTC, and knows 1980 to 2107."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not epoch.isdecimal():
        return _FIRST_MOMENT
    year, month, day, hour, minute, second, *_ = time.gmtime(int(epoch))
    if year < _FIRST_MOMENT[0]:
        return _FIRST_MOMENT
    return (min(year, _LAST_YEAR), month, day, hour, minute, second)


def _is_compressed(path: str) -> bool:
    return path.lower().endswith(_COMPRESSED) or path in _NEVER_COMPRESSED
