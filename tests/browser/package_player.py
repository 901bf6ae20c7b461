"""Package fixtures and the actions of a learner in a package."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Frame, Page

from courseware.parser.reader import read
from scorm_builder.build import build
from tests.browser.standards import Standard
from tests.support.lms_page import Player, play
from tests.support.small_module import write_module

TALL = {"width": 900, "height": 9000}
READER = {"viewport": TALL, "clock": True}
"""Options of ``open_page`` for a learner who reads all sections (``read_all``)."""
LONG_WAIT = 9000


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small module as a package; completion requires all sections and one answer."""
    folder = tmp_path_factory.mktemp("package")
    return build(read(write_module(folder, questions=1)), folder).path


def packages(factory: pytest.TempPathFactory, **options: Any) -> Callable[[Standard], Path]:
    """Return a function that builds the small module in a standard's format, once for each."""
    made: dict[str, Path] = {}

    def packaged(standard: Standard) -> Path:
        if standard.form not in made:
            folder = factory.mktemp(standard.form)
            module = read(write_module(folder, questions=1))
            made[standard.form] = build(module, folder, format_name=standard.form, **options).path
        return made[standard.form]

    return packaged


Window = Player | Page
"""The player in an LMS's frame, or the package in a window of its own."""


def _inside(window: Window) -> Frame | Page:
    return window.frame if isinstance(window, Player) else window


def answer(window: Window, question: str, text: str) -> None:
    """Fill in an answer and move the focus away."""
    area = _inside(window).locator(f"[data-answer={question}] textarea")
    area.fill(text)
    area.blur()


def read_all(window: Window) -> None:
    """Click once and advance the clock until all sections count as seen.

    The page must have been opened with the options ``READER``.
    """
    inside = _inside(window)
    inside.locator("h1").click()
    seen = "document.querySelectorAll('[data-nav][data-seen]').length === 5"
    advance_until(window, lambda: inside.evaluate(seen))


def until(page: Page, condition: Callable[[], Any]) -> None:
    """Wait until the condition is true, while the page keeps running."""
    for _ in range(600):
        if condition():
            return
        page.wait_for_timeout(30)
    raise AssertionError("the condition did not become true")


def stay(window: Window, ms: int) -> None:
    """Do nothing for that time, with the clock of a page opened with ``clock``."""
    page = window.page if isinstance(window, Player) else window
    page.wait_for_timeout(200)  # the browser reports visible elements in real time
    page.clock.run_for(ms)
    page.wait_for_timeout(50)


def advance_until(window: Window, condition: Callable[[], Any]) -> None:
    """Advance the clock of a page opened with ``clock`` until the condition is true."""
    page = window.page if isinstance(window, Player) else window
    for _ in range(200):
        if condition():
            return
        page.clock.run_for(200)
        page.wait_for_timeout(10)  # for what needs real time, such as requests
    raise AssertionError("the condition did not become true")


def reopen(page: Page, package: Path, player: Player, **options: Any) -> Player:
    """Open the package in a new window of the LMS, with the data that the LMS last saved."""
    saved = player.lms("JSON.stringify(lms.saved)")
    return play(page, package, start=f"window.lmsStart = {{ model: {saved} }}", **options)


def answers_of(window: Window) -> dict[str, str]:
    """The texts in the answer fields, by question."""
    script = """Object.fromEntries(Array.from(document.querySelectorAll('[data-answer]'),
      (box) => [box.dataset.answer, box.querySelector('textarea').value]))"""
    return dict(_inside(window).evaluate(script))
