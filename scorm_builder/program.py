"""What the builder itself is made of: its code, its templates, its words, and what it draws with.

Whoever keeps packages must know when a newer builder would make others.
"""

import hashlib
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from courseware import resources

_DRAWN_WITH = ("babel", "jinja2", "lxml", "markdown-it-py", "markupsafe", "nh3", "weasyprint")


def folders() -> tuple[Path, ...]:
    """Return the folders that hold the program, its templates and its words."""
    here = Path(__file__).resolve().parent
    known = Path(resources.__file__).resolve().parent
    return here, known, resources.templates(), resources.translations()


def files_below(folder: Path | str, prefix: str = "") -> Iterator[tuple[str, "os.DirEntry[str]"]]:
    """Yield every file of the program below a folder, by its path from there."""
    for entry in os.scandir(folder):
        if entry.name.startswith((".", "__pycache__")) or entry.name == "_data":
            continue
        if entry.is_dir():
            yield from files_below(entry.path, f"{prefix}{entry.name}/")
        else:
            yield prefix + entry.name, entry


@cache
def digest() -> str:
    """Return what changes with the program, and is alike on every machine that has the same one.

    It goes by the content of the files, not by their times, and is found once for each process.
    """
    from importlib.metadata import PackageNotFoundError, version

    whole = hashlib.sha256()
    for folder in folders():
        for name, entry in sorted(files_below(folder), key=lambda one: one[0]):
            if not name.endswith(".mo"):  # made from the .po beside it, on some machines only
                data = Path(entry.path).read_bytes()
                whole.update(f"{name}\n{len(data)}\n".encode("utf-8", "surrogatepass") + data)
    for name in _DRAWN_WITH:
        try:
            whole.update(f"{name} {version(name)}\n".encode())
        except PackageNotFoundError:
            continue
    return whole.hexdigest()
