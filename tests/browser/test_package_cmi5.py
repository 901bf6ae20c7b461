"""A cmi5 package in a strict LMS: statements, launches, modes, documents of the LRS.

The faults that cmi5 has in common with SCORM are in ``test_package_lms_faults.py``.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from courseware.parser.reader import read
from scorm_builder import runtime
from scorm_builder.build import build
from tests.browser.package_player import (
    LONG_WAIT,
    READER,
    answer,
    answers_of,
    read_all,
    stay,
    until,
)
from tests.support.chromium import OpenPage
from tests.support.cmi5_lms import LAUNCH_DATA, Lms, lms_of
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
SCRIPTS = (
    *("codec.js", "state.js", "find_api.js", "measure.js", "api_client.js"),
    *("cmi5_launch.js", "cmi5_statements.js", "cmi5_outbox.js", "cmi5.js"),
)
PASSED_WITH = """async (launchData) => {
  const passed = [];
  const lrs = {
    putState: async () => ({ status: 204, etag: '1' }),
    putStatement: async ({ verb, result }) => {
      if (/passed$/.test(verb.id)) passed.push(result.score.raw);
      return { status: 204 };
    },
  };
  const page = { module: { sections: ['only'] }, language: () => 'en' };
  const launch = { actor: {}, activityId: 'https://lms.example.org/a', registration: 'r' };
  const data = { contextTemplate: {}, ...launchData };
  const opened = { lrs, data, own: { text: '', etag: null } };
  const tabStore = { read: () => ({}), write: () => {} };
  const adapter = makeCmi5(window, page, launch, opened, tabStore);
  adapter.start();
  for (const progress of [0, 0.09, 0.1, 0.5, 0.94, 0.95, 0.99, 1])
    adapter.write({ progress, captions: null, answers: [], state: null, seconds: 1 });
  await adapter.commit();
  return passed;
}"""
"""The scores of the ``passed`` statements of a session with these launch data, in percent."""
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


@pytest.fixture(scope="module")
def scripted(chromium: Browser) -> Iterator[Page]:
    """An empty page with the functions of the package's script."""
    page = chromium.new_page()
    page.add_script_tag(content="\n".join(["const LAUNCHES = [];", *map(runtime.source, SCRIPTS)]))
    yield page
    page.close()


def stored_answers(scripted: Page, lms: Lms) -> dict[str, str]:
    """The answers in the package's document in the LRS, with which the next session starts."""
    script = "([state, sections]) => readState(state, sections).state.answers"
    return dict(scripted.evaluate(script, [lms.state_document["state"], SECTIONS]))


def open_unit(page: Page, url: str) -> Page:
    page.goto(url)
    page.wait_for_selector("[data-package]:not([hidden])")
    return page


def wait_for_status(page: Page, kind: str, text: str = "") -> None:
    """Wait until the status of the bar (a live region) is of that kind and contains the text."""
    bar = page.locator(f".session [role=status][data-status={kind}]")
    bar.filter(has_text=text).wait_for(timeout=LONG_WAIT)


def scores(lms: Lms) -> list[float]:
    """The scores of the ``passed`` statements."""
    passed = [one for one in lms.statements if one["verb"]["id"].endswith("/passed")]
    return [one["result"]["score"]["scaled"] for one in passed]


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

    second = open_unit(open_page(**READER, **SPANISH), lms.launch(moveOn="Passed"))
    assert answers_of(second)["who-buys"] == "Las vecinas.\n\nY «yo» también: 100 % 你好."
    read_all(second)
    until(second, lambda: "completed" in lms.verbs)
    close_page(second, lms)
    assert lms.verbs.count("completed") == 1
    assert scores(lms) == [1]
    assert sorted(lms.seen) == sorted(SECTIONS)

    third = open_unit(open_page(**ENGLISH), lms.launch(moveOn="Passed"))
    wait_for_status(third, "open", "You have completed this module.")
    answer(third, "who-sells", "My grandmother")
    third.locator("[data-leave]").click()
    wait_for_status(third, "left")
    assert lms.verbs.count("completed") == 1
    assert scores(lms) == [1]
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


def test_texts_of_any_length_are_sent_completely(
    open_page: OpenPage, lms: Lms, scripted: Page
) -> None:
    texts = {"who-buys": ARABIC * 100, "who-sells": HINDI * 100 + EMOJI * 200}
    page = open_unit(open_page(), lms.launch())
    for question, text in texts.items():
        answer(page, question, text)
    until(page, lambda: len(lms.answers) == 2)
    wait_for_status(page, "saved")
    assert lms.answers == texts
    close_page(page, lms)
    assert stored_answers(scripted, lms) == texts
    assert lms.refusals == []


def test_closing_the_page_sends_everything_at_once(
    open_page: OpenPage, lms: Lms, scripted: Page
) -> None:
    page = open_unit(open_page(**READER), lms.launch(mastery=0.5, moveOn="CompletedAndPassed"))
    stay(page, 2600)
    assert lms.verbs == ["initialized"]
    read_all(page)
    stay(page, 1000)
    until(page, lambda: "passed" in lms.verbs)
    assert "completed" not in lms.verbs
    page.locator("[data-answer=who-buys] textarea").fill("We do")
    page.clock.run_for(500)
    close_page(page, lms)
    assert lms.answers == {"who-buys": "We do"}
    assert "completed" in lms.verbs
    assert scores(lms) == [0.83]
    assert stored_answers(scripted, lms) == {"who-buys": "We do"}
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


def test_review_and_browse_send_only_initialized_and_terminated(
    open_page: OpenPage, lms: Lms
) -> None:
    """The return URL is followed in each mode, unless it is a script."""
    back = f"{lms.origin}/course"
    first = open_unit(open_page(), lms.launch(returnURL=back))
    answer(first, "who-buys", "Yo")
    wait_for_status(first, "saved")
    first.locator("[data-leave]").click()
    first.wait_for_url(back)
    assert lms.verbs == ["initialized", "answered", "terminated"]
    seen, state = list(lms.seen), lms.state_document["state"]
    page = open_page(**READER, **ENGLISH)
    for mode, return_url in (("Review", back), ("Browse", "javascript:document.title='got you'")):
        verbs_before = len(lms.verbs)
        open_unit(page, lms.launch(mode, returnURL=return_url))
        wait_for_status(page, mode.lower(), "nothing is saved")
        assert answers_of(page)["who-buys"] == "Yo", mode
        assert not page.locator("[data-answer=who-buys] textarea").is_editable(), mode
        read_all(page)
        page.locator("[data-leave]").click()
        if return_url == back:
            page.wait_for_url(back)
        else:
            wait_for_status(page, "left")
            assert page.title() != "got you"
        until(page, lambda: lms.verbs[-1] == "terminated")
        assert lms.verbs[verbs_before:] == ["initialized", "terminated"], mode
        assert (lms.state_document["state"], lms.seen) == (state, seen), mode
    assert lms.refusals == []


@pytest.mark.parametrize(
    ("launch_data", "percents"),
    [
        ({"moveOn": "Completed"}, []),
        ({"moveOn": "CompletedOrPassed"}, []),
        ({"moveOn": "NotApplicable"}, []),
        ({"moveOn": "Passed"}, [100]),
        ({"moveOn": "CompletedAndPassed"}, [100]),
        ({"moveOn": "Passed", "masteryScore": 0}, [9]),
        ({"moveOn": "CompletedAndPassed", "masteryScore": 0.1}, [10]),
        ({"moveOn": "CompletedOrPassed", "masteryScore": 0.95}, [95]),
        ({"moveOn": "Passed", "masteryScore": 1}, [100]),
    ],
    ids=str,
)
def test_the_mastery_score_of_the_lms_decides_who_passes(
    scripted: Page, launch_data: dict[str, object], percents: list[int]
) -> None:
    assert scripted.evaluate(PASSED_WITH, launch_data) == percents


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


def test_two_windows_merge_into_one_document(open_page: OpenPage, lms: Lms, scripted: Page) -> None:
    first = open_unit(open_page(), lms.launch())
    wait_for_status(first, "saved")
    second = open_unit(open_page(), lms.launch())
    answer(second, "who-sells", "My grandmother")
    wait_for_status(second, "saved")
    answer(first, "who-buys", "We do")
    merged = {"who-buys": "We do", "who-sells": "My grandmother"}
    until(first, lambda: stored_answers(scripted, lms) == merged)


def test_an_lrs_without_etags_works(open_page: OpenPage, lms: Lms, scripted: Page) -> None:
    lms.etags = False
    earlier = ""
    for text in ("We do", "We all do"):
        page = open_unit(open_page(), lms.launch())
        assert answers_of(page)["who-buys"] == earlier
        answer(page, "who-buys", text)
        wait_for_status(page, "saved")
        close_page(page, lms)
        earlier = text
    assert stored_answers(scripted, lms)["who-buys"] == "We all do"
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


def test_no_answer_is_lost_if_the_lms_returns_nothing(open_page: OpenPage, lms: Lms) -> None:
    """Four failed sessions on one device, then one of another learner, then one that sends all."""
    page = open_page(**ENGLISH)
    written = {"who-buys": "", "who-sells": ""}
    for fault, question in (
        ("down", "who-buys"),
        ("token", "who-sells"),
        ("launch data", "who-buys"),
        ("own document", "who-sells"),
    ):
        lms.down = fault == "down"
        lms.token_error = "2" if fault == "token" else None
        lms.deny = {"launch data": LAUNCH_DATA, "own document": "minga-state"}.get(fault, "")
        open_unit(page, lms.launch())
        wait_for_status(page, "alone", "saved on this device")
        assert answers_of(page) == written, fault
        written[question] = f"Written with the fault: {fault}"
        answer(page, question, written[question])
        wait_for_status(page, "on-device")
        page.locator("[data-leave]").click()
        wait_for_status(page, "left")
        assert lms.statements == [], fault
    lms.down, lms.token_error, lms.deny = False, None, ""

    open_unit(page, lms.launch(actor=OTHER))
    wait_for_status(page, "saved")
    assert answers_of(page) == {"who-buys": "", "who-sells": ""}
    assert lms.answers == {}
    page.locator("[data-leave]").click()
    wait_for_status(page, "left")
    lms.documents.clear()

    open_unit(page, lms.launch())
    assert answers_of(page) == written
    until(page, lambda: lms.answers == written)
    wait_for_status(page, "resent")


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


def test_a_slow_lrs_loses_neither_the_launch_nor_an_answer(open_page: OpenPage, lms: Lms) -> None:
    """A link that is clicked while the page loads is not followed; "saved" is shown in the end."""
    page = open_page(**ENGLISH)
    lms.slow = 0.3
    page.goto(lms.launch())
    page.locator(".languages a[hreflang=es], .menu a[hreflang=es]").first.dispatch_event("click")
    page.wait_for_selector("[data-package]:not([hidden])")
    wait_for_status(page, "saved")
    answer(page, "who-buys", "We do")
    page.locator("[data-leave]").click()
    wait_for_status(page, "leaving", "Saving")
    assert lms.answers == {}
    wait_for_status(page, "left")
    assert lms.answers == {"who-buys": "We do"}
    assert lms.verbs[-1] == "terminated"
    assert lms.refusals == []


def test_closing_before_a_slow_lrs_responds_loses_nothing(
    open_page: OpenPage, lms: Lms, scripted: Page
) -> None:
    page = open_unit(open_page(), lms.launch())
    wait_for_status(page, "saved")
    lms.slow = 0.5
    answer(page, "who-buys", "We do")
    page.locator("[data-leave]").click()
    wait_for_status(page, "leaving")
    close_page(page, lms)
    assert lms.answers == {"who-buys": "We do"}
    assert stored_answers(scripted, lms) == {"who-buys": "We do"}
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


def test_without_a_launch_parameter_the_page_is_not_connected(
    open_page: OpenPage, lms: Lms, scripted: Page
) -> None:
    url = lms.launch()
    read_launch = "(url) => readLaunch(new URL(url).search)"
    assert scripted.evaluate(read_launch, url) is not None
    for missing in ("endpoint", "fetch", "actor", "registration", "activityId"):
        assert scripted.evaluate(read_launch, url.replace(f"{missing}=", "x=")) is None, missing
    page = open_unit(open_page(**ENGLISH), url.replace("endpoint=", "x="))
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
