"""What was built before, so that it need not be built again.

Beside each package that a command builds, a small record is kept in the user's cache folder: the
files of the module with their sizes, marks and digests, the builder that made the package, what
was asked of it, and what was said. If all of that is as it was, and the package still stands where
it was put, there is nothing to do. Marks (times and the like) only spare the reading: a file whose
marks changed, or are too fresh to be trusted, is compared by its SHA-256. So neither a fresh
checkout nor a touched file causes a build, and no changed file escapes one.
"""

import hashlib
import json
import os
import stat
import sys
import time
import zlib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from courseware.parser.folder import File, Folder, scan
from scorm_builder import program

_FRESH_NS = 2_000_000_000
"""Some file systems count in steps of two seconds."""


class Kept(NamedTuple):
    """A package built before: what ``scorm_builder.build.Package`` says, and the warnings told."""

    path: Path
    languages: tuple[str, ...]
    files: int
    size: int
    largest: str
    warnings: tuple[str, ...]


class Wish(NamedTuple):
    """What a package is made from: a module's folder, the options, the folder to write to."""

    module: Path
    output: Path
    options: Mapping[str, Any]
    schemas: Path | None = None

    def state(self) -> Folder:
        """Return the module's files as they are now; take it before the module is read."""
        return scan(self.module)

    @property
    def name(self) -> str:
        """The name of the record: another wish has another."""
        parts = [str(self.module.absolute()), str(self.output.absolute()), self._asked()]
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:40]

    def _asked(self) -> str:
        return json.dumps([self.options, self.schemas], default=str, sort_keys=True)

    def circumstances(self) -> str:
        """Return everything outside the module that the package depends on, as a digest."""
        schemas = _marks_below(self.schemas) if self.schemas else []
        moment = os.environ.get("SOURCE_DATE_EPOCH", "")
        return _digest_of([builder(), self._asked(), schemas, moment])


def look(wish: Wish) -> Kept | None:
    """Return the package if it stands where it was put and would be built the same again."""
    record = _read(wish)
    try:
        if record is None or record["circumstances"] != wish.circumstances():
            return None
        package = Path(record["package"]["path"])
        if record["package"]["marks"] != _marks_of(package):
            return None
        state = wish.state()
        if not _is_same(state, record):
            return None
        facts = record["facts"]
        return Kept(
            package,
            tuple(facts["languages"]),
            int(facts["files"]),
            int(facts["size"]),
            str(facts["largest"]),
            tuple(facts["warnings"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, OSError):
        return None


def keep(wish: Wish, before: Folder, digests: Mapping[str, str], made: Kept) -> None:
    """Record a package that was just built from the files as they were ``before``.

    ``digests`` are the SHA-256 of files that are known already. Nothing is kept if a file changed
    meanwhile, or if there is no place to keep it.
    """
    folder = _folder()
    if folder is None or not _marked_alike(wish.state(), before):
        return
    from scorm_builder.zip import unfinished

    try:
        files = {
            name: [file.size, *file.marks, digests.get(name) or _sha256(file.path)]
            for name, file in before.files.items()
        }
        record = {
            "made": time.time_ns(),
            "circumstances": wish.circumstances(),
            "folders": sorted(before.folders),
            "files": files,
            "package": {"path": str(made.path.absolute()), "marks": _marks_of(made.path)},
            "facts": {
                "languages": made.languages,
                "files": made.files,
                "size": made.size,
                "largest": made.largest,
                "warnings": made.warnings,
            },
        }
        with unfinished(folder / f"{wish.name}.json") as part:
            part.write_text(json.dumps(record), "utf-8")
    except (OSError, ValueError):
        return


def _is_same(state: Folder, record: Mapping[str, Any]) -> bool:
    files: dict[str, list[Any]] = record["files"]
    if sorted(state.folders) != record["folders"] or state.files.keys() != files.keys():
        return False
    trusted = int(record["made"]) - _FRESH_NS
    return all(_is_as_it_was(file, files[name], trusted) for name, file in state.files.items())


def _is_as_it_was(file: File, known: Sequence[Any], trusted: int) -> bool:
    size, *marks, digest = known
    if file.size != size:
        return False
    old = max(file.marks[:2]) < trusted
    return (old and list(file.marks) == marks) or _sha256(file.path) == digest


def _marked_alike(one: Folder, other: Folder) -> bool:
    return one.files == other.files and one.folders == other.folders


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _marks_of(path: Path) -> list[Any]:
    """Return what changes with a package: its size and time, or those of all files of a folder."""
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        return sorted([str(file.relative_to(path)), *_marks_of(file)] for file in _inside(path))
    return [status.st_size, status.st_mtime_ns]


def _inside(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if not path.is_dir()]


def _read(wish: Wish) -> dict[str, Any] | None:
    folder = _folder()
    try:
        text = (folder / f"{wish.name}.json").read_text("utf-8") if folder else ""
        record = json.loads(text)
    except (OSError, ValueError):
        return None
    return record if isinstance(record, dict) else None


@cache
def _folder() -> Path | None:
    """Return the user's cache folder for packages; None if it cannot be written."""
    try:
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        folder = Path(home) / "minga" / "packages"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return None
    return folder if os.access(folder, os.W_OK) else None


@cache
def builder() -> str:
    """Return a digest that changes whenever the program, its templates or its words change.

    The folder of the installed packages changes when one of them does.
    """
    import click

    installed = Path(click.__file__).resolve().parents[1].stat().st_mtime_ns
    marks = [_marks_below(folder) for folder in program.folders()]
    return _digest_of([sys.version, zlib.ZLIB_RUNTIME_VERSION, installed, marks])


def _marks_below(folder: Path) -> list[list[Any]]:
    found = ((name, entry.stat()) for name, entry in program.files_below(folder))
    return sorted([name, status.st_size, status.st_mtime_ns] for name, status in found)


def _digest_of(facts: object) -> str:
    return hashlib.sha256(json.dumps(facts).encode()).hexdigest()
