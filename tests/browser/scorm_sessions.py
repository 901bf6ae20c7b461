"""Sessions with a strict runtime and the adapter of a standard, on a page without a package.

For what only the session and the adapter decide (``scorm_session.js``), in a fraction of the time
of loading a package.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from scorm_builder import runtime
from tests.browser.standards import Standard
from tests.support.files import support
from tests.support.lms_page import ORIGIN
from tests.support.small_module import SECTIONS

_FILES = (
    *("codec.js", "state.js", "find_api.js", "measure.js", "session_state.js", "session_timing.js"),
    *("session.js", "api_client.js", "collection.js", "scorm12_comments.js", "scorm12.js"),
    "scorm2004.js",
)
_BEGIN = """() => {{
  window.API = window.API_1484_11 = undefined;
  window.lmsStart = {start};
  window.oddLms = {kind};
  {runtime}
  {odd}
  {device}
  Object.assign(window, beginScormSession({api}, {{ ...{given}, texts: window.device }}));
}}"""


class ScormSession:
    """One session; it ends with ``leave`` or ``close``, or when the next one begins."""

    def __init__(self, page: Page, standard: Standard) -> None:
        self.page = page
        self.standard = standard

    def lms(self, expression: str) -> Any:
        """Evaluate an expression about ``lms``, the strict runtime."""
        return self.page.evaluate(expression)

    def answer(self, question: str, text: str) -> None:
        """Write an answer and move the focus away, which saves it."""
        self.page.evaluate(
            "([id, text]) => { session.answer(id, text); session.save() }", [question, text]
        )

    def type(self, question: str, text: str) -> None:
        """Write an answer and keep the focus."""
        self.page.evaluate("([id, text]) => { session.answer(id, text) }", [question, text])

    def save(self) -> None:
        """Save what is not saved, as the page does when the connection is back."""
        self.page.evaluate("() => { session.save() }")

    def see(self, *sections: str) -> None:
        """See the ends of these sections; of all if none is given."""
        self.page.evaluate("(ids) => ids.forEach(session.seen)", list(sections or SECTIONS))

    def stay(self, ms: int) -> None:
        """Let time pass."""
        self.page.clock.run_for(ms)

    def stay_until(self, *statuses: str) -> None:
        """Let time pass until the bar has one of these statuses."""
        for _ in range(60):
            if self.status in statuses:
                return
            self.stay(1000)
        raise AssertionError(f"not {statuses}, but {self.status}")

    def leave(self) -> None:
        """Click on Save and leave."""
        self.page.evaluate("() => { session.leave() }")

    def close(self) -> None:
        """Close the page without leaving."""
        self.page.evaluate("() => { session.pageHidden(false) }")

    @property
    def status(self) -> str:
        """The kind of the last message of the bar."""
        return str(self.page.evaluate("messages.at(-1)"))

    @property
    def answers(self) -> dict[str, str]:
        """The answers that the page would show."""
        return dict(self.page.evaluate("session.answers()"))

    @property
    def saved(self) -> dict[str, str]:
        """The data that was committed last; empty if there is none."""
        return dict(self.page.evaluate("lms.saved || {}"))

    @property
    def untrue(self) -> list[str]:
        """The short answers that the LMS did not have when the bar said that they are saved."""
        return list(self.page.evaluate("untrue"))

    @property
    def refusals(self) -> list[str]:
        return list(self.page.evaluate("lms.refusals"))


Begin = Callable[..., ScormSession]


@pytest.fixture(scope="module")
def scripted(chromium: Browser) -> Iterator[Page]:
    """An empty page of the LMS with a clock and the scripts of both standards."""
    context = chromium.new_context()
    context.clock.install()
    page = context.new_page()
    page.route("**/*", lambda route: route.fulfill(body="", content_type="text/html"))
    page.goto(ORIGIN)
    scripts = [*map(runtime.source, _FILES), support("scorm_session.js")]
    page.add_script_tag(content="\n".join(scripts))
    yield page
    context.close()


@pytest.fixture
def begin(scripted: Page) -> Begin:
    """A function that begins a session.

    ``model`` is the data of the LMS, such as ``saved`` of an earlier session; ``lms`` has further
    options of the runtime; ``kind`` is one of ``odd_lms.js``; ``mastery`` is that of the module;
    on the ``same_device`` is what the session before kept there.
    """

    def begun(
        standard: Standard,
        model: Mapping[str, str] | None = None,
        *,
        kind: str = "",
        mastery: int | None = None,
        same_device: bool = False,
        **lms: Any,
    ) -> ScormSession:
        given = {"sections": SECTIONS, "mastery": mastery}
        script = _BEGIN.format(
            start=json.dumps({**lms, "model": dict(model or {})}),
            kind=json.dumps(kind),
            runtime=standard.runtime,
            odd=support("odd_lms.js"),
            api=json.dumps(standard.api),
            given=json.dumps(given),
            device="" if same_device else "window.device = {};",
        )
        scripted.evaluate(script)
        return ScormSession(scripted, standard)

    return begun
