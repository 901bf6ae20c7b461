"""A stage for the tests of session.js: an LMS made of switches, a clock that moves when told."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from scorm_builder import runtime
from tests.support.files import support

SAVED = ["write incomplete state", "commit"]
"""What the stage's LMS is told when something changed."""


@pytest.fixture(scope="module")
def scripted(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page()
    files = (
        "codec.js",
        "state.js",
        "measure.js",
        "session_state.js",
        "session_timing.js",
        "session.js",
    )
    page.add_script_tag(content="\n".join(map(runtime.source, files)) + support("session_stage.js"))
    yield page
    page.close()


Act = Callable[[str], Any]


@pytest.fixture
def act(scripted: Page) -> Act:
    """Run JavaScript about a new stage ``s`` and its session ``q``; the last line is returned."""

    def run(lines: str, given: str = "{}") -> Any:
        *before, last = lines.strip().split("\n")
        body = ";\n".join(before)
        return scripted.evaluate(
            f"() => {{ const s = begin({given}), q = s.session;\n{body}\nreturn {last.strip()}; }}"
        )

    return run  # type: ignore[return-value]
