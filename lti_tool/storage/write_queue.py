"""A queue for the writers of one SQLite database, fair between threads and between processes.

SQLite admits one writer at a time. Its busy handler lets the others sleep and try again, longer
each time, so a writer that has waited long loses to one that comes later. Here the threads of a
process wait in the order in which they came, and processes alternate: a process must hold the
*turn* lock to ask for the *write* lock, and gives the turn back once it has the write lock, so the
one that has just written queues behind the one that waits. Readers are not involved: in WAL mode
they never wait for a writer.

Where a file cannot be locked (in-memory databases, read-only folders, some network file systems),
only the threads of one process queue here, and between processes, SQLite's own lock applies.
"""

import fcntl
import os
import threading
import time
from collections import deque
from contextlib import suppress
from pathlib import Path

_FIRST_WAIT = 0.0005
_LONGEST_WAIT = 0.005
"""Seconds between attempts. Each wait is half as long again as the one before, up to this: the
holder usually waits for the disk, and every attempt takes processor time from it."""


class WriteQueue:
    """The right to write, for one holder at a time."""

    def __init__(self, database_file: Path | None) -> None:
        """``database_file`` is None for a database in memory."""
        self._threads = _FairLock()
        self._turn = self._write = None
        if database_file is not None:
            self._turn = _FileLock(database_file.with_name(f"{database_file.name}.turn"))
            self._write = _FileLock(database_file.with_name(f"{database_file.name}.lock"))

    def acquire(self, seconds: float) -> bool:
        """Wait for the right to write, at most ``seconds``; return whether it was given."""
        deadline = time.monotonic() + seconds
        if not self._threads.acquire(seconds):
            return False
        if self._turn is None or self._write is None:
            return True
        has_turn = self._turn.acquire(deadline)
        if has_turn and self._write.acquire(deadline):
            self._turn.release()
            return True
        if has_turn:
            self._turn.release()
        self._threads.release()
        return False

    def release(self) -> None:
        """Give the right to the next in the queue."""
        if self._write is not None:
            self._write.release()
        self._threads.release()

    def close(self) -> None:
        """Close the files (before a fork, and at the end). A later use opens them again."""
        for each in (self._turn, self._write):
            if each is not None:
                each.close()


class _FairLock:
    """A lock of one process's threads, first come, first served."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._held = False
        self._waiting: deque[threading.Lock] = deque()

    def acquire(self, seconds: float) -> bool:
        with self._guard:
            if not self._held:
                self._held = True
                return True
            mine = threading.Lock()
            mine.acquire()
            self._waiting.append(mine)
        if mine.acquire(timeout=max(0.0, seconds)):
            return True
        with self._guard:
            if mine in self._waiting:
                self._waiting.remove(mine)
                return False
        return True  # handed over at the last moment

    def release(self) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False


class _FileLock:
    """A lock between processes (flock), used by one thread of a process at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._usable = True

    def acquire(self, deadline: float) -> bool:
        """Return True when the lock is held, or cannot be had on this file system."""
        if not self._usable:
            return True
        wait = _FIRST_WAIT
        while True:
            try:
                self._lock()
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    return False
            except OSError:
                self._usable = False
                self.close()
                return True
            else:
                return True
            # flock itself could wait, but not for a limited time.
            time.sleep(wait)
            wait = min(1.5 * wait, _LONGEST_WAIT)

    def release(self) -> None:
        if self._descriptor is not None:
            with suppress(OSError):
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _lock(self) -> None:
        if self._descriptor is None:
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            self._descriptor = os.open(self._path, flags, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
