"""session.js and measure.js: the completion rule, and the status and score sent to the LMS."""

import pytest
from playwright.sync_api import Page

from tests.browser.session_harness import SAVED, Act, act, scripted

pytestmark = pytest.mark.browser
__all__ = ["act", "scripted"]


@pytest.mark.parametrize(
    ("given", "acts", "status"),
    [
        ("{}", "", "incomplete"),
        ("{}", "q.seen('one');", "incomplete"),
        ("{}", "q.seen('one'); q.seen('three');", "incomplete"),
        ("{}", "q.seen('one'); q.seen('two');", "completed"),
        ("{questions: 1}", "q.seen('one'); q.seen('two');", "incomplete"),
        ("{questions: 1}", "q.seen('one'); q.seen('two'); q.answer('a', '  ');", "incomplete"),
        ("{questions: 1}", "q.seen('one'); q.seen('two'); q.answer('a', 'yes');", "completed"),
        ("{questions: 2}", "q.seen('one'); q.seen('two'); q.answer('a', 'yes');", "incomplete"),
        ("{questions: 1, required: []}", "q.answer('a', 'yes');", "completed"),
        (
            "{questions: 1}",
            "q.answer('a', 'x'); q.seen('one'); q.seen('two'); q.answer('a', '');",
            "completed",
        ),
        ("{required: []}", "", "incomplete"),
        ("{required: []}", "q.seen('three');", "completed"),
    ],
)
def test_completion_follows_the_rule(act: Act, given: str, acts: str, status: str) -> None:
    assert (
        act(f"q.start(); {acts} q.leave()\ns.records[s.records.length - 1].status", given) == status
    )


def test_progress_is_the_share_of_the_rule(act: Act) -> None:
    script = """
    q.start()
    const progress = () => (s.wait(2000), s.records[s.records.length - 1].progress)
    const steps = [progress()]
    q.seen('three'); steps.push(progress())
    q.seen('one'); steps.push(progress())
    q.answer('a', 'x'); q.answer('b', 'y'); q.answer('c', 'z'); steps.push(progress())
    q.seen('two'); steps.push(progress())
    q.answer('a', ''); q.answer('b', ''); q.answer('c', 'z'); steps.push(progress())
    [steps, s.records[s.records.length - 1].seen]
    """
    steps, seen = act(script, "{questions: 2}")
    assert steps == [0, 0, 0.25, 0.75, 1, 1]
    assert seen == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("mastery", "acts", "expected"),
    [
        (50, "", ("incomplete", None)),
        (50, "q.seen('three');", ("incomplete", None)),
        (50, "q.seen('one');", ("incomplete", None)),
        (50, "q.seen('one'); q.answer('a', 'x');", ("incomplete", 50)),
        (51, "q.seen('one'); q.answer('a', 'x');", ("incomplete", None)),
        (50, "q.seen('one'); q.seen('two'); q.answer('a', 'x');", ("incomplete", 75)),
        (50, "q.seen('one'); q.answer('a', 'x'); q.answer('a', '');", ("incomplete", 50)),
        (
            50,
            "q.seen('one'); q.seen('two'); q.answer('a', 'x'); q.answer('b', 'y');",
            ("completed", 100),
        ),
        (
            100,
            "q.seen('one'); q.seen('two'); q.answer('a', 'x'); q.answer('b', 'y');",
            ("completed", 100),
        ),
    ],
)
def test_a_score_is_sent_once_the_mastery_score_is_reached(
    act: Act, mastery: int, acts: str, expected: tuple[str, int | None]
) -> None:
    script = f"q.start(); {acts} q.leave()\nconst last = s.records.pop()\n[last.status, last.score]"
    assert act(script, f"{{questions: 2, mastery: {mastery}}}") == list(expected)


def test_without_a_mastery_score_no_score_is_sent(act: Act) -> None:
    script = "q.start(); q.seen('one'); q.seen('two'); q.leave()\ns.records.map((one) => one.score)"
    assert set(act(script)) == {None}


def test_reaching_the_mastery_score_is_sent_immediately(act: Act) -> None:
    script = """
    q.start(); s.wait(9000); s.log.length = 0
    q.seen('one')
    [s.log, s.messages.includes('finished')]
    """
    assert act(script, "{mastery: 50}") == [SAVED, False]


@pytest.mark.parametrize(
    ("read", "acts", "score"),
    [
        ("{score: 75, isStatusFinal: true}", "", 75),
        ("{score: 75, isStatusFinal: true}", "q.seen('one');", 75),
        ("{score: 50}", "q.seen('one'); q.seen('two');", 100),
        ("{score: 20}", "q.seen('three');", None),
        ("{score: null, finished: true}", "", 100),
        (
            "{score: 20, failed: true, isStatusFinal: true, finished: true}",
            "q.seen('one'); q.seen('two');",
            None,
        ),
    ],
)
def test_a_score_never_decreases_and_is_not_set_after_failure(
    act: Act, read: str, acts: str, score: int | None
) -> None:
    script = f"q.start(); {acts} q.leave()\ns.records.pop().score"
    assert act(script, f"{{mastery: 50, read: {read}}}") == score


def test_completion_is_possible_after_passing(act: Act) -> None:
    script = """
    q.start()
    q.seen('one')
    q.seen('two')
    [s.records.map((one) => one.status), s.messages.includes('finished')]
    """
    statuses, messages = act(script, "{mastery: 50, read: {score: 50, isStatusFinal: true}}")
    assert (set(statuses), messages) == ({None}, True)


def test_percentages_are_rounded_down(scripted: Page) -> None:
    script = """() => Array.from({ length: 60 }, (_, n) => n + 1).flatMap((all) =>
      Array.from({ length: all + 1 }, (_, k) => [k, all, percentOf(k / all)]))"""
    for done, of, percent in scripted.evaluate(script):
        assert percent == 100 * done // of, (done, of)


def test_completion_is_sent_immediately(act: Act) -> None:
    script = """
    q.start()
    q.seen('one')
    s.log.length = 0
    q.seen('two')
    [s.log, s.messages.includes('finished')]
    """
    assert act(script) == [["write completed state", "commit"], True]


def test_a_final_status_is_never_changed(act: Act) -> None:
    script = """
    q.start()
    q.answer('a', 'more')
    q.seen('one')
    q.seen('two')
    q.leave()
    s.records.map((one) => one.status)
    """
    statuses = act(script, "{read: {finished: true}}")
    assert set(statuses) == {None}
