"""Take the screenshots of the documentation from the running tool.

``MINGA_PICTURES=docs/pictures`` saves them; otherwise they are discarded.
"""

import os
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from demo_lms import vocabulary as lti
from demo_lms.register_tool import registration_url
from lti_tool.sessions.requests import COOKIE
from tests.browser.conftest import OpenContext
from tests.browser.live_pages import enter, open_as, publish, write
from tests.support.site import Site, site
from tests.support.tabs import Tab, opened

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
        write(home, user, text, language=language)
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


def show(page: Page, home: Site, path: str, token: str) -> None:
    page.context.add_cookies([{"name": COOKIE, "value": token, "url": home.tool.url}])
    page.goto(f"{home.tool.url}{path}lang=en")


def test_pictures_of_the_choice_of_modules(
    home: Site, open_context: OpenContext, folder: Path
) -> None:
    answer = home.browser().deep_link("maria", language="en")
    path = re.search(r"/l/[^/]+/", answer.url)[0]
    token = answer.text.split('name="minga-token" content="')[1].split('"')[0]
    page = open_context(viewport={"width": 883, "height": 580}).new_page()
    show(page, home, f"{path}choose?", token)
    page.locator("input[name=module]").first.check()
    take(page, folder, "choice-of-modules")
    page.set_viewport_size(VIEW)
    page.click("button[name=act][value=options]")
    expect(page.locator("details.options[open]")).to_be_visible()
    take(page, folder, "options-of-a-module")


def activity(home: Site, user: str, number: int, title: str, module: str = "module-4") -> Tab:
    link = {lti.LTI + "resource_link": {"id": f"week-{number}", "title": title}}
    return opened(home, f"week-{number}", user=user, custom={"module": module}, **link)


def test_pictures_of_the_course_and_of_mail(
    tmp_path: Path, open_context: OpenContext, folder: Path
) -> None:
    cities, first, second = "Cities that cooperate", "Your first module", "The market and the town"
    with site(tmp_path, smtp_url="smtp://127.0.0.1:1", mail_from="minga@example.org") as home:
        for user, number, title in (("joao", 1, cities), ("amina", 1, cities), ("joao", 2, second)):
            activity(home, user, number, title).write(
                "A feira nasceu de uma visita a outra cidade."
            )
        activity(home, "maria", 3, first, "how-to-write-a-module")
        page = open_context(viewport=VIEW).new_page()
        tab = activity(home, "maria", 1, cities)
        show(page, home, f"{tab.path}course?", tab.token)
        take(page, folder, "course")
        tab = activity(home, "joao", 1, cities)
        page = open_context(viewport=VIEW).new_page()
        show(page, home, f"{tab.path}notices?", tab.token)
        take(page, folder, "notices")
        page = open_context(viewport={"width": 390, "height": 780}).new_page()
        show(page, home, f"{tab.path}compose?", tab.token)
        text = "In our town it was the **market** first.\n\nThen:\n\n- one vote each"
        page.fill("textarea[name=text]", text)
        page.click("[data-preview-button]")
        expect(page.locator("[data-preview] strong")).to_be_visible()
        take(page, folder, "writing-on-a-phone")
