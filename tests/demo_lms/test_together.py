"""``make demo``: it says which program stopped, and how."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def children(pid: int) -> dict[str, int]:
    """Processes started by ``pid``, by what their command line ends the module's name with."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,args="], check=True, capture_output=True, text=True
    )
    found = {}
    for line in listed.stdout.splitlines():
        child, parent, command = line.split(None, 2)
        if int(parent) == pid:
            found["demo LMS" if "-m demo_lms" in command else "tool"] = int(child)
    return found


@pytest.mark.parametrize("name", ["tool", "demo LMS"])
def test_a_killed_program_is_named(name: str, tmp_path: Path) -> None:
    errors = tmp_path / "errors"
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
    with errors.open("w") as stream:
        demo = subprocess.Popen(
            [sys.executable, "-m", "demo_lms.together"],
            env=environ,
            stdout=subprocess.PIPE,
            stderr=stream,
            text=True,
        )
    assert demo.stdout is not None
    try:
        for line in demo.stdout:
            if "Press Ctrl-C" in line:
                break
        pid = children(demo.pid)[name]
        os.kill(pid, signal.SIGKILL)
        assert demo.wait(90) == 1, errors.read_text()
        said = f"The {name} (process {pid}) has stopped: killed by SIGKILL."
        assert said in errors.read_text()
    finally:
        if demo.poll() is None:
            demo.terminate()
            demo.wait(60)
