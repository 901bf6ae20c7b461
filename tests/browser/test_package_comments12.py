"""cmi.comments of SCORM 1.2: one text of 4096 characters, to which some LMSs only append.

Most LMSs replace the value; Moodle appends to it.
"""

from pathlib import Path

import pytest

from tests.browser.package_player import answer, package
from tests.support.chromium import OpenPage
from tests.support.lms_page import Player, play

pytestmark = pytest.mark.browser
__all__ = ["package"]


def run_session(
    open_page: OpenPage,
    package: Path,
    answers: dict[str, str],
    earlier: Player | None = None,
    *,
    appends: bool = True,
) -> Player:
    """Run one session from the state of an earlier one; return its player after leaving."""
    model = earlier.lms("JSON.stringify(lms.saved)") if earlier else "{}"
    start = f"window.lmsStart = {{ appends: {str(appends).lower()}, model: {model} }}"
    player = play(open_page(locale="en-GB"), package, start=start)
    for question, text in answers.items():
        answer(player, question, text)
    player.frame.locator("[data-leave]").click()
    player.page.wait_for_function("lms.phase === 'finished'")
    assert player.lms("lms.refusals") == []
    return player


def comments(player: Player) -> str:
    return str(player.lms("lms.saved['cmi.comments']"))


def added(player: Player) -> list[str]:
    """The texts that this session appended to the comments."""
    calls = player.lms("lms.calls.filter((call) => call.startsWith('SetValue cmi.comments '))")
    return [call.removeprefix("SetValue cmi.comments ") for call in calls]


@pytest.mark.parametrize("appends", [True, False])
@pytest.mark.parametrize("length", [4096 - len("• 1. "), 4096 - len("• 1. ") + 1])
def test_an_answer_is_included_completely_or_not_at_all(
    open_page: OpenPage, package: Path, length: int, appends: bool
) -> None:
    """If it does not fit, its number is named at the end; appending reserves room for that."""
    text = comments(run_session(open_page, package, {"who-buys": "a" * length}, appends=appends))
    if not appends and length == 4091:
        assert text == "• 1. " + "a" * length
    else:
        assert text == "• … 1: cmi.interactions"


def test_a_replaced_text_names_omitted_answers_until_they_fit(
    open_page: OpenPage, package: Path
) -> None:
    long = "We do. " * 500
    answers = {"who-buys": long, "who-sells": "She. " * 400}
    first = run_session(open_page, package, answers, appends=False)
    assert comments(first) == f"• 1. {long}• … 2: cmi.interactions"
    second = run_session(open_page, package, {"who-buys": "We"}, first, appends=False)
    assert comments(second) == f"• 1. We • 2. {'She. ' * 400}".strip()


def test_only_new_text_is_appended(open_page: OpenPage, package: Path) -> None:
    first = run_session(open_page, package, {"who-buys": "We do"})
    assert comments(first) == "• 1. We do"
    second = run_session(
        open_page, package, {"who-buys": "We do,\n\nall of us", "who-sells": "She"}, first
    )
    assert comments(second) == "• 1. We do, all of us • 2. She"
    third = run_session(open_page, package, {"who-buys": "Nobody"}, second)
    assert comments(third) == "• 1. We do, all of us • 2. She • 1. Nobody"
    fourth = run_session(open_page, package, {}, third)
    assert comments(fourth) == comments(third)
    assert [one for one in added(fourth) if one] == []


def test_an_answer_continued_after_another_is_repeated(open_page: OpenPage, package: Path) -> None:
    first = run_session(open_page, package, {"who-buys": "We do", "who-sells": "She"})
    second = run_session(open_page, package, {"who-buys": "We do, all"}, first)
    assert comments(second) == "• 1. We do • 2. She • 1. We do, all"


def test_drafts_are_not_sent(open_page: OpenPage, package: Path) -> None:
    start = "window.lmsStart = { appends: true }"
    player = play(open_page(locale="en-GB"), package, start=start)
    answer(player, "who-buys", "A draft")
    player.wait_saved("saved['cmi.interactions._count'] === '2'")
    answer(player, "who-buys", "We do")
    player.close_frame()
    assert comments(player) == "• 1. We do"


def test_a_deleted_answer_leaves_only_its_number(open_page: OpenPage, package: Path) -> None:
    first = run_session(open_page, package, {"who-buys": "We do"})
    second = run_session(open_page, package, {"who-buys": ""}, first)
    assert comments(second) == "• 1. We do • 1."
    third = run_session(open_page, package, {}, second)
    assert comments(third) == comments(second)


def test_an_answer_that_does_not_fit_is_named_once_at_the_end(
    open_page: OpenPage, package: Path
) -> None:
    first = run_session(
        open_page, package, {"who-buys": "We do. " * 400, "who-sells": "She. " * 400}
    )
    text = comments(first)
    assert text.startswith("• 1. We do. We do. ")
    assert text.endswith("We do. • … 2: cmi.interactions")
    second = run_session(open_page, package, {"who-buys": "We"}, first)
    assert comments(second) == text


def test_a_comment_lost_at_the_end_is_appended_in_the_next_session(
    open_page: OpenPage, package: Path
) -> None:
    first = run_session(open_page, package, {"who-buys": "We do"})
    model = first.lms("JSON.stringify(lms.saved)")
    page = open_page(locale="en-GB")
    start = f"window.lmsStart = {{ appends: true, model: {model} }}"
    lost = play(page, package, start=start)
    lost.page.evaluate("lms.rejecting = true")
    answer(lost, "who-sells", "She")
    lost.frame.locator("[data-leave]").click()
    assert "saved on this device" in lost.frame.locator("[data-status]").inner_text()
    again = play(page, package, start=start)
    again.frame.locator("[data-leave]").click()
    assert comments(again) == "• 1. We do • 2. She"


def test_a_text_that_looks_like_an_entry_is_escaped(open_page: OpenPage, package: Path) -> None:
    first = run_session(open_page, package, {"who-buys": "We • 2. do • … 1: cmi.interactions"})
    second = run_session(open_page, package, {"who-sells": "She"}, first)
    assert comments(second) == "• 1. We · 2. do · … 1: cmi.interactions • 2. She"
