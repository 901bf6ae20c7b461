"""Clients that send slowly hold connections, and nobody else waits for them."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from flask import request

from lti_tool import health
from tests.support.served import Served, served

pytestmark = pytest.mark.early

SENDERS = 60
SECONDS = 4
LIMIT = 5.0
"""Seconds in which each probe must be answered, on a busy machine."""

HEADERS = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
BODY = (
    b"POST /lti/launch HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 2000\r\n\r\nid_token="
)
CHUNKED = BODY.replace(b"Content-Length: 2000", b"Transfer-Encoding: chunked")[:-9] + b"7d0\r\n"


@pytest.fixture(scope="module")
def tool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("slow") / "data"
    with served(folder, "--workers", "2", "--threads", "4") as running:
        yield running


def port_of(tool: Served) -> int:
    return int(tool.url.rsplit(":", 1)[1])


@contextmanager
def slow_senders(port: int, beginning: bytes) -> Iterator[None]:
    """Connections that begin a request and then send a byte each fifth of a second."""
    connections = [socket.create_connection(("127.0.0.1", port)) for _ in range(SENDERS)]
    stop = threading.Event()

    def trickle() -> None:
        for connection in connections:
            connection.sendall(beginning)
        while not stop.wait(0.2):
            for connection in connections:
                connection.send(b"x")

    thread = threading.Thread(target=trickle)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        for connection in connections:
            connection.close()


@pytest.mark.parametrize("beginning", [HEADERS, BODY, CHUNKED], ids=["headers", "body", "chunks"])
def test_others_are_served_while_many_send_slowly(tool: Served, beginning: bytes) -> None:
    with slow_senders(port_of(tool), beginning):
        time.sleep(0.5)
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            assert requests.get(f"{tool.url}/healthz", timeout=LIMIT).ok
            launch = {"id_token": "a.b.c", "state": "x"}
            refused = requests.post(f"{tool.url}/lti/launch", data=launch, timeout=LIMIT)
            assert refused.status_code == 400
            time.sleep(0.1)


def response_to(port: int, request: bytes) -> bytes:
    """All that the server answers until it closes the connection."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(request)
        received = b""
        while part := connection.recv(65_536):
            received += part
        return received


@pytest.mark.parametrize(
    ("request_bytes", "status", "page"),
    [
        (HEADERS + b"x" * 33_000 + b"\r\n\r\n", b"431", False),
        (BODY.replace(b" 2000", b" 300000") + b"x" * 299_991, b"413", True),
        (BODY.replace(b" 2000", b" 99999999999"), b"413", True),
        (BODY.replace(b" 2000", b" -5"), b"400", False),
        (BODY.replace(b" 2000", b" 9" + b"9" * 400), b"413", True),
        (CHUNKED.replace(b"7d0", b"fffffff") + b"x" * 1_048_600, b"413", True),
        (CHUNKED.replace(b"7d0", b"zz"), b"400", False),
        (BODY.replace(b"Content-Length: 2000", b"Transfer-Encoding: gzip"), b"501", False),
    ],
    ids=[
        "headers",
        "body",
        "declared body",
        "negative",
        "very long number",
        "chunks",
        "not a chunk",
        "unknown encoding",
    ],
)
def test_what_is_too_large_or_malformed_is_refused(
    tool: Served, request_bytes: bytes, status: bytes, page: bool
) -> None:
    closing = request_bytes.replace(b"Host: localhost", b"Host: localhost\r\nConnection: close", 1)
    answer = response_to(port_of(tool), closing)
    assert answer.split()[1] == status
    assert (b"<h1>" in answer) == page


def test_a_request_under_way_is_answered_when_the_server_stops(tmp_path: Path) -> None:
    with served(tmp_path / "data", "--workers", "1") as tool:
        connection = socket.create_connection(("127.0.0.1", port_of(tool)), timeout=10)
        connection.sendall(b"GET /readyz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        tool.process.terminate()
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")
        start = time.monotonic()
        tool.process.join(15)
        assert tool.process.exitcode == 0
        assert time.monotonic() - start < 10
        connection.close()


def _add_view() -> None:
    @health.blueprint.get("/seen")
    def seen() -> list[str | None]:
        return [request.remote_addr, request.scheme, request.host]


def test_a_proxy_is_believed_as_often_as_the_setting_says(tmp_path: Path) -> None:
    forwarded = {
        "X-Forwarded-For": "192.0.2.1, 192.0.2.2",
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "minga.example.org",
    }
    public, alone = "https://minga.example.org", ("--workers", "1")
    believing = {"trusted_proxies": "1", "public_url": public}
    with served(tmp_path / "one", *alone, first=_add_view, **believing) as tool:
        answer = requests.get(f"{tool.url}/seen", headers=forwarded, timeout=10).json()
        assert answer == ["192.0.2.2", "https", "minga.example.org"]
    with served(tmp_path / "none", *alone, first=_add_view) as tool:
        answer = requests.get(f"{tool.url}/seen", headers=forwarded, timeout=10).json()
        assert answer == ["127.0.0.1", "http", tool.url.removeprefix("http://")]
