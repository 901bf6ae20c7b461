"""LMSs with odd, late or missing responses: no answer is lost, and the bar is never wrong.

The kinds of LMSs are those of ``odd_lms.js``. A kind is tested in both standards if their
adapters treat it differently, otherwise in one: the session (``session.js``) is the same in both.
Between two sessions local storage is cleared, as Moodle does at every change of login.
"""

from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page

from tests.browser.package_player import answer, answers_of, packages
from tests.browser.standards import SCORM12, SCORM2004, STANDARDS, Standard
from tests.support.chromium import OpenPage
from tests.support.files import support
from tests.support.lms_page import Player, play

pytestmark = [pytest.mark.early, pytest.mark.browser]

each_standard = pytest.mark.parametrize("standard", STANDARDS, ids=lambda standard: standard.form)

ODD = support("odd_lms.js")
BLOCKING = "commit slow"
"""The kind that blocks the page for some time, so that it needs the real clock."""
Package = Callable[[Standard], Path]

ODD_VALUES = (
    "error undefined + unset undefined + yes true",
    "error empty + unset null + yes 1",
    "error null + unset 'null' + yes '1'",
    "error zero + unset 'undefined' + yes 'True'",
    "error missing + unset null + yes true",
    "error throws + unset undefined + yes 1",
)
"""LMSs that return several odd values; each value alone: test_package_api_client.py."""

ADAPTER_KINDS = (
    # An LMS that lists no entries: each standard has other arrays (collection.js).
    "stale reads",
    # A failed Commit loses values: only scorm12.js sends them changed before it sends them again.
    *("commit fails once", "commit fails every other time"),
)
SESSION_KINDS = (
    *("late 0.2 s", "late 8 s", "beside", "reads throw first", BLOCKING, "finish first"),
)

CASES = [
    *zip((*ODD_VALUES, *SESSION_KINDS), cycle(STANDARDS), strict=False),
    *((kind, standard) for kind in ADAPTER_KINDS for standard in STANDARDS),
]
"""Kinds whose saved data and reports are tested; further kinds have tests of their own."""

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


@pytest.mark.parametrize(
    ("kind", "standard"), CASES, ids=lambda value: getattr(value, "form", value)
)
def test_no_answer_is_lost_and_all_are_reported(sessions: Sessions, kind: str) -> None:
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


@each_standard
def test_an_lms_with_mandatory_elements_only_restores_the_answers(sessions: Sessions) -> None:
    player = sessions.open("mandatory only")
    answer(player, "who-buys", "We do")
    sessions.wait_until_saved()
    # This LMS has no reports to compare the bar with.
    player.frame.evaluate("() => { clearInterval(window.recording); window.untrue = [] }")
    sessions.close()
    sessions.open("mandatory only")
    sessions.wait_for_answers({"who-buys": "We do", "who-sells": ""})


@pytest.mark.parametrize(
    ("kind", "standard"),
    [
        ("late 3 s", SCORM12),
        ("reads fail first", SCORM12),
        ("reads fail first", SCORM2004),
        ("the state is missing first", SCORM12),
        ("the state is missing first", SCORM2004),
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
def test_report_columns_are_the_same_for_all_learners(sessions: Sessions) -> None:
    """The first interactions are in the order of the questions; later sessions update them."""
    response = f"cmi.interactions.{{}}.{sessions.standard.response}"
    player = sessions.open()
    answer(player, "who-sells", "She does. " * 500)
    sessions.wait_until_saved()
    sessions.close()
    saved = sessions.saved
    assert [saved[f"cmi.interactions.{n}.id"] for n in (0, 1)] == ["who-buys", "who-sells"]
    assert all(saved[f"cmi.interactions.{number}.type"] for number in (0, 1))
    assert not saved.get(response.format(0))
    count = saved["cmi.interactions._count"]
    assert int(count) > 2

    player = sessions.open()
    sessions.wait_for_answers({"who-buys": "", "who-sells": "She does. " * 500})
    answer(player, "who-buys", "We do")
    sessions.wait_until_saved()
    sessions.close()
    assert sessions.saved[response.format(0)] == "We do"
    assert sessions.saved["cmi.interactions._count"] == count
    assert sessions.reported_answer("who-sells") == ("She does. " * 500).strip()
