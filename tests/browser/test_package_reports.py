"""Data for the LMS's reports: sections as objectives, answers as comments."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.package_player import READER, answer, answers_of, packages, read_all, reopen
from tests.browser.standards import SCORM12, STANDARDS, Standard
from tests.support.chromium import OpenPage
from tests.support.lms_page import Player, play
from tests.support.small_module import SECTIONS

pytestmark = [
    pytest.mark.early,
    pytest.mark.browser,
    pytest.mark.parametrize("standard", STANDARDS, ids=lambda standard: standard.form),
]

_COMMENT_PROBES = ["GetValue cmi.comments", "SetValue cmi.comments •"]
"""The calls that detect that a SCORM 1.2 runtime has no comments."""

ARABIC = "في روساريو فتحنا مشتريات البلدية لتعاونيات الأحياء، وأخبرنا بها أهل مونتيفيديو أولاً. "
HINDI = "नगरपालिका ने पड़ोस की सहकारी समितियों के लिए ख़रीद खोल दी; क्षेत्र की स्त्रियों ने बताया। "
EMOJI = "👩🏽‍🌾🤝👨‍👩‍👧‍👦🇦🇷🏴󠁧󠁢󠁷󠁬󠁳󠁿 "

Package = Callable[[Standard], Path]


def names_of(standard: Standard) -> tuple[str, str]:
    """The names of the two questions in the comments."""
    return ("1", "2") if standard.form == SCORM12.form else ("who-buys", "who-sells")


def flat(text: str) -> str:
    """The text on one line."""
    return " ".join(text.split())


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """The small module in a standard's format; completion requires all sections and one answer."""
    return packages(tmp_path_factory)


def open_package(page: Page, package: Path, standard: Standard, start: str = "{}") -> Player:
    start = f"window.lmsStart = {start}"
    return play(page, package, script=standard.runtime, start=start)


def view_section(player: Player, section: str) -> None:
    """Go to a section and wait until it counts as seen."""
    player.frame.locator("h1").click()
    player.frame.locator(f"[data-nav={section}]").click()
    player.frame.wait_for_selector(f"[data-nav={section}][data-seen]", state="attached")


def test_each_section_is_an_objective_completed_by_viewing(
    open_page: OpenPage, package: Package, standard: Standard
) -> None:
    page = open_page(viewport={"width": 900, "height": 300}, locale="en-GB")
    first = open_package(page, package(standard), standard)
    view_section(first, "discussion")
    first.wait_saved("Object.values(saved).includes('discussion')")
    first.frame.locator("[data-leave]").click()
    statuses = standard.sections_of(first.lms("lms.saved"))
    assert list(statuses) == list(SECTIONS)
    assert (statuses["introduction"], statuses["discussion"]) == ("not attempted", "completed")

    second = reopen(open_page(**READER), package(standard), first, script=standard.runtime)
    read_all(second)
    second.close_frame()
    statuses = standard.sections_of(second.lms("lms.saved"))
    assert statuses == dict.fromkeys(SECTIONS, "completed")
    assert [*first.lms("lms.refusals"), *second.lms("lms.refusals")] == []


@pytest.mark.parametrize("fault", ["rejecting", "dropping"])
def test_section_statuses_are_sent_again_after_a_fault(
    open_page: OpenPage, package: Package, standard: Standard, fault: str
) -> None:
    page = open_page(**READER, locale="en-GB")
    player = open_package(page, package(standard), standard)
    page.evaluate(f"lms.{fault} = true")
    page.context.set_offline(fault == "dropping")
    read_all(player)
    page.wait_for_function("""lms.calls.lastIndexOf('Commit ') >
      lms.calls.findLastIndex((call) => /objectives.*completed$/.test(call)) &&
      lms.calls.some((call) => /objectives.*completed$/.test(call))""")
    page.evaluate(f"lms.{fault} = false")
    page.context.set_offline(False)
    player.frame.evaluate("window.dispatchEvent(new Event('online'))")
    player.frame.get_by_text("Saved at").wait_for()
    statuses = standard.sections_of(player.lms("lms.saved"))
    assert statuses == dict.fromkeys(SECTIONS, "completed")
    assert player.lms("lms.refusals") == []


@pytest.mark.parametrize("missing", ["objectives", "interactions", "comments"])
def test_an_lms_without_an_optional_element_saves_the_rest(
    open_page: OpenPage, package: Package, standard: Standard, missing: str
) -> None:
    if missing == "comments":
        missing = standard.comments
    start = f"{{ without: ['{missing}'] }}"
    player = open_package(open_page(locale="en-GB"), package(standard), standard, start)
    answer(player, "who-buys", "We do")
    player.frame.get_by_text("Saved at").wait_for()
    answer(player, "who-buys", "We all do")
    player.frame.locator("[data-leave]").click()
    asked = player.lms(f"lms.calls.filter((call) => call.includes('cmi.{missing}'))")
    assert asked in ([f"GetValue cmi.{missing}._count"], _COMMENT_PROBES)
    again = reopen(open_page(), package(standard), player, script=standard.runtime)
    assert answers_of(again)["who-buys"] == "We all do"


def test_optional_elements_are_probed_again_after_an_outage(
    open_page: OpenPage, package: Package, standard: Standard
) -> None:
    player = open_package(open_page(locale="en-GB"), package(standard), standard)
    player.page.evaluate("lms.broken = true")
    answer(player, "who-buys", "We do")
    player.frame.get_by_text("we keep trying").wait_for()
    player.page.evaluate("lms.broken = false")
    player.frame.evaluate("window.dispatchEvent(new Event('online'))")
    player.frame.get_by_text("Saved at").wait_for()
    saved = player.lms("lms.saved")
    assert list(standard.sections_of(saved)) == list(SECTIONS)
    assert standard.response_of(saved, "who-buys") == "We do"
    assert list(standard.comments_of(saved).values()) == ["We do"]


TEXTS = {"ar": ARABIC * 30, "hi": HINDI * 30, "emoji": EMOJI * 60, "braces": "{" * 3500}


@pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))
def test_an_answer_is_in_the_report_and_in_the_comments_once_and_complete(
    open_page: OpenPage, package: Package, standard: Standard, text: str
) -> None:
    text = text.strip()
    first = open_package(open_page(locale="ar"), package(standard), standard)
    answer(first, "who-sells", "سطر\n\nوآخر")
    answer(first, "who-buys", text)
    first.wait_saved("Object.values(saved).some((value) => value.includes('وآخر'))")
    buys, sells = names_of(standard)
    first.frame.locator("[data-leave]").click()
    saved = first.lms("lms.saved")
    assert standard.comments_of(saved) == {buys: flat(text), sells: "سطر وآخر"}
    if " " in text:  # the LMS's report cuts a word that is longer than an interaction
        assert standard.response_of(saved, "who-buys").split() == text.split()

    second = reopen(open_page(), package(standard), first, script=standard.runtime)
    assert answers_of(second)["who-buys"] == text
    answer(second, "who-buys", "We do")
    second.wait_saved("Object.values(saved).some((value) => value.includes('We do'))")
    second.close_frame()
    assert standard.comments_of(second.lms("lms.saved")) == {buys: "We do", sells: "سطر وآخر"}

    third = reopen(open_page(), package(standard), second, script=standard.runtime)
    third.close_frame()
    assert standard.comments_of(third.lms("lms.saved")) == {buys: "We do", sells: "سطر وآخر"}
    for player in (first, second, third):
        assert player.lms("lms.refusals") == []


def test_a_deleted_answer_is_removed_from_the_comments(
    open_page: OpenPage, package: Package, standard: Standard
) -> None:
    first = open_package(open_page(locale="en-GB"), package(standard), standard)
    answer(first, "who-buys", "We do. " * 700)
    first.frame.get_by_text("Saved at").wait_for()
    second = reopen(open_page(locale="en-GB"), package(standard), first, script=standard.runtime)
    answer(second, "who-buys", "")
    second.frame.get_by_text("Saved at").wait_for()
    assert set(standard.comments_of(second.lms("lms.saved")).values()) <= {""}
    assert second.lms("lms.refusals") == []


@pytest.mark.parametrize("fault", ["rejecting", "dropping"])
def test_comments_are_sent_again_after_a_fault(
    open_page: OpenPage, package: Package, standard: Standard, fault: str
) -> None:
    page = open_page(locale="en-GB")
    player = open_package(page, package(standard), standard)
    page.evaluate(f"lms.{fault} = true")
    page.context.set_offline(fault == "dropping")
    answer(player, "who-buys", "We do")
    page.wait_for_function("""lms.calls.lastIndexOf('Commit ') >
      lms.calls.findLastIndex((call) => /comment.*We do$/.test(call)) &&
      lms.calls.some((call) => /comment.*We do$/.test(call))""")
    page.evaluate(f"lms.{fault} = false")
    page.context.set_offline(False)
    player.frame.evaluate("window.dispatchEvent(new Event('online'))")
    player.frame.get_by_text("Saved at").wait_for()
    assert list(standard.comments_of(player.lms("lms.saved")).values()) == ["We do"]
    assert player.lms("lms.refusals") == []
