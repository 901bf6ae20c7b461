"""The tool's own static files, and URLs of files that never change under their name.

The URL of a static file contains the beginning of the SHA-256 of all static files, that of a
module's file the beginning of its own: browsers may cache them for a year, and changed content has
a new URL. One digest for all static files makes the relative imports of the script's modules
immutable too. Usable without a request.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from courseware import resources
from courseware.module import Module

HASH_LENGTH = 12

Signature = tuple[tuple[str, int, int], ...]
"""Name, modification time (ns) and size (bytes) of each static file."""


@dataclass(frozen=True, slots=True)
class StaticFiles:
    """The static files as they were read: their bytes, and one digest of exactly these bytes."""

    contents: Mapping[str, bytes]
    digest: str


def static_files() -> StaticFiles:
    """Return the present static files, read again only if the signature of one has changed.

    Raises OSError while a file is being replaced.
    """
    folder = resources.static()
    files = (path for path in sorted(folder.iterdir()) if not path.name.startswith("."))
    stats = ((path.name, path.stat()) for path in files)
    return _read(folder, tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats))


@lru_cache(maxsize=1)
def _read(folder: Path, signature: Signature) -> StaticFiles:
    contents = {name: (folder / name).read_bytes() for name, _, _ in signature}
    digest = hashlib.sha256()
    for name, data in contents.items():
        digest.update(f"{name} {len(data)}\n".encode() + data)
    return StaticFiles(contents, digest.hexdigest()[:HASH_LENGTH])


@cache
def asset(name: str) -> str:
    """Return the URL path of one of the static files (style, script or icon)."""
    files = static_files()
    if name not in files.contents:
        raise FileNotFoundError(name)
    return f"/static/{files.digest}/{name}"


def media_url(module: Module, path: str) -> str:
    """Return the URL path of a module's file."""
    file = module.file(path)
    digest = file.sha256[:HASH_LENGTH] if file else "0" * HASH_LENGTH
    return f"/media/{module.id}/{digest}/{path}"
