"""Run the worker beside the server, and start it again when it ends (``serve --with-worker``).

The supervisor is a small process between the two. A thread of the server could not do this: the
server forks, and collects the exit statuses of all its children itself.
"""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

log = logging.getLogger(__name__)

WORKER = (sys.executable, "-m", "lti_tool.cli", "worker")
SHORTEST_PAUSE, LONGEST_PAUSE = 1.0, 30.0
"""Seconds before the worker is started again: doubled each time that it ended soon."""
STEADY = 60.0
"""Seconds: a worker that ran this long is started again after the shortest pause."""
PATIENCE = 15.0
"""Seconds that a worker has to end after SIGTERM; longer than ``worker.GRACE``."""


@contextmanager
def supervised_worker() -> Iterator[None]:
    """Run a supervised worker while the block runs, and no longer than this process lives."""
    owner = os.getpid()
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "lti_tool.tasks.supervisor", str(owner)], stdin=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        if os.getpid() == owner:  # a process that the server forked leaves the block too
            supervisor.terminate()
            try:
                supervisor.wait(PATIENCE + 5)
            except subprocess.TimeoutExpired:
                supervisor.kill()


def ended(status: int) -> str:
    """Describe the exit status of a process, as :mod:`subprocess` gives it."""
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"


class Supervisor:
    """Keeps one process running until it is stopped or ``parent`` is gone."""

    def __init__(self, command: Sequence[str], parent: int) -> None:
        self._command = command
        self._parent = parent
        self._stopping = False

    def run(self) -> None:
        """Start the process again and again. To be called in the main thread."""
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        pause = SHORTEST_PAUSE
        while self._wanted():
            started = time.monotonic()
            process = subprocess.Popen([*self._command, "--parent", str(os.getpid())])
            while process.poll() is None and self._wanted():
                time.sleep(0.2)
            if process.returncode is None:
                _end(process)
                return
            if time.monotonic() - started > STEADY:
                pause = SHORTEST_PAUSE
            log.error(
                "the worker (pid %s) ended: %s; it is started again in %.0f s",
                process.pid,
                ended(process.returncode),
                pause,
            )
            end = time.monotonic() + pause
            while time.monotonic() < end and self._wanted():
                time.sleep(0.2)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _wanted(self) -> bool:
        return not self._stopping and os.getppid() == self._parent

    def _stop(self, *_: Any) -> None:
        self._stopping = True


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    Supervisor(WORKER, int(sys.argv[1])).run()
