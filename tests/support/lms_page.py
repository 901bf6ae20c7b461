"""A page of an LMS that plays a package in a frame; the files are served from the zip.

``http://lms.test/play`` contains the runtime (a script given by the test) and the frame;
``http://lms.test/package/…`` are the files of the package. All other requests are aborted and
recorded: a package must not request anything from other hosts.
"""

import mimetypes
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit
from zipfile import ZipFile

from playwright.sync_api import Frame, Page, Route

ORIGIN = "http://lms.test"
STRICT = (Path(__file__).parent / "strict_scorm12.js").read_text("utf-8")

_SHELL = """<!doctype html><html lang="en"><meta charset="utf-8"><title>LMS</title>
<style>
body {{ margin: 0 }}
iframe {{ border: 0; width: 100vw; height: 100vh; display: block }}
</style>
<script>{start}</script><script>{script}</script>
<iframe name="sco" title="Module" src="{frame}"{sandbox} allow="clipboard-write"></iframe>"""


@dataclass
class Player:
    """A package in the browser. ``external_requests`` are the URLs requested from other hosts."""

    page: Page
    external_requests: list[str]

    @property
    def frame(self) -> Frame:
        """The frame of the package; the main frame if there is no LMS."""
        return self.page.frame("sco") or self.page.main_frame

    def lms(self, expression: str) -> Any:
        """Evaluate an expression about ``lms``, the strict runtime."""
        return self.page.evaluate(expression)

    def wait_saved(self, expression: str) -> None:
        """Wait until an expression about ``saved``, the last committed data, is true."""
        self.page.wait_for_function(f"lms.saved && (saved => {expression})(lms.saved)")

    def close_frame(self) -> None:
        """Remove the frame, as an LMS does when the learner leaves."""
        self.page.evaluate("document.querySelector('iframe').remove()")


def play(
    page: Page,
    package: Path,
    *,
    script: str = STRICT,
    start: str = "",
    url: str = "index.html",
    sandbox: str | None = None,
    wait: bool = True,
    alone: bool = False,
) -> Player:
    """Open the package in its LMS; ``start`` is JavaScript that runs before ``script``.

    ``alone`` opens the package without an LMS, like a website.
    """
    player = Player(page, [])
    shell = _SHELL.format(
        start=start,
        script=script,
        frame=f"{ORIGIN}/package/{url}",
        sandbox="" if sandbox is None else f' sandbox="{sandbox}"',
    )

    def serve(route: Route) -> None:
        parts = urlsplit(route.request.url)
        name = unquote(parts.path)
        if f"{parts.scheme}://{parts.netloc}" != ORIGIN:
            player.external_requests.append(route.request.url)
            route.abort()
        elif name == "/play":
            route.fulfill(body=shell, content_type="text/html; charset=utf-8")
        elif name.startswith("/package/") and name[9:] in names:
            kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
            route.fulfill(body=archive.read(name[9:]), content_type=kind)
        else:
            route.fulfill(status=404, body="")

    archive = ZipFile(package)
    names = set(archive.namelist())
    page.route("**/*", serve)
    page.goto(f"{ORIGIN}/package/{url}" if alone else f"{ORIGIN}/play")
    if wait:
        player.frame.wait_for_selector("[data-package]:not([hidden])")
    return player
