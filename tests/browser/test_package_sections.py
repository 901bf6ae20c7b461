"""A package with one SCO per section: each is played, resumed and completed separately.

The layout of its pages is tested in ``test_package_layout.py``.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.package_player import LONG_WAIT, READER, TALL, answer, answers_of, packages, stay
from tests.browser.standards import SCORM12, SCORM2004, STANDARDS, Standard
from tests.support.chromium import OpenPage
from tests.support.lms_page import Player, play

pytestmark = pytest.mark.browser

in_each_standard = pytest.mark.parametrize("standard", STANDARDS, ids=lambda one: one.form)

Package = Callable[[Standard], Path]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """The small module with one SCO per section; completion requires one answer."""
    return packages(tmp_path_factory, per_section=True)


def open_section(
    page: Page, package: Path, standard: Standard, section: str, earlier: Player | None = None
) -> Player:
    """Open one section as the LMS does, with the data of an earlier session."""
    saved = earlier.lms("JSON.stringify(lms.saved)") if earlier else "{}"
    start = f"window.lmsStart = {{ model: {saved} }}"
    url = f"{section}.html"
    return play(page, package, script=standard.runtime, start=start, url=url)


def view_page(player: Player) -> None:
    """Click in a window that shows the whole page, and wait until it counts as seen."""
    player.frame.locator("h1").click()
    player.frame.wait_for_function(
        "document.querySelector('[data-bar-progress]').value === 1", timeout=LONG_WAIT
    )


def links_to_sections(player: Player) -> set[str]:
    """The sections to which the links of the page lead."""
    urls = "Array.from(document.querySelectorAll('a'), (link) => link.getAttribute('href'))"
    inside = [url for url in player.frame.evaluate(urls) if url.endswith(".html")]
    return {url.partition(".")[0] for url in inside}


@pytest.mark.parametrize(
    ("section", "standard"),
    [
        ("introduction", SCORM12),
        ("videos", SCORM2004),
        ("readings", SCORM12),
        ("discussion", SCORM2004),
    ],
    ids=lambda one: one.form if isinstance(one, Standard) else one,
)
def test_viewing_a_section_completes_it_and_no_link_leads_to_another(
    open_page: OpenPage, package: Package, standard: Standard, section: str
) -> None:
    player = open_section(
        open_page(viewport=TALL, locale="en-GB"), package(standard), standard, section
    )
    assert links_to_sections(player) == {section}
    assert player.frame.locator("[data-nav]").count() == 0
    view_page(player)
    player.wait_saved(f"saved['{standard.status}'] === 'completed'")
    player.close_frame()
    assert player.lms("lms.phase") == "finished"
    assert player.lms("lms.refusals") == []
    assert standard.sections_of(player.lms("lms.saved")) == {section: "completed"}


@in_each_standard
def test_opening_and_closing_completes_no_section(
    open_page: OpenPage, package: Package, standard: Standard
) -> None:
    player = open_section(open_page(**READER), package(standard), standard, "readings")
    stay(player, 2300)
    player.close_frame()
    assert player.lms(f"lms.saved['{standard.status}']") == "incomplete"
    assert player.lms("lms.refusals") == []


@in_each_standard
def test_the_questions_are_left_resumed_and_completed(
    open_page: OpenPage, package: Package, standard: Standard
) -> None:
    first = open_section(
        open_page(viewport=TALL, locale="en-GB"), package(standard), standard, "questions"
    )
    assert links_to_sections(first) == {"questions"}
    view_page(first)
    first.frame.locator("[data-leave]").click()
    assert first.lms(f"lms.saved['{standard.status}']") == "incomplete"
    assert first.lms("lms.refusals") == []

    page = open_page(locale="en-GB")
    second = open_section(page, package(standard), standard, "questions", first)
    answer(second, "who-buys", "We do")
    second.wait_saved(f"saved['{standard.status}'] === 'completed'")
    assert standard.response_of(second.lms("lms.saved"), "who-buys") == "We do"
    assert second.frame.get_by_role("button", name="Copy my answers").is_visible()
    second.close_frame()
    assert second.lms("lms.refusals") == []

    third = open_section(page, package(standard), standard, "questions", second)
    assert answers_of(third)["who-buys"] == "We do"
    assert (
        "completed this section of the module" in third.frame.locator("[data-status]").inner_text()
    )


def test_sections_on_one_device_never_overwrite_each_other(
    open_page: OpenPage, package: Package
) -> None:
    page = open_page(viewport=TALL, locale="en-GB")

    def alone(section: str) -> Player:
        return play(page, package(SCORM12), script="", url=f"{section}.html")

    asked = alone("questions")
    answer(asked, "who-buys", "We do")
    asked.frame.locator("[data-leave]").click()
    other = alone("introduction")
    view_page(other)
    other.frame.locator("[data-leave]").click()
    again = alone("questions")
    assert answers_of(again)["who-buys"] == "We do"
    names = "Object.keys(localStorage).map((name) => name.split('/').slice(0, 3).join('/'))"
    assert set(page.evaluate(names)) == {"minga/market/questions", "minga/market/introduction"}


@in_each_standard
def test_work_in_an_unconnected_section_is_sent_in_its_next_session(
    open_page: OpenPage, package: Package, standard: Standard
) -> None:
    """In Moodle, SCORM 2004 rejects a second Initialize in one window."""
    page = open_page(locale="en-GB")
    first = open_section(page, package(standard), standard, "introduction")
    first.frame.goto(first.frame.url.replace("introduction", "questions"))
    first.frame.wait_for_selector("[data-package]:not([hidden])")
    assert "Not connected to your course" in first.frame.locator("[data-status]").inner_text()
    answer(first, "who-buys", "We do")
    first.frame.get_by_text("Saved on this device at").wait_for()
    again = open_section(page, package(standard), standard, "questions")
    again.wait_saved("saved['cmi.interactions._count'] === '2'")
    assert answers_of(again)["who-buys"] == "We do"
    assert standard.response_of(again.lms("lms.saved"), "who-buys") == "We do"


def test_the_chosen_language_applies_to_all_sections(open_page: OpenPage, package: Package) -> None:
    page = open_page(locale="en-GB")
    first = open_section(page, package(SCORM2004), SCORM2004, "introduction")
    assert first.frame.title() == "Introduction – The market"
    first.frame.get_by_role("link", name="العربية").click()
    assert first.frame.title() == "مقدمة – السوق"
    first.frame.locator("[data-leave]").click()
    second = open_section(page, package(SCORM2004), SCORM2004, "videos")
    assert second.frame.locator("html").get_attribute("dir") == "rtl"
    assert second.frame.locator("h2").first.inner_text() == "أفلام"


def test_without_scripts_a_section_can_be_read_in_each_language(
    open_page: OpenPage, package: Package
) -> None:
    page = open_page(java_script_enabled=False)
    player = play(page, package(SCORM12), script="", url="videos.html", wait=False)
    player.frame.get_by_role("link", name="English").click()
    player.frame.wait_for_url("**/videos.en.html")
    assert player.frame.locator("h2").first.inner_text() == "Videos"
