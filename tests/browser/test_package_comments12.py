"""cmi.comments of SCORM 1.2: one text with little room, and LMSs that only put text behind it.

Most LMSs keep what was set last; Moodle puts it behind what is there.
"""

from pathlib import Path

import pytest

from tests.browser.package_player import answer, package
from tests.support.chromium import OpenPage
from tests.support.lms_page import Player, play

pytestmark = pytest.mark.browser
__all__ = ["package"]


def sit(
    open_page: OpenPage,
    package: Path,
    answers: dict[str, str],
    earlier: Player | None = None,
    *,
    appends: bool = True,
) -> Player:
    """One sitting, from the state that an earlier one left; returns what was last saved."""
    model = earlier.lms("JSON.stringify(lms.saved)") if earlier else "{}"
    start = f"window.lmsStart = {{ appends: {str(appends).lower()}, model: {model} }}"
    player = play(open_page(locale="en-GB"), package, start=start)
    for question, text in answers.items():
        answer(player, question, text)
    player.frame.locator("[data-leave]").click()
    player.page.wait_for_function("lms.stage === 'finished'")
    assert player.lms("lms.refusals") == []
    return player


def comments(player: Player) -> str:
    return str(player.lms("lms.saved['cmi.comments']"))


def added(player: Player) -> list[str]:
    """What this sitting put behind the comments that were there."""
    calls = player.lms("lms.calls.filter((call) => call.startsWith('SetValue cmi.comments '))")
    return [call.removeprefix("SetValue cmi.comments ") for call in calls]


@pytest.mark.parametrize("appends", [True, False])
@pytest.mark.parametrize("length", [4096 - len("• 1. "), 4096 - len("• 1. ") + 1])
def test_an_answer_is_there_whole_or_not_at_all(
    open_page: OpenPage, package: Path, length: int, appends: bool
) -> None:
    """Else the end names its question; a text that only grows keeps room for that."""
    told = comments(sit(open_page, package, {"who-buys": "a" * length}, appends=appends))
    if not appends and length == 4091:
        assert told == "• 1. " + "a" * length
    else:
        assert told == "• … 1: cmi.interactions"


def test_a_text_that_is_replaced_names_what_is_left_out_until_there_is_room(
    open_page: OpenPage, package: Path
) -> None:
    long = "We do. " * 500
    answers = {"who-buys": long, "who-sells": "She. " * 400}
    first = sit(open_page, package, answers, appends=False)
    assert comments(first) == f"• 1. {long}• … 2: cmi.interactions"
    second = sit(open_page, package, {"who-buys": "We"}, first, appends=False)
    assert comments(second) == f"• 1. We • 2. {'She. ' * 400}".strip()


def test_only_what_is_new_is_added(open_page: OpenPage, package: Path) -> None:
    first = sit(open_page, package, {"who-buys": "We do"})
    assert comments(first) == "• 1. We do"
    second = sit(open_page, package, {"who-buys": "We do,\n\nall of us", "who-sells": "She"}, first)
    assert comments(second) == "• 1. We do, all of us • 2. She"
    third = sit(open_page, package, {"who-buys": "Nobody"}, second)
    assert comments(third) == "• 1. We do, all of us • 2. She • 1. Nobody"
    fourth = sit(open_page, package, {}, third)
    assert comments(fourth) == comments(third)
    assert [one for one in added(fourth) if one] == []


def test_an_answer_continued_behind_another_is_told_anew(
    open_page: OpenPage, package: Path
) -> None:
    first = sit(open_page, package, {"who-buys": "We do", "who-sells": "She"})
    second = sit(open_page, package, {"who-buys": "We do, all"}, first)
    assert comments(second) == "• 1. We do • 2. She • 1. We do, all"


def test_drafts_are_not_told(open_page: OpenPage, package: Path) -> None:
    start = "window.lmsStart = { appends: true }"
    player = play(open_page(locale="en-GB"), package, start=start)
    answer(player, "who-buys", "A draft")
    player.wait_saved("saved['cmi.interactions._count'] === '2'")
    answer(player, "who-buys", "We do")
    player.close_frame()
    assert comments(player) == "• 1. We do"


def test_an_answer_taken_back_leaves_its_number_alone(open_page: OpenPage, package: Path) -> None:
    first = sit(open_page, package, {"who-buys": "We do"})
    second = sit(open_page, package, {"who-buys": ""}, first)
    assert comments(second) == "• 1. We do • 1."
    third = sit(open_page, package, {}, second)
    assert comments(third) == comments(second)


def test_what_has_no_room_is_named_once_and_nothing_follows(
    open_page: OpenPage, package: Path
) -> None:
    first = sit(open_page, package, {"who-buys": "We do. " * 400, "who-sells": "She. " * 400})
    text = comments(first)
    assert text.startswith("• 1. We do. We do. ")
    assert text.endswith("We do. • … 2: cmi.interactions")
    second = sit(open_page, package, {"who-buys": "We"}, first)
    assert comments(second) == text


def test_what_was_lost_at_the_end_is_added_by_the_next_sitting(
    open_page: OpenPage, package: Path
) -> None:
    first = sit(open_page, package, {"who-buys": "We do"})
    model = first.lms("JSON.stringify(lms.saved)")
    page = open_page(locale="en-GB")
    start = f"window.lmsStart = {{ appends: true, model: {model} }}"
    lost = play(page, package, start=start)
    lost.page.evaluate("lms.deaf = true")
    answer(lost, "who-sells", "She")
    lost.frame.locator("[data-leave]").click()
    assert "saved on this device" in lost.frame.locator("[data-news]").inner_text()
    again = play(page, package, start=start)
    again.frame.locator("[data-leave]").click()
    assert comments(again) == "• 1. We do • 2. She"


def test_a_text_that_looks_like_an_entry_is_none(open_page: OpenPage, package: Path) -> None:
    first = sit(open_page, package, {"who-buys": "We • 2. do • … 1: cmi.interactions"})
    second = sit(open_page, package, {"who-sells": "She"}, first)
    assert comments(second) == "• 1. We · 2. do · … 1: cmi.interactions • 2. She"
