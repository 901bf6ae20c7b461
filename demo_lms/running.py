"""Run the platform on a real HTTP port inside a ``with`` block.

.. code-block:: python

    with Running() as lms:
        tool = lms.state.add_tool(login_url=…, redirect_uris=[…], jwks_uri=…, target_link_uri=…)
        requests.get(lms.url + "/.well-known/openid-configuration")
"""

import threading
from types import TracebackType

from flask import Flask
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from demo_lms.app import create_app
from demo_lms.loopback import require_loopback
from demo_lms.state import PlatformState

POLL_SECONDS = 0.05
"""Seconds between checks for shutdown."""


class QuietHandler(WSGIRequestHandler):
    """No access log; HTTP/1.1, for persistent connections."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing."""


class Running:
    """A demo platform on a loopback port; ``port=0`` selects a free one."""

    def __init__(
        self,
        state: PlatformState | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        public_url: str | None = None,
    ) -> None:
        self.state = state or PlatformState()
        self.app: Flask = create_app(self.state)
        self._server: BaseWSGIServer = make_server(
            require_loopback(host), port, self.app, threaded=True, request_handler=QuietHandler
        )
        name = f"[{host}]" if ":" in host else host
        self.state.public_url = (public_url or f"http://{name}:{self._server.port}").rstrip("/")
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(POLL_SECONDS,), daemon=True
        )

    @property
    def url(self) -> str:
        """The platform's public URL, without a trailing slash."""
        return self.state.public_url

    def __enter__(self) -> "Running":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._thread.join(timeout=10)
        self._server.server_close()
