"""A zip from anybody, opened without trust: what it says of itself is checked before anything is
read.

The attacks and accidents: names that leave the folder or that Windows reads otherwise, links, two
entries under one name, entries laid over one another or swelling without end (zip bombs),
encryption, damage. Nothing is ever extracted. The zip specification (APPNOTE.TXT) 4.4.17 asks for
relative names with forward slashes; IMS Content Packaging wants the manifest at the root.
"""

import hashlib
import re
import stat
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from zipfile import BadZipFile, ZipFile, ZipInfo

from scorm_builder.findings import Finding

MOST_ENTRIES = 50_000
LARGEST_WHOLE = 8 << 30
LARGEST_IN_MEMORY = 8 << 20
_SUSPECT_RATIO = 200
_SUSPECT_SIZE = 64 << 20
_PIECE = 1 << 20
_ENCRYPTED = 0x1
_DRIVE = re.compile(r"[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Archive:
    """An open zip. ``findings`` is about the zip itself; ``files`` are the names safe to use."""

    def __init__(self, path: Path) -> None:
        self._zip = ZipFile(path)
        self.entries = [entry for entry in self._zip.infolist() if not entry.is_dir()]
        self.findings = tuple(_findings(self._zip.infolist()))
        self.safe = not any(finding.level == "error" for finding in self.findings)
        self.files = {entry.filename: entry for entry in self.entries}

    def __enter__(self) -> "Archive":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._zip.close()

    def read(self, name: str) -> bytes:
        """Return a small file whole; ValueError if it is larger than it may be."""
        with self._zip.open(self.files[name]) as source:
            data = source.read(LARGEST_IN_MEMORY + 1)
        if len(data) > LARGEST_IN_MEMORY:
            raise ValueError(f"{name} is larger than {LARGEST_IN_MEMORY >> 20} MiB")
        return data

    def sha256(self, name: str) -> str:
        """Return the SHA-256 of a file in hexadecimal, however large it is."""
        digest = hashlib.sha256()
        with self._zip.open(self.files[name]) as source:
            while piece := source.read(_PIECE):
                digest.update(piece)
        return digest.hexdigest()

    def damaged(self) -> Iterator[Finding]:
        """Read everything through, in pieces, and tell what does not match its checksum."""
        for entry in self.entries:
            try:
                with self._zip.open(entry) as source:
                    while source.read(_PIECE):
                        pass
            except (BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
                yield _finding("damaged", f"The entry cannot be read: {error}.", entry.filename)


def open_archive(path: Path) -> "Archive | Finding":
    """Open the zip, or the folder of an unpacked one, or say why it is none."""
    try:
        if path.is_dir():
            from scorm_builder.unpacked import Unpacked

            return Unpacked(path)
        return Archive(path)
    except (BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        return _finding("unreadable", f"This is not a zip that can be read: {error}.")
    except OSError as error:
        return _finding("unreadable", f"{path} cannot be read: {error.strerror}.")


def _finding(rule: str, message: str, file: str = "") -> Finding:
    return Finding("error", f"zip/{rule}", message, _shown(file), source="APPNOTE.TXT 4.4")


def _shown(name: str) -> str:
    return _CONTROL.sub("�", name)


def _findings(entries: list[ZipInfo]) -> Iterator[Finding]:
    if len(entries) > MOST_ENTRIES:
        yield _finding("bomb", f"It has {len(entries)} entries; no module needs that many.")
        return
    whole = sum(entry.file_size for entry in entries)
    if whole > LARGEST_WHOLE:
        yield _finding(
            "bomb", f"It would unpack to {whole} bytes, more than {LARGEST_WHOLE >> 30} GiB."
        )
    for entry in entries:
        yield from _about_name(entry)
        yield from _about_entry(entry)
    yield from _doubles(entries)
    yield from _overlaps(entries)


def _about_name(entry: ZipInfo) -> Iterator[Finding]:
    # zipfile cuts a name at its first NUL and turns the system's separator: look at what was stored
    name = entry.orig_filename
    if "\\" in name:
        yield _finding(
            "backslash", "The name has a backslash: write it with forward slashes.", name
        )
    if name.startswith(("/", "\\")) or _DRIVE.match(name):
        yield _finding("absolute", "The name is absolute: names start at the package's root.", name)
    if ".." in re.split(r"[/\\]", name):
        yield _finding("traversal", "The name leaves the package's folder.", name)
    if _CONTROL.search(name):
        yield _finding("control", "The name holds control characters.", name)
    if stat.S_ISLNK(entry.external_attr >> 16):
        yield _finding("symlink", "The entry is a symbolic link: put the file itself there.", name)


def _about_entry(entry: ZipInfo) -> Iterator[Finding]:
    name = entry.filename
    if entry.flag_bits & _ENCRYPTED:
        yield _finding("encrypted", "The entry is encrypted: an LMS cannot read it.", name)
    ratio = entry.file_size / max(entry.compress_size, 1)
    if entry.file_size > _SUSPECT_SIZE and ratio > _SUSPECT_RATIO:
        yield _finding(
            "bomb", f"The entry swells {ratio:.0f} times to {entry.file_size} bytes.", name
        )


def _doubles(entries: list[ZipInfo]) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for entry in entries:
        name = entry.filename
        other = seen.setdefault(name.casefold(), name)
        if other is name:
            continue
        if other == name:
            yield _finding("duplicate", "Two entries have this name.", name)
        else:
            message = (
                f"It differs from {other} by upper and lower case only: on many systems, one file."
            )
            yield Finding("warning", "zip/case", message, _shown(name))


def _overlaps(entries: list[ZipInfo]) -> Iterator[Finding]:
    end = 0
    for entry in sorted(entries, key=lambda one: one.header_offset):
        if entry.header_offset < end:
            yield _finding(
                "overlap", "The entry lies over another one: a zip bomb.", entry.filename
            )
        end = max(end, entry.header_offset + 30 + entry.compress_size)
