"""Data for the LMS's reports: sections as objectives, answers as comments.

What only the session and the adapter decide is tested without a package (``scorm_sessions.py``).
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.package_player import READER, answer, answers_of, packages, read_all, reopen
from tests.browser.scorm_sessions import Begin, begin, scripted
from tests.browser.standards import SCORM12, STANDARDS, Standard
from tests.support.chromium import OpenPage
from tests.support.lms_page import Player, play
from tests.support.small_module import SECTIONS

pytestmark = [
    pytest.mark.early,
    pytest.mark.browser,
    pytest.mark.parametrize("standard", STANDARDS, ids=lambda standard: standard.form),
]

__all__ = ["begin", "scripted"]

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
def test_section_statuses_and_comments_are_sent_again_after_a_fault(
    open_page: OpenPage, package: Package, standard: Standard, fault: str
) -> None:
    page = open_page(**READER, locale="en-GB")
    player = open_package(page, package(standard), standard)
    page.evaluate(f"lms.{fault} = true")
    page.context.set_offline(fault == "dropping")
    answer(player, "who-buys", "We do")
    read_all(player)
    for sent in ("objectives.*completed", "comment.*We do"):
        page.wait_for_function(f"""lms.calls.lastIndexOf('Commit ') >
          lms.calls.findLastIndex((call) => /{sent}$/.test(call)) &&
          lms.calls.some((call) => /{sent}$/.test(call))""")
    page.evaluate(f"lms.{fault} = false")
    page.context.set_offline(False)
    player.frame.evaluate("window.dispatchEvent(new Event('online'))")
    player.frame.get_by_text("Saved at").wait_for()
    saved = player.lms("lms.saved")
    assert standard.sections_of(saved) == dict.fromkeys(SECTIONS, "completed")
    assert list(standard.comments_of(saved).values()) == ["We do"]
    assert player.lms("lms.refusals") == []


@pytest.mark.parametrize("missing", ["objectives", "interactions", "comments"])
def test_an_lms_without_an_optional_element_saves_the_rest(
    begin: Begin, standard: Standard, missing: str
) -> None:
    arrays = {"objectives": "objectives", "interactions": "interactions"}
    names = {**arrays, "comments": standard.comments}
    first = begin(standard, without=[names[missing]])
    first.answer("who-buys", "We do")
    assert first.status == "saved"
    first.answer("who-buys", "We all do")
    first.leave()
    asked = first.lms(f"lms.calls.filter((call) => call.includes('cmi.{names[missing]}'))")
    assert asked in ([f"GetValue cmi.{names[missing]}._count"], _COMMENT_PROBES)
    saved = first.saved
    if missing != "objectives":
        assert list(standard.sections_of(saved)) == list(SECTIONS)
    if missing != "interactions":
        assert standard.response_of(saved, "who-buys") == "We all do"
    if missing != "comments":
        assert list(standard.comments_of(saved).values()) == ["We all do"]
    assert begin(standard, saved).answers == {"who-buys": "We all do"}


def test_optional_elements_are_probed_again_after_an_outage(
    begin: Begin, standard: Standard
) -> None:
    session = begin(standard)
    session.lms("lms.broken = true")
    session.answer("who-buys", "We do")
    assert session.status == "unsaved"
    session.lms("lms.broken = false")
    session.save()
    assert session.status == "saved"
    saved = session.saved
    assert list(standard.sections_of(saved)) == list(SECTIONS)
    assert standard.response_of(saved, "who-buys") == "We do"
    assert list(standard.comments_of(saved).values()) == ["We do"]


TEXTS = {"ar": ARABIC * 30, "hi": HINDI * 30, "emoji": EMOJI * 60, "braces": "{" * 3500}


@pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))
def test_an_answer_is_in_the_report_and_in_the_comments_once_and_complete(
    begin: Begin, standard: Standard, text: str
) -> None:
    text = text.strip()
    first = begin(standard)
    first.answer("who-sells", "سطر\n\nوآخر")
    first.answer("who-buys", text)
    first.leave()
    buys, sells = names_of(standard)
    saved = first.saved
    assert standard.comments_of(saved) == {buys: flat(text), sells: "سطر وآخر"}
    if " " in text:  # the LMS's report cuts a word that is longer than an interaction
        assert standard.response_of(saved, "who-buys").split() == text.split()
    assert first.refusals == []

    second = begin(standard, saved)
    assert second.answers["who-buys"] == text
    second.answer("who-buys", "We do")
    second.close()
    shortened = second.saved
    assert standard.comments_of(shortened) == {buys: "We do", sells: "سطر وآخر"}
    assert second.refusals == []

    third = begin(standard, shortened)
    third.close()
    assert standard.comments_of(third.saved) == {buys: "We do", sells: "سطر وآخر"}
    assert third.refusals == []

    deleting = begin(standard, saved)
    deleting.answer("who-buys", "")
    deleting.leave()
    left = standard.comments_of(deleting.saved)
    assert {left.get(buys, ""), left[sells]} == {"", "سطر وآخر"}
    assert deleting.refusals == []


def test_a_shortened_answer_of_a_package_is_in_the_comments(
    open_page: OpenPage, package: Package, standard: Standard
) -> None:
    first = open_package(open_page(locale="ar"), package(standard), standard)
    answer(first, "who-buys", ARABIC * 30)
    first.frame.locator("[data-leave]").click()
    buys, sells = names_of(standard)
    saved = first.lms("lms.saved")
    assert standard.comments_of(saved) == {buys: flat(ARABIC * 30)}
    assert standard.response_of(saved, "who-buys").split() == (ARABIC * 30).split()
    assert first.lms("lms.refusals") == []

    second = reopen(open_page(), package(standard), first, script=standard.runtime)
    assert answers_of(second)["who-buys"] == ARABIC * 30
    answer(second, "who-buys", "We do")
    answer(second, "who-sells", "سطر\n\nوآخر")
    second.close_frame()
    saved = second.lms("lms.saved")
    assert standard.comments_of(saved) == {buys: "We do", sells: "سطر وآخر"}
    assert second.lms("lms.refusals") == []
