"""Write a package as an unpacked folder, such as a website that is ready for its server.

The folder is written beside its target and renamed at the end, so an interrupted build leaves the
old one as it was and no file of an earlier build remains. Between the two renames there is no
folder for a moment. An existing folder is replaced only if a build wrote everything in it.
"""

import errno
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from scorm_builder.checking.archive import FolderArchive
from scorm_builder.plan import PackageFile
from scorm_builder.zip_writer import copy


def write(target: Path, files: Iterable[PackageFile]) -> None:
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
def replace_when_done(
    target: Path, find_foreign_files: Callable[[FolderArchive], list[str]]
) -> Iterator[Path]:
    """Give a temporary path beside ``target``; rename it to ``target`` if no error occurs.

    Raises FileExistsError if ``target`` is not a folder or ``find_foreign_files`` finds any file in
    it.
    """
    _check_target(target, find_foreign_files)
    token = secrets.token_hex(4)
    part, old = (target.with_name(f".{target.name}.{token}.{kind}") for kind in ("part", "old"))
    try:
        yield part
        _swap(part, target, old)
    finally:
        shutil.rmtree(part, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _swap(part: Path, target: Path, old: Path) -> None:
    if not target.exists():
        part.rename(target)
        return
    target.rename(old)
    try:
        part.rename(target)
    except OSError:
        old.rename(target)
        raise


def _check_target(target: Path, find_foreign_files: Callable[[FolderArchive], list[str]]) -> None:
    if not os.path.lexists(target):
        return
    if target.is_symlink() or not target.is_dir():
        raise _occupied(target, "this is no folder")
    foreign = find_foreign_files(FolderArchive(target))
    if foreign:
        more = f" and {len(foreign) - 1} more" if len(foreign) > 1 else ""
        raise _occupied(target, f"the folder holds {foreign[0]}{more}")


def _occupied(target: Path, found: str) -> FileExistsError:
    message = (
        f"{found}, which this program did not put there. Move it away, or build elsewhere with -o"
    )
    return FileExistsError(errno.EEXIST, message, str(target))
