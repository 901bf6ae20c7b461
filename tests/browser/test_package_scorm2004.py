"""A SCORM 2004 package in the frame of an LMS with the strict runtime."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from courseware.parser.reader import read
from scorm_builder.build import build
from tests.browser.package_player import LONG_WAIT, READER, answer, answers_of, read_all, stay
from tests.browser.scorm_sessions import Begin, begin, scripted
from tests.browser.standards import SCORM2004
from tests.support.chromium import OpenPage
from tests.support.files import support
from tests.support.lms_page import Player, play
from tests.support.small_module import write_module

pytestmark = pytest.mark.browser
__all__ = ["begin", "scripted"]

STRICT = support("strict_scorm2004.js")
SPANISH = {"locale": "es-AR"}
SECTIONS = ["introduction", "videos", "readings", "questions", "discussion"]
DEVANAGARI = "{नगर} स्थानीय आर्थिक विकास 👩🏽‍🌾👨‍👩‍👧‍👦 "
ARABIC = "التعاون بين المدن في الجنوب من أجل التنمية المحلية. "


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small module; completion requires all sections and one answer."""
    folder = tmp_path_factory.mktemp("package")
    return build(read(write_module(folder, questions=1)), folder, format_name="scorm2004-4").path


def open_package(page: Page, package: Path, **options: Any) -> Player:
    return play(page, package, script=STRICT, **options)


def reopen_package(page: Page, package: Path, player: Player) -> Player:
    saved = player.lms("JSON.stringify(lms.saved)")
    return open_package(page, package, start=f"window.lmsStart = {{ model: {saved} }}")


def entries(player: Player, array: str, field: str) -> list[str]:
    saved = player.lms("lms.saved")
    count = int(saved[f"cmi.{array}._count"])
    return [saved.get(f"cmi.{array}.{number}.{field}") for number in range(count)]


def test_answer_leave_return_and_complete(open_page: OpenPage, package: Path) -> None:
    first = open_package(open_page(**SPANISH), package)
    answer(first, "who-buys", "Las vecinas.\n\nY «yo» también: 100 % 你好.")
    first.wait_saved("saved['cmi.interactions._count'] === '2'")
    saved = first.lms("lms.saved")
    assert saved["cmi.completion_status"] == "incomplete"
    statuses = entries(first, "objectives", "completion_status")
    assert set(statuses) <= {"completed", "not attempted"}
    done = (statuses.count("completed") + 1) / 6
    assert float(saved["cmi.progress_measure"]) == pytest.approx(done, abs=0.01)
    assert saved["cmi.interactions.0.id"] == "who-buys"
    assert (
        saved["cmi.interactions.0.learner_response"] == "Las vecinas. Y «yo» también: 100 % 你好."
    )
    assert saved["cmi.interactions.0.description"] == "{lang=es}1. ¿Quién compra?"
    assert entries(first, "objectives", "id") == SECTIONS
    first.frame.locator("[data-leave]").click()
    assert first.lms("lms.phase") == "finished"
    assert first.lms("lms.refusals") == []

    second = reopen_package(open_page(**READER, **SPANISH), package, first)
    assert answers_of(second)["who-buys"] == "Las vecinas.\n\nY «yo» también: 100 % 你好."
    read_all(second)
    second.wait_saved("saved['cmi.completion_status'] === 'completed'")
    answer(second, "who-buys", "Todos.")
    second.wait_saved("saved['cmi.interactions.0.learner_response'] === 'Todos.'")
    second.close_frame()
    assert second.lms("lms.phase") == "finished"
    saved = second.lms("lms.saved")
    assert saved["cmi.progress_measure"] == "1"
    assert saved["cmi.exit"] == "suspend"
    assert saved["cmi.interactions._count"] == "2"
    assert entries(second, "objectives", "id") == SECTIONS
    assert entries(second, "objectives", "completion_status") == ["completed"] * 5
    assert entries(second, "objectives", "progress_measure") == ["1"] * 5
    names = second.lms("lms.calls.filter((call) => /objectives.*description/.test(call))")
    assert names == []
    scored = second.lms("lms.calls.filter((call) => /success_status|score/.test(call))")
    assert scored == []
    assert second.lms("lms.refusals") == []


def test_opening_and_closing_completes_nothing(open_page: OpenPage, package: Path) -> None:
    player = open_package(open_page(**READER), package)
    stay(player, 2300)
    player.close_frame()
    saved = player.lms("lms.saved")
    assert (saved["cmi.completion_status"], saved["cmi.progress_measure"]) == ("incomplete", "0")
    assert entries(player, "objectives", "completion_status") == ["not attempted"] * 5
    assert player.lms("lms.phase") == "finished"
    assert player.lms("lms.refusals") == []


@pytest.mark.parametrize("text", [DEVANAGARI * 240, ARABIC * 200, "👨‍👩‍👧‍👦" * 800, "{" * 9000])
def test_a_long_answer_is_split_into_numbered_interactions(begin: Begin, text: str) -> None:
    session = begin(SCORM2004)
    session.answer("who-buys", text)
    saved = session.saved
    numbers = range(int(saved["cmi.interactions._count"]))
    assert len(numbers) > 2
    parts = [saved.get(f"cmi.interactions.{number}.learner_response", "") for number in numbers]
    del parts[1]  # the other question's
    assert "".join("".join(parts).split()) == "".join(text.split())
    ids = ["who-buys", "who-sells", *(f"who-buys_{number}" for number in range(2, len(parts) + 1))]
    assert [saved[f"cmi.interactions.{number}.id"] for number in numbers] == ids
    session.leave()
    assert session.refusals == []

    again = begin(SCORM2004, session.saved)
    assert again.answers["who-buys"] == text
    again.answer("who-buys", "{Corta}")
    saved = again.saved
    assert saved["cmi.interactions.0.learner_response"] == " {Corta}"
    assert [saved[f"cmi.interactions.{number}.learner_response"] for number in numbers[2:]] == [
        ""
    ] * (len(parts) - 1)
    assert again.refusals == []


def test_committed_work_is_restored_after_a_crash(open_page: OpenPage, package: Path) -> None:
    page = open_page()
    player = open_package(page, package)
    answer(player, "who-buys", "Me")
    player.frame.get_by_role("link", name="Readings").click()
    player.wait_saved("saved['cmi.location'] === 'readings' && saved['cmi.interactions._count']")
    assert player.lms("lms.phase") == "running"
    again = reopen_package(page, package, player)
    assert answers_of(again)["who-buys"] == "Me"
    assert again.frame.evaluate("document.activeElement.id") == "readings-title"


def test_no_answer_is_lost_if_saving_fails(open_page: OpenPage, package: Path) -> None:
    """The same with an API that always throws: test_package_lms_faults.py."""
    page = open_page()
    start = "window.lmsStart = { rejecting: true }"
    player = open_package(page, package, start=start)
    answer(player, "who-buys", "Me")
    player.frame.get_by_text("we keep trying").wait_for(timeout=LONG_WAIT)
    assert answers_of(open_package(page, package, start=start))["who-buys"] == "Me"


@pytest.mark.parametrize("mode", ["review", "browse"])
def test_review_and_browse_write_nothing(open_page: OpenPage, package: Path, mode: str) -> None:
    start = f"window.lmsStart = {{ model: {{ 'cmi.mode': '{mode}' }} }}"
    player = open_package(open_page(**READER), package, start=start)
    player.page.wait_for_timeout(300)
    player.close_frame()
    assert player.lms("lms.calls.filter((call) => /^(SetValue|Commit)/.test(call))") == []
    assert player.lms("lms.phase") == "finished"


def test_the_2004_api_is_preferred_to_that_of_1_2(open_page: OpenPage, package: Path) -> None:
    older = support("strict_scorm12.js")
    both = older + "window.older = lms;" + STRICT
    player = play(open_page(), package, script=both)
    assert player.lms("[lms.phase, older.calls.length]") == ["running", 0]
    alone = play(open_page(), package, script=older)
    assert alone.lms("lms.phase") == "running"
    assert alone.lms("lms.refusals") == []


def test_language_and_caption_preferences_are_saved(open_page: OpenPage, package: Path) -> None:
    """Captions that are not set or disabled: test_package_lms_faults.py."""
    start = "window.lmsStart = { model: { 'cmi.learner_preference.audio_captioning': '1' } }"
    player = open_package(open_page(**SPANISH), package, start=start)
    play_film = """() => {
      const video = document.querySelector('video');
      video.dispatchEvent(new Event('play'));
      return Array.from(video.textTracks, (track) => track.mode).includes('showing');
    }"""
    assert player.frame.evaluate(play_film)
    player.frame.get_by_role("link", name="English").click()
    assert player.frame.evaluate(play_film)
    player.frame.evaluate(
        "for (const track of document.querySelector('video').textTracks) track.mode = 'disabled'"
    )
    player.wait_saved("saved['cmi.learner_preference.audio_captioning'] === '-1'")
    assert player.lms("lms.saved['cmi.learner_preference.language']") == "en"
    player.frame.evaluate("document.querySelector('video').textTracks[0].mode = 'showing'")
    player.wait_saved("saved['cmi.learner_preference.audio_captioning'] === '1'")
    assert player.lms("lms.refusals") == []
