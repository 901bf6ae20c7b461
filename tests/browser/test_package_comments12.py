"""cmi.comments of SCORM 1.2: one text of 4096 characters, to which some LMSs only append.

Most LMSs replace the value; Moodle appends to it. The text is made by the adapter, so most sessions
are without a package.
"""

from pathlib import Path

import pytest

from tests.browser.package_player import answer, package
from tests.browser.scorm_sessions import Begin, ScormSession, begin, scripted
from tests.browser.standards import SCORM12
from tests.support.chromium import OpenPage
from tests.support.lms_page import play

pytestmark = pytest.mark.browser
__all__ = ["begin", "package", "scripted"]

Saved = dict[str, str]


def run_session(
    begin: Begin, answers: dict[str, str], earlier: Saved | None = None, *, appends: bool = True
) -> Saved:
    """Run one session from the data of an earlier one; return what is saved after leaving."""
    session = begin(SCORM12, earlier, appends=appends)
    for question, text in answers.items():
        session.answer(question, text)
    session.leave()
    assert session.lms("lms.phase") == "finished"
    assert session.refusals == []
    return session.saved


def added(session: ScormSession) -> list[str]:
    """The texts that this session appended to the comments."""
    calls = session.lms("lms.calls.filter((call) => call.startsWith('SetValue cmi.comments '))")
    return [call.removeprefix("SetValue cmi.comments ") for call in calls]


@pytest.mark.parametrize("appends", [True, False])
@pytest.mark.parametrize("length", [4096 - len("• 1. "), 4096 - len("• 1. ") + 1])
def test_an_answer_is_included_completely_or_not_at_all(
    begin: Begin, length: int, appends: bool
) -> None:
    """If it does not fit, its number is named at the end; appending reserves room for that."""
    saved = run_session(begin, {"who-buys": "a" * length}, appends=appends)
    text = saved["cmi.comments"]
    if not appends and length == 4091:
        assert text == "• 1. " + "a" * length
    else:
        assert text == "• … 1: cmi.interactions"


def test_a_replaced_text_names_omitted_answers_until_they_fit(begin: Begin) -> None:
    long = "We do. " * 500
    answers = {"who-buys": long, "who-sells": "She. " * 400}
    first = run_session(begin, answers, appends=False)
    assert first["cmi.comments"] == f"• 1. {long}• … 2: cmi.interactions"
    second = run_session(begin, {"who-buys": "We"}, first, appends=False)
    assert second["cmi.comments"] == f"• 1. We • 2. {'She. ' * 400}".strip()


def test_only_new_text_is_appended(begin: Begin) -> None:
    first = run_session(begin, {"who-buys": "We do"})
    assert first["cmi.comments"] == "• 1. We do"
    second = run_session(begin, {"who-buys": "We do,\n\nall of us", "who-sells": "She"}, first)
    assert second["cmi.comments"] == "• 1. We do, all of us • 2. She"
    third = run_session(begin, {"who-buys": "Nobody"}, second)
    assert third["cmi.comments"] == "• 1. We do, all of us • 2. She • 1. Nobody"
    fourth = begin(SCORM12, third, appends=True)
    fourth.leave()
    assert fourth.saved["cmi.comments"] == third["cmi.comments"]
    assert [one for one in added(fourth) if one] == []


def test_an_answer_continued_after_another_is_repeated(begin: Begin) -> None:
    first = run_session(begin, {"who-buys": "We do", "who-sells": "She"})
    second = run_session(begin, {"who-buys": "We do, all"}, first)
    assert second["cmi.comments"] == "• 1. We do • 2. She • 1. We do, all"


def test_drafts_are_not_sent(open_page: OpenPage, package: Path) -> None:
    start = "window.lmsStart = { appends: true }"
    player = play(open_page(locale="en-GB"), package, start=start)
    answer(player, "who-buys", "A draft")
    player.wait_saved("saved['cmi.interactions._count'] === '2'")
    answer(player, "who-buys", "We do")
    player.close_frame()
    assert player.lms("lms.saved['cmi.comments']") == "• 1. We do"


def test_a_deleted_answer_leaves_only_its_number(begin: Begin) -> None:
    first = run_session(begin, {"who-buys": "We do"})
    second = run_session(begin, {"who-buys": ""}, first)
    assert second["cmi.comments"] == "• 1. We do • 1."
    third = run_session(begin, {}, second)
    assert third["cmi.comments"] == second["cmi.comments"]


def test_an_answer_that_does_not_fit_is_named_once_at_the_end(begin: Begin) -> None:
    first = run_session(begin, {"who-buys": "We do. " * 400, "who-sells": "She. " * 400})
    text = first["cmi.comments"]
    assert text.startswith("• 1. We do. We do. ")
    assert text.endswith("We do. • … 2: cmi.interactions")
    second = run_session(begin, {"who-buys": "We"}, first)
    assert second["cmi.comments"] == text


def test_a_comment_lost_at_the_end_is_appended_in_the_next_session(begin: Begin) -> None:
    first = run_session(begin, {"who-buys": "We do"})
    lost = begin(SCORM12, first, appends=True)
    lost.lms("lms.rejecting = true")
    lost.answer("who-sells", "She")
    lost.leave()
    assert lost.status == "left-unsaved"
    again = begin(SCORM12, first, same_device=True, appends=True)
    again.leave()
    assert again.saved["cmi.comments"] == "• 1. We do • 2. She"


def test_a_text_that_looks_like_an_entry_is_escaped(begin: Begin) -> None:
    first = run_session(begin, {"who-buys": "We • 2. do • … 1: cmi.interactions"})
    second = run_session(begin, {"who-sells": "She"}, first)
    assert second["cmi.comments"] == "• 1. We · 2. do · … 1: cmi.interactions • 2. She"
