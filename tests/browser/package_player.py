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
    """Click once and wait until all sections count as seen; the window must be ``TALL``."""
    _inside(window).locator("h1").click()
    _inside(window).wait_for_function(
        "document.querySelectorAll('[data-nav][data-seen]').length === 5", timeout=LONG_WAIT
    )


def until(page: Page, condition: Callable[[], Any]) -> None:
    """Wait until the condition is true, while the page keeps running."""
    for _ in range(200):
        if condition():
            return
        page.wait_for_timeout(100)
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
