"""The page of a package: layout, accessibility, keyboard, print, opening from a folder."""

import zipfile
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.package_player import LONG_WAIT, answer, answers_of, package
from tests.support.chromium import OpenPage
from tests.support.lms_page import play

pytestmark = pytest.mark.browser
__all__ = ["package"]

LANGUAGES = {"en": "English", "ar": "العربية", "es": "Español"}


def test_in_each_language_nothing_is_wider_than_the_window(
    open_page: OpenPage, package: Path
) -> None:
    page = open_page(locale="es-AR")
    player = play(page, package)
    answer(player, "who-buys", "palabralarguísima" * 30)
    for language, name in LANGUAGES.items():
        player.frame.get_by_role("link", name=name).click()
        player.frame.locator(f"html[lang={language}]").wait_for(state="attached")
        for width in (320, 768, 1280):
            page.set_viewport_size({"width": width, "height": 800})
            fits = "document.documentElement.scrollWidth <= window.innerWidth"
            assert player.frame.evaluate(fits), (language, width)


def test_accessibility(open_page: OpenPage, package: Path) -> None:
    """In the language of the address, and after a change of language."""
    page = open_page(viewport={"width": 390, "height": 800})
    play(page, package, alone=True, url="index.html?language=es")
    assert page.locator("html").get_attribute("lang") == "es"
    page.locator("#a-who-buys").fill("Yo")
    for language, scheme in (("es", "light"), ("ar", "dark")):
        page.emulate_media(color_scheme=scheme)
        page.get_by_role("link", name=LANGUAGES[language]).click()
        page.locator(f"html[lang={language}]").wait_for(state="attached")
        result = Axe().run(page).response
        assert len(result["passes"]) > 20
        found = result["violations"]
        assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in found] == []


def test_keyboard_focus_reaches_everything_and_is_never_covered(
    open_page: OpenPage, package: Path
) -> None:
    player = play(
        open_page(viewport={"width": 390, "height": 700}, reduced_motion="reduce"), package
    )
    player.frame.locator("body").press("Tab")
    reached, covered = set(), []
    for _ in range(60):
        name, top, bar = player.frame.evaluate(
            """() => {
              const here = document.activeElement;
              const bar = document.querySelector('.session').getBoundingClientRect().bottom;
              const name = here.id || here.textContent.trim().slice(0, 20);
              const above = here.closest('.session, .skip');
              return [name, above ? bar : here.getBoundingClientRect().bottom, bar];
            }"""
        )
        reached.add(name)
        if top < bar:
            covered.append(name)
        player.page.keyboard.press("Tab")
    assert {"Save and leave", "العربية", "a-who-buys", "a-who-sells", "Copy my answers"} <= reached
    assert covered == []


def test_opened_from_a_folder(open_page: OpenPage, package: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        archive.extractall(tmp_path)
    page = open_page(locale="es-AR")
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto((tmp_path / "index.html").as_uri())
    page.get_by_role("link", name="English").click()
    page.locator("#a-who-buys").fill("Me")
    page.locator("#a-who-buys").blur()
    page.get_by_text("Saved on this device").wait_for(timeout=LONG_WAIT)
    page.reload()
    page.locator("html[lang=en]").wait_for(state="attached", timeout=LONG_WAIT)
    assert page.locator("#a-who-buys").input_value() == "Me"
    assert problems == []


def test_print_contains_the_answers_and_no_buttons(open_page: OpenPage, package: Path) -> None:
    player = play(open_page(), package)
    answer(player, "who-buys", "Me")
    player.page.emulate_media(media="print")
    assert player.frame.locator("#a-who-buys").is_visible()
    assert player.frame.locator("[data-leave]").is_hidden()
    assert player.frame.locator("[data-export-section]").is_hidden()


def test_a_language_page_opened_directly(open_page: OpenPage, package: Path) -> None:
    player = play(open_page(), package, script="", url="en.html")
    answer(player, "who-buys", "Me")
    assert answers_of(player)["who-buys"] == "Me"
    player.frame.get_by_role("link", name="العربية").click()
    player.frame.wait_for_url("**/ar.html", timeout=LONG_WAIT)
