"""A local web server with scripted replies that records its requests."""

import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Asked:
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body.decode()).items()}


@dataclass
class Reply:
    body: Any = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def content(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass
class LocalServer:
    """``routes`` maps ``"GET /path"`` to a function from a request to a reply."""

    url: str
    routes: dict[str, Callable[[Asked], Reply]] = field(default_factory=dict)
    raw: dict[str, Callable[[BaseHTTPRequestHandler], None]] = field(default_factory=dict)
    """Routes that write to the wire themselves."""
    asked: list[Asked] = field(default_factory=list)
    fallback: Callable[[Asked], Reply] = lambda asked: Reply(b"not here", 404)
    """Answers what no route answers."""

    def paths(self, path: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.path == path]

    def always(self, route: str, reply: Reply) -> None:
        self.routes[route] = lambda asked: reply


@contextlib.contextmanager
def serving(
    wrap: Callable[[Any], Any] | None = None, scheme: str = "http"
) -> Iterator[LocalServer]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            asked = Asked(
                self.command, parts.path, query, dict(self.headers), self.rfile.read(length)
            )
            server.asked.append(asked)
            route = f"{self.command} {parts.path}"
            if route in server.raw:
                server.raw[route](self)
                self.close_connection = True
                return
            made = server.routes.get(route, server.fallback)(asked)
            content = made.content()
            self.send_response(made.status)
            for name, value in made.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            with contextlib.suppress(OSError):
                self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 - names of the library

        def log_message(self, *args: Any) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            pass

    httpd = Quiet(("127.0.0.1", 0), Handler)
    if wrap is not None:
        httpd.socket = wrap(httpd.socket)
    server = LocalServer(f"{scheme}://127.0.0.1:{httpd.server_address[1]}")
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()
