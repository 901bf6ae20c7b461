"""The modules of a content folder, in memory, read again when their files change.

If an edit makes a module invalid, the last valid version stays in use and its problems are
reported. While one thread reads the files of a module, others use its last version.
"""

import os
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from courseware.module import Module
from courseware.parser.folder import IGNORED, MANIFEST
from courseware.parser.reader import read
from courseware.problems import ModuleError, Problem

_SECONDS_BETWEEN_CHECKS = 1.0

_Signature = tuple[tuple[str, int, int], ...]
_Problems = tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    """The module in one folder; ``signature`` (names, times, sizes) changes with its files."""

    signature: _Signature
    module: Module | None
    problems: _Problems


class Library:
    """The modules under ``root``, one folder each. Safe to share among threads."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock = threading.Lock()
        self._entries: dict[str, _Entry] = {}
        self._modules: dict[str, Module] = {}
        self._problems: dict[str, _Problems] = {}
        self._checked: float | None = None

    def modules(self) -> tuple[Module, ...]:
        """Return the valid modules, sorted by number (those without one last), then by id."""
        self._refresh()
        return tuple(self._modules.values())

    def get(self, module_id: str) -> Module | None:
        """Return the module of that id, or None."""
        self._refresh()
        return self._modules.get(module_id)

    def problems(self) -> Mapping[str, tuple[Problem, ...]]:
        """Return the problems of each folder that has any, by the folder's name."""
        self._refresh()
        return self._problems

    def _refresh(self) -> None:
        first = self._checked is None
        # Reading a long video takes a second: only the first modules are waited for.
        if not self._lock.acquire(blocking=first):
            return
        try:
            now = time.monotonic()
            if self._checked is not None and now - self._checked < _SECONDS_BETWEEN_CHECKS:
                return
            entries = {
                folder.name: _entry(folder, self._entries.get(folder.name))
                for folder in _folders(self.root)
            }
            if entries != self._entries or self._checked is None:
                self._entries = entries
                self._modules, self._problems = _by_id(entries)
            self._checked = now
        finally:
            self._lock.release()


def _folders(root: Path) -> list[Path]:
    try:
        found = [path for path in root.iterdir() if (path / MANIFEST).is_file()]
    except OSError:
        return []
    return sorted(path for path in found if not path.name.startswith("."))


def _entry(folder: Path, before: _Entry | None) -> _Entry:
    signature = tuple(sorted(_signature(folder, "")))
    if before is not None and before.signature == signature:
        return before
    try:
        module = read(folder)
    except ModuleError as error:
        return _Entry(signature, before.module if before else None, error.problems)
    return _Entry(signature, module, module.problems)


def _signature(folder: Path | str, prefix: str) -> Iterator[tuple[str, int, int]]:
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        name = prefix + entry.name
        if name.startswith(".") or name in IGNORED:
            continue
        try:
            if entry.is_dir(follow_symlinks=False):
                yield from _signature(entry.path, f"{name}/")
            else:
                status = entry.stat(follow_symlinks=False)
                yield name, status.st_mtime_ns, status.st_size
        except OSError:
            continue


def _by_id(entries: Mapping[str, _Entry]) -> tuple[dict[str, Module], dict[str, _Problems]]:
    """Return the modules by id, sorted, and the problems by folder name.

    Of two folders with the same id, the first by name is used and the other has an error.
    """
    owners: dict[str, str] = {}
    modules: list[Module] = []
    problems: dict[str, _Problems] = {}
    for name, entry in entries.items():
        found = entry.problems
        if entry.module is not None:
            owner = owners.setdefault(entry.module.id, name)
            if owner == name:
                modules.append(entry.module)
            else:
                found = (*found, _duplicate(owner, name, entry.module.id))
        if found:
            problems[name] = found
    modules.sort(key=lambda module: (module.number is None, module.number or 0, module.id))
    return {module.id: module for module in modules}, problems


def _duplicate(owner: str, name: str, module_id: str) -> Problem:
    return Problem(
        "error",
        MANIFEST,
        None,
        f'The folders "{owner}" and "{name}" both hold a module with the id "{module_id}".',
        "Give one of them another id.",
    )
