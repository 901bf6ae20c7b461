"""Take the screenshots of the documentation from the running tool.

``MINGA_PICTURES=docs/pictures`` saves them; otherwise they are discarded.
"""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from demo_lms.register_tool import registration_url
from tests.browser.conftest import OpenContext
from tests.browser.test_live import enter, open_as, publish
from tests.support.site import Site

pytestmark = pytest.mark.browser

VIEW = {"width": 1120, "height": 900}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    named = os.environ.get("MINGA_PICTURES")
    return Path(named) if named else tmp_path


def take(page: Page, folder: Path, name: str) -> None:
    page.wait_for_timeout(400)
    page.screenshot(path=folder / f"{name}.png")
    assert (folder / f"{name}.png").stat().st_size < 400_000


def test_pictures_of_the_module_and_its_discussion(
    home: Site, open_context: OpenContext, folder: Path
) -> None:
    for user, language, text in (
        (
            "joao",
            "pt",
            "Em nossa cidade, a feira de produtores nasceu de uma visita a outra cidade.",
        ),
        ("amina", "ar", "في طنجة بدأنا بسوق صغيرة للحرفيات، ثم انضمت إلينا بلديتان مجاورتان."),
    ):
        publish(open_as(open_context().new_page(), home, user, language=language), text)
    page = open_context(viewport=VIEW).new_page()
    frame = open_as(page, home, "maria", language="es")
    expect(frame.locator("h1")).to_be_visible()
    take(page, folder, "module-in-course")
    publish(frame, "Gracias por contarlo. ¿Qué dijo el concejo de la ciudad?")
    frame.locator("article.post").last.scroll_into_view_if_needed()
    take(page, folder, "discussion")


def test_pictures_of_registration_and_an_error(
    home: Site, open_context: OpenContext, folder: Path
) -> None:
    context = open_context(viewport=VIEW, locale="en")
    page = context.new_page()
    page.goto(registration_url(home.lms.state, home.tool.invite()))
    expect(page.locator("form button.button")).to_be_visible()
    take(page, folder, "registration")
    home.lms.state.faults.edit_claims = lambda claims: claims | {"aud": "another"}
    try:
        page = context.new_page()
        enter(page, home, "joao", "en")
        page.wait_for_timeout(1500)
        take(page, folder, "refusal")
    finally:
        home.lms.state.faults.edit_claims = None
