"""``lti-tool serve``: what it leaves on the machine, and what it writes to its log."""

import socket
from pathlib import Path

import pytest
import requests
from waitress.adjustments import Adjustments
from waitress.server import MultiSocketServer

from lti_tool.serving import _Channel
from tests.support.served import served


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder for what is run."""
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.delenv("XDG_RUNTIME_DIR", raising=False)
    return folder


def test_nothing_is_written_outside_the_data_folder_and_no_line_for_each_probe(
    home: Path, tmp_path: Path
) -> None:
    log = tmp_path / "data.log"
    (tmp_path / "data").mkdir()  # without a database
    with served(tmp_path / "data", "--workers", "1") as tool:
        before = log.read_text()
        for _ in range(3):
            assert requests.get(f"{tool.url}/readyz", timeout=10).ok
        assert log.read_text() == before
        assert list(home.iterdir()) == []
    assert "Running upgrade" in before, "a change of the tables is reported"


def test_a_connection_that_is_reported_closed_twice_stops_nothing() -> None:
    ours, theirs = socket.socketpair()
    channels: dict[int, object] = {}
    server = MultiSocketServer(channels, Adjustments(listen="127.0.0.1:0"))
    server.active_channels = {}
    channel = _Channel(server, ours, ("127.0.0.1", 1), server.adj, map=channels)
    theirs.close()
    channel.handle_close()
    channel.handle_close()
    assert channels == {}
