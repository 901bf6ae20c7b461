"""``serve --with-worker``: the worker is started again, and ends with the server."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from lti_tool.storage.database import Database
from lti_tool.tasks import heartbeat
from lti_tool.tasks.supervisor import ended
from tests.support.served import served

pytestmark = pytest.mark.early

PATIENCE = 90.0


def until(reached: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < end, f"waited in vain until {what}"
        time.sleep(0.2)


@pytest.fixture
def database(tmp_path: Path):
    (tmp_path / "data").mkdir()
    opened = Database(f"sqlite:///{tmp_path / 'data' / 'minga.db'}")
    yield opened
    opened.close()


def pids(database: Database) -> set[int]:
    try:
        return {each.pid for each in heartbeat.latest(database)}
    except OperationalError:  # the worker has not made the tables yet
        return set()


def newest_pid(database: Database) -> int:
    until(lambda: pids(database), "a worker has written its heartbeat")
    return max(heartbeat.latest(database), key=lambda each: each.started_at).pid


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_the_worker_is_restarted_and_ends_with_the_server(
    tmp_path: Path, database: Database, ending: signal.Signals
) -> None:
    log = tmp_path / "data.log"
    with served(tmp_path / "data", "--with-worker", "--workers", "1") as tool:
        first = newest_pid(database)
        os.kill(first, signal.SIGKILL)
        until(lambda: newest_pid(database) != first, "another worker runs")
        assert f"the worker (pid {first}) ended: killed by SIGKILL" in log.read_text()
        second = newest_pid(database)
        os.kill(tool.process.pid, ending)
        tool.process.join(PATIENCE)
        # A worker that stops by itself removes its heartbeat; the killed one could not.
        until(lambda: pids(database) == {first}, "the second worker has ended")
        assert second != first
        assert not (tmp_path / "data" / "wake.db").exists()


def test_a_worker_ends_when_its_supervisor_is_killed(tmp_path: Path, database: Database) -> None:
    """The supervisor stands between the two; the worker watches it too."""
    program = (
        "import subprocess, sys, os, time;"
        "subprocess.Popen([sys.executable, '-m', 'lti_tool.cli', 'worker', '--parent', "
        "str(os.getpid())]); time.sleep(600)"
    )
    environ = {**os.environ, "MINGA_DATA_DIR": str(tmp_path / "data")}
    parent = subprocess.Popen([sys.executable, "-c", program], env=environ)
    try:
        newest_pid(database)
    finally:
        parent.kill()
        parent.wait()
    until(lambda: not pids(database), "the worker has ended")


@pytest.mark.parametrize(
    ("status", "words"),
    [(0, "exit status 0"), (3, "exit status 3"), (-9, "killed by SIGKILL"), (-99, "signal 99")],
)
def test_exit_statuses_are_described(status: int, words: str) -> None:
    assert words in ended(status)
