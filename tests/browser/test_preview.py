"""The preview in a real browser: edits and problems appear without a reload."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from scorm_builder.preview.server import Preview
from scorm_builder.starter import begin

pytestmark = pytest.mark.browser


@pytest.fixture
def preview(tmp_path: Path) -> Iterator[Preview]:
    begin(tmp_path / "mine", languages=["es", "ar"])
    server = Preview(tmp_path / "mine")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_page_updates_after_edits(preview: Preview, chromium: Browser, tmp_path: Path) -> None:
    page = chromium.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))

    def save(text: str) -> None:
        """At once, as editors do: a file seen half written would load the page twice."""
        draft = tmp_path / "draft.md"
        draft.write_text(text, "utf-8")
        draft.replace(preview.watched.folder / "es/discussion.md")

    page.goto(preview.url + "es/")
    page.get_by_text("Preview: nothing to mend").wait_for()
    save("# Foro\n\nPalabras <b>nuevas</b>.\n")
    page.get_by_text("Palabras nuevas.").wait_for()
    page.get_by_text("es/discussion.md:3").wait_for()
    assert Axe().run(page).violations_count == 0
    save("Palabras sin título.\n")
    page.get_by_role("heading", name="“mine” cannot be shown yet").wait_for()
    page.get_by_text("The file does not begin with the section's title.").wait_for()
    assert Axe().run(page).violations_count == 0
    save("# Foro\n\nListo.\n")
    page.get_by_text("Listo.").wait_for()
    page.goto(preview.url + "ar/")
    assert page.locator("html").get_attribute("dir") == "rtl"
    page.close()
    assert said == []


def test_picture_of_the_preview(preview: Preview, chromium: Browser, tmp_path: Path) -> None:
    """``MINGA_PICTURES=docs/pictures`` saves it for the documentation."""
    text = preview.watched.folder / "es/discussion.md"
    text.write_text("# Debate\n\nEscribe {{< aquí >}} lo que piensas.\n", "utf-8")
    page = chromium.new_page(viewport={"width": 1120, "height": 620})
    page.goto(preview.url + "es/")
    page.wait_for_timeout(300)
    folder = Path(os.environ.get("MINGA_PICTURES", tmp_path))
    page.screenshot(path=folder / "preview.png")
    page.close()
