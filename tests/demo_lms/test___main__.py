"""The command line: loopback only, registration at start, stored state."""

import os
import signal
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
from demo_lms.state import PlatformState
from tests.support.fake_tool import FakeTool
from tests.support.tool import free_port

ROOT = Path(__file__).parents[2]


@contextmanager
def started(*words: str) -> Iterator[list[str]]:
    """Run the command as a process; yield the lines that it printed until it was ready."""
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
def test_a_public_host_is_rejected(host: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(NotLoopbackError):
        Running(PlatformState(), host=host)
    assert main(["--bind", f"{host}:9000"]) == 2
    assert "use 127.0.0.1" in capsys.readouterr().err


def test_a_public_url_is_rejected(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--public-url", "https://lms.example.org"]) == 2
    assert "listens on this machine" in capsys.readouterr().err


def test_a_bind_without_a_port(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--bind", "127.0.0.1"]) == 2
    assert "HOST:PORT" in capsys.readouterr().err


def test_the_tool_is_registered_once(tmp_path: Path, tool_server: FakeTool) -> None:
    bind = f"127.0.0.1:{free_port()}"
    words = (
        *("--bind", bind, "--data-dir", str(tmp_path), "--tool", tool_server.url),
        *("--registration-url", tool_server.url + "/lti/register/code"),
    )
    with started(*words) as lines:
        assert lines[0].startswith("Added Fake tool (client ")
        assert lines[-1] == f"Open http://{bind}"
        keys = requests.get(f"http://{bind}/lti/keys", timeout=10).json()
        tools = requests.get(f"http://{bind}/tools", timeout=10).text
        client_id = tool_server.registered["client_id"]
        assert client_id in tools
    with started(*words) as lines:
        assert lines == [f"Open http://{bind}"]
        assert requests.get(f"http://{bind}/lti/keys", timeout=10).json() == keys
        assert client_id in requests.get(f"http://{bind}/tools", timeout=10).text


def test_a_failed_registration_ends_the_command(
    tmp_path: Path, tool_server: FakeTool, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--bind", f"127.0.0.1:{free_port()}", "--data-dir", str(tmp_path)]
    assert main([*words, "--registration-url", tool_server.url + "/none"]) == 1
    assert "did not register itself" in capsys.readouterr().err
