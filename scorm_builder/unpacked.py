"""A package as a folder instead of a zip: a website that needs no unpacking on its server.

A folder is written beside its place and takes it at the end, whole: a build that dies leaves the
old one as it was, and no file of an earlier build stays behind. Two renames do it; between them,
for a moment, there is no folder. What stands in that place is replaced only if it is a website of
ours, with nothing in it that somebody else put there: the list of files in its worker tells.
"""

import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from zipfile import ZipInfo

from scorm_builder.archive import LARGEST_IN_MEMORY, MOST_ENTRIES, Archive
from scorm_builder.findings import Finding
from scorm_builder.formats.website import WORKER, listed
from scorm_builder.plan import PlanFile
from scorm_builder.zip import copy

_OF_SYSTEMS = frozenset((".DS_Store", "Thumbs.db", "desktop.ini"))
"""What systems leave in every folder that somebody looked into: nobody misses it."""


class Unpacked(Archive):
    """An archive whose entries are the files of a folder. Links are not followed."""

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

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the folder as it is: nothing of it is open."""

    def read(self, name: str) -> bytes:
        """Return a small file whole; ValueError if it is larger than it may be."""
        with (self.path / name).open("rb") as source:
            data = source.read(LARGEST_IN_MEMORY + 1)
        if len(data) > LARGEST_IN_MEMORY:
            raise ValueError(f"{name} is larger than {LARGEST_IN_MEMORY >> 20} MiB")
        return data

    def sha256(self, name: str) -> str:
        """Return the SHA-256 of a file in hexadecimal, however large it is."""
        with (self.path / name).open("rb") as source:
            return hashlib.file_digest(source, "sha256").hexdigest()

    def damaged(self) -> Iterator[Finding]:
        """Return nothing: a folder holds no checksums."""
        return iter(())


def _entry(name: str, size: int) -> ZipInfo:
    entry = ZipInfo(name)
    entry.file_size = entry.compress_size = size
    return entry


def _files_below(folder: Path, prefix: str) -> Iterator[tuple[str, int, bool]]:
    """Yield each file's name, its size, and whether it is a link (or no file at all)."""
    for entry in sorted(os.scandir(folder), key=lambda one: one.name)[:MOST_ENTRIES]:
        name = prefix + entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _files_below(Path(entry.path), f"{name}/")
        else:
            is_file = entry.is_file(follow_symlinks=False)
            yield name, entry.stat(follow_symlinks=False).st_size, not is_file


def write(target: Path, files: Iterable[PlanFile]) -> None:
    """Write ``files`` into a new folder at ``target``."""
    target.mkdir()
    for file in files:
        path = target / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as out:
            if file.data is None:
                copy(file, out)
            else:
                out.write(file.data)


@contextmanager
def unfinished(target: Path) -> Iterator[Path]:
    """Give a path beside ``target`` to write to; it takes the target's place if all goes well.

    Raises FileExistsError if something stands there that may not be replaced.
    """
    _refuse_what_is_not_ours(target)
    mark = secrets.token_hex(4)
    part, old = (target.with_name(f".{target.name}.{mark}.{kind}") for kind in ("part", "old"))
    try:
        yield part
        _take_place(part, target, old)
    finally:
        shutil.rmtree(part, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _take_place(part: Path, target: Path, old: Path) -> None:
    if not target.exists():
        part.rename(target)
        return
    target.rename(old)
    try:
        part.rename(target)
    except OSError:
        old.rename(target)
        raise


def _refuse_what_is_not_ours(target: Path) -> None:
    if not os.path.lexists(target):
        return
    if target.is_symlink() or not target.is_dir():
        raise _occupied(target, "this is no folder")
    strange = _strangers(Unpacked(target))
    if strange:
        more = f" and {len(strange) - 1} more" if len(strange) > 1 else ""
        raise _occupied(target, f"the folder holds {strange[0]}{more}")


def _occupied(target: Path, found: str) -> FileExistsError:
    words = (
        f"{found}, which this program did not put there. Move it away, or build elsewhere with -o"
    )
    return FileExistsError(errno.EEXIST, words, str(target))


def _strangers(folder: Unpacked) -> list[str]:
    """Return the files that no build put there, or that were changed since."""
    try:
        ours = listed(folder.read(WORKER))
    except (ValueError, OSError):
        ours = {}
    own = {WORKER} if ours else set()
    return [finding.file for finding in folder.findings] + [
        name
        for name, entry in folder.files.items()
        if name not in own
        and name.rpartition("/")[2] not in _OF_SYSTEMS
        and not _is_as_listed(folder, name, entry.file_size, ours.get(name))
    ]


def _is_as_listed(folder: Unpacked, name: str, size: int, facts: tuple[str, int] | None) -> bool:
    return facts is not None and facts[1] == size and folder.sha256(name).startswith(facts[0])
