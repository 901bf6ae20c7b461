"""URLs of files that never change under their name, usable without a request.

A URL contains the beginning of the file's SHA-256, so browsers may cache it for a year: changed
content has a new URL.
"""

import hashlib
from functools import lru_cache

from courseware import resources
from courseware.module import Module

HASH_LENGTH = 12


@lru_cache(maxsize=64)
def asset(name: str) -> str:
    """Return the URL path of one of the tool's own files (style, script or icon)."""
    digest = hashlib.sha256((resources.static() / name).read_bytes()).hexdigest()
    return f"/static/{digest[:HASH_LENGTH]}/{name}"


def media_url(module: Module, path: str) -> str:
    """Return the URL path of a module's file."""
    file = module.file(path)
    digest = file.sha256[:HASH_LENGTH] if file else "0" * HASH_LENGTH
    return f"/media/{module.id}/{digest}/{path}"
