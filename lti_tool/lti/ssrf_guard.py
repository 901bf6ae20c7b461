"""Connections that go only where they may, and end when their time is up.

Two things that urllib3 leaves open: which addresses may be connected to, decided on the address
that a name was resolved to; and a deadline for an exchange as a whole, since a timeout of each
read is never reached by a server that sends a byte now and then.
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


class ForbiddenAddress(Exception):  # noqa: N818 - it reads as what happened
    """The name resolves to an address that may not be connected to.

    Not an OSError: urllib3 would take that for a failure of the network.
    """


class Deadline:
    """Ends an exchange at a moment, however slowly its bytes drip: it shuts the socket down."""

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
    deadline: Deadline | None = None


_current = _Current()


def deadline_passed() -> bool:
    """Whether the time of the exchange that this thread is in is up."""
    return _current.deadline is not None and _current.deadline.passed


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
        raise ForbiddenAddress
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


GUARDED_POOLS: dict[str, type[HTTPConnectionPool]] = {
    "http": _GuardedPlainPool,
    "https": _GuardedTlsPool,
}
OPEN_POOLS: dict[str, type[HTTPConnectionPool]] = {
    "http": _OpenPlainPool,
    "https": _OpenTlsPool,
}
