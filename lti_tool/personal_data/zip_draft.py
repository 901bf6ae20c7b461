"""A ZIP file that is written in several runs, and stays right when a run is cut off.

While it is written, it has entries and no central directory. How far it is complete is for the
caller to store; whatever is behind that is overwritten by the next run. At the end, the directory
is made from the headers of the entries
(https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.7).

Entries are written to a file that can seek, so their headers have their sizes. An entry is at most
4 GiB long; the file may be longer.
"""

import struct
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

MODE = 0o600 << 16
"""``external_attr`` of entries: a file, for its owner."""
_HEADER = struct.Struct("<4s5H3I2H")
_SIGNATURE = b"PK\x03\x04"


class DamagedError(Exception):
    """The file does not have the entries that it should have."""


@contextmanager
def continued(stream: BinaryIO, end: int) -> Iterator[zipfile.ZipFile]:
    """Give an archive whose entries follow the first ``end`` bytes of a file.

    ``stream.tell()`` is the new end, after each entry and after the block.
    """
    stream.seek(end)
    stream.truncate()
    archive = zipfile.ZipFile(stream, "w")
    try:
        yield archive
    finally:
        end = stream.tell()
        archive.close()
        stream.seek(end)
        stream.truncate()


@contextmanager
def completed(stream: BinaryIO, end: int) -> Iterator[zipfile.ZipFile]:
    """Give an archive with the entries in the first ``end`` bytes of a file, for the last run.

    Entries that are added are compressed. The central directory is written after the block. Raises
    :class:`DamagedError`.
    """
    entries = list(_entries(stream, end))
    stream.seek(end)
    stream.truncate()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.infolist().extend(entries)
        yield archive


def _entries(stream: BinaryIO, end: int) -> Iterator[zipfile.ZipInfo]:
    offset = 0
    while offset < end:
        stream.seek(offset)
        header = stream.read(_HEADER.size)
        if len(header) < _HEADER.size or not header.startswith(_SIGNATURE):
            raise DamagedError
        _, version, _, method, time, date, crc, compressed, size, *lengths = _HEADER.unpack(header)
        name = stream.read(lengths[0]).decode()
        moment = (
            *((date >> 9) + 1980, date >> 5 & 15, date & 31),
            *(time >> 11, time >> 5 & 63, (time & 31) * 2),
        )
        entry = zipfile.ZipInfo(name, moment)
        entry.compress_type, entry.extract_version = method, version
        entry.CRC, entry.compress_size, entry.file_size = crc, compressed, size
        entry.header_offset, entry.external_attr = offset, MODE
        yield entry
        offset += _HEADER.size + sum(lengths) + compressed
