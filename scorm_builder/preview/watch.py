"""The module as it is now, read again as soon as one of its files changes."""

import secrets
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from courseware.module import Module
from courseware.parser.folder import MANIFEST, File, scan
from courseware.parser.reader import read
from courseware.problems import ModuleError, Problem

_SECONDS_BETWEEN_LOOKS = 0.2
_REST = 4
"""At most one part in five of the time is spent looking, however large the folder."""

_State = tuple[dict[str, File], frozenset[str]]


@dataclass(frozen=True, slots=True)
class Shown:
    """What there is to show: a module, or None and the problems. ``mark`` differs each time."""

    mark: str
    module: Module | None
    problems: tuple[Problem, ...]


class Watched:
    """One module's folder under watch. Safe to share among threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self._start = secrets.token_hex(4)
        self._count = 0
        self._changed = threading.Condition()
        self._state = self._files()
        self._shown = self._read()

    def now(self) -> Shown:
        """Return what was read last."""
        with self._changed:
            return self._shown

    def after(self, mark: str, seconds: float) -> Shown:
        """Return what there is to show once it is not ``mark`` any more, or after ``seconds``."""
        with self._changed:
            self._changed.wait_for(lambda: self._shown.mark != mark, seconds)
            return self._shown

    def look(self) -> None:
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
        """Look again and again, until ``stop`` is set."""
        pause = _SECONDS_BETWEEN_LOOKS
        while not stop.wait(pause):
            start = time.monotonic()
            self.look()
            pause = max(_SECONDS_BETWEEN_LOOKS, _REST * (time.monotonic() - start))

    def _files(self) -> _State:
        folder = scan(self.folder)
        return folder.files, frozenset(folder.folders)

    def _read(self) -> Shown:
        self._count += 1
        mark = f"{self._start}-{self._count}"
        try:
            module = read(self.folder)
        except ModuleError as error:
            return Shown(mark, None, error.problems)
        except Exception as error:
            return Shown(mark, None, (fault(error),))
        return Shown(mark, module, module.problems)


def fault(error: Exception) -> Problem:
    """Return a mistake of ours as a problem: an author should never meet a traceback."""
    return Problem(
        "error",
        MANIFEST,
        None,
        f"The program itself failed: {type(error).__name__}: {error}.",
        "This is not your mistake. Please report it, with the text that you edited last.",
    )
