"""Test harness for session.js: an LMS with switches and a manual clock."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from scorm_builder import runtime
from tests.support.files import support

SAVED = ["write incomplete state", "commit"]
"""The calls to the LMS after a change."""


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
    scripts = [*map(runtime.source, files), support("session_harness.js")]
    page.add_script_tag(content="\n".join(scripts))
    yield page
    page.close()


Act = Callable[[str], Any]


@pytest.fixture
def act(scripted: Page) -> Act:
    """Run JavaScript with a new harness ``s`` and its session ``q``; return the last line."""

    def run(lines: str, given: str = "{}") -> Any:
        *before, last = lines.strip().split("\n")
        body = ";\n".join(before)
        return scripted.evaluate(
            f"() => {{ const s = begin({given}), q = s.session;\n{body}\nreturn {last.strip()}; }}"
        )

    return run  # type: ignore[return-value]
