"""48 registrations whose platform says nothing, in open mode: everybody else is served promptly."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from demo_lms.register_tool import register_tool
from demo_lms.running import Running
from tests.support.driver import Driver
from tests.support.served import Served, served
from tests.support.site import running_lms

pytestmark = pytest.mark.early

REGISTRATIONS = 48
PROCESSES, THREADS, SLOTS = 2, 4, 2
LIMIT = float(os.environ.get("MINGA_PROMPT_SECONDS", "5"))
"""Seconds in which each probe must be answered, on a busy machine."""


class Silent:
    """A server that accepts connections and sends ``beginning``, then nothing (or ``trickle``)."""

    def __init__(self, beginning: bytes, trickle: bytes) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}/openid-configuration"
        self.connections: list[socket.socket] = []
        self._beginning, self._trickle = beginning, trickle
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=each) for each in (self._accept, self._send)]

    def __enter__(self) -> "Silent":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self._threads:
            thread.join()
        for connection in self.connections:
            connection.close()

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections.append(connection)
            if self._beginning:
                connection.sendall(self._beginning)

    def _send(self) -> None:
        while not self._stop.wait(0.3):
            for connection in list(self.connections) if self._trickle else ():
                try:
                    connection.send(self._trickle)
                except OSError:
                    self.connections.remove(connection)


WAYS = {
    "says nothing": (b"", b""),
    "stops in the headers": (b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-", b""),
    "sends its headers slowly": (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"x"),
    "sends its body slowly": (b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n{", b" "),
}


@pytest.fixture(scope="module")
def tool(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("served") / "data"
    arguments = ("--workers", str(PROCESSES), "--threads", str(THREADS))
    # Behind a proxy that says where each request comes from: one address alone meets a rate limit.
    with served(folder, *arguments, registration="open", trusted_proxies="1") as running:
        yield running


@contextmanager
def waiting(tool: Served, silent: Silent, method: str) -> Iterator[list[int]]:
    """The registrations are under way inside the block; it gives the statuses that have arrived."""
    statuses: list[int] = []
    values = {"openid_configuration": silent.url, "registration_token": "t"}

    def ask(number: int) -> None:
        given = {"params": values} if method == "GET" else {"data": values}
        given["headers"] = {"X-Forwarded-For": f"192.0.2.{number}"}
        answer = requests.request(method, f"{tool.url}/lti/register", **given, timeout=60)
        statuses.append(answer.status_code)

    with ThreadPoolExecutor(REGISTRATIONS) as pool, silent:
        asked = [pool.submit(ask, number) for number in range(REGISTRATIONS)]
        while not silent.connections:
            time.sleep(0.02)
        yield statuses
    for each in asked:
        each.result()


def prompt(act: Callable[[], object]) -> None:
    started = time.monotonic()
    act()
    assert time.monotonic() - started < LIMIT


@pytest.fixture(scope="module")
def lms(tool: Served) -> Iterator[Running]:
    with running_lms() as running:
        register_tool(running.state, tool.invite())
        yield running


@pytest.mark.parametrize(
    ("way", "method"), [*zip(WAYS, ("GET", "POST", "POST", "GET"), strict=True)]
)
def test_others_are_served_promptly(tool: Served, lms: Running, way: str, method: str) -> None:
    silent, invitation = Silent(*WAYS[way]), tool.invite()

    def launch() -> None:
        assert Driver(lms, tool.url).launch("amina").status_code == 200

    with waiting(tool, silent, method) as statuses:
        for _ in range(2):
            prompt(lambda: requests.get(f"{tool.url}/healthz", timeout=30).raise_for_status())
            prompt(lambda: requests.get(tool.url, timeout=30).raise_for_status())
            prompt(launch)
        with running_lms() as another:  # an institution with an invitation is not kept waiting
            prompt(lambda: register_tool(another.state, invitation))
        assert silent.connections, "the platform still lets somebody wait"
    # As many wait as there are slots; the others were told at once to try again.
    assert len(silent.connections) <= PROCESSES * SLOTS
    assert statuses.count(503) >= REGISTRATIONS - PROCESSES * SLOTS * 2
    assert set(statuses) <= {424, 503}
