"""Serve the sample pages to the browser: by Playwright's routes, or over HTTP."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from mimetypes import guess_type
from threading import Thread
from typing import NamedTuple
from urllib.parse import urlsplit

from playwright.sync_api import Page, Request, Route

from courseware import resources

Pages = Mapping[str, str]
"""HTML by path."""
POSTER = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 360">'
    '<rect width="640" height="360" fill="#10201d"/>'
    '<path fill="#5cc0ae" d="M220 120h200l-100 160z"/></svg>'
)
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; "
    "connect-src 'self'; frame-src https:; form-action *; base-uri 'none'"
)


class File(NamedTuple):
    """What is at a path, with the headers of its response."""

    body: bytes
    headers: dict[str, str]


def _file(pages: Pages, path: str) -> File | None:
    """A page of ``pages``, a static file, or a picture.

    The pages have a Content-Security-Policy as strict as the live tool's: no inline code.
    """
    if path in pages:
        headers = {"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": CSP}
        return File(pages[path].encode(), headers)
    if path.startswith("static/"):
        body = (resources.static() / path.removeprefix("static/")).read_bytes()
        return File(body, {"Content-Type": guess_type(path)[0] or "text/plain"})
    if path.endswith(".svg"):
        return File(POSTER.encode(), {"Content-Type": "image/svg+xml"})
    return None


def serve(page: Page, pages: Pages) -> list[Request]:
    """Serve ``pages`` and the static files to the browser; return the list of its requests."""
    requests: list[Request] = []

    def answer(route: Route) -> None:
        requests.append(route.request)
        file = _file(pages, urlsplit(route.request.url).path.lstrip("/"))
        if file is None:
            route.fulfill(status=404, body="")
        else:
            route.fulfill(body=file.body, headers=file.headers)

    page.route("**/*", answer)
    return requests


@contextmanager
def over_http(pages: Pages, scripts: Mapping[str, str]) -> Iterator[str]:
    """Serve ``pages``, the static files and further scripts over HTTP; yield the origin.

    The browser caches all but the pages, which halves the time of loading many of them. With
    Playwright's routes it caches nothing.
    """

    class Answer(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            path = urlsplit(self.path).path.lstrip("/")
            script = scripts.get(path)
            if script is None:
                file = _file(pages, path)
            else:
                file = File(script.encode(), {"Content-Type": "text/javascript"})
            self.send_response(200 if file else 404)
            body, headers = file or File(b"", {})
            if path not in pages:
                self.send_header("Cache-Control", "max-age=3600")
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            """Read what a script sends; there is nothing at its path."""
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """No log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
