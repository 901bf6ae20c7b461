"""An HTTP client with minimal CPU time: keep-alive sockets, requests prepared as bytes.

The client shares the machine with the measured servers, so its CPU time distorts the result.
``http.client`` takes more time to parse headers than a fast server to produce the response.
"""

import re
import socket
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
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
"""Headers of Chromium inside a frame."""


@dataclass(frozen=True, slots=True)
class ClientResponse:
    """An HTTP response with unparsed headers and body; ``seconds`` since the request was sent."""

    status: int
    head: str
    body: bytes
    seconds: float = 0.0

    @property
    def location(self) -> str:
        found = _LOCATION.search(self.head)
        if found is None:
            raise RuntimeError(f"no redirect: {self.status} {self.body[:300]!r}")
        return found[1]

    @property
    def cookies(self) -> dict[str, str]:
        return dict(_COOKIE.findall(self.head))


def build_request(
    method: str,
    path: str,
    port: int,
    *,
    form: Mapping[str, str] | None = None,
    cookies: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """Return a complete HTTP request."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: localhost:{port}"]
    lines += [f"{name}: {value}" for name, value in {**BROWSER, **(headers or {})}.items()]
    if cookies:
        lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in cookies.items()))
    body = urlencode(form).encode() if form is not None else b""
    if form is not None:
        lines.append("Content-Type: application/x-www-form-urlencoded")
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def send_all(
    port: int, requests: Sequence[bytes], status: int
) -> tuple[list[ClientResponse], float]:
    """Send requests over several connections; return the responses in order, and the seconds.

    Raise an error for any other status, so that failing fast does not count as fast.
    """
    responses: list[ClientResponse | None] = [None] * len(requests)

    def one_connection(first: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for index in range(first, len(requests), CONNECTIONS):
                sent = time.perf_counter()
                connection.sendall(requests[index])
                response = _receive(connection)
                responses[index] = replace(response, seconds=time.perf_counter() - sent)

    start = time.perf_counter()
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(one_connection, range(CONNECTIONS)))
    seconds = time.perf_counter() - start
    received = [response for response in responses if response is not None]
    for response in received:
        if response.status != status:
            raise RuntimeError(f"{response.status} instead of {status}: {response.body[:600]!r}")
    return received, seconds


def _receive(connection: socket.socket) -> ClientResponse:
    data = b""
    while b"\r\n\r\n" not in data:
        data += _read_more(connection)
    head, _, body = data.partition(b"\r\n\r\n")
    status = int(head[9:12])
    length = _LENGTH.search(head)
    if length is None and status not in (204, 304):
        raise RuntimeError(f"a response without a length: {head!r}")
    while len(body) < int(length[1] if length else 0):
        body += _read_more(connection)
    return ClientResponse(status, head.decode("latin-1"), body)


def _read_more(connection: socket.socket) -> bytes:
    part = connection.recv(65_536)
    if not part:
        raise RuntimeError("the server closed the connection")
    return part
