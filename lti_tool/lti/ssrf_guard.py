"""urllib3 connections with two limits that urllib3 lacks.

- An SSRF guard: which IP addresses may be connected to, checked on the address that the host name
  was resolved to and that the socket is connected to.
- A deadline for a whole exchange, because a server that sends single bytes never exceeds a read
  timeout.
"""

import contextlib
import socket
import threading
import time
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

CONNECT_SECONDS = 3.0
_ADDRESSES_TRIED = 4
_NAT64 = 0x0064_FF9B << 96


class ForbiddenAddressError(Exception):
    """The host name resolves to an IP address that may not be connected to.

    Not an OSError, which urllib3 would report as a network failure.
    """


class Deadline:
    """Limits the time of an exchange: shuts its socket down when the time is over."""

    def __init__(self, seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._ends = time.monotonic() + seconds
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self.passed = False

    def __enter__(self) -> "Deadline":
        _current.deadline = self
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        _current.deadline = None
        with self._lock:
            self._socket = None

    def left(self) -> float:
        """Seconds that remain, at least 0.05."""
        return max(0.05, self._ends - time.monotonic())

    def watch(self, handle: socket.socket) -> None:
        """Set the socket to shut down at the deadline."""
        with self._lock:
            self._socket = handle
            if self.passed:
                _shut(handle)

    def _end(self) -> None:
        with self._lock:
            self.passed = True
            if self._socket is not None:
                _shut(self._socket)


class _CurrentExchange(threading.local):
    deadline: Deadline | None = None


_current = _CurrentExchange()


def deadline_passed() -> bool:
    """Whether the deadline of this thread's exchange has passed."""
    return _current.deadline is not None and _current.deadline.passed


def _shut(handle: socket.socket) -> None:
    with contextlib.suppress(OSError):
        handle.shutdown(socket.SHUT_RDWR)


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an IP address, or the IPv4 address embedded in it, is on the public Internet.

    Embedded: IPv4-mapped, 6to4, Teredo and NAT64 (RFC 6052) addresses.
    """
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
    """Resolve the host and connect to the first IP address that accepts.

    With ``guarded``, all of the host's addresses must be public.
    """
    host = connection.host.strip("[]")
    try:
        found = socket.getaddrinfo(host, connection.port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise urllib3.exceptions.NameResolutionError(
            host, connection, socket.gaierror(str(error))
        ) from error
    targets = [(family, where) for family, _, _, _, where in found]
    if guarded and not all(is_public(ip_address(where[0])) for _, where in targets):
        raise ForbiddenAddressError
    failure: OSError = OSError("no address")
    for family, where in targets[:_ADDRESSES_TRIED]:
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


class _GuardedConnection(HTTPConnection):
    """A connection whose socket the deadline can shut down, under TLS and when it is reused."""

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


class _GuardedTlsConnection(_GuardedConnection, HTTPSConnection):
    pass


class _OpenConnection(_GuardedConnection):
    guarded = False


class _OpenTlsConnection(_GuardedTlsConnection):
    guarded = False


class _GuardedPlainPool(HTTPConnectionPool):
    ConnectionCls = _GuardedConnection


class _GuardedTlsPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedTlsConnection


class _OpenPlainPool(HTTPConnectionPool):
    ConnectionCls = _OpenConnection


class _OpenTlsPool(HTTPSConnectionPool):
    ConnectionCls = _OpenTlsConnection


GUARDED_POOLS: dict[str, type[HTTPConnectionPool]] = {
    "http": _GuardedPlainPool,
    "https": _GuardedTlsPool,
}
OPEN_POOLS: dict[str, type[HTTPConnectionPool]] = {
    "http": _OpenPlainPool,
    "https": _OpenTlsPool,
}
