"""Every request that the tool makes, through one door.

A platform's addresses come from people and from other machines, so the door is narrow: a limit of
time for the whole and for each step, a limit of size, no redirects, no environment proxies, no
cookies, https only, and no address that is not on the public Internet. The last is checked on
the address that is connected to, after the name was resolved: a name that answers differently
the second time gains nothing. An operator may open it to private addresses (a demo, an intranet).

urllib3 is used directly: its pools are thread-safe and its connections can be replaced, which
``requests`` would only wrap. Errors never carry what the other side sent.
"""

import contextlib
import json
import socket
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, cast

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from lti_tool.lti.addresses import split

CONNECT_SECONDS = 3.0
READ_SECONDS = 10.0
TOTAL_SECONDS = 15.0
SIZE_LIMIT = 1_000_000
"""Bytes of an answer."""
_CHUNK = 64 * 1024
_NAT64 = 0x0064_FF9B << 96


class Trouble(StrEnum):
    """What went wrong between here and there."""

    BAD_ADDRESS = "bad_address"
    NOT_HTTPS = "not_https"
    FORBIDDEN_ADDRESS = "forbidden_address"
    NO_SUCH_HOST = "no_such_host"
    NO_CONNECTION = "no_connection"
    BAD_CERTIFICATE = "bad_certificate"
    TOO_SLOW = "too_slow"
    TOO_LARGE = "too_large"
    BROKEN_ANSWER = "broken_answer"
    BUSY = "busy"
    """Too many others are waiting for the same platform."""


class Unreachable(Exception):  # noqa: N818 - it reads as what happened
    """There is no usable answer. Says what and where, never what was sent or received."""

    def __init__(self, kind: Trouble, host: str) -> None:
        super().__init__(f"{kind}: {host}")
        self.kind = kind
        self.host = host


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of any status. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    host: str

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx; a redirect is not."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body as JSON, whatever its label says (Moodle's tokens are ``text/html``)."""
        try:
            return json.loads(self.body.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise Unreachable(Trouble.BROKEN_ANSWER, self.host) from error


class Outbound:
    """The door. One for each process: thread-safe, and it keeps connections open."""

    def __init__(
        self, *, allow_private: bool = False, user_agent: str = "Minga (LTI tool)"
    ) -> None:
        self._allow_private = allow_private
        self._user_agent = user_agent
        self._pools = urllib3.PoolManager(
            num_pools=50,
            maxsize=4,
            retries=False,
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
        )
        self._pools.pool_classes_by_scheme = _OPEN_POOLS if allow_private else _GUARDED_POOLS

    def request(
        self,
        method: str,
        address: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        size_limit: int = SIZE_LIMIT,
        total_seconds: float = TOTAL_SECONDS,
    ) -> Answer:
        """Ask, and read the whole answer. Raises Unreachable."""
        parts = split(address)
        if parts is None:
            raise Unreachable(Trouble.BAD_ADDRESS, "")
        host = parts.hostname or ""
        if parts.scheme != "https" and not self._allow_private:
            raise Unreachable(Trouble.NOT_HTTPS, host)
        sent = {
            "User-Agent": self._user_agent,
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            **(headers or {}),
        }
        with _Deadline(total_seconds) as deadline:
            try:
                return self._exchange(method, address, host, sent, body, size_limit)
            except Unreachable:
                raise
            except _Forbidden as error:
                raise Unreachable(Trouble.FORBIDDEN_ADDRESS, host) from error
            except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
                kind = Trouble.TOO_SLOW if deadline.passed else _kind(error)
                raise Unreachable(kind, host) from None

    def get(self, address: str, **more: Any) -> Answer:
        """GET. Raises Unreachable."""
        return self.request("GET", address, **more)

    def _exchange(
        self,
        method: str,
        address: str,
        host: str,
        headers: Mapping[str, str],
        body: bytes | None,
        limit: int,
    ) -> Answer:
        response = self._pools.request(
            method,
            address,
            headers=dict(headers),
            body=body,
            redirect=False,
            preload_content=False,
            decode_content=False,
        )
        try:
            content = _read(cast(urllib3.HTTPResponse, response), host, limit)
        except BaseException:
            response.close()
            raise
        response.release_conn()
        received = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status, received, content, host)


def _read(response: urllib3.HTTPResponse, host: str, limit: int) -> bytes:
    content = bytearray()
    while chunk := response.read(_CHUNK):
        content += chunk
        if len(content) > limit:
            raise Unreachable(Trouble.TOO_LARGE, host)
    if _current.deadline is not None and _current.deadline.passed:
        raise Unreachable(Trouble.TOO_SLOW, host)
    return bytes(content)


def _kind(error: Exception) -> Trouble:
    reason = getattr(error, "reason", None)
    cause = reason if isinstance(reason, Exception) else error
    if isinstance(cause, urllib3.exceptions.NameResolutionError):
        return Trouble.NO_SUCH_HOST
    if isinstance(cause, urllib3.exceptions.SSLError):
        return Trouble.BAD_CERTIFICATE
    if isinstance(cause, urllib3.exceptions.NewConnectionError):
        return Trouble.NO_CONNECTION
    if isinstance(cause, urllib3.exceptions.TimeoutError | TimeoutError):
        return Trouble.TOO_SLOW
    return Trouble.BROKEN_ANSWER


class _Forbidden(Exception):  # noqa: N818 - private, and not one that urllib3 would swallow
    pass


class _Deadline:
    """Ends an exchange at a moment, however slowly its bytes drip: it shuts the socket down."""

    def __init__(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._ends = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self.passed = False

    def __enter__(self) -> "_Deadline":
        _current.deadline = self
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        _current.deadline = None
        with self._lock:
            self._socket = None

    def left(self) -> float:
        """Seconds that are left, at least a little."""
        return max(0.05, self._ends - time.monotonic())

    def watch(self, handle: socket.socket) -> None:
        """The socket to shut down when time is up."""
        with self._lock:
            self._socket = handle
            if self.passed:
                _shut(handle)

    def _end(self) -> None:
        with self._lock:
            self.passed = True
            if self._socket is not None:
                _shut(self._socket)


class _Current(threading.local):
    deadline: _Deadline | None = None


_current = _Current()


def _shut(handle: socket.socket) -> None:
    with contextlib.suppress(OSError):
        handle.shutdown(socket.SHUT_RDWR)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an IP address, or the IPv4 address inside it, belongs to the public Internet."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if inner is None and address.teredo is not None:
            inner = address.teredo[1]
        if inner is None and int(address) >> 32 == _NAT64 >> 32:
            inner = IPv4Address(int(address) & 0xFFFF_FFFF)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _connect(connection: HTTPConnection, guarded: bool) -> socket.socket:
    """Resolve, check, connect: to the first address that answers, if all may be connected to."""
    host = connection.host.strip("[]")
    try:
        found = socket.getaddrinfo(host, connection.port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise urllib3.exceptions.NameResolutionError(
            host, connection, socket.gaierror(str(error))
        ) from error
    targets = [(family, where) for family, _, _, _, where in found]
    if guarded and not all(is_public(ip_address(where[0])) for _, where in targets):
        raise _Forbidden
    failure: OSError = OSError("no address")
    for family, where in targets[:4]:
        try:
            return _open(family, where)
        except OSError as error:
            failure = error
    if isinstance(failure, TimeoutError):
        raise urllib3.exceptions.ConnectTimeoutError(connection, "timed out")
    raise urllib3.exceptions.NewConnectionError(connection, "no connection")


def _open(family: int, where: Any) -> socket.socket:
    deadline = _current.deadline
    handle = socket.socket(family, socket.SOCK_STREAM)
    try:
        handle.settimeout(min(CONNECT_SECONDS, deadline.left() if deadline else CONNECT_SECONDS))
        handle.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        handle.connect(where)
    except BaseException:
        handle.close()
        raise
    return handle


class _Watched(HTTPConnection):
    """A connection whose socket the deadline can reach, under TLS and when it is reused."""

    guarded = True
    _handle: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        opened = _connect(self, self.guarded)
        self._handle = opened.dup()
        self._watch()
        return opened

    def request(self, *args: Any, **more: Any) -> None:
        self._watch()
        super().request(*args, **more)

    def close(self) -> None:
        super().close()
        if self._handle is not None:
            self._handle.close()
            self._handle = None

    def _watch(self) -> None:
        if self._handle is not None and _current.deadline is not None:
            _current.deadline.watch(self._handle)


class _WatchedTls(_Watched, HTTPSConnection):
    pass


class _OpenPlain(_Watched):
    guarded = False


class _OpenTls(_WatchedTls):
    guarded = False


class _GuardedPlainPool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _GuardedTlsPool(HTTPSConnectionPool):
    ConnectionCls = _WatchedTls


class _OpenPlainPool(HTTPConnectionPool):
    ConnectionCls = _OpenPlain


class _OpenTlsPool(HTTPSConnectionPool):
    ConnectionCls = _OpenTls


_GUARDED_POOLS: dict[str, type[HTTPConnectionPool]] = {
    "http": _GuardedPlainPool,
    "https": _GuardedTlsPool,
}
_OPEN_POOLS: dict[str, type[HTTPConnectionPool]] = {
    "http": _OpenPlainPool,
    "https": _OpenTlsPool,
}
