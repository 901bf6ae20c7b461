"""An SCO for each section, each played by scorm-again, a runtime that we did not write."""

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
from tests.support.small_module import SECTIONS, write_module

pytestmark = [pytest.mark.browser, pytest.mark.interop]

_RUN = """
window.said = [];
window.lmsApi = window.%(api)s = new %(maker)s({
  autocommit: false, logLevel: 3, mastery_override: false,
  onLogMessage: (level, message) => window.said.push(`${level} ${message}`),
});
if (window.earlier) window.lmsApi.loadFromJSON(window.earlier, "");
"""


@dataclass(frozen=True, slots=True)
class Runtime:
    """One of scorm-again's: ``status`` is where a completion stands."""

    form: str
    file: str
    api: str
    maker: str
    status: str


RUNTIMES = (
    Runtime("scorm12", "scorm12.min.js", "API", "Scorm12API", "core.lesson_status"),
    *(
        Runtime(name, "scorm2004.min.js", "API_1484_11", "Scorm2004API", "completion_status")
        for name in ("scorm2004-3", "scorm2004-4")
    ),
)


@pytest.fixture(scope="module", params=RUNTIMES, ids=lambda runtime: runtime.form)
def runtime(request: pytest.FixtureRequest) -> Runtime:
    assert isinstance(request.param, Runtime)
    return request.param


@pytest.fixture(scope="module")
def package(runtime: Runtime, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package")
    module = read(write_module(folder, questions=1))
    return build(module, folder, format_name=runtime.form, per_section=True).path


def played(
    page: Page, package: Path, runtime: Runtime, section: str, earlier: dict[str, Any] | None
) -> Player:
    script = (SCORM_AGAIN.folder() / "dist" / runtime.file).read_text("utf-8")
    run = _RUN % {"api": runtime.api, "maker": runtime.maker}
    start = f"window.earlier = {json.dumps(earlier)};"
    return play(page, package, script=script + run, start=start, url=f"{section}.html")


def ended(player: Player) -> dict[str, Any]:
    """Close the section as an LMS does, and return what the runtime then holds."""
    player.close_frame()
    player.page.wait_for_function("lmsApi.isTerminated()")
    cmi = "JSON.parse(JSON.stringify(lmsApi.renderCMIToJSONObject().cmi))"
    return dict(player.page.evaluate(cmi))


def complaints(player: Player) -> list[str]:
    """What the runtime found fault with; that nothing is there yet to resume (403) is no fault."""
    said = player.page.evaluate("said")
    return [one for one in said if "has not been initialized" not in one and "403" not in one]


@pytest.mark.parametrize("section", SECTIONS)
def test_left_resumed_and_completed(
    open_page: OpenPage, package: Path, runtime: Runtime, section: str
) -> None:
    first = played(open_page(), package, runtime, section, None)
    first.frame.get_by_role("link", name="English").click()
    left = ended(first)
    assert left.get("completion_status", left.get("core", {}).get("lesson_status")) == "incomplete"
    assert complaints(first) == []

    second = played(open_page(viewport=TALL), package, runtime, section, left)
    assert second.frame.locator("html").get_attribute("lang") == "en"
    if section == "questions":
        answer(second, "who-buys", "We do")
    second.frame.locator("h1").click()
    second.page.wait_for_function(f"lmsApi.cmi.{runtime.status} === 'completed'")
    done = ended(second)
    assert complaints(second) == []

    if section == "questions":
        third = played(open_page(), package, runtime, section, done)
        assert answers_of(third)["who-buys"] == "We do"
