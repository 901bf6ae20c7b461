"""Every standard with every LMS fault: nothing is lost silently.

A matrix: each row is a test of this file, each column a format that an LMS plays (``courses.py``).
What the device stores does not depend on the version of SCORM, so that those rows have one of them.
Tests of one standard only are in that standard's file.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from courseware.answers import read
from courseware.parser.reader import read as read_module
from scorm_builder.build import build
from tests.browser.courses import BROKEN, DROPPING, FORMS, REJECTING, Course, course_of
from tests.browser.package_player import READER, advance_until, answer, answers_of, read_all, stay
from tests.support.chromium import OpenPage
from tests.support.lms_page import Player
from tests.support.small_module import write_module

pytestmark = [
    pytest.mark.early,
    pytest.mark.browser,
]

each_form = pytest.mark.parametrize("form", FORMS, scope="module")


def some_forms(*forms: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("form", forms, scope="module")


ENGLISH = {"locale": "en-GB", "clock": True}
PLAY_FILM = "() => document.querySelector('video').dispatchEvent(new Event('play'))"
DISABLE_CAPTIONS = """() => {
  for (const track of document.querySelector('video').textTracks) track.mode = 'disabled';
}"""
NO_STORAGE = """for (const name of ['localStorage', 'sessionStorage', 'indexedDB'])
  Object.defineProperty(window, name, { get() { throw new DOMException('', 'SecurityError') } })"""


@pytest.fixture(scope="module")
def package(form: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small module in one format; completion requires all sections and one answer."""
    folder = tmp_path_factory.mktemp(form)
    return build(read_module(write_module(folder, questions=1)), folder, format_name=form).path


@pytest.fixture
def course(form: str, package: Path) -> Iterator[Course]:
    with course_of(form, package) as running:
        yield running


def status_text(player: Player) -> str:
    """The status text of the bar, which is a live region."""
    bar = player.frame.locator(".session [data-status]")
    assert bar.get_attribute("role") == "status"
    return bar.inner_text()


def wait_for_status(player: Player, text: str) -> None:
    """Advance the clock until the status contains the text."""
    advance_until(player, lambda: text in status_text(player))


def captions_shown(player: Player) -> dict[str, bool]:
    """Whether the captions of the film are shown, by language."""
    script = """() => Object.fromEntries(Array.from(document.querySelector('video').textTracks,
      (track) => [track.language, track.mode === 'showing']))"""
    return dict(player.frame.evaluate(script))


def leave(player: Player) -> None:
    player.frame.locator("[data-leave]").click()


@each_form
def test_committed_work_and_preferences_are_restored_after_a_crash(
    open_page: OpenPage, course: Course, form: str
) -> None:
    first = course.open(open_page(**ENGLISH))
    answer(first, "who-buys", "We do")
    assert captions_shown(first) == {"es": False, "en": False}
    first.frame.evaluate(PLAY_FILM)
    assert captions_shown(first) == {"es": False, "en": True}
    first.frame.evaluate(DISABLE_CAPTIONS)
    advance_until(first, lambda: course.captions is False)
    first.frame.get_by_role("link", name="العربية").click()
    answer(first, "who-sells", "جدّتي")
    advance_until(first, lambda: course.answer("who-sells"))
    stay(first, 1000)  # an answer can be reported before the text is stored
    course.kill(first)
    second = course.open(open_page(**ENGLISH))
    expect(second.frame.locator("html")).to_have_attribute("dir", "rtl")
    assert answers_of(second) == {"who-buys": "We do", "who-sells": "جدّتي"}
    with second.page.expect_download() as coming:
        second.frame.locator("[data-export=json]").click()
    found = read(Path(coming.value.path()).read_bytes())
    assert [(one.question, one.language) for one in found.answers] == [
        ("who-buys", "en"),
        ("who-sells", "ar"),
    ]
    assert all(one.written_at for one in found.answers)
    assert (found.language, found.learner_name, found.package) == ("ar", "Araújo, João", form)
    second.frame.get_by_role("link", name="English").click()
    second.frame.evaluate(PLAY_FILM)
    assert not any(captions_shown(second).values())
    assert course.refusals == []


@some_forms("scorm2004-4", "cmi5")
def test_no_answer_is_lost_if_the_lms_never_responds(open_page: OpenPage, course: Course) -> None:
    page = open_page(**ENGLISH)
    player = course.open(page, dead=True)
    assert "saved on this device" in status_text(player)
    answer(player, "who-buys", "We do")
    wait_for_status(player, "Saved on this device at")
    leave(player)
    assert answers_of(course.open(page, dead=True))["who-buys"] == "We do"


@each_form
@pytest.mark.parametrize("fault", [REJECTING, DROPPING])
def test_the_module_is_finished_with_unsaved_work_and_opened_again(
    open_page: OpenPage, course: Course, fault: str
) -> None:
    """Moodle sends a value only once, even if that failed; offline it reports success."""
    first = course.open(open_page(**{**READER, **ENGLISH}))
    read_all(first)
    advance_until(first, lambda: course.all_seen)
    with course.fault(first, fault):
        answer(first, "who-buys", "We do")
        wait_for_status(first, "we keep trying")
    wait_for_status(first, "Saved at")
    assert course.completed
    assert course.answer("who-buys") == "We do"
    leave(first)
    wait_for_status(first, "You can leave this page now")
    assert course.terminated
    second = course.open(open_page(**ENGLISH))
    wait_for_status(second, "You have completed this module.")
    assert answers_of(second)["who-buys"] == "We do"
    course.close(second)
    assert course.completed
    assert course.refusals == []


@each_form
def test_a_long_answer_is_sent_after_an_lms_error_and_replaced_by_a_shorter_one(
    open_page: OpenPage, course: Course
) -> None:
    first = course.open(open_page(**ENGLISH))
    with course.fault(first, BROKEN):
        answer(first, "who-buys", "We do. " * 700)
        wait_for_status(first, "we keep trying")
    wait_for_status(first, "Saved at")
    assert course.answer("who-buys").strip() == ("We do. " * 700).strip()
    again = course.open(open_page(**ENGLISH))
    answer(again, "who-buys", "We do")
    advance_until(again, lambda: course.answer("who-buys") == "We do")


@some_forms("scorm12", "cmi5")
def test_without_storage_the_lms_saves_everything_or_the_page_warns_and_exports(
    open_page: OpenPage, course: Course
) -> None:
    page = open_page(**ENGLISH)
    page.add_init_script(NO_STORAGE)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    first = course.open(page)
    answer(first, "who-buys", "We do")
    wait_for_status(first, "Saved at")
    leave(first)
    wait_for_status(first, "You can leave this page now")

    second = course.open(page)
    assert answers_of(second)["who-buys"] == "We do"
    with course.fault(second, REJECTING):
        answer(second, "who-buys", "We all do")
        wait_for_status(second, "they are only on this page")
        assert second.frame.get_by_text("saved on this device").count() == 0
        leave(second)
        wait_for_status(second, "before you close this page")
        with page.expect_download() as coming:
            second.frame.locator("[data-export=json]").click()
    exported = json.loads(Path(coming.value.path()).read_bytes())
    assert [one["text"] for one in exported["answers"]] == ["We all do"]
    alone = course.open_alone(page)
    assert "this browser cannot save anything" in status_text(alone)
    assert errors == []
