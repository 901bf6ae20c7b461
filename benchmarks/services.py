"""A platform with services for the tool, in a process of its own, which answers at once."""

import json
import multiprocessing
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection


class Service(BaseHTTPRequestHandler):
    """Gives an access token to every ``POST``. Subclasses add the service."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        """Answer with a token that is valid for an hour."""
        self.read_body()
        self.answer({"access_token": "t", "token_type": "Bearer", "expires_in": 3600})

    def read_body(self) -> bytes:
        """Read the request's body."""
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(self, body: object, link: str = "") -> None:
        """Answer with JSON, and with a ``Link`` header if there is one."""
        content = json.dumps(body).encode()
        self.send_response(200)
        if link:
            self.send_header("Link", link)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Print nothing."""


@contextmanager
def running_platform(service: type[Service]) -> Iterator[str]:
    """Run a platform; yield its URL. ``service`` is defined at the top of its module."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(theirs, service))
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


def cpu_seconds() -> float:
    """Return the CPU time that this process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _serve(pipe: Connection, service: type[Service]) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), service)
    server.daemon_threads = True
    pipe.send(f"http://127.0.0.1:{server.server_address[1]}")
    server.serve_forever()
