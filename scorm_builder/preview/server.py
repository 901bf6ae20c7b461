"""The HTTP server of the preview: loopback only, read only, one thread per request.

Requests from other hosts and with another Host header are refused: a site could otherwise point its
name here (DNS rebinding) and read an author's drafts. Only the module's own files and a fixed list
of assets are served; no file path is built from a request.
"""

import re
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import cast
from urllib.parse import unquote, urlsplit

from courseware import resources
from courseware.languages import choose
from scorm_builder.preview import rendering
from scorm_builder.preview.watch import ModuleWatcher, PreviewState, internal_error

LOOPBACK = "127.0.0.1"
_KEEP_ALIVE_SECONDS = 10.0
_CHUNK = 1 << 18
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
    "connect-src 'self'; frame-src https:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
_MEDIA_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class Preview(ThreadingHTTPServer):
    """The server of one module. Port 0 means any free port; OSError if the port is in use."""

    daemon_threads = True
    allow_reuse_address = sys.platform != "win32"

    def __init__(self, folder: Path, port: int = 0) -> None:
        self.stopped = threading.Event()
        super().__init__((LOOPBACK, port), _Handler)
        self.watched = ModuleWatcher(folder)
        self._watcher = threading.Thread(
            target=self.watched.watch, args=(self.stopped,), daemon=True
        )
        self._watcher.start()

    @property
    def url(self) -> str:
        """The URL of the preview."""
        return f"http://{LOOPBACK}:{self.server_port}/"

    def is_own_host(self, host: str | None) -> bool:
        """Whether a Host header names this computer."""
        return host in (f"{LOOPBACK}:{self.server_port}", f"localhost:{self.server_port}")

    def server_close(self) -> None:
        """Stop watching and listening."""
        self.stopped.set()
        super().server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore closed connections; print other errors in one line."""
        error = sys.exception()
        if not isinstance(error, ConnectionError | TimeoutError):
            sys.stderr.write(f"preview: {type(error).__name__}: {error}\n")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "minga-preview"
    sys_version = ""

    @property
    def _preview(self) -> Preview:
        return cast(Preview, self.server)

    def do_HEAD(self) -> None:
        """Respond like GET, without the body."""
        self.do_GET()

    def do_GET(self) -> None:
        """Respond with a page, a file, or the stream of changes."""
        path = unquote(urlsplit(self.path).path)
        if not self._preview.is_own_host(self.headers.get("Host")):
            self._refuse(HTTPStatus.MISDIRECTED_REQUEST, f"Ask for {self._preview.url}")
        elif path == f"{rendering.ASSETS}changes":
            self._changes()
        elif path.startswith(rendering.ASSETS):
            self._asset(path.removeprefix(rendering.ASSETS))
        elif path.startswith("/media/"):
            self._media(path.removeprefix("/"))
        else:
            self._page(path)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002
        """Log nothing."""

    def _refuse(self, status: HTTPStatus, text: str) -> None:
        self._send(status, "text/plain; charset=utf-8", text.encode())

    def _send(self, status: HTTPStatus, kind: str, body: bytes) -> None:
        self._head(status, kind, len(body))
        if self.command != "HEAD":
            self.wfile.write(body)

    def _head(self, status: HTTPStatus, kind: str, length: int, **more: str) -> None:
        self.send_response(status)
        headers = {
            "Content-Type": kind,
            "Content-Length": str(length),
            "Cache-Control": "no-store",
            "Content-Security-Policy": _POLICY,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
        }
        for name, value in (headers | more).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()

    def _page(self, path: str) -> None:
        shown = self._preview.watched.now()
        module = shown.module
        asked = path.strip("/")
        if module and asked and asked not in module.languages:
            self._refuse(HTTPStatus.NOT_FOUND, "There is nothing here. Go to /")
        elif module and not asked:
            wanted = re.findall(r"[A-Za-z][A-Za-z0-9-]*", self.headers.get("Accept-Language", ""))
            source = module.source_language
            tag = choose(wanted, module.languages, source) or source
            self._head(HTTPStatus.FOUND, "text/plain", 0, Location=f"/{tag}/")
        else:
            html = self._rendered(shown, asked)
            self._send(HTTPStatus.OK, "text/html; charset=utf-8", html.encode("utf-8", "replace"))

    def _rendered(self, shown: PreviewState, language: str) -> str:
        try:
            if shown.module is not None:
                return rendering.module_page(shown, shown.module, language)
        except Exception as error:
            shown = replace(shown, module=None, problems=(internal_error(error),))
        return rendering.problems_page(shown, self._preview.watched.folder.name)

    def _asset(self, name: str) -> None:
        file = _assets().get(name)
        if file is None:
            self._refuse(HTTPStatus.NOT_FOUND, "There is nothing here.")
            return
        kind = f"{_MEDIA_TYPES[file.suffix]}; charset=utf-8"
        self._send(HTTPStatus.OK, kind, file.read_bytes())

    def _media(self, name: str) -> None:
        module = self._preview.watched.now().module
        file = module.file(name) if module else None
        if module is None or file is None:
            self._refuse(HTTPStatus.NOT_FOUND, "The module shows no such file.")
            return
        try:
            with (module.folder / name).open("rb") as source:
                size = source.seek(0, 2)
                start, end = _parse_range(self.headers.get("Range"), size)
                part = {"Content_Range": f"bytes {start}-{end - 1}/{size}"} if end else {}
                status = HTTPStatus.PARTIAL_CONTENT if part else HTTPStatus.OK
                end = end or size
                self._head(status, file.media_type, end - start, Accept_Ranges="bytes", **part)
                source.seek(start)
                for chunk in _chunks(source.read, end - start) if self.command != "HEAD" else ():
                    self.wfile.write(chunk)
        except FileNotFoundError:
            self._refuse(HTTPStatus.NOT_FOUND, "The file is gone.")

    def _changes(self) -> None:
        """Send the version of the preview, now and at every change (server-sent events)."""
        self.close_connection = True
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Connection", "close")
        self.end_headers()
        version = ""
        self.wfile.write(b"retry: 500\n\n")
        while self.command != "HEAD" and not self._preview.stopped.is_set():
            shown = self._preview.watched.after(version, _KEEP_ALIVE_SECONDS)
            event = f"data: {shown.version}\n\n" if shown.version != version else ": still here\n\n"
            version = shown.version
            self.wfile.write(event.encode())


@cache
def _assets() -> dict[str, Path]:
    """Return the files that the pages of the preview use, by name."""
    folders = (resources.static(), resources.templates() / "preview")
    files = (path for folder in folders for path in folder.iterdir())
    return {path.name: path for path in files if path.suffix in _MEDIA_TYPES}


def _parse_range(header: str | None, size: int) -> tuple[int, int]:
    """Return start and end of a byte range (RFC 9110, 14); an end of 0 means the whole file."""
    match = _RANGE.fullmatch(header or "")
    if match is None or match[0] == "bytes=-":
        return 0, 0
    if not match[1]:
        return max(size - int(match[2]), 0), size
    start = int(match[1])
    end = min(int(match[2]) + 1, size) if match[2] else size
    return (start, end) if start < end else (0, 0)


def _chunks(read: Callable[[int], bytes], length: int) -> Iterator[bytes]:
    while length > 0 and (chunk := read(min(_CHUNK, length))):
        length -= len(chunk)
        yield chunk
