"""Write reproducible zips: the same files give the same bytes on every machine.

Entries are in the order given, all with the same time (1980-01-01, or ``SOURCE_DATE_EPOCH``) and
the same permissions. Formats that are compressed already are stored, everything else is deflated
with one level. Files are copied in chunks, so a package can be larger than memory. The zip is
written beside its target and renamed at the end, so an interrupted build leaves no partial package.
See https://reproducible-builds.org/docs/archives/ and APPNOTE.TXT 4.4.
"""

import hashlib
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from scorm_builder.plan import PackageFile

_LEVEL = 6
_CHUNK = 1 << 20
_UNIX = 3
_PERMISSIONS = 0o100644 << 16
_EARLIEST = (1980, 1, 1, 0, 0, 0)
_LAST_YEAR = 2107
_ZIP64_SIZE = 1 << 31

_COMPRESSED = (
    *(".jpg", ".jpeg", ".png", ".webp", ".gif", ".avif"),
    *(".mp4", ".webm", ".m4a", ".mp3", ".ogg"),
    *(".pdf", ".zip", ".epub", ".docx", ".xlsx", ".pptx", ".odt", ".ods", ".odp"),
)

_ALWAYS_STORED = ("mimetype",)  # Open Container Format: reading systems look at the raw bytes


class SourceChangedError(Exception):
    """A file that changed after the package was planned."""


def write(target: Path, files: Iterable[PackageFile]) -> None:
    """Write ``files`` to a new zip at ``target`` in their order."""
    time_of_entries = entry_time()
    with target.open("xb") as out, ZipFile(out, "w") as archive:
        for file in files:
            _add(archive, file, time_of_entries)


@contextmanager
def replace_when_done(target: Path) -> Iterator[Path]:
    """Give a temporary path beside ``target``; rename it to ``target`` if no error occurs."""
    part = target.with_name(f".{target.name}.{os.urandom(4).hex()}.part")
    try:
        yield part
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _add(archive: ZipFile, file: PackageFile, time: tuple[int, int, int, int, int, int]) -> None:
    entry = ZipInfo(file.path, time)
    entry.create_system = _UNIX
    entry.external_attr = _PERMISSIONS
    entry.compress_type = ZIP_STORED if _is_stored(file.path) else ZIP_DEFLATED
    if file.data is not None:
        archive.writestr(entry, file.data, compresslevel=_LEVEL)
        return
    entry.file_size = file.size
    with archive.open(entry, "w", force_zip64=file.size >= _ZIP64_SIZE) as out:
        copy(file, out)


def copy(file: PackageFile, out: IO[bytes]) -> None:
    """Copy a file's source in chunks; SourceChangedError if it is not what was planned."""
    assert file.source is not None
    digest = hashlib.sha256()
    with file.source.open("rb") as source:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            out.write(chunk)
    if digest.hexdigest() != file.sha256:
        raise SourceChangedError(
            f"{file.source} changed while the package was being built. Build it again."
        )


def entry_time() -> tuple[int, int, int, int, int, int]:
    """Return the time of every entry in UTC; zips can represent the years 1980 to 2107."""
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not epoch.isdecimal():
        return _EARLIEST
    year, month, day, hour, minute, second, *_ = time.gmtime(int(epoch))
    if year < _EARLIEST[0]:
        return _EARLIEST
    return (min(year, _LAST_YEAR), month, day, hour, minute, second)


def _is_stored(path: str) -> bool:
    return path.lower().endswith(_COMPRESSED) or path in _ALWAYS_STORED
