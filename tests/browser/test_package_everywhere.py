"""Every standard, in every weather: what is lost is told, and what can be kept is kept.

The table of the whole: each row is a test of this file, each column a format that an LMS plays
(``courses.py``). What belongs to one standard alone is in a file of that standard.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from courseware.answers import read
from courseware.parser.reader import read as read_module
from scorm_builder.build import build
from tests.browser.courses import BROKEN, DEAF, FORMS, LYING, Course, course_of
from tests.browser.package_player import LONG_WAIT, TALL, answer, answers_of, read_all, until
from tests.support.chromium import OpenPage
from tests.support.lms_page import Player
from tests.support.small_module import write_module

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("form", FORMS, scope="module")]

ENGLISH = {"locale": "en-GB"}
ARABIC = "في روساريو فتحنا مشتريات البلدية لتعاونيات الأحياء، وأخبرنا بها أهل مونتيفيديو أولاً. "
HINDI = "नगरपालिका ने पड़ोस की सहकारी समितियों के लिए ख़रीद खोल दी; क्षेत्र की स्त्रियों ने बताया। "
EMOJI = "👩🏽‍🌾🤝👨‍👩‍👧‍👦🇦🇷🏴󠁧󠁢󠁷󠁬󠁳󠁿 "
NO_STORAGE = """for (const name of ['localStorage', 'sessionStorage', 'indexedDB'])
  Object.defineProperty(window, name, { get() { throw new DOMException('', 'SecurityError') } })"""


@pytest.fixture(scope="module")
def package(form: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small module in one format; one answer finishes it, and all read."""
    folder = tmp_path_factory.mktemp(form)
    return build(read_module(write_module(folder, questions=1)), folder, format_name=form).path


@pytest.fixture
def course(form: str, package: Path) -> Iterator[Course]:
    with course_of(form, package) as running:
        yield running


def told(player: Player) -> str:
    """What the bar says, in the place that screen readers are told of."""
    bar = player.frame.locator(".session [data-news]")
    assert bar.get_attribute("role") == "status"
    return bar.inner_text()


def tell(player: Player, words: str) -> None:
    """Wait until the bar says it."""
    bar = player.frame.locator(".session [data-news]")
    bar.get_by_text(words).or_(bar.filter(has_text=words)).first.wait_for(timeout=LONG_WAIT)


def leave(player: Player) -> None:
    player.frame.locator("[data-leave]").click()


def test_finish_and_return(open_page: OpenPage, course: Course) -> None:
    first = course.open(open_page(viewport=TALL, **ENGLISH))
    answer(first, "who-buys", "We do")
    read_all(first)
    until(first.page, lambda: course.completed)
    tell(first, "Saved at")
    leave(first)
    tell(first, "You can leave this page now")
    assert course.left
    second = course.open(open_page(**ENGLISH))
    tell(second, "You have completed this module.")
    assert answers_of(second)["who-buys"] == "We do"
    course.close(second)
    assert course.completed
    assert course.refusals == []


def test_killed_in_the_middle_what_was_committed_comes_back(
    open_page: OpenPage, course: Course, form: str
) -> None:
    first = course.open(open_page(**ENGLISH))
    answer(first, "who-buys", "We do")
    first.frame.get_by_role("link", name="العربية").click()
    answer(first, "who-sells", "جدّتي")
    until(first.page, lambda: course.answer("who-sells"))
    course.kill(first)
    second = course.open(open_page(**ENGLISH))
    assert second.frame.locator("html").get_attribute("dir") == "rtl"
    assert answers_of(second) == {"who-buys": "We do", "who-sells": "جدّتي"}
    with second.page.expect_download() as coming:
        second.frame.locator("[data-take=json]").click()
    found = read(Path(coming.value.path()).read_bytes())
    assert [(one.question, one.language) for one in found.answers] == [
        ("who-buys", "en"),
        ("who-sells", "ar"),
    ]
    assert all(one.written_at for one in found.answers)
    assert (found.language, found.learner_name, found.package) == ("ar", "Araújo, João", form)
    assert course.refusals == []


@pytest.mark.parametrize("text", [ARABIC * 30, HINDI * 30, EMOJI * 60], ids=["ar", "hi", "emoji"])
def test_a_long_answer_is_kept_whole_in_every_script(
    open_page: OpenPage, course: Course, text: str
) -> None:
    text = text.strip()
    first = course.open(open_page(**ENGLISH))
    answer(first, "who-buys", text)
    until(first.page, lambda: course.answer("who-buys"))
    assert course.answer("who-buys").split() == text.split()
    assert course.refusals == []
    second = course.open(open_page())
    assert answers_of(second)["who-buys"] == text


def test_an_lms_that_never_answers_loses_nothing(open_page: OpenPage, course: Course) -> None:
    page = open_page(**ENGLISH)
    player = course.open(page, dead=True)
    assert "saved on this device" in told(player)
    answer(player, "who-buys", "We do")
    tell(player, "Saved on this device at")
    leave(player)
    assert answers_of(course.open(page, dead=True))["who-buys"] == "We do"


def test_an_lms_that_breaks_in_the_middle_is_tried_again(
    open_page: OpenPage, course: Course
) -> None:
    player = course.open(open_page(**ENGLISH))
    with course.weather(player, BROKEN):
        answer(player, "who-buys", "We do")
        tell(player, "we keep trying")
    tell(player, "Saved at")
    assert course.answer("who-buys") == "We do"


@pytest.mark.parametrize("weather", [DEAF, LYING])
def test_what_did_not_arrive_is_sent_whole_when_it_can(
    open_page: OpenPage, course: Course, weather: str
) -> None:
    """Moodle sends a value once, even where that failed; offline it says that it has saved."""
    player = course.open(open_page(viewport=TALL, **ENGLISH))
    read_all(player)
    until(player.page, lambda: course.under_way)
    with course.weather(player, weather):
        answer(player, "who-buys", "We do")
        tell(player, "we keep trying")
    tell(player, "Saved at")
    assert course.completed
    assert course.answer("who-buys") == "We do"
    assert course.refusals == []
    again = course.open(open_page(**ENGLISH))
    assert answers_of(again)["who-buys"] == "We do"


def test_a_shorter_answer_leaves_nothing_of_the_longer_one(
    open_page: OpenPage, course: Course
) -> None:
    first = course.open(open_page(**ENGLISH))
    answer(first, "who-buys", "We do. " * 700)
    until(first.page, lambda: course.answer("who-buys"))
    again = course.open(open_page(**ENGLISH))
    answer(again, "who-buys", "We do")
    until(again.page, lambda: course.answer("who-buys") == "We do")


def test_without_storage_an_lms_keeps_everything(open_page: OpenPage, course: Course) -> None:
    page = open_page(**ENGLISH)
    page.add_init_script(NO_STORAGE)
    first = course.open(page)
    answer(first, "who-buys", "We do")
    tell(first, "Saved at")
    leave(first)
    tell(first, "You can leave this page now")
    second = course.open(page)
    assert answers_of(second)["who-buys"] == "We do"


def test_without_storage_and_lms_the_page_says_so_and_gives_the_answers_away(
    open_page: OpenPage, course: Course
) -> None:
    page = open_page(**ENGLISH)
    page.add_init_script(NO_STORAGE)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    player = course.open(page)
    with course.weather(player, DEAF):
        answer(player, "who-buys", "We do")
        tell(player, "they are only on this page")
        leave(player)
        tell(player, "before you close this page")
        with page.expect_download() as coming:
            player.frame.locator("[data-take=json]").click()
    held = json.loads(Path(coming.value.path()).read_bytes())
    assert [one["text"] for one in held["answers"]] == ["We do"]
    alone = course.open_alone(page)
    assert "this browser cannot save anything" in told(alone)
    assert errors == []


def test_captions_come_on_at_the_first_play_unless_they_are_not_wanted(
    open_page: OpenPage, course: Course
) -> None:
    play_film = "() => document.querySelector('video').dispatchEvent(new Event('play'))"
    modes = """() => Object.fromEntries(Array.from(document.querySelector('video').textTracks,
      (track) => [track.language, track.mode === 'showing']))"""
    first = course.open(open_page(**ENGLISH))
    assert not any(first.frame.evaluate(modes).values())
    first.frame.evaluate(play_film)
    assert first.frame.evaluate(modes) == {"es": False, "en": True}
    off = (
        "() => { for (const t of document.querySelector('video').textTracks) t.mode = 'disabled' }"
    )
    first.frame.evaluate(off)
    until(first.page, lambda: course.captions is False)
    second = course.open(open_page(**ENGLISH))
    second.frame.evaluate(play_film)
    assert not any(second.frame.evaluate(modes).values())
    assert course.refusals == []
