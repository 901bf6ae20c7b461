"""A cmi5 package in a strict LMS: statements, launches, modes, documents of the LRS.

The faults that cmi5 has in common with SCORM are in ``test_package_lms_faults.py``.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from courseware.parser.reader import read
from scorm_builder.build import build
from tests.browser.package_player import (
    LONG_WAIT,
    READER,
    TALL,
    answer,
    answers_of,
    read_all,
    stay,
    until,
)
from tests.support.chromium import OpenPage
from tests.support.cmi5_lms import Lms, lms_of
from tests.support.small_module import SECTIONS, write_module

pytestmark = pytest.mark.browser

SPANISH = {"locale": "es-AR"}
ENGLISH = {"locale": "en-GB"}
ARABIC = "في روساريو فتحنا مشتريات البلدية لتعاونيات الأحياء.\n\n"
HINDI = "{नगर} पालिका ने पड़ोस की सहकारी समितियों के लिए ख़रीद खोल दी। "
EMOJI = "👩🏽‍🌾🤝👨‍👩‍👧‍👦🇦🇷 "
OTHER = {"account": {"homePage": "https://lms.example.org", "name": "student2"}}
NO_STORAGE = """for (const name of ['localStorage', 'sessionStorage', 'indexedDB'])
  Object.defineProperty(window, name, { get() { throw new DOMException('', 'SecurityError') } })"""
STOP = "() => { window.fetch = () => new Promise(() => {}) }"
"""Stop all requests of the page, as if its process had been killed."""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small module; completion requires all sections and one answer."""
    folder = tmp_path_factory.mktemp("package")
    return build(read(write_module(folder, questions=1)), folder, format_name="cmi5").path


@pytest.fixture
def lms(package: Path) -> Iterator[Lms]:
    with lms_of(package) as running:
        yield running


def open_unit(page: Page, url: str) -> Page:
    page.goto(url)
    page.wait_for_selector("[data-package]:not([hidden])")
    return page


def wait_for_status(page: Page, kind: str, text: str = "") -> None:
    """Wait until the status of the bar (a live region) is of that kind and contains the text."""
    bar = page.locator(f".session [role=status][data-status={kind}]")
    bar.filter(has_text=text).wait_for(timeout=LONG_WAIT)


def close_page(page: Page, lms: Lms) -> None:
    """Close the page as a user does, and wait for the statements that it sends while closing."""
    waiting = page.context.new_page()
    page.close(run_before_unload=False)
    until(waiting, lambda: lms.verbs[-1] == "terminated")


def test_answer_leave_return_and_complete(open_page: OpenPage, lms: Lms) -> None:
    first = open_unit(open_page(**SPANISH), lms.launch())
    assert first.locator("html").get_attribute("lang") == "es"
    answer(first, "who-buys", "Las vecinas.\n\nY «yo» también: 100 % 你好.")
    wait_for_status(first, "saved")
    until(first, lambda: lms.answers)
    assert lms.answers == {"who-buys": "Las vecinas.\n\nY «yo» también: 100 % 你好."}
    first.locator("[data-leave]").click()
    wait_for_status(first, "left")
    assert lms.verbs == ["initialized", "answered", "terminated"]

    second = open_unit(open_page(**READER, **SPANISH), lms.launch())
    assert answers_of(second)["who-buys"] == "Las vecinas.\n\nY «yo» también: 100 % 你好."
    read_all(second)
    until(second, lambda: "completed" in lms.verbs)
    close_page(second, lms)
    assert lms.verbs.count("completed") == 1
    assert sorted(lms.seen) == sorted(SECTIONS)

    third = open_unit(open_page(**ENGLISH), lms.launch())
    wait_for_status(third, "open", "You have completed this module.")
    answer(third, "who-sells", "My grandmother")
    third.locator("[data-leave]").click()
    wait_for_status(third, "left")
    assert lms.verbs.count("completed") == 1
    assert lms.answers["who-sells"] == "My grandmother"
    assert lms.refusals == []


def test_opening_and_closing_completes_nothing(open_page: OpenPage, lms: Lms) -> None:
    page = open_unit(open_page(**READER), lms.launch())
    stay(page, 2600)
    close_page(page, lms)
    assert lms.verbs == ["initialized", "terminated"]
    assert lms.seen == []
    assert lms.refusals == []


def test_an_answer_is_sent_on_blur_and_again_after_a_change(open_page: OpenPage, lms: Lms) -> None:
    page = open_unit(open_page(clock=True, **ENGLISH), lms.launch())
    area = page.locator("[data-answer=who-buys] textarea")
    area.fill("We")
    wait_for_status(page, "saved")
    area.fill("We do")
    stay(page, 3000)
    assert lms.answers == {}
    assert "We do" not in lms.documents.values()
    area.blur()
    until(page, lambda: lms.answers == {"who-buys": "We do"})
    page.get_by_role("link", name="العربية").click()
    answer(page, "who-buys", "جارتي")
    until(page, lambda: lms.answers == {"who-buys": "جارتي"})
    made = [one for one in lms.statements if one["verb"]["id"].endswith("answered")]
    assert [one["context"]["language"] for one in made] == ["en", "ar"]
    assert [one["object"]["definition"]["name"] for one in made] == [
        {"en": "Who buys?"},
        {"ar": "من يشتري؟"},
    ]
    assert len({one["object"]["id"] for one in made}) == 1
    assert lms.refusals == []


@pytest.mark.parametrize(
    "text", [ARABIC * 100, HINDI * 100, EMOJI * 200], ids=["ar", "hi", "emoji"]
)
def test_a_text_of_any_length_is_sent_completely(open_page: OpenPage, lms: Lms, text: str) -> None:
    page = open_unit(open_page(), lms.launch())
    answer(page, "who-buys", text)
    wait_for_status(page, "saved")
    until(page, lambda: lms.answers)
    assert lms.answers == {"who-buys": text}
    close_page(page, lms)
    assert answers_of(open_unit(open_page(), lms.launch()))["who-buys"] == text
    assert lms.refusals == []


def test_closing_the_page_sends_everything_at_once(open_page: OpenPage, lms: Lms) -> None:
    page = open_unit(open_page(**READER), lms.launch())
    read_all(page)
    page.locator("[data-answer=who-buys] textarea").fill("We do")
    page.clock.run_for(500)
    close_page(page, lms)
    assert lms.answers == {"who-buys": "We do"}
    assert "completed" in lms.verbs
    assert answers_of(open_unit(open_page(), lms.launch()))["who-buys"] == "We do"
    assert lms.refusals == []


def test_text_written_before_a_crash_is_restored_and_sent(open_page: OpenPage, lms: Lms) -> None:
    page = open_unit(open_page(), lms.launch())
    page.locator("[data-answer=who-buys] textarea").fill("We do")
    wait_for_status(page, "saved")
    page.evaluate(STOP)
    again = open_unit(open_page(), lms.launch())
    assert answers_of(again)["who-buys"] == "We do"
    until(again, lambda: lms.answers == {"who-buys": "We do"})
    assert lms.verbs == ["initialized", "initialized", "answered"]
    assert lms.refusals == []


@pytest.mark.parametrize("mode", ["Review", "Browse"])
def test_review_and_browse_send_only_initialized_and_terminated(
    open_page: OpenPage, lms: Lms, mode: str
) -> None:
    first = open_unit(open_page(), lms.launch())
    answer(first, "who-buys", "Yo")
    wait_for_status(first, "saved")
    close_page(first, lms)
    verbs_before, seen = len(lms.verbs), list(lms.seen)
    second = open_unit(open_page(**READER, **ENGLISH), lms.launch(mode))
    wait_for_status(second, mode.lower(), "nothing is saved")
    state = lms.state_document["state"]
    assert answers_of(second)["who-buys"] == "Yo"
    assert not second.locator("[data-answer=who-buys] textarea").is_editable()
    read_all(second)
    second.locator("[data-leave]").click()
    wait_for_status(second, "left")
    assert lms.verbs[verbs_before:] == ["initialized", "terminated"]
    assert (lms.state_document["state"], lms.seen) == (state, seen)
    assert lms.refusals == []


def test_leaving_goes_to_the_return_url(open_page: OpenPage, lms: Lms) -> None:
    for mode in ("Normal", "Review"):
        page = open_unit(
            open_page(), lms.launch(mode, returnURL=f"{lms.origin}/course?from={mode}")
        )
        page.locator("[data-leave]").click()
        page.wait_for_url(f"{lms.origin}/course?from={mode}")
        assert lms.verbs[-1] == "terminated"
    bad = open_unit(open_page(), lms.launch(returnURL="javascript:document.title='got you'"))
    bad.locator("[data-leave]").click()
    wait_for_status(bad, "left")
    assert bad.title() != "got you"
    assert lms.refusals == []


@pytest.mark.parametrize(
    ("mastery", "move_on", "when"),
    [
        (None, "Completed", None),
        (None, "NotApplicable", None),
        (0, "Passed", "early"),
        (0.1, "CompletedAndPassed", "early"),
        (0.95, "CompletedOrPassed", "complete"),
        (1, "Passed", "complete"),
        (None, "Passed", "complete"),
    ],
)
def test_the_mastery_score_of_the_lms_decides_who_passes(
    open_page: OpenPage, lms: Lms, mastery: float | None, move_on: str, when: str | None
) -> None:
    page = open_unit(open_page(clock=True), lms.launch(mastery=mastery, moveOn=move_on))
    stay(page, 2600)
    assert lms.verbs == ["initialized"]
    answer(page, "who-buys", "We do")
    until(page, lambda: "answered" in lms.verbs)
    assert ("passed" in lms.verbs) == (when == "early")
    page.set_viewport_size(TALL)
    read_all(page)
    until(page, lambda: "completed" in lms.verbs)
    close_page(page, lms)
    passed = [one for one in lms.statements if one["verb"]["id"].endswith("/passed")]
    assert len(passed) == (0 if when is None else 1)
    for one in passed:
        assert (one["result"]["score"]["scaled"] == 1) == (when == "complete")
    assert lms.refusals == []


def test_learner_preferences_are_applied(open_page: OpenPage, lms: Lms) -> None:
    lms.preferences = {"languagePreference": "de-DE,ar-MA,es", "audioPreference": "off"}
    page = open_unit(open_page(**ENGLISH), lms.launch())
    assert page.locator("html").get_attribute("lang") == "ar"
    assert page.evaluate("document.querySelector('video').muted")
    page.evaluate("document.querySelector('video').dispatchEvent(new Event('play'))")
    shown = (
        "Array.from(document.querySelector('video').textTracks).some((t) => t.mode === 'showing')"
    )
    assert page.evaluate(shown)
    page.evaluate(
        "() => { for (const t of document.querySelector('video').textTracks) t.mode = 'disabled' }"
    )
    page.get_by_role("link", name="English").click()
    until(page, lambda: lms.state_document.get("captions") is False)
    close_page(page, lms)
    again = open_unit(open_page(), lms.launch())
    assert again.locator("html").get_attribute("lang") == "en"
    again.evaluate("document.querySelector('video').dispatchEvent(new Event('play'))")
    assert not again.evaluate(shown)


def test_two_windows_merge_into_one_document(open_page: OpenPage, lms: Lms) -> None:
    first = open_unit(open_page(), lms.launch())
    wait_for_status(first, "saved")
    second = open_unit(open_page(), lms.launch())
    answer(second, "who-sells", "My grandmother")
    wait_for_status(second, "saved")
    answer(first, "who-buys", "We do")
    until(
        first,
        lambda: (
            first.evaluate("performance.getEntriesByType('resource').length")
            and (lms.requests.count("PUT /lrs/activities/state") >= 4)
        ),
    )
    first.wait_for_timeout(500)
    second.close()
    third = open_unit(open_page(), lms.launch())
    assert answers_of(third) == {"who-buys": "We do", "who-sells": "My grandmother"}


def test_an_lrs_without_etags_works(open_page: OpenPage, lms: Lms) -> None:
    lms.etags = False
    for text in ("We do", "We all do"):
        page = open_unit(open_page(), lms.launch())
        answer(page, "who-buys", text)
        wait_for_status(page, "saved")
        close_page(page, lms)
    assert answers_of(open_unit(open_page(), lms.launch()))["who-buys"] == "We all do"
    assert lms.refusals == []


def test_a_reloaded_page_is_read_only(open_page: OpenPage, lms: Lms) -> None:
    page = open_unit(open_page(**ENGLISH), lms.launch())
    answer(page, "who-buys", "We do")
    wait_for_status(page, "saved")
    page.reload()
    page.wait_for_selector("[data-package]:not([hidden])")
    wait_for_status(page, "over", "open it again from your course")
    assert answers_of(page)["who-buys"] == "We do"
    assert not page.locator("[data-answer=who-buys] textarea").is_editable()
    asked = len(lms.requests)
    page.locator("[data-leave]").click()
    wait_for_status(page, "left")
    assert len(lms.requests) == asked
    assert lms.verbs == ["initialized", "answered", "terminated"]
    assert lms.refusals == []


@pytest.mark.parametrize("fault", ["down", "token", "launch data", "own document"])
def test_no_answer_is_lost_if_the_lms_returns_nothing(
    open_page: OpenPage, lms: Lms, fault: str
) -> None:
    page = open_page(**ENGLISH)
    lms.down = fault == "down"
    lms.token_error = "2" if fault == "token" else None
    lms.deny = {"launch data": "state", "own document": "activities"}.get(fault, "")
    open_unit(page, lms.launch())
    wait_for_status(page, "alone", "saved on this device")
    answer(page, "who-buys", "We do")
    wait_for_status(page, "on-device")
    page.locator("[data-leave]").click()
    wait_for_status(page, "left")
    assert lms.statements == []
    lms.down, lms.token_error, lms.deny = False, None, ""
    open_unit(page, lms.launch())
    assert answers_of(page)["who-buys"] == "We do"
    until(page, lambda: lms.answers == {"who-buys": "We do"})
    wait_for_status(page, "resent")
    close_page(page, lms)
    lms.documents.clear()
    other = open_unit(open_page(**ENGLISH), lms.launch(actor=OTHER))
    assert answers_of(other)["who-buys"] == ""


def test_leaving_while_the_lrs_is_down_shows_that_work_is_unsaved(
    open_page: OpenPage, lms: Lms
) -> None:
    page = open_unit(open_page(**ENGLISH), lms.launch(returnURL=f"{lms.origin}/course"))
    wait_for_status(page, "saved")
    answer(page, "who-buys", "We do")
    lms.down = True
    page.locator("[data-leave]").click()
    wait_for_status(page, "left-unsaved", "open the module here again to send it")
    lms.down = False
    open_unit(page, lms.launch())
    until(page, lambda: lms.answers == {"who-buys": "We do"})


def test_saved_is_shown_after_a_slow_lrs_responds(open_page: OpenPage, lms: Lms) -> None:
    page = open_unit(open_page(**ENGLISH), lms.launch())
    wait_for_status(page, "saved")
    lms.slow = 0.4
    answer(page, "who-buys", "We do")
    page.locator("[data-leave]").click()
    wait_for_status(page, "leaving", "Saving")
    assert lms.answers == {}
    wait_for_status(page, "left")
    assert lms.answers == {"who-buys": "We do"}
    assert lms.verbs[-1] == "terminated"
    assert lms.refusals == []


def test_closing_before_a_slow_lrs_responds_loses_nothing(open_page: OpenPage, lms: Lms) -> None:
    page = open_unit(open_page(), lms.launch())
    wait_for_status(page, "saved")
    lms.slow = 0.5
    answer(page, "who-buys", "We do")
    page.locator("[data-leave]").click()
    wait_for_status(page, "leaving")
    close_page(page, lms)
    lms.slow = 0
    assert lms.answers == {"who-buys": "We do"}
    assert answers_of(open_unit(open_page(), lms.launch()))["who-buys"] == "We do"
    assert lms.refusals == []


def test_a_link_clicked_before_loading_does_not_lose_the_launch(
    open_page: OpenPage, lms: Lms
) -> None:
    page = open_page(**SPANISH)
    lms.slow = 0.3
    page.goto(lms.launch())
    page.locator(".languages a[hreflang=en], .menu a[hreflang=en]").first.dispatch_event("click")
    page.wait_for_selector("[data-package]:not([hidden])")
    wait_for_status(page, "saved")
    assert lms.refusals == []


def test_a_document_of_a_newer_script_is_left_untouched(open_page: OpenPage, lms: Lms) -> None:
    lms.documents["minga-state"] = newer = '{"version": 2, "state": "M2:new"}'
    page = open_unit(open_page(**ENGLISH), lms.launch())
    wait_for_status(page, "unreadable-state", "left untouched")
    answer(page, "who-buys", "We do")
    until(page, lambda: lms.answers == {"who-buys": "We do"})
    close_page(page, lms)
    assert lms.documents["minga-state"] == newer
    assert lms.refusals == []


@pytest.mark.parametrize("missing", ["endpoint", "fetch", "actor", "registration", "activityId"])
def test_without_a_launch_parameter_the_page_is_not_connected(
    open_page: OpenPage, lms: Lms, missing: str
) -> None:
    page = open_unit(open_page(**ENGLISH), lms.launch().replace(f"{missing}=", "x="))
    wait_for_status(page, "alone", "Not connected")
    answer(page, "who-buys", "We do")
    wait_for_status(page, "on-device")
    assert lms.requests == []


def test_without_storage_and_lrs_leaving_stays_on_the_page(open_page: OpenPage, lms: Lms) -> None:
    page = open_page(**ENGLISH)
    page.add_init_script(NO_STORAGE)
    open_unit(page, lms.launch(returnURL=f"{lms.origin}/course"))
    wait_for_status(page, "saved")
    lms.down = True
    answer(page, "who-buys", "We do")
    wait_for_status(page, "page-only", "they are only on this page")
    page.locator("[data-leave]").click()
    wait_for_status(page, "left-page-only", "before you close this page")
    assert page.url.startswith(f"{lms.origin}/content/")
