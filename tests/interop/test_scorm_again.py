"""A SCORM 1.2 package in scorm-again, a third-party runtime."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from courseware.parser.reader import read
from scorm_builder.build import build
from tests.browser.package_player import READER, answer, answers_of, package, read_all
from tests.support.chromium import OpenPage
from tests.support.lms_page import Player, play
from tests.support.npm import SCORM_AGAIN
from tests.support.small_module import write_module

pytestmark = [pytest.mark.browser, pytest.mark.interop]
__all__ = ["package"]

# Record the messages of the runtime, in which it reports rejected values.
_RUN = """
window.messages = [];
window.API = new Scorm12API({
  autocommit: false, mastery_override: Boolean(window.mastery), logLevel: 3,
  onLogMessage: (level, message) => window.messages.push(`${level} ${message}`),
});
if (window.mastery) window.API.cmi.student_data.mastery_score = window.mastery;
if (window.earlier) window.API.loadFromJSON(window.earlier, "");
"""


LONG = ("नगर सहयोग 👩🏽‍🌾 التعاون بين المدن " * 40).strip()


def open_package(
    page: Page, package: Path, earlier: dict[str, Any] | None = None, mastery: str = ""
) -> Player:
    runtime = (SCORM_AGAIN.folder() / "dist/scorm12.min.js").read_text("utf-8")
    start = f"window.earlier = {json.dumps(earlier)}; window.mastery = {mastery!r};"
    return play(page, package, script=runtime + _RUN, start=start)


def cmi(player: Player) -> dict[str, Any]:
    return dict(player.page.evaluate("JSON.parse(JSON.stringify(API.renderCMIToJSONObject().cmi))"))


def test_answer_leave_return_and_finish(open_page: OpenPage, package: Path) -> None:
    first = open_package(open_page(locale="es-AR"), package)
    answer(first, "who-buys", "Las vecinas.\n\nY «yo» también.")
    first.frame.get_by_role("link", name="English").click()
    first.frame.locator("[data-leave]").click()
    data = cmi(first)
    assert data["core"]["lesson_status"] == "incomplete"
    assert data["core"]["exit"] == "suspend"
    assert data["student_preference"]["language"] == "en"
    assert data["interactions"]["0"]["student_response"] == "Las vecinas. Y «yo» también."
    assert data["interactions"]["0"]["result"] == "neutral"
    assert len(data["objectives"]) == 5
    assert data["comments"] == "• 1. Las vecinas. Y «yo» también."
    assert first.page.evaluate("messages") == []

    data["core"]["entry"] = "resume"
    second = open_package(open_page(locale="es-AR", **READER), package, data)
    assert second.frame.locator("html").get_attribute("lang") == "en"
    assert answers_of(second)["who-buys"] == "Las vecinas.\n\nY «yo» también."
    read_all(second)
    second.page.wait_for_function("API.cmi.core.lesson_status === 'completed'")
    answer(second, "who-sells", LONG)
    answer(second, "who-buys", "Todas")
    second.close_frame()
    second.page.wait_for_function("API.isTerminated()")
    ended = cmi(second)
    assert ended["core"]["lesson_status"] == "completed"
    assert [one["status"] for one in ended["objectives"].values()] == ["completed"] * 5
    assert ended["comments"] == f"• 1. Todas • 2. {LONG}"
    assert second.page.evaluate("messages") == []


def test_opening_and_closing_completes_nothing(open_page: OpenPage, package: Path) -> None:
    player = open_package(open_page(), package)
    player.close_frame()
    player.page.wait_for_function("API.isTerminated()")
    assert cmi(player)["core"]["lesson_status"] == "incomplete"
    assert player.page.evaluate("messages") == []


@pytest.mark.parametrize(
    ("mastery", "status", "raw"), [(60, "passed", "83"), (90, "incomplete", "")]
)
def test_reaching_the_mastery_score_passes_and_below_it_nobody_fails(
    open_page: OpenPage, tmp_path: Path, mastery: int, status: str, raw: str
) -> None:
    built = build(read(write_module(tmp_path, questions=1, mastery=mastery)), tmp_path).path
    player = open_package(open_page(**READER), built, mastery=str(mastery))
    read_all(player)
    player.close_frame()
    player.page.wait_for_function("API.isTerminated()")
    core = cmi(player)["core"]
    assert (core["lesson_status"], core["score"]["raw"]) == (status, raw)
    assert player.page.evaluate("messages") == []
