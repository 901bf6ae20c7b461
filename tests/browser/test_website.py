"""A website package in a real browser: from a folder, over HTTP, and offline."""

import threading
import zipfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import expect

from courseware.parser.reader import read
from courseware.resources import content
from scorm_builder.build import build
from tests.support.chromium import OpenPage

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("site")
    zipfile.ZipFile(
        build(read(content() / "module-4"), out, format_name="website").path
    ).extractall(out / "site")
    return out / "site"


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def host(folder: Path) -> Iterator[tuple[str, ThreadingHTTPServer]]:
    with ThreadingHTTPServer(
        ("localhost", 0), partial(QuietHandler, directory=str(folder.parent))
    ) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://localhost:{server.server_port}/site/", server
        server.shutdown()
        thread.join()


CACHED_PATHS = """async () => {
  const names = await caches.keys();
  const cache = await caches.open(names[0]);
  return (await cache.keys()).map((request) => new URL(request.url).pathname);
}"""


def test_opened_from_a_folder_it_saves_answers_and_language(
    folder: Path, open_page: OpenPage
) -> None:
    page = open_page(locale="es")
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto((folder / "index.html").as_uri())
    page.locator("textarea").first.fill("Entre dos ciudades que conozco.")
    page.locator('.languages a[hreflang="fr"]').click()
    expect(page.locator("html")).to_have_attribute("lang", "fr")
    page.close(run_before_unload=False)
    again = page.context.new_page()
    again.goto((folder / "index.html").as_uri())
    expect(again.locator("html")).to_have_attribute("lang", "fr")
    expect(again.locator("textarea").first).to_have_value("Entre dos ciudades que conozco.")
    assert problems == []


def test_after_the_first_visit_it_works_offline(
    host: tuple[str, ThreadingHTTPServer], open_page: OpenPage
) -> None:
    url, server = host
    page = open_page(locale="en")
    page.goto(url)
    page.wait_for_function("navigator.serviceWorker.ready")
    page.wait_for_function(
        f"({CACHED_PATHS})().then((paths) => paths.some((path) => path.endsWith('.mp4')))"
    )
    server.shutdown()
    server.server_close()
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    assert page.evaluate("!!navigator.serviceWorker.controller")
    assert page.evaluate("document.styleSheets[0].cssRules.length > 100")
    page.goto(f"{url}pt.html")
    expect(page.locator("html")).to_have_attribute("lang", "pt")
    part = page.evaluate(
        """async () => {
          const headers = { range: "bytes=10-19" };
          const response = await fetch("media/explainer.mp4", { headers });
          const { status } = response;
          const range = response.headers.get("content-range");
          return [status, range, (await response.arrayBuffer()).byteLength];
        }"""
    )
    assert part[0] == 206
    assert part[1].startswith("bytes 10-19/")
    assert part[2] == 10
