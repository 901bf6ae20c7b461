"""LMSs that answer oddly, late, or not at all: no answer is lost, the bar claims nothing untrue.

Each row of the table is a kind of LMS (``odd_lms.js``), each column a standard. Between two
sittings local storage is cleared, as Moodle does at every change of login.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.package_player import answer, answers_of, packages, until
from tests.browser.standards import SCORM12, SCORM2004, Standard
from tests.support.chromium import OpenPage
from tests.support.files import support
from tests.support.lms_page import Player, play

pytestmark = [
    pytest.mark.browser,
    pytest.mark.parametrize("standard", [SCORM12, SCORM2004], ids=lambda standard: standard.form),
]

ODD = support("odd_lms.js")
Package = Callable[[Standard], Path]

KINDS = (
    *("error undefined", "error empty", "error null", "error zero", "error missing"),
    *("error throws", "unset undefined", "unset null", "unset 'null'", "unset 'undefined'"),
    *("unset and error undefined", "yes true", "yes 1", "yes '1'", "yes 'True'"),
    *("stale reads", "late 0.2 s", "late 3 s", "beside", "reads fail first", "reads throw first"),
    *("the state is missing first", "commit slow", "commit fails once"),
    *("commit fails every other time", "finish first"),
)
"""What the LMS gets and a teacher finds there; other kinds have tests of their own."""

WATCH_THE_BAR = """() => {
  window.untrue = [];
  const flat = (text) => text.replace(/\\s+/g, ' ').trim();
  setInterval(() => {
    const news = document.querySelector('.session [data-news]').dataset.news;
    if (!['saved', 'resent', 'left'].includes(news)) return;
    const saved = Object.values(parent.lms.saved || {});
    Array.from(document.querySelectorAll('[data-answer] textarea'), (area) => flat(area.value))
      .filter((text) => text && text.length < 255 && !saved.includes(text))
      .forEach((text) => window.untrue.push(text));
  }, 20);
}"""
"""Notes each answer that the LMS does not have while the bar says "saved"."""

NO_STORAGE = """for (const name of ['localStorage', 'sessionStorage', 'indexedDB'])
  Object.defineProperty(window, name, { get() { throw new DOMException('', 'SecurityError') } })"""


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    return packages(tmp_path_factory)


class Sittings:
    """One person's sittings in a package, one after the other in one browser."""

    def __init__(self, page: Page, package: Path, standard: Standard) -> None:
        self.page, self.package, self.standard = page, package, standard
        self.saved: dict[str, str] = {}
        self.player: Player | None = None

    def open(self, kind: str = "") -> Player:
        """Open the package with what the LMS saved last."""
        odd = f"window.oddLms = {kind!r};" if kind else ""
        start = f"{odd} window.lmsStart = {{ model: {self.saved} }}"
        self.player = play(self.page, self.package, script=self.standard.runtime + ODD, start=start)
        self.player.frame.evaluate(WATCH_THE_BAR)
        return self.player

    def close(self) -> None:
        """Leave the LMS's page; then somebody else logs in."""
        assert self.player
        untrue = self.player.frame.evaluate("window.untrue")
        self.page.evaluate("lmsClose()")
        self.player.close_frame()
        self.saved = self.page.evaluate("lms.saved") or self.saved
        self.page.evaluate("localStorage.clear()")
        assert untrue == []

    def shows(self, answers: dict[str, str]) -> None:
        """Wait until the boxes hold these answers."""
        player = self.player
        assert player
        until(self.page, lambda: answers_of(player) == answers)

    def found(self, question: str) -> str:
        """Return the answer that a teacher finds."""
        return self.standard.response_of(self.saved, question)


@pytest.fixture
def sittings(open_page: OpenPage, package: Package, standard: Standard) -> Sittings:
    return Sittings(open_page(locale="en-GB"), package(standard), standard)


def bar(player: Player, words: str) -> None:
    player.frame.locator(".session [data-news]", has_text=words).wait_for()


def is_saved(player: Player) -> None:
    """Wait until the bar says so."""
    player.frame.locator(".session :is([data-news=saved], [data-news=resent])").wait_for()


@pytest.mark.parametrize("kind", KINDS)
def test_no_answer_is_lost_and_the_teacher_finds_each(sittings: Sittings, kind: str) -> None:
    """The second sitting ends one second after the last word."""
    player = sittings.open(kind)
    answer(player, "who-buys", "We do")
    is_saved(player)
    sittings.close()
    assert sittings.found("who-buys") == "We do"

    player = sittings.open(kind)
    sittings.shows({"who-buys": "We do", "who-sells": ""})
    player.frame.locator("#a-who-sells").press_sequentially("She does")
    sittings.page.wait_for_timeout(1000)
    sittings.close()

    player = sittings.open(kind)
    sittings.shows({"who-buys": "We do", "who-sells": "She does"})
    is_saved(player)
    sittings.close()
    assert (sittings.found("who-buys"), sittings.found("who-sells")) == ("We do", "She does")
    assert sittings.standard.comments_of(sittings.saved) in (
        {"1": "We do", "2": "She does"},
        {"who-buys": "We do", "who-sells": "She does"},
    )


def test_mandatory_elements_are_enough_to_return(sittings: Sittings) -> None:
    player = sittings.open("mandatory only")
    answer(player, "who-buys", "We do")
    is_saved(player)
    player.frame.evaluate("window.untrue = []")  # there is no report to look at
    player.frame.evaluate("document.querySelector('.session [data-news]').dataset.news = ''")
    sittings.close()
    sittings.open("mandatory only")
    sittings.shows({"who-buys": "We do", "who-sells": ""})


@pytest.mark.parametrize("kind", ["late 3 s", "reads fail first", "the state is missing first"])
def test_what_is_typed_before_the_lms_is_there_does_not_replace_what_it_has(
    sittings: Sittings, kind: str
) -> None:
    player = sittings.open()
    answer(player, "who-buys", "We do")
    is_saved(player)
    sittings.close()
    forget_device(sittings.page)
    player = sittings.open(kind)
    answer(player, "who-buys", "Me")
    sittings.shows({"who-buys": "We do\n\nMe", "who-sells": ""})
    is_saved(player)
    sittings.close()
    assert sittings.found("who-buys") == "We do Me"


def forget_device(page: Page) -> None:
    page.evaluate("""new Promise((done) => {
      const request = indexedDB.deleteDatabase('minga');
      request.onsuccess = request.onblocked = done;
    })""")


@pytest.mark.parametrize("kind", ["commit fails always", "finish first"])
def test_what_the_lms_did_not_take_is_sent_the_next_time_and_told(
    sittings: Sittings, kind: str
) -> None:
    player = sittings.open(kind)
    if kind == "finish first":
        player.page.evaluate("lmsClose()")
    answer(player, "who-buys", "We do")
    bar(player, "saved on this device, and we keep trying")
    player.page.evaluate("window.lmsClose = () => {}")
    sittings.close()
    player = sittings.open()
    bar(player, "Sent: your course now has the work")
    sittings.shows({"who-buys": "We do", "who-sells": ""})
    sittings.close()
    assert sittings.found("who-buys") == "We do"


def test_what_the_lms_confirmed_and_lost_comes_back(sittings: Sittings) -> None:
    """It saves only some seconds later, and its page is closed before that."""
    player = sittings.open("commit late")
    answer(player, "who-buys", "We do")
    is_saved(player)
    player.frame.evaluate("document.querySelector('.session [data-news]').dataset.news = ''")
    player.frame.evaluate("window.untrue = []")
    sittings.close()
    assert sittings.saved == {}
    player = sittings.open()
    sittings.shows({"who-buys": "We do", "who-sells": ""})
    bar(player, "Sent: your course now has the work")
    sittings.close()
    assert sittings.found("who-buys") == "We do"


def test_without_storage_nothing_is_promised(sittings: Sittings) -> None:
    sittings.page.add_init_script(NO_STORAGE)
    player = sittings.open("commit fails always")
    answer(player, "who-buys", "We do")
    bar(player, "they are only on this page")
    assert player.frame.get_by_text("saved on this device").count() == 0


def test_columns_of_a_report_are_the_same_for_everybody(sittings: Sittings) -> None:
    """First pieces first, in the order of the questions; a later sitting keeps them up to date."""
    response = f"cmi.interactions.{{}}.{sittings.standard.response}"
    player = sittings.open()
    answer(player, "who-sells", "She does. " * 500)
    is_saved(player)
    sittings.close()
    saved = sittings.saved
    assert [saved[f"cmi.interactions.{n}.id"] for n in (0, 1)] == ["who-buys", "who-sells"]
    assert all(saved[f"cmi.interactions.{number}.type"] for number in (0, 1))
    assert not saved.get(response.format(0))
    count = saved["cmi.interactions._count"]
    assert int(count) > 2

    player = sittings.open()
    sittings.shows({"who-buys": "", "who-sells": "She does. " * 500})
    answer(player, "who-buys", "We do")
    is_saved(player)
    sittings.close()
    assert sittings.saved[response.format(0)] == "We do"
    assert sittings.saved["cmi.interactions._count"] == count
    assert sittings.found("who-sells") == ("She does. " * 500).strip()
