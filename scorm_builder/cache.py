"""Cache of built packages: an unchanged package is not built again.

For each package that the command line builds, a small JSON file in the user's cache folder records
a digest of everything that the package was made from, and the size and time of the package file.
The package is up to date if the digest is the same and the file was not touched since.
"""

import hashlib
import json
import os
import stat
import sys
import zlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from courseware.module import Module
from scorm_builder import build_digest
from scorm_builder.build import BuiltPackage
from scorm_builder.plan import from_folder
from scorm_builder.zip_writer import replace_when_done


@dataclass(frozen=True, slots=True)
class CacheKey:
    """What identifies a package: the module's folder, the output folder and the options."""

    module: Path
    output: Path
    options: Mapping[str, Any]
    schemas: Path | None = None

    @property
    def file_name(self) -> str:
        """The name of the package's cache file."""
        parts = [str(self.module.absolute()), str(self.output.absolute()), self._options()]
        return _sha256("\0".join(parts))[:40] + ".json"

    def digest(self, module: Module) -> str:
        """Return a digest of everything that the package of ``module`` is made from."""
        schemas = from_folder(self.schemas) if self.schemas else ()
        made_from = [
            build_digest.module_digest(module),
            build_digest.program_digest(),
            sys.version,
            zlib.ZLIB_RUNTIME_VERSION,
            self._options(),
            [[file.path, file.sha256] for file in schemas],
            os.environ.get("SOURCE_DATE_EPOCH", ""),
        ]
        return _sha256(json.dumps(made_from))

    def _options(self) -> str:
        return json.dumps([self.options, self.schemas], default=str, sort_keys=True)


@dataclass(frozen=True, slots=True)
class CacheEntry:
    """A package with the digest of what it was made from and its file signature."""

    digest: str
    signature: list[Any]
    package: BuiltPackage


def load(key: CacheKey, digest: str) -> BuiltPackage | None:
    """Return the package if it is up to date, that is, made from what has this ``digest``."""
    entries = folder("packages")
    try:
        text = (entries / key.file_name).read_text("utf-8") if entries else ""
        facts = json.loads(text)
        package = facts["package"]
        path = key.output / Path(package["path"]).name
        package |= {"path": path, "languages": tuple(package["languages"])}
        entry = CacheEntry(facts["digest"], facts["signature"], BuiltPackage(**package))
        if entry.digest == digest and entry.signature == _file_signature(path):
            return entry.package
    except (OSError, ValueError, TypeError, LookupError):
        pass
    return None


def store(key: CacheKey, digest: str, package: BuiltPackage) -> None:
    """Record a package that was just built; nothing happens if there is no cache folder."""
    entries = folder("packages")
    if entries is None:
        return
    try:
        entry = CacheEntry(digest, _file_signature(package.path), package)
        text = json.dumps(asdict(entry), default=str)
        with replace_when_done(entries / key.file_name) as part:
            part.write_text(text, "utf-8")
    except (OSError, ValueError):
        return


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _file_signature(path: Path) -> list[Any]:
    """Return the size and time of a file, or those of all files of a folder."""
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        files = (file for file in path.rglob("*") if not file.is_dir())
        return sorted([str(file.relative_to(path)), *_file_signature(file)] for file in files)
    return [status.st_size, status.st_mtime_ns]


@cache
def folder(kind: str) -> Path | None:
    """Return a folder of the user's cache (XDG Base Directory), or None if it is not writable."""
    try:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        found = Path(base) / "minga" / kind
        found.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return None
    return found if os.access(found, os.W_OK) else None
