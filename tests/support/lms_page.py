"""A page of an LMS that plays a package in a frame, served to the browser straight from the zip.

``http://lms.test/play`` holds the runtime (a script of the test's choice) and the frame;
``http://lms.test/package/…`` are the files of the package. Everything else on any host is refused,
and remembered: a package must ask nobody else for anything.
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
    """A package on the stage. ``asked`` are the addresses outside that were asked for."""

    page: Page
    asked: list[str]

    @property
    def frame(self) -> Frame:
        """The frame that the package plays in; the window itself where no LMS is around it."""
        return self.page.frame("sco") or self.page.main_frame

    def lms(self, expression: str) -> Any:
        """Evaluate an expression about ``lms``, the strict runtime."""
        return self.page.evaluate(expression)

    def wait_saved(self, expression: str) -> None:
        """Wait until what was committed last fulfils an expression about ``saved``."""
        self.page.wait_for_function(f"lms.saved && (saved => {expression})(lms.saved)")

    def close_frame(self) -> None:
        """Take the package off the page, as an LMS does when the person goes elsewhere."""
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

    ``alone`` opens it with nothing around it, as anybody opens a website.
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
            player.asked.append(route.request.url)
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
