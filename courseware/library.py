"""The modules of a content folder, kept in memory and read again when somebody edits them.

A module that its author breaks while people are using it goes on being shown as it was read last,
and its problems are told; it is never half shown.
"""

import os
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from courseware.module import Module
from courseware.problems import ModuleError, Problem
from courseware.reader import read
from courseware.reading.folder import IGNORED, STRUCTURE

_SECONDS_BETWEEN_CHECKS = 1.0

_Marks = tuple[tuple[str, int, int], ...]
_Problems = tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Shelf:
    """What is known of one folder: ``marks`` tell when it has changed."""

    marks: _Marks
    module: Module | None
    problems: _Problems


class Library:
    """The modules under ``root``, one folder each. Safe to share among threads."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock = threading.Lock()
        self._shelves: dict[str, _Shelf] = {}
        self._modules: dict[str, Module] = {}
        self._problems: dict[str, _Problems] = {}
        self._checked: float | None = None

    def modules(self) -> tuple[Module, ...]:
        """Return the modules that can be shown, by number (those without one last), then by id."""
        self._refresh()
        return tuple(self._modules.values())

    def get(self, module_id: str) -> Module | None:
        """Return the module of that id, or None."""
        self._refresh()
        return self._modules.get(module_id)

    def problems(self) -> Mapping[str, tuple[Problem, ...]]:
        """Return what was found in each folder that has any problem, by the folder's name."""
        self._refresh()
        return self._problems

    def _refresh(self) -> None:
        with self._lock:
            now = time.monotonic()
            if self._checked is not None and now - self._checked < _SECONDS_BETWEEN_CHECKS:
                return
            shelves = {
                folder.name: _shelf(folder, self._shelves.get(folder.name))
                for folder in _folders(self.root)
            }
            if shelves != self._shelves or self._checked is None:
                self._shelves = shelves
                self._modules, self._problems = _shown(shelves)
            self._checked = now


def _folders(root: Path) -> list[Path]:
    try:
        found = [path for path in root.iterdir() if (path / STRUCTURE).is_file()]
    except OSError:
        return []
    return sorted(path for path in found if not path.name.startswith("."))


def _shelf(folder: Path, before: _Shelf | None) -> _Shelf:
    marks = tuple(sorted(_marks(folder, "")))
    if before is not None and before.marks == marks:
        return before
    try:
        module = read(folder)
    except ModuleError as error:
        return _Shelf(marks, before.module if before else None, error.problems)
    return _Shelf(marks, module, module.problems)


def _marks(folder: Path | str, prefix: str) -> Iterator[tuple[str, int, int]]:
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
                yield from _marks(entry.path, f"{name}/")
            else:
                status = entry.stat(follow_symlinks=False)
                yield name, status.st_mtime_ns, status.st_size
        except OSError:
            continue


def _shown(shelves: Mapping[str, _Shelf]) -> tuple[dict[str, Module], dict[str, _Problems]]:
    """Return the modules in order, by their ids, and the problems, by the names of the folders.

    Of two folders with the same id, the first by name is shown and the other is told.
    """
    owners: dict[str, str] = {}
    modules: list[Module] = []
    problems: dict[str, _Problems] = {}
    for name, shelf in shelves.items():
        found = shelf.problems
        if shelf.module is not None:
            owner = owners.setdefault(shelf.module.id, name)
            if owner == name:
                modules.append(shelf.module)
            else:
                found = (*found, _double(owner, name, shelf.module.id))
        if found:
            problems[name] = found
    modules.sort(key=lambda module: (module.number is None, module.number or 0, module.id))
    return {module.id: module for module in modules}, problems


def _double(owner: str, name: str, module_id: str) -> Problem:
    return Problem(
        "error",
        STRUCTURE,
        None,
        f'The folders "{owner}" and "{name}" both hold a module with the id "{module_id}".',
        "Give one of them another id.",
    )
