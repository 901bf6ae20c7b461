"""Read untrusted zips and unpacked packages.

The directory of a zip is checked before any entry is read, for names that leave the folder or that
Windows interprets differently, symbolic links, duplicate names, overlapping entries, zip bombs and
encryption. Nothing is extracted to disk. The zip specification (APPNOTE.TXT, 4.4.17) requires
relative names with forward slashes.
"""

import hashlib
import lzma
import os
import re
import stat
import struct
import unicodedata
import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from scorm_builder.checking.findings import Finding

ZIP_SIGNATURE = b"PK"
MAX_ENTRIES = 50_000
MAX_UNPACKED_BYTES = 8 << 30
MAX_IN_MEMORY = 8 << 20
_SUSPICIOUS_RATIO = 200
_SUSPICIOUS_BYTES = 64 << 20
_CHUNK = 1 << 20
_ENCRYPTED = 0x1
_DRIVE = re.compile(r"[A-Za-z]:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_RESERVED = re.compile(r"(con|prn|aux|nul|com[1-9]|lpt[1-9])(\..*)?", re.IGNORECASE)
_NOT_ON_WINDOWS = re.compile(r"[<>:\"|?*]")
_LONGEST_NAME = 255
_OTHER_CONTAINERS = (
    (b"\x1f\x8b", "a gzip archive (as Moodle's course backups and Open edX courses are)"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
)
_DAMAGED = (
    BadZipFile,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    LookupError,
    OverflowError,
    ValueError,
    OSError,
)
"""What ``zipfile`` and its decompressors raise for a damaged archive or entry."""


class Archive(ABC):
    """A read-only archive.

    ``entries`` are its files in their order; ``files`` are the same by name; ``findings`` are about
    the archive itself. ``safe`` is False if there is an error among the findings: do not read then.
    """

    entries: list[ZipInfo]
    files: dict[str, ZipInfo]
    findings: tuple[Finding, ...]
    safe: bool

    @abstractmethod
    def open(self, name: str) -> IO[bytes]:
        """Open a file for reading; KeyError if there is none of that name."""

    def close(self) -> None:  # noqa: B027 - a folder has nothing to close
        """Close the archive."""

    def read(self, name: str) -> bytes:
        """Return the content of a file; KeyError if there is none of that name.

        ValueError if it is larger than ``MAX_IN_MEMORY`` or damaged.
        """
        if name not in self.files:
            raise KeyError(name)
        try:
            with self.open(name) as source:
                data = source.read(MAX_IN_MEMORY + 1)
        except _DAMAGED:
            raise ValueError(f"{name} is damaged") from None
        if len(data) > MAX_IN_MEMORY:
            raise ValueError(f"{name} is larger than {MAX_IN_MEMORY >> 20} MiB")
        return data

    def sha256(self, name: str) -> str:
        """Return the SHA-256 of a file of any size in hexadecimal."""
        digest = hashlib.sha256()
        with self.open(name) as source:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
        return digest.hexdigest()

    def damaged(self) -> Iterator[Finding]:
        """Read every file and yield a finding for each that does not match its checksum."""
        return iter(())


class ZipArchive(Archive):
    """An open zip."""

    def __init__(self, path: Path) -> None:
        self._zip = ZipFile(path)
        self.entries = [one for one in self._zip.infolist() if one.filename and not _is_folder(one)]
        self.findings = tuple(_check_entries(self._zip.infolist()))
        self.safe = not any(finding.level == "error" for finding in self.findings)
        self.files = {entry.filename: entry for entry in self.entries}

    def open(self, name: str) -> IO[bytes]:
        """Open a file for reading; KeyError if there is none of that name."""
        return self._zip.open(self.files[name])

    def close(self) -> None:
        """Close the zip."""
        self._zip.close()

    def damaged(self) -> Iterator[Finding]:
        """Read every file and yield a finding for each that does not match its checksum."""
        for entry in self.entries:
            try:
                with self._zip.open(entry) as source:
                    while source.read(_CHUNK):
                        pass
            except _DAMAGED:
                message = "The entry cannot be read: it is damaged or compressed in an unknown way."
                yield _finding("damaged", message, entry.filename)


class FolderArchive(Archive):
    """The files of a folder, read like those of a zip. Symbolic links are not followed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        found = list(_files_below(path, ""))
        self.entries = [_entry(name, size) for name, size, is_link in found if not is_link]
        self.files = {entry.filename: entry for entry in self.entries}
        self.findings = tuple(
            Finding("error", "folder/symlink", "This is a link: put the file itself there.", name)
            for name, _, is_link in found
            if is_link
        )
        self.safe = True

    def open(self, name: str) -> IO[bytes]:
        """Open a file for reading; KeyError if there is none of that name."""
        return (self.path / self.files[name].filename).open("rb")


def open_archive(path: Path) -> Archive | Finding:
    """Open a zip or the folder of an unpacked package; return a finding if that is impossible."""
    try:
        return FolderArchive(path) if path.is_dir() else ZipArchive(path)
    except UnicodeDecodeError as error:
        name = error.object.decode("utf-8", "replace")
        message = f'The zip says that the name "{_shown(name)}" is in UTF-8, and it is not.'
        return _finding("encoding", message)
    except OSError as error:
        if error.strerror is not None and error.filename is not None:
            return _finding("unreadable", f"{path} cannot be read: {error.strerror}.")
    except _DAMAGED:
        pass
    return _finding("unreadable", _why_no_zip(path))


def _why_no_zip(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(8)
    if not start:
        return "The file is empty."
    for signature, name in _OTHER_CONTAINERS:
        if start.startswith(signature):
            return f"This is {name}, not a zip: unpack it, and pack what LMSs need as a zip."
    return "This is not a zip that can be read, or it is damaged."


def _finding(rule: str, message: str, file: str = "") -> Finding:
    return Finding("error", f"zip/{rule}", message, _shown(file), source="APPNOTE.TXT 4.4")


def _warning(rule: str, message: str, file: str) -> Finding:
    return Finding("warning", f"zip/{rule}", message, _shown(file), source="APPNOTE.TXT 4.4")


def _is_folder(entry: ZipInfo) -> bool:
    return entry.filename.endswith("/")


def _shown(name: str) -> str:
    return _CONTROL.sub("�", name)


def _check_entries(entries: list[ZipInfo]) -> Iterator[Finding]:
    if len(entries) > MAX_ENTRIES:
        yield _finding("bomb", f"It has {len(entries)} entries; no module needs that many.")
        return
    total = sum(entry.file_size for entry in entries)
    if total > MAX_UNPACKED_BYTES:
        yield _finding(
            "bomb", f"It would unpack to {total} bytes, more than {MAX_UNPACKED_BYTES >> 30} GiB."
        )
    for entry in entries:
        yield from _check_name(entry)
        yield from _check_entry(entry)
    yield from _duplicates(entries)
    yield from _overlaps(entries)


def _check_name(entry: ZipInfo) -> Iterator[Finding]:
    # zipfile cuts a name at its first NUL and converts separators: check the stored name
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
    if not name:
        yield _warning("name", "An entry has no name: nothing can open it.", name)
    if reason := _unusual(name):
        yield _warning("name", f"{reason}.", name)
    if stat.S_ISLNK(entry.external_attr >> 16):
        yield _finding("symlink", "The entry is a symbolic link: put the file itself there.", name)


def _unusual(name: str) -> str:
    """Return why some systems cannot store a file of this name, or an empty string."""
    for part in name.removesuffix("/").split("/"):
        if len(part.encode("utf-8", "replace")) > _LONGEST_NAME:
            return f"A name of more than {_LONGEST_NAME} bytes cannot be stored on most systems"
        if _RESERVED.fullmatch(part):
            return f'Windows reserves the name "{part}", so the file cannot be stored there'
        if (bad := _NOT_ON_WINDOWS.search(part)) and not _DRIVE.match(name):
            return f"Windows cannot store a file with {bad[0]} in its name"
        if part.endswith((" ", ".")) and part not in (".", ".."):
            return "Windows cannot store a name that ends in a space or a full stop"
    return ""


def _check_entry(entry: ZipInfo) -> Iterator[Finding]:
    name = entry.filename
    if entry.flag_bits & _ENCRYPTED:
        yield _finding("encrypted", "The entry is encrypted: an LMS cannot read it.", name)
    if entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        message = "The entry is compressed otherwise than by deflate: many programs cannot read it."
        yield _warning("method", message, name)
    ratio = entry.file_size / max(entry.compress_size, 1)
    if entry.file_size > _SUSPICIOUS_BYTES and ratio > _SUSPICIOUS_RATIO:
        yield _finding(
            "bomb", f"The entry swells {ratio:.0f} times to {entry.file_size} bytes.", name
        )


def _duplicates(entries: list[ZipInfo]) -> Iterator[Finding]:
    seen: dict[str, str] = {}
    for entry in entries:
        name = entry.filename
        other = seen.setdefault(unicodedata.normalize("NFC", name).casefold(), name)
        if other is name:
            continue
        if other == name:
            yield _finding("duplicate", "Two entries have this name.", name)
        else:
            same_case = unicodedata.normalize("NFC", other) == unicodedata.normalize("NFC", name)
            by = "how accents are composed" if same_case else "upper and lower case"
            message = f"It differs from {_shown(other)} by {by} only: on many systems, one file."
            yield _warning("case", message, name)


def _overlaps(entries: list[ZipInfo]) -> Iterator[Finding]:
    end = 0
    for entry in sorted(entries, key=lambda one: one.header_offset):
        if entry.header_offset < end:
            yield _finding("overlap", "The entry overlaps another one: a zip bomb.", entry.filename)
        end = max(end, entry.header_offset + 30 + entry.compress_size)


def _entry(name: str, size: int) -> ZipInfo:
    entry = ZipInfo(name)
    entry.file_size = entry.compress_size = size
    return entry


def _files_below(folder: Path, prefix: str) -> Iterator[tuple[str, int, bool]]:
    """Yield the name and size of each file, and whether it is a link or a special file."""
    for entry in sorted(os.scandir(folder), key=lambda one: one.name)[:MAX_ENTRIES]:
        name = prefix + entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _files_below(Path(entry.path), f"{name}/")
        else:
            is_file = entry.is_file(follow_symlinks=False)
            yield name, entry.stat(follow_symlinks=False).st_size, not is_file
