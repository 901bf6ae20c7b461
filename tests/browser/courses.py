"""One learner's data in an LMS, with the same interface for SCORM and cmi5.

A SCORM package calls a JavaScript object in the parent page (``strict_scorm12.js``,
``strict_scorm2004.js``), a cmi5 package sends HTTP requests to an LMS (``cmi5_lms.py``). ``Course``
is the interface that the tests of faulty LMSs use for both.
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

BROKEN, REJECTING, DROPPING = "broken", "rejecting", "dropping"
"""Faults of an LMS: every call fails; saving fails; the connection is lost and saving still
reports success (in SCORM, where a package could believe it)."""

_ONLINE = "window.dispatchEvent(new Event('online'))"
_STOP_REQUESTS = "() => { window.fetch = () => new Promise(() => {}) }"


class Course(Protocol):
    """One learner's enrolment: the data that arrived at the LMS, from any window."""

    def open(self, page: Page, *, dead: bool = False) -> Player:
        """Open the package with the saved data; ``dead`` is an LMS that never responds."""

    def open_alone(self, page: Page) -> Player:
        """Open the same page without an LMS."""

    def kill(self, player: Player) -> None:
        """Ignore everything that a page sends from now on, as if its process had died."""

    def close(self, player: Player) -> None:
        """Close the page as a user does, and receive what it sends while closing."""

    def fault(self, player: Player, name: str) -> AbstractContextManager[None]:
        """Apply one of the faults above; afterwards, send the page an ``online`` event."""

    @property
    def all_seen(self) -> bool:
        """Whether all sections are recorded as seen and the module is not completed."""

    @property
    def completed(self) -> bool:
        """Whether the module is recorded as completed."""

    @property
    def terminated(self) -> bool:
        """Whether the last session was terminated."""

    @property
    def captions(self) -> bool | None:
        """The learner's caption preference; None if it is not set."""

    def answer(self, question: str) -> str:
        """The answer in the LMS's report, white space normalized; empty if there is none."""

    @property
    def refusals(self) -> list[str]:
        """The calls that violated the standard."""


class ScormCourse:
    """An LMS whose runtime is a JavaScript object in the page (SCORM)."""

    def __init__(self, standard: Standard, package: Path) -> None:
        self.standard = standard
        self.package = package
        self._player: Player | None = None
        self._saved = "null"
        self._refusals: list[str] = []

    def open(self, page: Page, *, dead: bool = False) -> Player:
        self._store()
        script = _failing_runtime(self.standard) if dead else self.standard.runtime
        start = f"window.lmsStart = {{ model: {self._saved} }}"
        player = play(page, self.package, script=script, start=start)
        self._player = None if dead else player
        return player

    def open_alone(self, page: Page) -> Player:
        return play(page, self.package, script="")

    def kill(self, player: Player) -> None:
        self._store()

    def close(self, player: Player) -> None:
        player.close_frame()

    @contextmanager
    def fault(self, player: Player, name: str) -> Iterator[None]:
        player.page.evaluate(f"lms.{name} = true")
        player.page.context.set_offline(name == DROPPING)
        yield
        player.page.evaluate(f"lms.{name} = false")
        player.page.context.set_offline(False)
        player.frame.evaluate(_ONLINE)

    @property
    def all_seen(self) -> bool:
        return bool(self.saved.get(self.standard.status) == "incomplete")

    @property
    def completed(self) -> bool:
        return bool(self.saved.get(self.standard.status) == "completed")

    @property
    def terminated(self) -> bool:
        return bool(self._player and self._player.lms("lms.phase") == "finished")

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
        """The elements as last committed, within the standard's limits."""
        found: dict[str, str] = (self._player.lms("lms.saved") if self._player else None) or {}
        assert len(found.get(self.standard.state, "")) <= self.standard.longest_state
        return found

    def _store(self) -> None:
        """Store what the last window committed, as the start of the next one."""
        if self._player:
            self._saved = self._player.lms("JSON.stringify(lms.saved)")
            self._refusals += self._player.lms("lms.refusals")
            self._player = None


class Cmi5Course:
    """An LMS with an HTTP interface (cmi5)."""

    def __init__(self, lms: Lms) -> None:
        self.lms = lms

    def open(self, page: Page, *, dead: bool = False) -> Player:
        self.lms.down = dead
        return self._open(page, self.lms.launch())

    def open_alone(self, page: Page) -> Player:
        return self._open(page, f"{self.lms.origin}/content/index.html")

    def _open(self, page: Page, url: str) -> Player:
        page.goto(url)
        page.wait_for_selector("[data-package]:not([hidden])")
        return Player(page, [])

    def kill(self, player: Player) -> None:
        player.page.evaluate(_STOP_REQUESTS)

    def close(self, player: Player) -> None:
        waiting = player.page.context.new_page()
        player.page.close(run_before_unload=False)
        until(waiting, lambda: self.terminated)

    @contextmanager
    def fault(self, player: Player, name: str) -> Iterator[None]:
        page, lrs = player.page, "**/lrs/**"
        self.lms.down = name == BROKEN
        page.context.set_offline(name == DROPPING)
        if name == REJECTING:
            page.route(lrs, lambda route: route.abort())
        yield
        page.unroute(lrs)
        page.context.set_offline(False)
        self.lms.down = False
        player.frame.evaluate(_ONLINE)

    @property
    def all_seen(self) -> bool:
        return set(self.lms.seen) == set(SECTIONS) and not self.completed

    @property
    def completed(self) -> bool:
        return "completed" in self.lms.verbs

    @property
    def terminated(self) -> bool:
        return self.lms.verbs[-1:] == ["terminated"]

    @property
    def captions(self) -> bool | None:
        return self.lms.state_document.get("captions")

    def answer(self, question: str) -> str:
        return self.lms.answers.get(question, "")

    @property
    def refusals(self) -> list[str]:
        return self.lms.refusals


def _failing_runtime(standard: Standard) -> str:
    """Return a runtime whose every function throws."""
    return f"""window.{standard.api} = new Proxy({{}}, {{
      get: () => () => {{ throw new Error('down') }},
    }});"""


_SCORM = {standard.form: standard for standard in STANDARDS}
FORMS = (*_SCORM, "cmi5")
"""The formats that an LMS plays, each tested with every fault."""


@contextmanager
def course_of(form: str, package: Path) -> Iterator[Course]:
    """Run an LMS with the package, in one of ``FORMS``, and one enrolled learner."""
    if form in _SCORM:
        yield ScormCourse(_SCORM[form], package)
        return
    with lms_of(package) as lms:
        yield Cmi5Course(lms)
