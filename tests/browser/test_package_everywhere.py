"""Every standard, in every weather: what is lost is told, and what can be kept is kept."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from courseware.answers import read
from courseware.reader import read as read_module
from scorm_builder.build import build
from tests.browser.package_player import LONG_WAIT, TALL, answer, answers_of, read_all, reopen
from tests.browser.standards import STANDARDS, Standard
from tests.support.chromium import OpenPage
from tests.support.lms_page import Player, play
from tests.support.small_module import write_module

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("standard", STANDARDS, ids=lambda standard: standard.form),
]

ARABIC = "في روساريو فتحنا مشتريات البلدية لتعاونيات الأحياء، وأخبرنا بها أهل مونتيفيديو أولاً. "
HINDI = "नगरपालिका ने पड़ोस की सहकारी समितियों के लिए ख़रीद खोल दी; क्षेत्र की स्त्रियों ने बताया। "
EMOJI = "👩🏽‍🌾🤝👨‍👩‍👧‍👦🇦🇷🏴󠁧󠁢󠁷󠁬󠁳󠁿 "
NO_STORAGE = """Object.defineProperty(window, 'localStorage', {
  get() { throw new DOMException('denied', 'SecurityError'); },
});"""

Package = Callable[[Standard], Path]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    """The small module in a standard's format, made once; one answer finishes it, and all read."""
    made: dict[str, Path] = {}

    def packaged(standard: Standard) -> Path:
        if standard.form not in made:
            folder = tmp_path_factory.mktemp(standard.form)
            module = read_module(write_module(folder, questions=1))
            made[standard.form] = build(module, folder, form=standard.form).path
        return made[standard.form]

    return packaged


def told(player: Player) -> str:
    """What the bar says, in the place that screen readers are told of."""
    bar = player.frame.locator(".session [data-news]")
    assert bar.get_attribute("role") == "status"
    return bar.inner_text()


def tell(player: Player, words: str) -> None:
    """Wait until the bar says it."""
    bar = player.frame.locator(".session [data-news]")
    bar.get_by_text(words).or_(bar.filter(has_text=words)).first.wait_for(timeout=LONG_WAIT)


def stops(standard: Standard) -> str:
    """A runtime whose every function throws."""
    return f"""window.{standard.api} = new Proxy({{}}, {{
      get: () => () => {{ throw new Error('down') }},
    }});"""


def test_finish_and_return(open_page: OpenPage, package: Package, standard: Standard) -> None:
    first = play(
        open_page(viewport=TALL, locale="en-GB"), package(standard), script=standard.runtime
    )
    answer(first, "who-buys", "We do")
    read_all(first)
    first.wait_saved(f"saved['{standard.status}'] === 'completed'")
    tell(first, "Saved at")
    first.frame.locator("[data-leave]").click()
    assert "You can leave this page now" in told(first)
    assert first.lms("lms.stage") == "finished"
    second = reopen(open_page(locale="en-GB"), package(standard), first, script=standard.runtime)
    assert told(second) == "You have completed this module."
    assert answers_of(second)["who-buys"] == "We do"
    second.close_frame()
    assert second.lms(f"lms.saved['{standard.status}']") == "completed"
    assert [*first.lms("lms.refusals"), *second.lms("lms.refusals")] == []


def test_killed_in_the_middle_what_was_committed_comes_back(
    open_page: OpenPage, package: Package, standard: Standard
) -> None:
    first = play(open_page(locale="en-GB"), package(standard), script=standard.runtime)
    answer(first, "who-buys", "We do")
    first.frame.get_by_role("link", name="العربية").click()
    answer(first, "who-sells", "جدّتي")
    first.wait_saved("saved['cmi.interactions._count'] === '2'")
    second = reopen(open_page(locale="en-GB"), package(standard), first, script=standard.runtime)
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
    assert (found.language, found.learner_name, found.package) == (
        "ar",
        standard.name,
        standard.form,
    )
    assert second.lms("lms.refusals") == []


@pytest.mark.parametrize("text", [ARABIC * 30, HINDI * 30, EMOJI * 60], ids=["ar", "hi", "emoji"])
def test_a_long_answer_is_kept_whole_in_every_script(
    open_page: OpenPage, package: Package, standard: Standard, text: str
) -> None:
    text = text.strip()
    first = play(open_page(), package(standard), script=standard.runtime)
    answer(first, "who-buys", text)
    first.wait_saved("Number(saved['cmi.interactions._count']) > 0")
    saved = first.lms("lms.saved")
    assert len(saved[standard.state]) <= standard.longest_state
    assert standard.response_of(saved, "who-buys").split() == text.split()
    assert first.lms("lms.refusals") == []
    second = reopen(open_page(), package(standard), first, script=standard.runtime)
    assert answers_of(second)["who-buys"] == text


def test_a_runtime_that_throws_loses_nothing(
    open_page: OpenPage, package: Package, standard: Standard
) -> None:
    page = open_page(locale="en-GB")
    player = play(page, package(standard), script=stops(standard))
    assert "kept on this device" in told(player)
    answer(player, "who-buys", "We do")
    tell(player, "Kept on this device at")
    player.frame.locator("[data-leave]").click()
    assert answers_of(play(page, package(standard), script=stops(standard)))["who-buys"] == "We do"


def test_a_runtime_that_breaks_in_the_middle_is_tried_again(
    open_page: OpenPage, package: Package, standard: Standard
) -> None:
    player = play(open_page(locale="en-GB"), package(standard), script=standard.runtime)
    player.page.evaluate("lms.broken = true")
    answer(player, "who-buys", "We do")
    tell(player, "we go on trying")
    player.page.evaluate("lms.broken = false")
    player.frame.evaluate("window.dispatchEvent(new Event('online'))")
    tell(player, "Saved at")
    assert standard.response_of(player.lms("lms.saved"), "who-buys") == "We do"


@pytest.mark.parametrize("weather", ["deaf", "lying"])
def test_what_did_not_arrive_is_sent_whole_when_it_can(
    open_page: OpenPage, package: Package, standard: Standard, weather: str
) -> None:
    """Moodle sends a value once, even where that failed; offline it says that it has saved."""
    page = open_page(viewport=TALL, locale="en-GB")
    player = play(page, package(standard), script=standard.runtime)
    read_all(player)
    player.wait_saved(f"saved['{standard.status}'] === 'incomplete'")
    page.evaluate(f"lms.{weather} = true")
    page.context.set_offline(weather == "lying")
    answer(player, "who-buys", "We do")
    tell(player, "we go on trying")
    page.evaluate(f"lms.{weather} = false")
    page.context.set_offline(False)
    player.frame.evaluate("window.dispatchEvent(new Event('online'))")
    tell(player, "Saved at")
    saved = player.lms("lms.saved")
    assert saved[standard.status] == "completed"
    assert standard.response_of(saved, "who-buys") == "We do"
    assert player.lms("lms.refusals") == []
    again = reopen(open_page(locale="en-GB"), package(standard), player, script=standard.runtime)
    assert answers_of(again)["who-buys"] == "We do"


def test_a_shorter_answer_leaves_nothing_of_the_longer_one(
    open_page: OpenPage, package: Package, standard: Standard
) -> None:
    first = play(open_page(locale="en-GB"), package(standard), script=standard.runtime)
    answer(first, "who-buys", "We do. " * 700)
    tell(first, "Saved at")
    again = reopen(open_page(locale="en-GB"), package(standard), first, script=standard.runtime)
    answer(again, "who-buys", "We do")
    tell(again, "Saved at")
    assert standard.response_of(again.lms("lms.saved"), "who-buys") == "We do"


def test_without_storage_an_lms_keeps_everything(
    open_page: OpenPage, package: Package, standard: Standard
) -> None:
    page = open_page(locale="en-GB")
    page.add_init_script(NO_STORAGE)
    first = play(page, package(standard), script=standard.runtime)
    answer(first, "who-buys", "We do")
    tell(first, "Saved at")
    first.frame.locator("[data-leave]").click()
    assert "You can leave this page now" in told(first)
    second = reopen(page, package(standard), first, script=standard.runtime)
    assert answers_of(second)["who-buys"] == "We do"


def test_without_storage_and_runtime_the_page_says_so_and_gives_the_answers_away(
    open_page: OpenPage, package: Package, standard: Standard
) -> None:
    page = open_page(locale="en-GB")
    page.add_init_script(NO_STORAGE)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    player = play(page, package(standard), script=standard.runtime)
    player.page.evaluate("lms.deaf = true")
    answer(player, "who-buys", "We do")
    tell(player, "they are only on this page")
    player.frame.locator("[data-leave]").click()
    assert "before you close this page" in told(player)
    with page.expect_download() as coming:
        player.frame.locator("[data-take=json]").click()
    held = json.loads(Path(coming.value.path()).read_bytes())
    assert [one["text"] for one in held["answers"]] == ["We do"]
    alone = play(page, package(standard), script="")
    assert "this browser keeps nothing" in told(alone)
    assert errors == []


def test_captions_come_on_at_the_first_play_unless_they_are_not_wanted(
    open_page: OpenPage, package: Package, standard: Standard
) -> None:
    play_film = "() => document.querySelector('video').dispatchEvent(new Event('play'))"
    modes = """() => Object.fromEntries(Array.from(document.querySelector('video').textTracks,
      (track) => [track.language, track.mode === 'showing']))"""
    first = play(open_page(locale="en-GB"), package(standard), script=standard.runtime)
    assert not any(first.frame.evaluate(modes).values())
    first.frame.evaluate(play_film)
    assert first.frame.evaluate(modes) == {"es": False, "en": True}
    off = (
        "() => { for (const t of document.querySelector('video').textTracks) t.mode = 'disabled' }"
    )
    first.frame.evaluate(off)
    first.wait_saved(f"saved['{standard.captions}'] === '-1'")
    second = reopen(open_page(locale="en-GB"), package(standard), first, script=standard.runtime)
    second.frame.evaluate(play_film)
    assert not any(second.frame.evaluate(modes).values())
    assert [*first.lms("lms.refusals"), *second.lms("lms.refusals")] == []
