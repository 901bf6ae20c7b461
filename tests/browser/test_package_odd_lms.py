"""LMSs with odd, late or missing responses: no answer is lost, and the bar is never wrong.

The kinds of LMSs are those of ``odd_lms.js``. What only the session and the adapter decide is
tested in both standards, without a package (``scorm_sessions.py``); packages are tested in one
standard for each kind. Between two sessions of a package local storage is cleared, as Moodle does
at every change of login.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page

from tests.browser.package_player import answer, answers_of, packages
from tests.browser.scorm_sessions import Begin, begin, scripted
from tests.browser.standards import ODD_VALUES, SCORM12, SCORM2004, STANDARDS, Standard
from tests.support.chromium import OpenPage
from tests.support.files import support
from tests.support.lms_page import Player, play

pytestmark = [pytest.mark.early, pytest.mark.browser]

__all__ = ["begin", "scripted"]

each_standard = pytest.mark.parametrize("standard", STANDARDS, ids=lambda standard: standard.form)

ODD = support("odd_lms.js")
BLOCKING = "commit slow"
"""The kind that blocks the page for some time, so that it needs the real clock."""
Package = Callable[[Standard], Path]

KINDS = (
    *ODD_VALUES,
    *("stale reads", "reads fail first", "reads throw first", "the state is missing first"),
    *("commit fails once", "commit fails every other time"),
)
"""Kinds that only the session and the adapter treat; each in both standards, without a package."""

PACKAGE_KINDS = (
    ("error undefined + unset 'undefined' + yes 1", SCORM2004),
    ("error throws + unset null + yes 'True'", SCORM12),
    *(("late 0.2 s", SCORM12), ("late 8 s", SCORM2004), ("beside", SCORM12)),
    *(("stale reads", SCORM2004), ("reads throw first", SCORM2004), (BLOCKING, SCORM12)),
    *(("commit fails every other time", SCORM12), ("finish first", SCORM2004)),
)
"""Kinds in a package: those that concern its page too, and some of the others."""

RECORD_FALSE_SAVED = """() => {
  window.untrue = [];
  const flat = (text) => text.replace(/\\s+/g, ' ').trim();
  window.recording = setInterval(() => {
    const status = document.querySelector('.session [data-status]').dataset.status;
    if (!['saved', 'resent', 'left'].includes(status)) return;
    const saved = Object.values(parent.lms.saved || {});
    Array.from(document.querySelectorAll('[data-answer] textarea'), (area) => flat(area.value))
      .filter((text) => text && text.length < 255 && !saved.includes(text))
      .forEach((text) => window.untrue.push(text));
  }, 20);
}"""
"""Record each answer that the LMS does not have while the bar says "saved"."""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    return packages(tmp_path_factory)


class Sessions:
    """One learner's sessions in a package, one after the other in one browser."""

    def __init__(self, page: Page, package: Path, standard: Standard) -> None:
        self.page, self.package, self.standard = page, package, standard
        self.saved: dict[str, str] = {}
        self.player: Player | None = None
        self.has_clock = False

    def open(self, kind: str = "") -> Player:
        """Open the package with the data that the LMS last saved."""
        if not self.has_clock and kind != BLOCKING:
            self.page.clock.install()
            self.has_clock = True
        odd = f"window.oddLms = {kind!r};" if kind else ""
        start = f"{odd} window.lmsStart = {{ model: {self.saved} }}"
        self.player = play(self.page, self.package, script=self.standard.runtime + ODD, start=start)
        self.player.frame.evaluate(RECORD_FALSE_SAVED)
        return self.player

    def close(self) -> None:
        """Leave the LMS's page; then another user logs in, which clears local storage."""
        assert self.player
        untrue = self.player.frame.evaluate("window.untrue")
        self.page.evaluate("lmsClose()")
        self.player.close_frame()
        self.saved = self.page.evaluate("lms.saved") or self.saved
        self.page.evaluate("localStorage.clear()")
        assert untrue == []

    @property
    def bar(self) -> Locator:
        """The status in the bar of the package."""
        assert self.player
        return self.player.frame.locator(".session [data-status]")

    def wait(self, ms: int) -> None:
        """Let time pass for the page: with its own clock, without waiting."""
        if self.has_clock:
            self.page.clock.run_for(ms)
        self.page.wait_for_timeout(5 if self.has_clock else ms)

    def wait_until(self, condition: Callable[[], object]) -> None:
        for _ in range(60):
            if condition():
                return
            self.wait(400)
        raise AssertionError("the condition did not become true")

    def wait_for_answers(self, answers: dict[str, str]) -> None:
        """Wait until the answer fields contain these texts."""
        player = self.player
        assert player
        self.wait_until(lambda: answers_of(player) == answers)

    def wait_for_status(self, text: str) -> None:
        """Wait until the bar contains the text."""
        self.wait_until(lambda: text in self.bar.inner_text())

    def wait_until_saved(self) -> None:
        """Wait until the bar says that the work is saved."""
        self.wait_until(lambda: self.bar.get_attribute("data-status") in ("saved", "resent"))

    def reported_answer(self, question: str) -> str:
        """Return the answer in the LMS's report."""
        return self.standard.response_of(self.saved, question)


@pytest.fixture
def sessions(open_page: OpenPage, package: Package, standard: Standard) -> Sessions:
    return Sessions(open_page(locale="en-GB"), package(standard), standard)


@each_standard
@pytest.mark.parametrize("kind", KINDS)
def test_no_answer_is_lost_by_the_session(begin: Begin, standard: Standard, kind: str) -> None:
    """The first session ends one second after the last key press."""
    first = begin(standard, kind=kind)
    first.answer("who-buys", "We do")
    first.stay_until("saved", "resent")
    first.type("who-sells", "She")
    first.stay(1000)
    first.close()
    assert first.untrue == []
    assert standard.response_of(first.saved, "who-buys") == "We do"

    second = begin(standard, first.saved, kind=kind, same_device=True)
    second.stay(6000)
    assert second.answers == {"who-buys": "We do", "who-sells": "She"}
    second.answer("who-sells", "She does")
    second.stay_until("saved", "resent")
    assert "She does" in second.saved.values()
    second.close()
    assert second.untrue == []
    saved = second.saved
    reported = [standard.response_of(saved, question) for question in ("who-buys", "who-sells")]
    assert reported == ["We do", "She does"]
    assert list(standard.comments_of(saved).values()) == ["We do", "She does"]


@each_standard
@pytest.mark.parametrize("kind", ["reads fail first", "the state is missing first"])
def test_text_before_the_first_successful_read_is_added_to_the_saved_answer(
    begin: Begin, standard: Standard, kind: str
) -> None:
    first = begin(standard)
    first.answer("who-buys", "We do")
    first.close()
    second = begin(standard, first.saved, kind=kind)
    second.answer("who-buys", "Me")
    assert second.saved == {}
    second.stay_until("saved")
    second.close()
    assert second.answers == {"who-buys": "We do\n\nMe"}
    assert standard.response_of(second.saved, "who-buys") == "We do Me"


@each_standard
def test_an_lms_with_mandatory_elements_only_restores_the_answers(
    begin: Begin, standard: Standard
) -> None:
    first = begin(standard, kind="mandatory only")
    first.answer("who-buys", "We do")
    assert first.status == "saved"
    first.close()
    assert begin(standard, first.saved, kind="mandatory only").answers == {"who-buys": "We do"}


@pytest.mark.parametrize(
    ("kind", "standard"), PACKAGE_KINDS, ids=lambda value: getattr(value, "form", value)
)
def test_no_answer_is_lost_by_the_package(sessions: Sessions, kind: str) -> None:
    """The first session ends one second after the last key press."""
    player = sessions.open(kind)
    answer(player, "who-buys", "We do")
    sessions.wait_until_saved()
    player.frame.locator("#a-who-sells").press_sequentially("She")
    sessions.wait(1000)
    sessions.close()
    assert sessions.reported_answer("who-buys") == "We do"

    player = sessions.open(kind)
    sessions.wait_for_answers({"who-buys": "We do", "who-sells": "She"})
    answer(player, "who-sells", "She does")
    sessions.wait_until(lambda: "She does" in (player.lms("lms.saved") or {}).values())
    sessions.wait_until_saved()
    sessions.close()
    assert (sessions.reported_answer("who-buys"), sessions.reported_answer("who-sells")) == (
        "We do",
        "She does",
    )
    assert sessions.standard.comments_of(sessions.saved) in (
        {"1": "We do", "2": "She does"},
        {"who-buys": "We do", "who-sells": "She does"},
    )


@pytest.mark.parametrize(
    ("kind", "standard"),
    [
        ("late 3 s", SCORM12),
        ("reads fail first", SCORM2004),
        ("the state is missing first", SCORM12),
    ],
    ids=lambda value: getattr(value, "form", value),
)
def test_text_typed_before_the_lms_is_ready_is_added_to_the_saved_answer(
    sessions: Sessions, kind: str
) -> None:
    player = sessions.open(kind)
    answer(player, "who-buys", "We do")
    sessions.wait_until_saved()
    player.frame.locator("#a-who-sells").press_sequentially("She")
    sessions.wait(1000)
    sessions.close()
    assert sessions.reported_answer("who-buys") == "We do"
    clear_device_storage(sessions.page)
    player = sessions.open(kind)
    answer(player, "who-buys", "Me")
    sessions.wait_for_answers({"who-buys": "We do\n\nMe", "who-sells": "She"})
    sessions.wait_until_saved()
    sessions.close()
    assert sessions.reported_answer("who-buys") == "We do Me"
    assert list(sessions.standard.comments_of(sessions.saved).values()) == ["We do Me", "She"]


def clear_device_storage(page: Page) -> None:
    page.evaluate("""new Promise((done) => {
      const request = indexedDB.deleteDatabase('minga');
      request.onsuccess = request.onblocked = done;
    })""")


@pytest.mark.parametrize("standard", [SCORM2004], ids=lambda standard: standard.form)
def test_work_after_the_lms_has_finished_is_sent_in_the_next_session(sessions: Sessions) -> None:
    """The same with an LMS that rejects everything: test_package_player.py."""
    player = sessions.open("finish first")
    player.page.evaluate("lmsClose()")
    answer(player, "who-buys", "We do")
    sessions.wait_for_status("saved on this device, and we keep trying")
    player.page.evaluate("window.lmsClose = () => {}")
    sessions.close()
    player = sessions.open()
    sessions.wait_for_status("Sent: your course now has the work")
    sessions.wait_for_answers({"who-buys": "We do", "who-sells": ""})
    sessions.close()
    assert sessions.reported_answer("who-buys") == "We do"


@pytest.mark.parametrize("standard", [SCORM2004], ids=lambda standard: standard.form)
def test_work_that_the_lms_confirmed_and_lost_is_restored(sessions: Sessions) -> None:
    """The LMS saves some seconds later, and its page is closed before that."""
    player = sessions.open("commit late")
    answer(player, "who-buys", "We do")
    sessions.wait_until_saved()
    player.frame.evaluate("document.querySelector('.session [data-status]').dataset.status = ''")
    player.frame.evaluate("window.untrue = []")
    sessions.close()
    assert sessions.saved == {}
    player = sessions.open()
    sessions.wait_for_answers({"who-buys": "We do", "who-sells": ""})
    sessions.wait_for_status("Sent: your course now has the work")
    sessions.close()
    assert sessions.reported_answer("who-buys") == "We do"


@each_standard
def test_report_columns_are_the_same_for_all_learners(begin: Begin, standard: Standard) -> None:
    """The first interactions are in the order of the questions; later sessions update them."""
    response = f"cmi.interactions.{{}}.{standard.response}"
    first = begin(standard)
    first.answer("who-sells", "She does. " * 500)
    first.close()
    saved = first.saved
    assert [saved[f"cmi.interactions.{n}.id"] for n in (0, 1)] == ["who-buys", "who-sells"]
    assert all(saved[f"cmi.interactions.{number}.type"] for number in (0, 1))
    assert not saved.get(response.format(0))
    count = saved["cmi.interactions._count"]
    assert int(count) > 2

    second = begin(standard, saved)
    assert second.answers == {"who-sells": "She does. " * 500}
    second.answer("who-buys", "We do")
    second.close()
    assert second.saved[response.format(0)] == "We do"
    assert second.saved["cmi.interactions._count"] == count
    assert standard.response_of(second.saved, "who-sells") == ("She does. " * 500).strip()


@pytest.mark.parametrize("standard", [SCORM12], ids=lambda standard: standard.form)
def test_the_first_report_columns_are_the_questions_of_the_page(sessions: Sessions) -> None:
    player = sessions.open()
    answer(player, "who-sells", "She does")
    sessions.wait_until_saved()
    sessions.close()
    names = [sessions.saved[f"cmi.interactions.{number}.id"] for number in (0, 1)]
    assert names == ["who-buys", "who-sells"]
