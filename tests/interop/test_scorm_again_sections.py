"""Packages with one SCO per section in scorm-again, a third-party runtime."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from courseware.parser.reader import read
from scorm_builder.build import build
from tests.browser.package_player import TALL, answer, answers_of
from tests.support.chromium import OpenPage
from tests.support.lms_page import Player, play
from tests.support.npm import SCORM_AGAIN
from tests.support.small_module import write_module

pytestmark = [pytest.mark.browser, pytest.mark.interop]

_RUN = """
window.messages = [];
window.lmsApi = window.%(api)s = new %(constructor)s({
  autocommit: false, logLevel: 3, mastery_override: false,
  onLogMessage: (level, message) => window.messages.push(`${level} ${message}`),
});
if (window.earlier) window.lmsApi.loadFromJSON(window.earlier, "");
"""


@dataclass(frozen=True, slots=True)
class Runtime:
    """A runtime of scorm-again. ``status`` is the element of the completion status."""

    form: str
    file: str
    api: str
    constructor: str
    status: str


SCORM12 = Runtime("scorm12", "scorm12.min.js", "API", "Scorm12API", "core.lesson_status")
THIRD, FOURTH = (
    Runtime(name, "scorm2004.min.js", "API_1484_11", "Scorm2004API", "completion_status")
    for name in ("scorm2004-3", "scorm2004-4")
)
CASES = [
    ("introduction", SCORM12),
    ("videos", THIRD),
    ("readings", SCORM12),
    ("questions", SCORM12),
    ("questions", FOURTH),
    ("discussion", FOURTH),
]
"""Each section and each runtime; the pages of the two editions of SCORM 2004 are the same."""


def open_section(
    page: Page, package: Path, runtime: Runtime, section: str, earlier: dict[str, Any] | None
) -> Player:
    script = (SCORM_AGAIN.folder() / "dist" / runtime.file).read_text("utf-8")
    run = _RUN % {"api": runtime.api, "constructor": runtime.constructor}
    start = f"window.earlier = {json.dumps(earlier)};"
    return play(page, package, script=script + run, start=start, url=f"{section}.html")


def close_section(player: Player) -> dict[str, Any]:
    """Close the section as an LMS does, and return the data of the runtime."""
    player.close_frame()
    player.page.wait_for_function("lmsApi.isTerminated()")
    cmi = "JSON.parse(JSON.stringify(lmsApi.renderCMIToJSONObject().cmi))"
    return dict(player.page.evaluate(cmi))


def errors(player: Player) -> list[str]:
    """The messages of the runtime, without those about uninitialized values (403)."""
    messages = player.page.evaluate("messages")
    return [one for one in messages if "has not been initialized" not in one and "403" not in one]


@pytest.mark.parametrize(
    ("section", "runtime"), CASES, ids=lambda one: one.form if isinstance(one, Runtime) else one
)
def test_a_section_is_left_resumed_and_completed(
    open_page: OpenPage, tmp_path: Path, runtime: Runtime, section: str
) -> None:
    module = read(write_module(tmp_path, questions=1))
    package = build(module, tmp_path, format_name=runtime.form, per_section=True).path
    first = open_section(open_page(), package, runtime, section, None)
    first.frame.get_by_role("link", name="English").click()
    first_data = close_section(first)
    assert (
        first_data.get("completion_status", first_data.get("core", {}).get("lesson_status"))
        == "incomplete"
    )
    assert errors(first) == []

    second = open_section(open_page(viewport=TALL), package, runtime, section, first_data)
    assert second.frame.locator("html").get_attribute("lang") == "en"
    if section == "questions":
        answer(second, "who-buys", "We do")
    second.frame.locator("h1").click()
    second.page.wait_for_function(f"lmsApi.cmi.{runtime.status} === 'completed'")
    second_data = close_section(second)
    assert errors(second) == []

    if section == "questions":
        third = open_section(open_page(), package, runtime, section, second_data)
        assert answers_of(third)["who-buys"] == "We do"
