"""A package played by scorm-again, a runtime that we did not write."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from courseware.parser.reader import read
from scorm_builder.build import build
from tests.browser.package_player import TALL, answer, answers_of, package, read_all
from tests.support.chromium import OpenPage
from tests.support.lms_page import Player, play
from tests.support.npm import SCORM_AGAIN
from tests.support.small_module import write_module

pytestmark = [pytest.mark.browser, pytest.mark.interop]
__all__ = ["package"]

# What the runtime throws away or refuses must not go unseen: it says so on the console.
_RUN = """
window.said = [];
window.API = new Scorm12API({
  autocommit: false, mastery_override: Boolean(window.mastery), logLevel: 3,
  onLogMessage: (level, message) => window.said.push(`${level} ${message}`),
});
if (window.mastery) window.API.cmi.student_data.mastery_score = window.mastery;
if (window.earlier) window.API.loadFromJSON(window.earlier, "");
"""


LONG = ("नगर सहयोग 👩🏽‍🌾 التعاون بين المدن " * 40).strip()


def played(
    page: Page, package: Path, earlier: dict[str, Any] | None = None, mastery: str = ""
) -> Player:
    runtime = (SCORM_AGAIN.folder() / "dist/scorm12.min.js").read_text("utf-8")
    start = f"window.earlier = {json.dumps(earlier)}; window.mastery = {mastery!r};"
    return play(page, package, script=runtime + _RUN, start=start)


def cmi(player: Player) -> dict[str, Any]:
    return dict(player.page.evaluate("JSON.parse(JSON.stringify(API.renderCMIToJSONObject().cmi))"))


def test_answer_leave_return_and_finish(open_page: OpenPage, package: Path) -> None:
    first = played(open_page(locale="es-AR"), package)
    answer(first, "who-buys", "Las vecinas.\n\nY «yo» también.")
    first.frame.get_by_role("link", name="English").click()
    first.frame.locator("[data-leave]").click()
    kept = cmi(first)
    assert kept["core"]["lesson_status"] == "incomplete"
    assert kept["core"]["exit"] == "suspend"
    assert kept["student_preference"]["language"] == "en"
    assert kept["interactions"]["0"]["student_response"] == "Las vecinas. Y «yo» también."
    assert kept["interactions"]["0"]["result"] == "neutral"
    assert len(kept["objectives"]) == 5
    assert kept["comments"] == "• 1. Las vecinas. Y «yo» también."
    assert first.page.evaluate("said") == []

    kept["core"]["entry"] = "resume"
    second = played(open_page(locale="es-AR", viewport=TALL), package, kept)
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
    assert second.page.evaluate("said") == []


def test_opening_and_closing_passes_nobody(open_page: OpenPage, package: Path) -> None:
    player = played(open_page(), package)
    player.close_frame()
    player.page.wait_for_function("API.isTerminated()")
    assert cmi(player)["core"]["lesson_status"] == "incomplete"
    assert player.page.evaluate("said") == []


@pytest.mark.parametrize(
    ("mastery", "status", "raw"), [(60, "passed", "83"), (90, "incomplete", "")]
)
def test_a_mastery_passes_from_its_share_on_and_fails_nobody(
    open_page: OpenPage, tmp_path: Path, mastery: int, status: str, raw: str
) -> None:
    asking = build(read(write_module(tmp_path, questions=1, mastery=mastery)), tmp_path).path
    player = played(open_page(viewport=TALL), asking, mastery=str(mastery))
    read_all(player)
    player.close_frame()
    player.page.wait_for_function("API.isTerminated()")
    core = cmi(player)["core"]
    assert (core["lesson_status"], core["score"]["raw"]) == (status, raw)
    assert player.page.evaluate("said") == []
