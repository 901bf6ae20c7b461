"""What an LMS has of one person in one package, asked alike in every standard.

A SCORM package speaks to an object in the page around it (``strict_scorm12.js`` and its sister), a
cmi5 package to an LMS over HTTP (``cmi5_lms.py``). ``Course`` is what the tests of all weathers
need to know of either.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Protocol

from playwright.sync_api import Page

from tests.browser.package_player import until
from tests.browser.standards import STANDARDS, Standard
from tests.support.cmi5_lms import Lms, lms_of
from tests.support.lms_page import Player, play
from tests.support.small_module import SECTIONS

BROKEN, DEAF, LYING = "broken", "deaf", "lying"
"""It fails at every call; it takes nothing; the connection is gone, and it says that it has saved
(where a package could believe that)."""

_ONLINE = "window.dispatchEvent(new Event('online'))"
_SILENT = "() => { window.fetch = () => new Promise(() => {}) }"


class Course(Protocol):
    """One person's enrolment. What it tells is what arrived, whichever window sent it."""

    def open(self, page: Page, *, dead: bool = False) -> Player:
        """Open the package with all that the LMS has; ``dead`` is an LMS that never answers."""

    def open_alone(self, page: Page) -> Player:
        """Open the same page with no LMS around it."""

    def kill(self, player: Player) -> None:
        """Let nothing more be heard from a page, like one whose process has died."""

    def close(self, player: Player) -> None:
        """Close the page as people do, and hear what it still had to say."""

    def weather(self, player: Player, name: str) -> AbstractContextManager[None]:
        """Let one of the weathers above come, and go; that it went is told to the page."""

    @property
    def under_way(self) -> bool:
        """Whether it knows that the module was seen whole, and is not finished."""

    @property
    def completed(self) -> bool:
        """Whether it takes the module for finished."""

    @property
    def left(self) -> bool:
        """Whether the last sitting was ended as it should be."""

    @property
    def captions(self) -> bool | None:
        """Whether the person wants captions; None where nobody has said."""

    def answer(self, question: str) -> str:
        """The answer that it would show a teacher; white space may differ. Empty without one."""

    @property
    def refusals(self) -> list[str]:
        """What it had to refuse, because the standard does not allow it."""


class ScormCourse:
    """An LMS whose runtime is an object in the page."""

    def __init__(self, standard: Standard, package: Path) -> None:
        self.standard = standard
        self.package = package
        self._player: Player | None = None
        self._saved = "null"
        self._refusals: list[str] = []

    def open(self, page: Page, *, dead: bool = False) -> Player:
        self._keep()
        script = _stops(self.standard) if dead else self.standard.runtime
        start = f"window.lmsStart = {{ model: {self._saved} }}"
        player = play(page, self.package, script=script, start=start)
        self._player = None if dead else player
        return player

    def open_alone(self, page: Page) -> Player:
        return play(page, self.package, script="")

    def kill(self, player: Player) -> None:
        self._keep()

    def close(self, player: Player) -> None:
        player.close_frame()

    @contextmanager
    def weather(self, player: Player, name: str) -> Iterator[None]:
        player.page.evaluate(f"lms.{name} = true")
        player.page.context.set_offline(name == LYING)
        yield
        player.page.evaluate(f"lms.{name} = false")
        player.page.context.set_offline(False)
        player.frame.evaluate(_ONLINE)

    @property
    def under_way(self) -> bool:
        return bool(self.saved.get(self.standard.status) == "incomplete")

    @property
    def completed(self) -> bool:
        return bool(self.saved.get(self.standard.status) == "completed")

    @property
    def left(self) -> bool:
        return bool(self._player and self._player.lms("lms.stage") == "finished")

    @property
    def captions(self) -> bool | None:
        return {"-1": False, "1": True}.get(self.saved.get(self.standard.captions, ""))

    def answer(self, question: str) -> str:
        saved = self.saved
        return self.standard.response_of(saved, question) if saved else ""

    @property
    def refusals(self) -> list[str]:
        return [*self._refusals, *(self._player.lms("lms.refusals") if self._player else [])]

    @property
    def saved(self) -> dict[str, str]:
        """The elements as they were committed last, within the standard's limits."""
        found: dict[str, str] = (self._player.lms("lms.saved") if self._player else None) or {}
        assert len(found.get(self.standard.state, "")) <= self.standard.longest_state
        return found

    def _keep(self) -> None:
        """Take over what the last window committed: the next begins with it."""
        if self._player:
            self._saved = self._player.lms("JSON.stringify(lms.saved)")
            self._refusals += self._player.lms("lms.refusals")
            self._player = None


class Cmi5Course:
    """An LMS that is asked over HTTP."""

    def __init__(self, lms: Lms) -> None:
        self.lms = lms

    def open(self, page: Page, *, dead: bool = False) -> Player:
        self.lms.down = dead
        return self._opened(page, self.lms.launch())

    def open_alone(self, page: Page) -> Player:
        return self._opened(page, f"{self.lms.origin}/content/index.html")

    def _opened(self, page: Page, url: str) -> Player:
        page.goto(url)
        page.wait_for_selector("[data-package]:not([hidden])")
        return Player(page, [])

    def kill(self, player: Player) -> None:
        player.page.evaluate(_SILENT)

    def close(self, player: Player) -> None:
        waiting = player.page.context.new_page()
        player.page.close(run_before_unload=False)
        until(waiting, lambda: self.left)

    @contextmanager
    def weather(self, player: Player, name: str) -> Iterator[None]:
        page, lrs = player.page, "**/lrs/**"
        self.lms.down = name == BROKEN
        page.context.set_offline(name == LYING)
        if name == DEAF:
            page.route(lrs, lambda route: route.abort())
        yield
        page.unroute(lrs)
        page.context.set_offline(False)
        self.lms.down = False
        player.frame.evaluate(_ONLINE)

    @property
    def under_way(self) -> bool:
        return set(self.lms.seen) == set(SECTIONS) and not self.completed

    @property
    def completed(self) -> bool:
        return "completed" in self.lms.verbs

    @property
    def left(self) -> bool:
        return self.lms.verbs[-1:] == ["terminated"]

    @property
    def captions(self) -> bool | None:
        return self.lms.remembered.get("captions")

    def answer(self, question: str) -> str:
        return self.lms.answers.get(question, "")

    @property
    def refusals(self) -> list[str]:
        return self.lms.refusals


def _stops(standard: Standard) -> str:
    """Return a runtime whose every function throws."""
    return f"""window.{standard.api} = new Proxy({{}}, {{
      get: () => () => {{ throw new Error('down') }},
    }});"""


_SCORM = {standard.form: standard for standard in STANDARDS}
FORMS = (*_SCORM, "cmi5")
"""The formats that an LMS plays, each in every weather."""


@contextmanager
def course_of(form: str, package: Path) -> Iterator[Course]:
    """Run an LMS that has imported the package, in one of ``FORMS``, and enrolled somebody."""
    if form in _SCORM:
        yield ScormCourse(_SCORM[form], package)
        return
    with lms_of(package) as lms:
        yield Cmi5Course(lms)
