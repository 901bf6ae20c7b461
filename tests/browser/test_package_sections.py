"""A package with an SCO for each section: each is played, left, resumed and completed by itself."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.package_player import LONG_WAIT, TALL, answer, answers_of, packages
from tests.browser.standards import STANDARDS, Standard
from tests.support.chromium import OpenPage
from tests.support.lms_page import Player, play
from tests.support.small_module import SECTIONS

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("standard", STANDARDS, ids=lambda standard: standard.form),
]

Package = Callable[[Standard], Path]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """The small module in a standard's format, in parts; one answer is asked for."""
    return packages(tmp_path_factory, per_section=True)


def part(
    page: Page, package: Path, standard: Standard, section: str, earlier: Player | None = None
) -> Player:
    """Open one section as the LMS does, with what it holds of an earlier sitting with it."""
    saved = earlier.lms("JSON.stringify(lms.saved)") if earlier else "{}"
    start = f"window.lmsStart = {{ model: {saved} }}"
    url = f"{section}.html"
    return play(page, package, script=standard.runtime, start=start, url=url)


def see(player: Player) -> None:
    """Give a sign of life in a window that shows the whole page, and wait until it was seen."""
    player.frame.locator("h1").click()
    player.frame.wait_for_function(
        "document.querySelector('[data-so-far]').value === 1", timeout=LONG_WAIT
    )


@pytest.mark.parametrize("section", [name for name in SECTIONS if name != "questions"])
def test_a_section_is_completed_by_being_seen(
    open_page: OpenPage, package: Package, standard: Standard, section: str
) -> None:
    player = part(open_page(viewport=TALL, locale="en-GB"), package(standard), standard, section)
    see(player)
    player.wait_saved(f"saved['{standard.status}'] === 'completed'")
    player.close_frame()
    assert player.lms("lms.stage") == "finished"
    assert player.lms("lms.refusals") == []
    assert standard.sections_of(player.lms("lms.saved")) == {section: "completed"}


def test_opening_and_closing_completes_no_section(
    open_page: OpenPage, package: Package, standard: Standard
) -> None:
    player = part(open_page(viewport=TALL), package(standard), standard, "readings")
    player.page.wait_for_timeout(2300)
    player.close_frame()
    assert player.lms(f"lms.saved['{standard.status}']") == "incomplete"
    assert player.lms("lms.refusals") == []


def test_the_questions_are_left_resumed_and_completed(
    open_page: OpenPage, package: Package, standard: Standard
) -> None:
    first = part(open_page(viewport=TALL, locale="en-GB"), package(standard), standard, "questions")
    see(first)
    first.frame.locator("[data-leave]").click()
    assert first.lms(f"lms.saved['{standard.status}']") == "incomplete"
    assert first.lms("lms.refusals") == []

    page = open_page(locale="en-GB")
    second = part(page, package(standard), standard, "questions", first)
    answer(second, "who-buys", "We do")
    second.wait_saved(f"saved['{standard.status}'] === 'completed'")
    assert standard.response_of(second.lms("lms.saved"), "who-buys") == "We do"
    assert second.frame.get_by_role("button", name="Copy my answers").is_visible()
    second.close_frame()
    assert second.lms("lms.refusals") == []

    third = part(page, package(standard), standard, "questions", second)
    assert answers_of(third)["who-buys"] == "We do"
    assert "completed this section of the module" in third.frame.locator("[data-news]").inner_text()


def test_sections_on_one_device_never_overwrite_each_other(
    open_page: OpenPage, package: Package, standard: Standard
) -> None:
    page = open_page(viewport=TALL, locale="en-GB")

    def alone(section: str) -> Player:
        return play(page, package(standard), script="", url=f"{section}.html")

    asked = alone("questions")
    answer(asked, "who-buys", "We do")
    asked.frame.locator("[data-leave]").click()
    other = alone("introduction")
    see(other)
    other.frame.locator("[data-leave]").click()
    again = alone("questions")
    assert answers_of(again)["who-buys"] == "We do"
    names = "Object.keys(localStorage).map((name) => name.split('/').slice(0, 3).join('/'))"
    assert set(page.evaluate(names)) == {"minga/market/questions", "minga/market/introduction"}


def test_a_section_without_a_sitting_brings_its_work_along_the_next_time(
    open_page: OpenPage, package: Package, standard: Standard
) -> None:
    """In Moodle, a second Initialize in one window is refused by SCORM 2004."""
    page = open_page(locale="en-GB")
    first = part(page, package(standard), standard, "introduction")
    first.frame.goto(first.frame.url.replace("introduction", "questions"))
    first.frame.wait_for_selector("[data-package]:not([hidden])")
    assert "Not connected to your course" in first.frame.locator("[data-news]").inner_text()
    answer(first, "who-buys", "We do")
    first.frame.get_by_text("Saved on this device at").wait_for()
    again = part(page, package(standard), standard, "questions")
    again.wait_saved("saved['cmi.interactions._count'] === '2'")
    assert answers_of(again)["who-buys"] == "We do"
    assert standard.response_of(again.lms("lms.saved"), "who-buys") == "We do"


def test_a_language_is_chosen_once_for_all_sections(
    open_page: OpenPage, package: Package, standard: Standard
) -> None:
    page = open_page(locale="en-GB")
    first = part(page, package(standard), standard, "introduction")
    assert first.frame.title() == "Introduction – The market"
    first.frame.get_by_role("link", name="العربية").click()
    assert first.frame.title() == "مقدمة – السوق"
    first.frame.locator("[data-leave]").click()
    second = part(page, package(standard), standard, "videos")
    assert second.frame.locator("html").get_attribute("dir") == "rtl"
    assert second.frame.locator("h2").first.inner_text() == "أفلام"


def test_nothing_on_the_page_leads_to_another_section(
    open_page: OpenPage, package: Package, standard: Standard
) -> None:
    page = open_page()
    urls = "Array.from(document.querySelectorAll('a'), (link) => link.getAttribute('href'))"
    for section in SECTIONS:
        player = part(page, package(standard), standard, section)
        inside = [one for one in player.frame.evaluate(urls) if one.endswith(".html")]
        assert {one.partition(".")[0] for one in inside} == {section}
        assert player.frame.locator("[data-nav]").count() == 0


@pytest.mark.parametrize(("width", "least"), [(320, 280), (1280, 600)])
def test_a_section_has_the_room_that_the_contents_leave(
    open_page: OpenPage, package: Package, standard: Standard, width: int, least: int
) -> None:
    for locale in ("es-AR", "ar"):
        page = open_page(locale=locale, viewport={"width": width, "height": 800})
        player = part(page, package(standard), standard, "questions")
        assert player.frame.evaluate("document.querySelector('main').offsetWidth") >= least
        assert player.frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
        sizes = (
            "['h1', 'h2'].map((name) => getComputedStyle(document.querySelector(name)).fontSize)"
        )
        module, section = (float(size[:-2]) for size in player.frame.evaluate(sizes))
        assert module < section


def test_without_scripts_a_section_can_be_read_in_each_language(
    open_page: OpenPage, package: Package, standard: Standard
) -> None:
    page = open_page(java_script_enabled=False)
    player = play(page, package(standard), script="", url="videos.html", wait=False)
    player.frame.get_by_role("link", name="English").click()
    player.frame.wait_for_url("**/videos.en.html")
    assert player.frame.locator("h2").first.inner_text() == "Videos"
