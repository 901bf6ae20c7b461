"""Read a module again whenever one of its files changes."""

import secrets
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from courseware.module import Module
from courseware.parser.folder import MANIFEST, File, scan
from courseware.parser.reader import read
from courseware.problems import ModuleError, Problem

_POLL_SECONDS = 0.2
_PAUSE_FACTOR = 4
"""The pause in units of the last scan: at most a fifth of the time is spent on scanning."""

_State = tuple[dict[str, File], frozenset[str]]


@dataclass(frozen=True, slots=True)
class PreviewState:
    """The module, or None and its problems. ``version`` is different after each reading."""

    version: str
    module: Module | None
    problems: tuple[Problem, ...]


class ModuleWatcher:
    """Watch the folder of a module. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self._start = secrets.token_hex(4)
        self._count = 0
        self._changed = threading.Condition()
        self._state = self._files()
        self._shown = self._read()

    def now(self) -> PreviewState:
        """Return the latest state."""
        with self._changed:
            return self._shown

    def after(self, version: str, seconds: float) -> PreviewState:
        """Return the state when its version is no longer ``version``, or after ``seconds``."""
        with self._changed:
            self._changed.wait_for(lambda: self._shown.version != version, seconds)
            return self._shown

    def refresh(self) -> None:
        """Read the module again if any of its files changed."""
        state = self._files()
        if state == self._state:
            return
        self._state = state
        shown = self._read()
        with self._changed:
            self._shown = shown
            self._changed.notify_all()

    def watch(self, stop: threading.Event) -> None:
        """Refresh repeatedly until ``stop`` is set."""
        pause = _POLL_SECONDS
        while not stop.wait(pause):
            start = time.monotonic()
            self.refresh()
            pause = max(_POLL_SECONDS, _PAUSE_FACTOR * (time.monotonic() - start))

    def _files(self) -> _State:
        folder = scan(self.folder)
        return folder.files, frozenset(folder.folders)

    def _read(self) -> PreviewState:
        self._count += 1
        version = f"{self._start}-{self._count}"
        try:
            module = read(self.folder)
        except ModuleError as error:
            return PreviewState(version, None, error.problems)
        except Exception as error:
            return PreviewState(version, None, (internal_error(error),))
        return PreviewState(version, module, module.problems)


def internal_error(error: Exception) -> Problem:
    """Return an error of the program as a problem, so that an author sees no traceback."""
    return Problem(
        "error",
        MANIFEST,
        None,
        f"The program itself failed: {type(error).__name__}: {error}.",
        "This is not your mistake. Please report it, with the text that you edited last.",
    )
