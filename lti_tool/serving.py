"""The web server: waitress in several processes, supervised by gunicorn.

waitress receives each request whole, and sends each response, in one event loop: a client that
sends or reads slowly costs a connection, not a thread. gunicorn opens the listening socket, starts
the processes, replaces one that dies or hangs, reloads on SIGHUP and stops gracefully on SIGTERM.
"""

import logging
import os
import resource
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from copy import copy
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger
from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import create_server
from waitress.task import ErrorTask, Task, WSGITask
from waitress.utilities import RequestEntityTooLarge

from lti_tool.settings import Settings
from lti_tool.web.security import FILE_BODY_LIMIT, LONG_TEXT_PATHS

LARGEST_BUFFERED_BODY = 1024 * 1024
"""Bytes of a request's body that are received at all. The application's own limit is lower."""
LARGEST_FILE_BODY = FILE_BODY_LIMIT + 1024
"""The same for the routes that receive files."""
SLOWEST_UPLOAD = 20 * 1024
"""Bytes in a second of a body larger than ``LARGEST_BUFFERED_BODY``: it gets the time for that."""
LARGEST_HEADER = 32 * 1024
"""Bytes of the request line and all header fields together; longer ones get 431."""
MOST_CONNECTIONS = 1000
"""Open connections of one process; further ones wait in the socket's backlog."""
IDLE_TIMEOUT = 20
"""Seconds without a byte in either direction after which a connection is closed."""
RECEIVE_TIMEOUT = 60
"""Seconds within which a request must have arrived whole, however steadily it trickles in."""
STOP_TIMEOUT = 20
"""Seconds that running requests have to finish when the server stops."""


class _TooLargeTask(WSGITask):  # type: ignore[misc]
    """Let the application answer 413 with its own page; the rest of the body is not read."""

    def execute(self) -> None:
        self.request.headers.setdefault("CONTENT_LENGTH", str(LARGEST_BUFFERED_BODY))
        self.set_close_on_finish()
        super().execute()


def _error_task(channel: HTTPChannel, request: Any) -> Task:
    is_too_large = isinstance(request.error, RequestEntityTooLarge)
    return (_TooLargeTask if is_too_large else ErrorTask)(channel, request)


class _Parser(HTTPRequestParser):  # type: ignore[misc]
    """Receives larger bodies for the routes that receive files."""

    adj: Any

    def parse_header(self, header_plus: bytes) -> None:
        """Parse the header, then set the limit for the body."""
        super().parse_header(header_plus)
        if self.command == "POST" and LONG_TEXT_PATHS.fullmatch(self.path):
            self.adj = copy(self.adj)
            self.adj.max_request_body_size = LARGEST_FILE_BODY


class _Channel(HTTPChannel):  # type: ignore[misc]
    """A connection, with a limit on the time that one request takes to arrive."""

    parser_class = _Parser
    error_task_class = staticmethod(_error_task)
    receiving_since: float | None = None

    def received(self, data: bytes) -> bool:
        """Pass on what arrived; note when an unfinished request began."""
        accepted = bool(super().received(data))
        if self.request is None:
            self.receiving_since = None
        elif self.receiving_since is None:
            self.receiving_since = time.time()
        return accepted

    def handle_close(self) -> None:
        """Discard what has arrived and was not read: else the kernel resets the connection.

        A client that is still sending would lose the answer that it was sent
        (https://www.rfc-editor.org/rfc/rfc9112#section-9.6).
        """
        if self.socket is None:  # closed already: the same turn of the loop can report it twice
            return
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)
            for _ in range(64):
                if not self.socket.recv(65_536):
                    break
        super().handle_close()

    def is_overdue(self, now: float) -> bool:
        """Whether a request began to arrive too long ago and is still not complete."""
        since = self.receiving_since
        if since is None:
            return False
        size = self.request.content_length if self.request is not None else 0
        extra = max(0, size - LARGEST_BUFFERED_BODY) / SLOWEST_UPLOAD
        return now - since > RECEIVE_TIMEOUT + extra


class WaitressWorker(Worker):  # type: ignore[misc]
    """A gunicorn worker process that serves with waitress."""

    _server: Any = None
    _map: dict[int, Any]

    def run(self) -> None:
        """Serve until the supervisor says stop, or is gone; then finish what was begun."""
        self._map = {}
        self._server = create_server(
            self.wsgi,
            map=self._map,
            sockets=[listener.sock for listener in self.sockets],
            threads=self.cfg.threads,
            connection_limit=MOST_CONNECTIONS,
            channel_timeout=IDLE_TIMEOUT,
            cleanup_interval=5,
            max_request_header_size=LARGEST_HEADER,
            max_request_body_size=LARGEST_BUFFERED_BODY,
            # ProxyFix reads them, and only as many as MINGA_TRUSTED_PROXIES says.
            clear_untrusted_proxy_headers=False,
            log_socket_errors=False,
            asyncore_use_poll=True,
            ident=None,
        )
        for listener in self._listeners():
            listener.channel_class = _Channel
        notified = 0.0
        while self.alive and self.ppid == os.getppid():
            now = time.time()
            if now - notified >= 1:
                notified = now
                self.notify()
                self._close_overdue(now)
            self._turn()
        self._finish()

    def handle_exit(self, sig: int, frame: Any) -> None:
        """SIGTERM: leave the event loop."""
        super().handle_exit(sig, frame)
        for listener in self._listeners():
            listener.pull_trigger()

    def _turn(self, seconds: float = 1.0) -> None:
        wasyncore.loop(timeout=seconds, use_poll=True, map=self._map, count=1)

    def _listeners(self) -> Iterator[Any]:
        """waitress' server objects, one for each listening socket."""
        if self._server is not None:
            yield from [each for each in self._map.values() if hasattr(each, "active_channels")]

    def _channels(self) -> list[_Channel]:
        return [each for each in self._map.values() if isinstance(each, _Channel)]

    def _close_overdue(self, now: float) -> None:
        for channel in self._channels():
            if channel.is_overdue(now):
                channel.will_close = True

    def _finish(self) -> None:
        """Accept nothing new, answer what has arrived, close what is idle."""
        for _ in range(3):  # accept, receive, start
            self._turn(0)
        for listener in self._listeners():
            listener.accepting = False
            listener.readable = lambda: False
        end = time.time() + STOP_TIMEOUT
        while time.time() < end and self._close_idle():
            self.notify()
            self._turn(0.05)
        self._server.task_dispatcher.shutdown(timeout=1)

    def _close_idle(self) -> bool:
        """Close the connections on which no answer is due; return whether any others are left."""
        busy = False
        for channel in self._channels():
            if channel.requests or channel.total_outbufs_len:
                busy = True
            else:
                channel.will_close = True
        return busy


class _Logger(Logger):  # type: ignore[misc]
    """gunicorn's own lines, in the format of all others."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class _Server(BaseApplication):  # type: ignore[misc]
    """gunicorn, configured from here only: no configuration file and no environment variable."""

    def __init__(self, options: dict[str, Any]) -> None:
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            if name in self.cfg.settings:  # an older gunicorn has fewer
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """Import the application in each worker process, after the fork."""
        from lti_tool.wsgi import app

        return app


def run(settings: Settings, *, bind: str, workers: int, threads: int) -> None:
    """Serve until SIGTERM or SIGINT. ``bind`` is ``HOST:PORT`` or ``unix:PATH``."""
    _raise_file_limit()
    # waitress warns of each request that waits for a thread, which says nothing new under load.
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    _Server(
        {
            "bind": bind,
            "workers": workers,
            "worker_class": WaitressWorker,
            "threads": threads,
            "timeout": 60,
            "graceful_timeout": STOP_TIMEOUT + 5,
            "accesslog": None,
            "logger_class": _Logger,
            # Its default path in the home folder is shared by all tools of an account.
            "control_socket_disable": True,
            "loglevel": settings.log_level.lower(),
            "proc_name": "minga",
        },
    ).run()


def _raise_file_limit() -> None:
    """Allow the files that the connections need: each has a socket and perhaps a buffer file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4 * MOST_CONNECTIONS
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
