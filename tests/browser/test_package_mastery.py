"""A package with a mastery score, in runtimes that compare every score with it at the end.

The table of the rules is at the head of ``measure.js``. The small module requires six things: five
sections seen and one answer.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Page

from courseware.parser.reader import read
from scorm_builder.build import build
from tests.browser.package_player import READER, answer, read_all
from tests.browser.scorm_sessions import Begin, begin, scripted
from tests.browser.standards import SCORM12, STANDARDS, Standard
from tests.support.chromium import OpenPage
from tests.support.lms_page import Player, play
from tests.support.small_module import write_module

pytestmark = pytest.mark.browser
__all__ = ["begin", "scripted"]

SCORES = {
    "API": ("cmi.core.score.raw", "cmi.core.score.min", "cmi.core.score.max"),
    "API_1484_11": ("cmi.score.raw", "cmi.score.min", "cmi.score.max", "cmi.score.scaled"),
}
SUCCESS = "cmi.success_status"


@pytest.fixture(params=STANDARDS, ids=lambda standard: standard.form)
def standard(request: pytest.FixtureRequest) -> Standard:
    assert isinstance(request.param, Standard)
    return request.param


def package(folder: Path, standard: Standard, mastery: int) -> Path:
    module = read(write_module(folder, questions=1, mastery=mastery))
    return build(module, folder, format_name=standard.form).path


def open_package(
    page: Page, package: Path, standard: Standard, mastery: int, earlier: dict[str, str] | None
) -> Player:
    model = {**(earlier or {}), **mastery_of(mastery)}
    start = f"window.lmsStart = {{ model: {model} }}"
    return play(page, package, script=standard.runtime, start=start)


def mastery_of(percent: int) -> dict[str, str]:
    """The LMS's data of the mastery score, as in the manifest."""
    return {"cmi.student_data.mastery_score": str(percent)}


def result_of(saved: Mapping[str, str], standard: Standard) -> tuple[str, ...]:
    """The saved status, success status (SCORM 2004) and scores."""
    names = [standard.status, *([] if standard is SCORM12 else [SUCCESS])]
    return tuple(saved.get(name, "") for name in (*names, *SCORES[standard.api]))


def test_reaching_the_mastery_score_passes_before_completion(
    open_page: OpenPage, tmp_path: Path, standard: Standard
) -> None:
    built = package(tmp_path, standard, 60)
    first = open_package(open_page(**READER), built, standard, 60, None)
    read_all(first)
    first.close_frame()
    assert first.lms("lms.phase") == "finished"
    assert result_of(first.lms("lms.saved"), standard) == (
        ("passed", "83", "0", "100")
        if standard is SCORM12
        else ("incomplete", "passed", "83", "0", "100", "0.83")
    )
    assert first.lms("lms.refusals") == []

    second = open_package(open_page(), built, standard, 60, first.lms("lms.saved"))
    answer(second, "who-buys", "Yo")
    second.frame.locator("[data-leave]").click()
    assert result_of(second.lms("lms.saved"), standard) == (
        ("passed", "100", "0", "100")
        if standard is SCORM12
        else ("completed", "passed", "100", "0", "100", "1")
    )
    assert second.lms("lms.refusals") == []


def test_below_the_mastery_score_no_score_is_set_and_nobody_fails(
    begin: Begin, standard: Standard
) -> None:
    session = begin(standard, mastery_of(90), mastery=90)
    session.answer("who-buys", "Yo")
    session.leave()
    assert session.lms("lms.phase") == "finished"
    assert result_of(session.saved, standard) == (
        ("incomplete", "", "", "")
        if standard is SCORM12
        else ("incomplete", "unknown", "", "", "", "")
    )
    assert session.refusals == []


def test_a_failed_status_set_by_others_is_not_changed(begin: Begin, standard: Standard) -> None:
    element = "cmi.core.lesson_status" if standard is SCORM12 else SUCCESS
    session = begin(standard, {**mastery_of(50), element: "failed"}, mastery=50)
    session.answer("who-buys", "Yo")
    session.see()
    session.leave()
    saved = session.saved
    assert saved[element] == "failed"
    assert [saved.get(name, "") for name in SCORES[standard.api]] == [""] * len(
        SCORES[standard.api]
    )
