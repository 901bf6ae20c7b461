"""What follows from its sources alone, kept in the user's cache folder for the next process.

Compiled words, say: to make them anew takes longer than to draw a page with them. Nothing kept is
believed blindly. It carries the SHA-256 of what it was made from and of itself; where one of them
differs, or nothing can be kept at all, it is made again. Processes that write at once do not meet:
each writes beside the place and then puts the whole file there.

Only a process that lives as short as a build keeps anything, and says so (``allow``): a server
writes nothing outside its data folder.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

_DIGEST = hashlib.sha256().digest_size
_allowed = False


def allow() -> None:
    """Let this process keep what it makes, and take what others kept."""
    global _allowed
    _allowed = True


def folder(kind: str) -> Path | None:
    """Return the folder for one kind of things, made if need be; None if nothing can be kept."""
    try:
        home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        found = Path(home) / "minga" / kind
        found.mkdir(mode=0o700, parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return None
    return found if os.access(found, os.W_OK) else None


def remembered(kind: str, name: str, source: bytes, make: Callable[[], bytes]) -> bytes:
    """Return what ``make`` returns, without calling it if that is known of the same ``source``.

    ``source`` is everything that it depends on. What is kept under ``name`` is the latest only.
    """
    known = recalled(kind, name, source)
    if known is not None:
        return known
    made = make()
    keep(kind, name, source, made)
    return made


def recalled(kind: str, name: str, source: bytes) -> bytes | None:
    """Return what is kept under ``name``, if it was made from ``source``."""
    home = folder(kind) if _allowed else None
    try:
        kept = (home / name).read_bytes() if home else b""
    except OSError:
        return None
    known, own, made = kept[:_DIGEST], kept[_DIGEST : 2 * _DIGEST], kept[2 * _DIGEST :]
    good = known == hashlib.sha256(source).digest() and own == hashlib.sha256(made).digest()
    return made if good else None


def keep(kind: str, name: str, source: bytes, made: bytes) -> None:
    """Keep what was made from ``source``, in the place of what is kept under ``name``."""
    home = folder(kind) if _allowed else None
    if home is None:
        return
    path = home / name
    data = hashlib.sha256(source).digest() + hashlib.sha256(made).digest() + made
    part = path.with_name(f".{path.name}.{os.urandom(4).hex()}.part")
    try:
        part.write_bytes(data)
        part.replace(path)
    except OSError:
        part.unlink(missing_ok=True)
