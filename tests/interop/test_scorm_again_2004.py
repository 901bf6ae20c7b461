"""A SCORM 2004 package of each edition in scorm-again, a third-party runtime.

The pages of the editions are the same (``formats/test_scorm2004.py``), so they share the cases.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from courseware.parser.reader import read
from scorm_builder.build import build
from tests.browser.package_player import READER, answer, answers_of, read_all
from tests.support.chromium import OpenPage
from tests.support.lms_page import Player, play
from tests.support.npm import SCORM_AGAIN
from tests.support.small_module import write_module

pytestmark = [pytest.mark.browser, pytest.mark.interop]

# Record the messages of the runtime, in which it reports rejected values.
_RUN = """
window.messages = [];
window.API_1484_11 = new Scorm2004API({
  autocommit: false, logLevel: 3, mastery_override: false,
  onLogMessage: (level, message) => window.messages.push(`${level} ${message}`),
});
if (window.mastery) window.API_1484_11.cmi.scaled_passing_score = window.mastery;
if (window.earlier) window.API_1484_11.loadFromJSON(window.earlier, "");
"""
LONG_TEXT = "नगर सहयोग 👩🏽‍🌾 التعاون "


def small_package(folder: Path, form: str, mastery: int | None = None) -> Path:
    """The small module; completion requires all sections and one answer."""
    module = read(write_module(folder, questions=1, mastery=mastery))
    return build(module, folder, format_name=form).path


def open_package(
    page: Page, package: Path, earlier: dict[str, Any] | None = None, mastery: str = ""
) -> Player:
    runtime = (SCORM_AGAIN.folder() / "dist/scorm2004.min.js").read_text("utf-8")
    start = f"window.earlier = {json.dumps(earlier)}; window.mastery = {mastery!r};"
    return play(page, package, script=runtime + _RUN, start=start)


def cmi(player: Player) -> dict[str, Any]:
    script = "JSON.parse(JSON.stringify(API_1484_11.renderCMIToJSONObject().cmi))"
    return dict(player.page.evaluate(script))


def errors(player: Player) -> list[str]:
    """The messages of the runtime, without those about uninitialized values (403)."""
    messages = player.page.evaluate("messages")
    return [one for one in messages if "has not been initialized" not in one and "403" not in one]


def test_answer_leave_return_and_finish(open_page: OpenPage, tmp_path: Path) -> None:
    package = small_package(tmp_path, "scorm2004-4")
    first = open_package(open_page(locale="es-AR"), package)
    answer(first, "who-buys", "{Las} vecinas.\n\nY «yo» también.")
    answer(first, "who-sells", LONG_TEXT * 250)
    first.frame.get_by_role("link", name="English").click()
    first.frame.locator("[data-leave]").click()
    data = cmi(first)
    assert data["completion_status"] == "incomplete"
    assert data["success_status"] == "unknown"
    assert data["learner_preference"]["language"] == "en"
    interactions = data["interactions"]
    assert [interactions[number]["id"] for number in sorted(interactions)] == [
        "who-buys",
        "who-sells",
        "who-sells_2",
    ]
    assert interactions["0"]["learner_response"].strip() == "{Las} vecinas. Y «yo» también."
    assert interactions["0"]["type"] == "long-fill-in"
    assert len(data["objectives"]) == 5
    comments = data["comments_from_learner"]
    assert [comments[number]["location"] for number in sorted(comments)] == [
        "who-buys",
        "who-sells",
        "who-sells_2",
    ]
    assert comments["0"]["comment"] == "{lang=es} {Las} vecinas. Y «yo» también."
    pieces = [comments[number]["comment"].removeprefix("{lang=es}") for number in ("1", "2")]
    assert " ".join(pieces) == (LONG_TEXT * 250).strip()
    assert errors(first) == []

    second = open_package(open_page(locale="es-AR", **READER), package, data)
    assert second.frame.locator("html").get_attribute("lang") == "en"
    assert answers_of(second) == {
        "who-buys": "{Las} vecinas.\n\nY «yo» también.",
        "who-sells": LONG_TEXT * 250,
    }
    read_all(second)
    second.page.wait_for_function("API_1484_11.cmi.completion_status === 'completed'")
    answer(second, "who-sells", "Short")
    second.close_frame()
    second.page.wait_for_function("API_1484_11.isTerminated()")
    ended = cmi(second)
    assert (ended["completion_status"], ended["success_status"]) == ("completed", "unknown")
    assert float(ended["progress_measure"]) == 1
    objectives = ended["objectives"].values()
    assert [one["completion_status"] for one in objectives] == ["completed"] * 5
    written = [ended["comments_from_learner"][number]["comment"] for number in sorted(comments)]
    assert written == [comments["0"]["comment"], "{lang=en}Short", ""]
    assert errors(second) == []


def test_opening_and_closing_completes_nothing(open_page: OpenPage, tmp_path: Path) -> None:
    player = open_package(open_page(), small_package(tmp_path, "scorm2004-3"))
    player.close_frame()
    player.page.wait_for_function("API_1484_11.isTerminated()")
    ended = cmi(player)
    assert (ended["completion_status"], ended["success_status"]) == ("incomplete", "unknown")
    assert errors(player) == []


@pytest.mark.parametrize(
    ("form", "mastery", "success", "scaled"),
    [("scorm2004-3", 60, "passed", "0.83"), ("scorm2004-4", 90, "unknown", "")],
)
def test_reaching_the_mastery_score_passes(
    open_page: OpenPage, tmp_path: Path, form: str, mastery: int, success: str, scaled: str
) -> None:
    package = small_package(tmp_path, form, mastery)
    player = open_package(open_page(**READER), package, mastery=str(mastery / 100))
    read_all(player)
    player.close_frame()
    player.page.wait_for_function("API_1484_11.isTerminated()")
    ended = cmi(player)
    assert (ended["completion_status"], ended["success_status"]) == ("incomplete", success)
    assert ended["score"]["scaled"] == scaled
    assert errors(player) == []
