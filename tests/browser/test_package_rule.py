"""session.js and measure.js: when the author's rule is fulfilled, and what the LMS is told then."""

import pytest
from playwright.sync_api import Page

from tests.browser.session_stage import SAVED, Act, act, scripted

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
def test_completion_is_the_authors_rule(act: Act, given: str, acts: str, status: str) -> None:
    assert (
        act(f"q.start(); {acts} q.leave()\ns.records[s.records.length - 1].status", given) == status
    )


def test_progress_is_the_part_of_the_rule_that_is_done(act: Act) -> None:
    script = """
    q.start()
    const told = () => (s.pass(2000), s.records[s.records.length - 1].progress)
    const steps = [told()]
    q.seen('three'); steps.push(told())
    q.seen('one'); steps.push(told())
    q.answer('a', 'x'); q.answer('b', 'y'); q.answer('c', 'z'); steps.push(told())
    q.seen('two'); steps.push(told())
    q.answer('a', ''); q.answer('b', ''); q.answer('c', 'z'); steps.push(told())
    [steps, s.records[s.records.length - 1].seen]
    """
    steps, seen = act(script, "{questions: 2}")
    assert steps == [0, 0, 0.25, 0.75, 1, 1]
    assert seen == ["one", "two", "three"]


@pytest.mark.parametrize(
    ("mastery", "acts", "told"),
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
def test_a_score_is_told_from_the_mastery_on(
    act: Act, mastery: int, acts: str, told: tuple[str, int | None]
) -> None:
    script = f"q.start(); {acts} q.leave()\nconst last = s.records.pop()\n[last.status, last.score]"
    assert act(script, f"{{questions: 2, mastery: {mastery}}}") == list(told)


def test_without_a_mastery_there_is_never_a_score(act: Act) -> None:
    script = "q.start(); q.seen('one'); q.seen('two'); q.leave()\ns.records.map((one) => one.score)"
    assert set(act(script)) == {None}


def test_a_mastery_is_told_at_once(act: Act) -> None:
    script = """
    q.start(); s.pass(9000); s.log.length = 0
    q.seen('one')
    [s.log, s.news.includes('finished')]
    """
    assert act(script, "{mastery: 50}") == [SAVED, False]


@pytest.mark.parametrize(
    ("told", "acts", "score"),
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
def test_a_score_never_falls_and_is_never_set_against_a_judgement(
    act: Act, told: str, acts: str, score: int | None
) -> None:
    script = f"q.start(); {acts} q.leave()\ns.records.pop().score"
    assert act(script, f"{{mastery: 50, told: {told}}}") == score


def test_who_has_passed_may_still_complete(act: Act) -> None:
    script = """
    q.start()
    q.seen('one')
    q.seen('two')
    [s.records.map((one) => one.status), s.news.includes('finished')]
    """
    statuses, news = act(script, "{mastery: 50, told: {score: 50, isStatusFinal: true}}")
    assert (set(statuses), news) == ({None}, True)


def test_percents_are_whole_and_never_more_than_was_done(scripted: Page) -> None:
    script = """() => Array.from({ length: 60 }, (_, n) => n + 1).flatMap((all) =>
      Array.from({ length: all + 1 }, (_, k) => [k, all, percentOf(k / all)]))"""
    for done, of, percent in scripted.evaluate(script):
        assert percent == 100 * done // of, (done, of)


def test_completion_is_told_at_once(act: Act) -> None:
    script = """
    q.start()
    q.seen('one')
    s.log.length = 0
    q.seen('two')
    [s.log, s.news.includes('finished')]
    """
    assert act(script) == [["write completed state", "commit"], True]


def test_a_final_status_of_before_is_never_touched(act: Act) -> None:
    script = """
    q.start()
    q.answer('a', 'more')
    q.seen('one')
    q.seen('two')
    q.leave()
    s.records.map((one) => one.status)
    """
    statuses = act(script, "{told: {finished: true}}")
    assert set(statuses) == {None}
