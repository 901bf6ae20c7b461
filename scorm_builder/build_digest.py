"""Digests of what a package is made from: the program and the module."""

import hashlib
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

from courseware import resources
from courseware.module import Module

_RENDERERS = ("babel", "jinja2", "lxml", "markdown_it_py", "markupsafe", "nh3", "weasyprint")
"""Distributions whose version can change the content of a package."""


def folders() -> tuple[Path, ...]:
    """Return the folders of the program's code, templates and translations."""
    builder = Path(__file__).resolve().parent
    courseware = Path(resources.__file__).resolve().parent
    return builder, courseware, resources.templates(), resources.translations()


def files_below(folder: Path | str, prefix: str = "") -> Iterator[tuple[str, Path]]:
    """Yield every file of the program below a folder, with its path from there."""
    for entry in os.scandir(folder):
        if entry.name.startswith((".", "__pycache__")) or entry.name == "_data":
            continue
        if entry.is_dir():
            yield from files_below(entry.path, f"{prefix}{entry.name}/")
        else:
            yield prefix + entry.name, Path(entry.path)


@cache
def program_digest() -> str:
    """Return a SHA-256 of the program: the same on every machine that has the same version.

    Covers the content of its files (not their times) and the versions of the renderers. Computed
    once per process.
    """
    digest = hashlib.sha256()
    for folder in folders():
        for name, path in sorted(files_below(folder)):
            if not name.endswith(".mo"):  # compiled from the .po beside it, on some machines only
                data = path.read_bytes()
                digest.update(f"{name}\n{len(data)}\n".encode("utf-8", "surrogatepass") + data)
    digest.update("\n".join(renderer_versions()).encode())
    return digest.hexdigest()


def renderer_versions() -> list[str]:
    """Return the names and versions of the installed renderers, such as ``jinja2-3.1.6``.

    Read from the names of their metadata folders: to import importlib.metadata takes a tenth of a
    build.
    """
    found = (path for folder in sys.path for path in Path(folder).glob("*.dist-info"))
    names = {path.stem.lower() for path in found}
    return sorted(name for name in names if name.partition("-")[0] in _RENDERERS)


def module_digest(module: Module) -> str:
    """Return a SHA-256 of a module's content, wherever its folder is.

    A module is a frozen value; its files are in it with their SHA-256.
    """
    content = replace(module, folder=Path(), problems=())
    return hashlib.sha256(repr(content).encode("utf-8", "surrogatepass")).hexdigest()
