"""An HTTP client that costs next to nothing: keep-alive sockets, requests prepared as bytes.

The driver shares the machine with the servers that it measures, so whatever it spends is missing
there; ``http.client`` spends more on the headers of an answer than a good server on making it.
"""

import re
import socket
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlencode

CONNECTIONS = 8
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_COOKIE = re.compile(r"^set-cookie: *([^=;\s]+)=([^;\r]*)", re.IGNORECASE | re.MULTILINE)
_LOCATION = re.compile(r"^location: *([^\r]+)", re.IGNORECASE | re.MULTILINE)

BROWSER = {
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/141.0.0.0 Safari/537.36",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Accept-Language": "pt-BR,pt;q=0.9,en;q=0.8",
    "Sec-Fetch-Site": "cross-site",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Dest": "iframe",
}
"""What Chromium sends from inside a frame."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: its status, its headers as they came, its body as it came."""

    status: int
    head: str
    body: bytes

    @property
    def location(self) -> str:
        found = _LOCATION.search(self.head)
        if found is None:
            raise RuntimeError(f"no redirect: {self.status} {self.body[:300]!r}")
        return found[1]

    @property
    def cookies(self) -> dict[str, str]:
        return dict(_COOKIE.findall(self.head))


def prepared(
    method: str,
    path: str,
    port: int,
    *,
    form: Mapping[str, str] | None = None,
    cookies: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """A whole request, ready to be sent."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: localhost:{port}"]
    lines += [f"{name}: {value}" for name, value in {**BROWSER, **(headers or {})}.items()]
    if cookies:
        lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in cookies.items()))
    body = urlencode(form).encode() if form is not None else b""
    if form is not None:
        lines.append("Content-Type: application/x-www-form-urlencoded")
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def send_all(port: int, requests: Sequence[bytes], status: int) -> tuple[list[Answer], float]:
    """Send the requests over a few connections; the answers in order, and the seconds it took.

    An answer with another status ends the run: what fails fast must not look fast.
    """
    answers: list[Answer | None] = [None] * len(requests)

    def one_connection(first: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for place in range(first, len(requests), CONNECTIONS):
                connection.sendall(requests[place])
                answers[place] = _received(connection)

    start = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(one_connection, range(CONNECTIONS)))
    seconds = time.perf_counter() - start
    kept = [answer for answer in answers if answer is not None]
    for answer in kept:
        if answer.status != status:
            raise RuntimeError(f"{answer.status} instead of {status}: {answer.body[:600]!r}")
    return kept, seconds


def _received(connection: socket.socket) -> Answer:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    status = int(head[9:12])
    length = _LENGTH.search(head)
    if length is None and status not in (204, 304):
        raise RuntimeError(f"an answer without a length: {head!r}")
    while len(body) < int(length[1] if length else 0):
        body += _more(connection)
    return Answer(status, head.decode("latin-1"), body)


def _more(connection: socket.socket) -> bytes:
    part = connection.recv(65_536)
    if not part:
        raise RuntimeError("the server closed the connection")
    return part
