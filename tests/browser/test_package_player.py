"""A SCORM 1.2 package in the frame of an LMS with the strict runtime."""

import re
from pathlib import Path

import pytest

from tests.browser.package_player import (
    LONG_WAIT,
    READER,
    answer,
    answers_of,
    package,
    read_all,
    reopen,
    stay,
)
from tests.browser.standards import SCORM12
from tests.support.chromium import OpenPage
from tests.support.lms_page import ORIGIN, Player, play

pytestmark = pytest.mark.browser
__all__ = ["package"]

SPANISH = {"locale": "es-AR"}
MOVING = {"reduced_motion": "no-preference"}
NOVEL = " ".join(f"{number * 7919 % 9973} vecinas" for number in range(1500))


def test_answer_leave_return_and_finish(open_page: OpenPage, package: Path) -> None:
    first = play(open_page(**SPANISH), package)
    assert first.frame.locator("html").get_attribute("lang") == "es"
    answer(first, "who-buys", "Las vecinas.\n\nY «yo» también: 100 % 你好.")
    first.wait_saved("saved['cmi.interactions._count'] === '2'")
    assert first.lms("lms.saved['cmi.core.lesson_status']") == "incomplete"
    first.frame.locator("[data-leave]").click()
    assert first.lms("lms.phase") == "finished"
    assert first.lms("lms.refusals") == []

    second = reopen(open_page(**READER, **SPANISH), package, first)
    assert answers_of(second)["who-buys"] == "Las vecinas.\n\nY «yo» también: 100 % 你好."
    read_all(second)
    second.wait_saved("saved['cmi.core.lesson_status'] === 'completed'")
    second.close_frame()
    assert second.lms("lms.phase") == "finished"
    assert second.lms("lms.refusals") == []
    assert second.lms("lms.saved['cmi.core.exit']") == "suspend"


def test_opening_and_closing_completes_nothing(open_page: OpenPage, package: Path) -> None:
    player = play(open_page(**READER), package)
    stay(player, 2600)
    player.close_frame()
    assert player.lms("lms.saved['cmi.core.lesson_status']") == "incomplete"
    assert player.lms("lms.saved['cmi.suspend_data'].split(':')[5]") == "A"
    assert player.lms("lms.phase") == "finished"
    assert player.lms("lms.refusals") == []


def test_leaving_finishes_once_and_makes_the_page_read_only(
    open_page: OpenPage, package: Path
) -> None:
    player = play(open_page(), package)
    button = player.frame.locator("[data-leave]")
    button.click()
    assert button.is_hidden()
    assert "You can leave this page" in player.frame.locator("[data-status]").inner_text()
    assert player.frame.evaluate("document.activeElement.matches('[data-status]')")
    assert not player.frame.locator("[data-answer=who-buys] textarea").is_editable()
    player.close_frame()
    assert player.lms("lms.calls.filter((call) => call.startsWith('Finish')).length") == 1
    assert player.lms("lms.refusals") == []


def test_no_unload_listeners(open_page: OpenPage, package: Path) -> None:
    page = open_page()
    page.add_init_script(
        """const listen = EventTarget.prototype.addEventListener;
        window.listened = [];
        EventTarget.prototype.addEventListener = function (type, ...rest) {
          window.listened.push(type);
          return listen.call(this, type, ...rest);
        };"""
    )
    listened = set(play(page, package).frame.evaluate("window.listened"))
    assert {"pagehide", "visibilitychange"} <= listened
    assert not listened & {"unload", "beforeunload"}


def test_changing_the_language_stays_in_one_session(open_page: OpenPage, package: Path) -> None:
    player = play(open_page(**SPANISH), package)
    answer(player, "who-sells", "Mi abuela")
    player.frame.get_by_role("link", name="العربية").click()
    assert player.frame.evaluate(
        "[document.documentElement.lang, document.documentElement.dir]"
    ) == [
        "ar",
        "rtl",
    ]
    assert player.frame.title() == "السوق"
    assert player.frame.evaluate("document.activeElement.hreflang") == "ar"
    assert answers_of(player)["who-sells"] == "Mi abuela"
    answer(player, "who-buys", "جارتي")
    player.frame.get_by_role("link", name="Español").click()
    assert answers_of(player) == {"who-buys": "جارتي", "who-sells": "Mi abuela"}
    player.wait_saved("saved['cmi.student_preference.language'] === 'es'")
    calls = player.lms("lms.calls.filter((call) => /^(Initialize|Finish)/.test(call))")
    assert calls == ["Initialize "]
    assert player.frame.url.endswith("/index.html")
    assert player.lms("lms.refusals") == []


def test_the_language_menu_keeps_the_scroll_position(open_page: OpenPage, package: Path) -> None:
    page = open_page(viewport={"width": 320, "height": 700}, locale="en-GB", **MOVING)
    player = play(page, package)
    player.frame.get_by_role("link", name="Readings").click()
    player.wait_saved("saved['cmi.core.lesson_location'] === 'readings'")
    menu = player.frame.locator(".menu")
    menu.locator("summary").focus()
    player.page.keyboard.press("Enter")
    assert menu.get_by_role("link").all_inner_texts() == ["Español", "English", "العربية"]
    player.page.keyboard.press("Escape")
    assert menu.get_by_role("link").count() == 0
    assert player.frame.evaluate("document.activeElement.matches('.menu summary')")
    player.page.keyboard.press("Enter")
    menu.get_by_role("link", name="العربية").press("Enter")
    assert player.frame.locator("html").get_attribute("dir") == "rtl"
    assert menu.get_by_role("link").count() == 0
    assert player.frame.evaluate("document.activeElement.matches('.menu summary')")
    assert "AR" in menu.locator("summary").inner_text()
    top = player.frame.evaluate("document.getElementById('readings').getBoundingClientRect().top")
    assert 0 <= top < 200
    assert player.frame.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    player.wait_saved("saved['cmi.student_preference.language'] === 'ar'")


@pytest.mark.parametrize(
    ("options", "url", "model", "shown"),
    [
        # The browser's language, if there is one: test_times_are_written_as_in_the_readers_region.
        ({"locale": "de-DE"}, "index.html", {}, "es"),
        ({"locale": "en-GB"}, "index.html", {"cmi.student_preference.language": "ar-MA"}, "ar"),
        ({"locale": "en-GB"}, "index.html", {"cmi.student_preference.language": "Español"}, "es"),
        ({"locale": "en-GB"}, "index.html?language=ar", {}, "ar"),
    ],
)
def test_the_initial_language(
    open_page: OpenPage,
    package: Path,
    options: dict[str, str],
    url: str,
    model: dict[str, str],
    shown: str,
) -> None:
    start = f"window.lmsStart = {{ model: {model} }}"
    player = play(open_page(**options), package, url=url, start=start)
    assert player.frame.locator("html").get_attribute("lang") == shown


def test_section_and_language_are_restored(open_page: OpenPage, package: Path) -> None:
    first = play(open_page(**SPANISH, **MOVING), package)
    first.frame.get_by_role("link", name="English").click()
    first.frame.get_by_role("link", name="Readings").click()
    first.wait_saved("saved['cmi.core.lesson_location'] === 'readings'")
    second = reopen(open_page(**SPANISH, **MOVING), package, first)
    assert second.frame.locator("html").get_attribute("lang") == "en"
    top = second.frame.evaluate("document.getElementById('readings').getBoundingClientRect().top")
    assert 0 <= top < 200
    assert second.frame.evaluate("document.activeElement.id") == "readings-title"


def test_review_and_browse_write_nothing(open_page: OpenPage, package: Path) -> None:
    first = play(open_page(), package)
    answer(first, "who-buys", "Yo")
    first.wait_saved("saved['cmi.interactions._count'] === '2'")
    saved = first.lms("JSON.stringify(lms.saved)")
    for mode in ("review", "browse"):
        start = f"window.lmsStart = {{ model: {{ ...{saved}, 'cmi.core.lesson_mode': '{mode}' }} }}"
        player = play(open_page(**READER), package, start=start)
        assert answers_of(player)["who-buys"] == "Yo", mode
        assert not player.frame.locator("[data-answer=who-buys] textarea").is_editable(), mode
        assert "nothing is saved" in player.frame.locator("[data-status]").inner_text(), mode
        player.frame.get_by_role("link", name="العربية").click()
        stay(player, 2300)
        player.close_frame()
        calls = player.lms("lms.calls.filter((call) => /^(SetValue|Commit)/.test(call))")
        assert calls == [], mode
        assert player.lms("[lms.phase, lms.refusals]") == ["finished", []], mode


def test_a_long_answer_is_split_into_numbered_interactions(
    open_page: OpenPage, package: Path
) -> None:
    player = play(open_page(), package)
    answer(player, "who-buys", "Una línea.\n" * 60)
    player.wait_saved("saved['cmi.interactions._count'] === '4'")
    saved = player.lms("lms.saved")
    parts = [saved[f"cmi.interactions.{number}.student_response"] for number in (0, 2, 3)]
    assert " ".join(parts) == " ".join(["Una línea."] * 60)
    assert [saved[f"cmi.interactions.{number}.id"] for number in range(4)] == [
        "who-buys",
        "who-sells",
        "who-buys_2",
        "who-buys_3",
    ]
    assert saved["cmi.interactions.2.result"] == "neutral"
    answer(player, "who-buys", "Corta.")
    player.wait_saved("saved['cmi.interactions.0.student_response'] === 'Corta.'")
    saved = player.lms("lms.saved")
    assert [saved[f"cmi.interactions.{number}.student_response"] for number in (2, 3)] == ["", ""]
    assert saved["cmi.interactions._count"] == "4"
    assert player.lms("lms.refusals") == []


def test_a_text_near_the_limit_has_a_warning_and_a_longer_one_stays_with_an_explanation(
    open_page: OpenPage, package: Path
) -> None:
    page = open_page()
    player = play(page, package)
    answer(player, "who-buys", "Corta.")
    player.wait_saved("saved['cmi.interactions._count'] === '2'")
    box = player.frame.locator("[data-answer=who-sells]")
    answer(player, "who-sells", "Corta.")
    assert box.locator("[data-remaining]").is_hidden()
    answer(player, "who-sells", NOVEL[:12000])
    assert box.locator("[data-remaining]").is_visible()
    answer(player, "who-sells", NOVEL)
    box.get_by_text("please shorten it").wait_for()
    assert box.locator("textarea").input_value() == NOVEL
    assert box.locator("textarea").get_attribute("aria-invalid") is not None
    check_bar_and_note(player)
    player.frame.locator("[data-leave]").click()
    assert player.lms("lms.saved['cmi.suspend_data'].length") <= 4096
    assert player.lms("lms.refusals") == []
    again = reopen(page, package, player)
    assert answers_of(again) == {"who-buys": "Corta.", "who-sells": NOVEL}
    again.frame.locator(".session [data-status=too-long]").wait_for()
    assert (
        again.frame.locator("[data-answer=who-sells]").get_by_text("please shorten it").is_visible()
    )


def check_bar_and_note(player: Player) -> None:
    """The note is visible, the bar does not say "saved"; an answer cut by the number fits."""
    bar = player.frame.locator(".session [data-status]")
    bar.filter(has_text="one answer is too long").wait_for()
    area = player.frame.locator("#a-who-sells")
    area.scroll_into_view_if_needed()
    area.focus()
    note = player.frame.locator("#a-who-sells-too-long")
    assert note.evaluate("(note) => note.getBoundingClientRect().bottom <= innerHeight")
    answer(player, "who-buys", "Corta, pero otra.")
    player.wait_saved("saved['cmi.interactions.0.student_response'] === 'Corta, pero otra.'")
    assert bar.get_attribute("data-status") == "too-long"
    answer(player, "who-buys", "Corta.")
    over = int(re.sub(r"\D", "", note.inner_text()))
    answer(player, "who-sells", NOVEL[: len(NOVEL) - over])
    bar.get_by_text("Saved at").or_(bar.filter(has_text="Saved at")).first.wait_for()
    assert note.inner_text() == ""
    answer(player, "who-sells", NOVEL)
    bar.filter(has_text="one answer is too long").wait_for()


def test_no_answer_is_lost_if_saving_fails(open_page: OpenPage, package: Path) -> None:
    page = open_page()
    player = play(page, package, start="window.lmsStart = { rejecting: true }")
    answer(player, "who-buys", "Yo")
    player.frame.get_by_text("we keep trying").wait_for(timeout=LONG_WAIT)
    player.frame.locator("[data-leave]").click()
    player.frame.get_by_text("open the module here again to send it").wait_for()
    again = play(page, package)
    assert answers_of(again)["who-buys"] == "Yo"
    again.wait_saved("saved['cmi.interactions._count'] === '2'")
    again.frame.get_by_text("Sent: your course now has the work").wait_for()
    assert SCORM12.response_of(again.lms("lms.saved"), "who-buys") == "Yo"
    assert again.lms("lms.refusals") == []


def test_without_a_runtime_the_work_is_saved_on_the_device(
    open_page: OpenPage, package: Path
) -> None:
    """The same with a runtime that throws: test_package_lms_faults.py."""
    page = open_page()
    player = play(page, package, script="")
    assert "Not connected" in player.frame.locator("[data-status]").inner_text()
    answer(player, "who-buys", "Yo")
    player.frame.get_by_text("Saved on this device").wait_for(timeout=LONG_WAIT)
    assert answers_of(play(page, package, script=""))["who-buys"] == "Yo"


def test_in_a_strict_sandbox_the_page_is_readable(open_page: OpenPage, package: Path) -> None:
    player = play(open_page(), package, sandbox="allow-scripts")
    answer(player, "who-buys", "Yo")
    player.frame.get_by_text("this browser cannot save anything").wait_for(timeout=LONG_WAIT)
    assert player.lms("lms.calls") == []


def test_the_api_of_an_opener_is_found(open_page: OpenPage, package: Path) -> None:
    page = open_page()
    play(page, package, url="minga.css", wait=False)
    with page.expect_popup() as popup:
        page.evaluate("window.open('about:blank') && undefined")
    window = popup.value
    page.context.route("**/*", lambda route: route.fallback())
    player = play(window, package, script="")
    answer(player, "who-buys", "Yo")
    page.wait_for_function("lms.saved && lms.saved['cmi.interactions._count'] === '2'")
    assert page.evaluate("lms.refusals") == []


def test_without_scripts_each_language_has_a_page(open_page: OpenPage, package: Path) -> None:
    page = open_page(java_script_enabled=False)
    player = play(page, package, script="", wait=False)
    assert player.frame.locator("[data-answer=who-buys]").is_hidden()
    assert player.frame.locator("noscript p").first.is_visible()
    player.frame.get_by_role("link", name="English").click()
    player.page.wait_for_timeout(300)
    assert player.frame.url == f"{ORIGIN}/package/en.html"
    assert player.frame.locator("h1").inner_text() == "The market"


def test_no_external_request_before_the_video_is_played(open_page: OpenPage, package: Path) -> None:
    player = play(open_page(**READER), package)
    player.page.wait_for_load_state("networkidle")
    assert player.external_requests == []
    player.frame.get_by_text("Play the video").click()
    player.frame.wait_for_selector("iframe")
    player.page.wait_for_timeout(200)
    assert len(player.external_requests) == 1


def test_a_link_does_not_end_the_session(open_page: OpenPage, package: Path) -> None:
    page = open_page()
    player = play(page, package)
    player.frame.evaluate("document.querySelector('h1').innerHTML = '<a href=guide.html>Plain</a>'")
    with page.expect_popup():
        player.frame.get_by_role("link", name="Plain").click()
    assert player.lms("lms.phase") == "running"
    assert player.frame.url.endswith("/index.html")


@pytest.mark.parametrize(
    ("locale", "time"),
    [("en-GB", r"\d\d:\d\d"), ("en-US", r"\d\d:\d\d\s[AP]M"), ("en-AU", r"\d\d:\d\d\s[ap]m")],
)
def test_times_are_written_as_in_the_readers_region(
    open_page: OpenPage, package: Path, locale: str, time: str
) -> None:
    player = play(open_page(locale=locale), package)
    assert player.frame.locator("html").get_attribute("lang") == "en"
    answer(player, "who-buys", "We do")
    status = player.frame.locator(".session [data-status=saved]")
    assert re.fullmatch(f"Saved at {time}", status.inner_text())
