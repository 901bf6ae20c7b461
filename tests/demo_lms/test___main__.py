"""The command: loopback only, registration at start, and everything kept for the next run."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from demo_lms.__main__ import main
from demo_lms.loopback import NotLoopbackError
from demo_lms.running import Running
from demo_lms.state import State
from tests.support.stand_in import StandIn

ROOT = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def started(*words: str) -> Iterator[list[str]]:
    """The command as a process; gives the lines that it printed until it was ready."""
    process = subprocess.Popen(
        [sys.executable, "-m", "demo_lms", *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line.strip())
        if line.startswith("Open "):
            break
    try:
        yield lines
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        process.stdout.close()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.10", "::", "", "example.org", "10.0.0.1"])
def test_it_refuses_to_be_reached_from_elsewhere(
    host: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(NotLoopbackError):
        Running(State(), host=host)
    assert main(["--bind", f"{host}:9000"]) == 2
    assert "use 127.0.0.1" in capsys.readouterr().err


def test_it_refuses_a_public_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--public-url", "https://lms.example.org"]) == 2
    assert "listens on this machine" in capsys.readouterr().err


def test_a_bind_without_a_port_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--bind", "127.0.0.1"]) == 2
    assert "HOST:PORT" in capsys.readouterr().err


def test_it_registers_the_tool_once_and_remembers_it(tmp_path: Path, tool_server: StandIn) -> None:
    bind = f"127.0.0.1:{free_port()}"
    words = (
        *("--bind", bind, "--data-dir", str(tmp_path), "--tool", tool_server.url),
        *("--registration-url", tool_server.url + "/lti/register/code"),
    )
    with started(*words) as lines:
        assert lines[0].startswith("Added Stand-in (client ")
        assert lines[-1] == f"Open http://{bind}"
        keys = requests.get(f"http://{bind}/lti/keys", timeout=10).json()
        tools = requests.get(f"http://{bind}/tools", timeout=10).text
        client_id = tool_server.registered["client_id"]
        assert client_id in tools
    with started(*words) as lines:
        assert lines == [f"Open http://{bind}"]
        assert requests.get(f"http://{bind}/lti/keys", timeout=10).json() == keys
        assert client_id in requests.get(f"http://{bind}/tools", timeout=10).text


def test_a_tool_that_cannot_be_registered_ends_the_command(
    tmp_path: Path, tool_server: StandIn, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--bind", f"127.0.0.1:{free_port()}", "--data-dir", str(tmp_path)]
    assert main([*words, "--registration-url", tool_server.url + "/none"]) == 1
    assert "did not register itself" in capsys.readouterr().err
