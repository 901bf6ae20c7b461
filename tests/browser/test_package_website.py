"""A website package: the work is saved on the device, or the page warns that it is not."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from courseware.answers import read
from courseware.parser.reader import read as read_module
from scorm_builder.build import build
from tests.browser.package_player import LONG_WAIT, READER, answer, answers_of, read_all
from tests.browser.test_package_lms_faults import NO_STORAGE
from tests.browser.test_package_reports import ARABIC, EMOJI, HINDI
from tests.support.chromium import OpenPage
from tests.support.lms_page import Player, play
from tests.support.small_module import write_module

STORED = "JSON.stringify(Object.entries(localStorage))"

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    return build(read_module(write_module(folder, questions=1)), folder, format_name="website").path


def launch_session(page: Page, site: Path) -> Player:
    return play(page, site, alone=True)


def status_text(player: Player) -> str:
    bar = player.frame.locator(".session [data-status]")
    assert bar.get_attribute("role") == "status"
    return bar.inner_text()


def wait_for_status(player: Player, text: str) -> None:
    player.frame.locator(".session [data-status]", has_text=text).wait_for(timeout=LONG_WAIT)


def wait_until_stored(player: Player, act: Callable[[], object]) -> None:
    """Perform an action, and wait until the saved data changes."""
    before = player.page.evaluate(STORED)
    act()
    player.page.wait_for_function(f"before => {STORED} !== before", arg=before)


def another_session(player: Player, site: Path) -> Player:
    """Open the site in a new window after closing the first without notice."""
    page = player.page.context.new_page()
    player.page.close(run_before_unload=False)
    return launch_session(page, site)


def test_finish_and_return(open_page: OpenPage, site: Path) -> None:
    first = launch_session(open_page(**READER, locale="en-GB"), site)
    assert status_text(first) == "What you do here is saved on this device."
    answer(first, "who-buys", "We do")
    read_all(first)
    wait_for_status(first, "Saved on this device at")
    second = another_session(first, site)
    seen = second.frame.locator("[data-nav][data-seen]")
    seen.nth(4).wait_for(timeout=LONG_WAIT)
    assert answers_of(second)["who-buys"] == "We do"
    assert [*first.external_requests, *second.external_requests] == []


def test_work_is_restored_after_a_crash_and_a_language_change(
    open_page: OpenPage, site: Path
) -> None:
    first = launch_session(open_page(locale="en-GB"), site)
    wait_until_stored(first, lambda: answer(first, "who-buys", "We do"))
    wait_until_stored(first, first.frame.get_by_role("link", name="العربية").click)
    wait_until_stored(first, lambda: answer(first, "who-sells", "جدّتي"))
    second = another_session(first, site)
    assert second.frame.locator("html").get_attribute("dir") == "rtl"
    assert answers_of(second) == {"who-buys": "We do", "who-sells": "جدّتي"}
    with second.page.expect_download() as coming:
        second.frame.locator("[data-export=json]").click()
    found = read(Path(coming.value.path()).read_bytes())
    assert [(one.question, one.language) for one in found.answers] == [
        ("who-buys", "en"),
        ("who-sells", "ar"),
    ]
    assert (found.language, found.learner_name, found.package) == ("ar", None, "website")


def test_long_answers_are_saved_completely_in_every_script(open_page: OpenPage, site: Path) -> None:
    texts = {"who-buys": ARABIC * 30, "who-sells": HINDI * 30 + EMOJI * 60}
    first = launch_session(open_page(locale="en-GB"), site)
    for question, text in texts.items():
        answer(first, question, text)
    wait_for_status(first, "Saved on this device at")
    assert answers_of(another_session(first, site)) == texts


def test_an_lms_in_the_parent_window_is_not_called(open_page: OpenPage, site: Path) -> None:
    spied = """window.API = window.API_1484_11 = new Proxy({}, {
      get: (_, name) => () => { (window.called ||= []).push(name); return "true"; },
    }); window.called = [];"""
    player = play(open_page(locale="en-GB"), site, script=spied)
    answer(player, "who-buys", "We do")
    wait_for_status(player, "Saved on this device at")
    assert player.lms("window.called") == []


def test_without_storage_the_page_warns_and_exports_the_answers(
    open_page: OpenPage, site: Path
) -> None:
    page = open_page(locale="en-GB")
    page.add_init_script(NO_STORAGE)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    player = launch_session(page, site)
    assert "this browser cannot save anything" in status_text(player)
    answer(player, "who-buys", "We do")
    with page.expect_download() as coming:
        player.frame.locator("[data-export=json]").click()
    exported = json.loads(Path(coming.value.path()).read_bytes())
    assert [one["text"] for one in exported["answers"]] == ["We do"]
    assert errors == []
