"""The tool's own static files, and URLs of files that never change under their name.

A URL contains the beginning of the file's SHA-256, so browsers may cache it for a year: changed
content has a new URL. Usable without a request.
"""

import hashlib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from courseware import resources
from courseware.module import Module

HASH_LENGTH = 12


@dataclass(frozen=True, slots=True)
class AssetContent:
    """A static file as it was read: its bytes, and the digest of exactly these bytes."""

    data: bytes
    digest: str


@lru_cache(maxsize=64)
def _read(path: Path, modified: int, size: int) -> AssetContent:
    """Read a file again only when its modification time (ns) or size (bytes) has changed."""
    data = path.read_bytes()
    return AssetContent(data, hashlib.sha256(data).hexdigest()[:HASH_LENGTH])


def asset_content(name: str) -> AssetContent | None:
    """Return the present content of one of the tool's own files; None for any other name."""
    if name not in _names():
        return None
    path = resources.static() / name
    try:
        stat = path.stat()
        return _read(path, stat.st_mtime_ns, stat.st_size)
    except OSError:  # removed since, or being replaced
        return None


@cache
def _names() -> frozenset[str]:
    """Return the names of the tool's own files: no other name reaches the file system."""
    return frozenset(
        path.name
        for path in resources.static().iterdir()
        if path.is_file() and not path.name.startswith(".")
    )


@cache
def asset(name: str) -> str:
    """Return the URL path of one of the tool's own files (style, script or icon)."""
    content = asset_content(name)
    if content is None:
        raise FileNotFoundError(name)
    return f"/static/{content.digest}/{name}"


def media_url(module: Module, path: str) -> str:
    """Return the URL path of a module's file."""
    file = module.file(path)
    digest = file.sha256[:HASH_LENGTH] if file else "0" * HASH_LENGTH
    return f"/media/{module.id}/{digest}/{path}"
