"""session.js against the table in its first lines: each test is a line of it, or a never of it."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from scorm_builder import runtime
from tests.support.files import support

pytestmark = pytest.mark.browser

FIRST = ["start", "write incomplete -"]
SAVED = ["write incomplete state", "commit"]


@pytest.fixture(scope="module")
def scripted(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page()
    files = ("codec.js", "state.js", "measure.js", "session.js")
    page.add_script_tag(content="\n".join(map(runtime.source, files)) + support("session_stage.js"))
    yield page
    page.close()


Act = Callable[[str], Any]


@pytest.fixture
def act(scripted: Page) -> Act:
    """Run JavaScript about a new stage ``s`` and its session ``q``; the last line is returned."""

    def run(lines: str, given: str = "{}") -> Any:
        *before, last = lines.strip().split("\n")
        body = ";\n".join(before)
        return scripted.evaluate(
            f"() => {{ const s = begin({given}), q = s.session;\n{body}\nreturn {last.strip()}; }}"
        )

    return run  # type: ignore[return-value]


def test_at_once_after_initialize_the_status_is_incomplete(act: Act) -> None:
    assert act("q.start()\ns.log") == FIRST


def test_a_change_is_written_after_two_quiet_seconds(act: Act) -> None:
    assert (
        act("q.start(); s.pass(9000); s.log.length = 0\nq.seen('one'); s.pass(1999)\ns.log") == []
    )
    assert (
        act("q.start(); s.pass(9000); s.log.length = 0\nq.seen('one'); s.pass(2000)\ns.log")
        == SAVED
    )


def test_changes_without_a_pause_are_written_after_ten_seconds(act: Act) -> None:
    script = """
    q.start(); s.pass(9000); s.log.length = 0
    for (let i = 0; i < 11; i += 1) { q.answer('a', 'x'.repeat(i + 1)); s.pass(1000); }
    s.log
    """
    assert act(script) == SAVED


def test_nothing_new_is_not_written(act: Act) -> None:
    script = "q.start(); s.pass(9000); s.log.length = 0\nq.hidden(); q.save(); s.pass(99999)\ns.log"
    assert act(script) == []


def test_a_hidden_page_is_written_at_once(act: Act) -> None:
    assert act("q.start(); s.log.length = 0\nq.seen('one'); q.hidden()\ns.log") == SAVED


def test_a_page_that_the_browser_keeps_goes_on(act: Act) -> None:
    script = """
    q.start()
    s.log.length = 0
    q.pageHidden(true)
    q.shown()
    q.seen('one')
    s.pass(2000)
    s.log
    """
    assert act(script) == SAVED + SAVED


@pytest.mark.parametrize("end", ["q.pageHidden(false)", "q.leave()"])
def test_the_end_is_told_once(act: Act, end: str) -> None:
    script = f"""
    q.start()
    s.log.length = 0
    {end}
    q.leave()
    q.pageHidden(false)
    q.hidden()
    s.pass(99999)
    s.log
    """
    assert act(script) == ["write incomplete state", "commit", "finish"]
    assert act(f"q.start(); {end}\n[q.stage(), s.news[s.news.length - 1]]") == ["closed", "left"]


def test_after_the_end_nothing_is_taken(act: Act) -> None:
    script = """
    q.start()
    q.leave()
    s.log.length = 0
    q.seen('one')
    q.place('two')
    q.language('fr')
    s.pass(9999)
    [s.log, q.answer('a', 'late').kept]
    """
    assert act(script) == [[], False]


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
        ("{score: 75, settled: true}", "", 75),
        ("{score: 75, settled: true}", "q.seen('one');", 75),
        ("{score: 50}", "q.seen('one'); q.seen('two');", 100),
        ("{score: 20}", "q.seen('three');", None),
        ("{score: null, finished: true}", "", 100),
        (
            "{score: 20, failed: true, settled: true, finished: true}",
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
    statuses, news = act(script, "{mastery: 50, told: {score: 50, settled: true}}")
    assert (set(statuses), news) == ({None}, True)


def test_percents_are_whole_and_never_more_than_was_done(scripted: Page) -> None:
    script = """() => Array.from({ length: 60 }, (_, n) => n + 1).flatMap((all) =>
      Array.from({ length: all + 1 }, (_, k) => [k, all, percentOf(k / all)]))"""
    for done, of, percent in scripted.evaluate(script):
        assert percent == 100 * done // of, (done, of)


def test_captions_are_told_once_they_were_chosen(act: Act) -> None:
    script = """
    const begun = q.start()
    q.seen('one'); s.pass(2000)
    q.captions(false); s.pass(2000)
    [begun.captions, s.records.map((one) => one.captions)]
    """
    assert act(script, "{told: {captions: true}}") == [True, [None, None, False]]


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


def test_watching_writes_nothing_and_ends(act: Act) -> None:
    script = """
    q.start()
    q.seen('one')
    q.answer('a', 'x')
    q.place('two')
    s.pass(99999)
    q.hidden()
    q.leave()
    q.leave()
    [s.log, s.news[0], s.kept]
    """
    assert act(script, "{told: {mode: 'review'}}") == [["start", "finish"], "review", {}]


@pytest.mark.parametrize("given", ["{noApi: true}", "{refusesStart: true}"])
def test_alone_the_device_keeps_the_state(act: Act, given: str) -> None:
    script = """
    q.start()
    q.answer('a', 'mine')
    s.pass(2000)
    [s.news, readState(s.kept[''], ['one', 'two', 'three']).state.answers, s.log]
    """
    news, answers, log = act(script, given)
    assert news == ["alone", "kept"]
    assert answers == {"a": "mine"}
    assert log in ([], ["start"])


def test_alone_an_answer_may_have_any_length(act: Act) -> None:
    script = """
    q.start()
    q.answer('a', Array.from({length: 9000}, (_, i) => String(i * 7919 % 9973)).join(' ')).kept
    """
    assert act(script, "{noApi: true, room: 300}") is True


def test_where_nothing_keeps_anything_the_person_is_told(act: Act) -> None:
    script = "q.start(); q.answer('a', 'mine'); s.pass(2000)\ns.news"
    assert act(script, "{noApi: true, noDevice: true}") == ["nowhere", "nowhere"]


@pytest.mark.parametrize(
    ("given", "news"),
    [
        ("{noApi: true}", "left"),
        ("{noApi: true, noDevice: true}", "left-unkept"),
        ("{deaf: true}", "left-unsaved"),
        ("{deaf: true, noDevice: true}", "left-unkept"),
        ("{noDevice: true}", "left"),
    ],
)
def test_who_leaves_is_told_where_the_work_is(act: Act, given: str, news: str) -> None:
    script = "q.start(); q.answer('a', 'mine')\nconst kept = q.leave()\n[kept, s.news.pop()]"
    assert act(script, given) == [news != "left-unkept", news]


def test_where_neither_takes_the_work_the_person_is_told_and_it_is_tried_again(act: Act) -> None:
    script = """
    q.start(); q.answer('a', 'mine'); s.pass(2000)
    s.deaf = false
    s.pass(30000)
    s.news
    """
    assert act(script, "{deaf: true, noDevice: true}") == ["open", "unkept", "saved"]


def test_a_refused_answer_that_no_device_keeps_is_not_called_saved(act: Act) -> None:
    script = """
    const long = Array.from({ length: 400 }, (_, i) => String(i * 7919 % 9973)).join(' ')
    q.start()
    const outcome = q.answer('a', long)
    [outcome.kept, outcome.device, q.leave(), s.news.pop()]
    """
    assert act(script, "{room: 600, noDevice: true}") == [False, False, False, "left-unkept"]
    assert act(script, "{room: 600}") == [False, True, True, "left-unsaved"]


def test_an_answer_knows_when_it_was_written_and_in_which_language(act: Act) -> None:
    script = """
    q.start(); q.answer('a', 'one'); s.pass(120000); q.answer('a', 'two'); q.answer('b', '')
    q.leave()
    const told = { state: s.records[s.records.length - 1].state }
    const next = begin({ told, language: 'fr' })
    next.session.start(); next.session.answer('a', 'two')
    const same = JSON.stringify(next.session.times())
    next.pass(120000); next.session.answer('a', 'three')
    [same, next.session.times()]
    """
    same, later = act(script, "{language: 'ar'}")
    start = 1_800_000_000_000
    assert json.loads(same) == {
        "a": {"written": start, "changed": start + 120_000, "language": "ar"}
    }
    assert later["a"]["written"] == start
    assert later["a"]["language"] == "fr"


def test_an_answer_taken_up_from_the_device_keeps_its_time(act: Act) -> None:
    script = """
    q.start(); q.answer('a', 'mine'); q.leave()
    const next = begin({ kept: s.kept })
    next.pass(7200000); next.session.start()
    [next.session.answers(), next.session.times().a.changed]
    """
    assert act(script, "{deaf: true}") == [{"a": "mine"}, 1_800_000_000_000]


def test_the_learner_is_who_the_lms_says(act: Act) -> None:
    script = "q.start()\nq.learner()"
    assert act(script, "{told: {name: 'Paz, Ana'}}") == {"id": "ana", "name": "Paz, Ana"}
    assert act(script, "{noApi: true}") == {"id": None, "name": None}


@pytest.mark.parametrize(
    ("given", "wish"),
    [
        ("{}", None),
        ("{captions: false}", False),
        ("{captions: false, told: {captions: true}}", True),
        ("{captions: true, noApi: true}", True),
    ],
)
def test_the_wish_for_captions_is_the_lms_or_else_the_devices(
    act: Act, given: str, wish: bool | None
) -> None:
    assert act("const begun = q.start()\n[begun.captions]", given) == [wish]


def test_a_wish_for_captions_is_told_and_kept_on_the_device(act: Act) -> None:
    script = """
    q.start(); q.captions(false); s.pass(2000)
    [s.records.pop().captions, begin(s.given).session.start().captions]
    """
    assert act(script) == [False, False]


@pytest.mark.parametrize("given", ["{deaf: true}", "{refusing: true}"])
def test_what_the_lms_refuses_the_device_keeps_and_it_is_tried_again(act: Act, given: str) -> None:
    script = """
    q.start()
    q.answer('a', 'mine')
    s.pass(2000)
    const kept = s.kept.ana
    s.deaf = s.refusing = false
    s.pass(29999)
    const early = s.news.slice()
    s.pass(1)
    [Boolean(kept), early, s.news, s.lastState().answers, s.kept]
    """
    kept, early, news, answers, left = act(script, given)
    assert kept
    assert early == ["open", "unsaved"]
    assert news == ["open", "unsaved", "saved"]
    assert answers == {"a": "mine"}
    assert left == {}


def test_what_could_not_be_sent_at_the_end_is_sent_the_next_time(act: Act) -> None:
    script = """
    q.start(); q.answer('a', 'mine'); q.seen('three'); q.leave()
    const next = begin({kept: s.kept}); next.session.start(); next.pass(2000)
    [s.news[s.news.length - 1], next.lastState().answers, next.lastState().seen, next.kept]
    """
    assert act(script, "{deaf: true}") == ["left-unsaved", {"a": "mine"}, ["three"], {}]


def test_finish_alone_is_enough_to_have_left(act: Act) -> None:
    script = """
    q.start()
    q.answer('a', 'mine')
    s.lms.commit = () => false
    q.leave()
    [s.news[s.news.length - 1], s.kept]
    """
    assert act(script) == ["left", {}]


def test_what_another_device_saved_later_wins_and_nothing_is_lost(act: Act) -> None:
    script = """
    const old = s.wordOf({ time: 60000, answers: { a: 'here', b: 'only here' } })
    const state = s.wordOf({ time: 120000, answers: { a: 'there' } })
    const later = begin({ kept: { ana: old }, told: { state } })
    later.session.start(); later.pass(2000)
    [later.session.answers(), later.aside.length]
    """
    assert act(script) == [{"a": "there", "b": "only here"}, 1]


def test_a_return_gives_everything_back(act: Act) -> None:
    script = """
    q.start(); q.answer('a', 'mine'); q.seen('one'); q.place('two'); q.language('fr'); q.leave()
    const record = s.records[s.records.length - 1]
    const next = begin({ told: { state: record.state, place: record.place } })
    const begun = next.session.start()
    [begun.place, begun.language, next.session.answers(), next.session.seenSections()]
    """
    assert act(script) == ["two", "fr", {"a": "mine"}, ["one"]]


@pytest.mark.parametrize("word", ["M2:new", "quiz=1&page=2"])
def test_a_state_that_is_not_ours_is_put_aside_and_never_overwritten(act: Act, word: str) -> None:
    script = """
    q.start()
    q.answer('a', 'mine')
    q.seen('one')
    s.pass(2000)
    q.leave()
    const untouched = s.records.every((one) => one.state === null)
    const news = s.news.slice(0, 2)
    [untouched, s.aside, news, Boolean(s.kept.ana), s.log.includes('finish')]
    """
    given = f"{{told: {{state: '{word}'}}}}"
    assert act(script, given) == [True, [word], ["aside", "aside"], True, True]


def test_an_answer_without_room_is_refused_with_the_excess_and_kept_on_the_device(act: Act) -> None:
    script = """
    const long = Array.from({ length: 400 }, (_, i) => String(i * 7919 % 9973)).join(' ')
    q.start(); q.answer('a', 'short'); const outcome = q.answer('a', long); s.pass(2000); q.leave()
    const onDevice = readState(s.kept.ana, []).state.answers.a === long
    const fits = s.records.every((one) => one.state === null || one.state.length <= 600)
    [outcome.kept, outcome.over > 0, q.refused('a'), s.lastState().answers, onDevice, fits]
    """
    assert act(script, "{room: 600}") == [False, True, True, {"a": "short"}, True, True]


def test_a_refused_answer_is_taken_once_another_has_made_room(act: Act) -> None:
    script = """
    const long = Array.from({ length: 100 }, (_, i) => String(i * 7919 % 9973)).join(' ')
    q.start(); q.answer('a', long)
    const refused = q.answer('b', long.split('').reverse().join('')).kept
    q.answer('a', 'short'); s.pass(2000)
    [refused, q.refused('b'), Object.keys(s.lastState().answers).sort(), s.kept]
    """
    assert act(script, "{room: 600}") == [False, False, ["a", "b"], {}]


def test_a_refused_answer_is_still_there_the_next_time(act: Act) -> None:
    script = """
    const long = Array.from({ length: 400 }, (_, i) => String(i * 7919 % 9973)).join(' ')
    q.start(); q.answer('a', 'short'); q.answer('a', long); q.leave()
    const { state } = s.records[s.records.length - 1]
    const next = begin({ room: 600, kept: s.kept, told: { state } })
    next.session.start()
    [next.session.refused('a'), next.session.answers().a === long]
    """
    assert act(script, "{room: 600}") == [True, True]


def test_time_counts_only_while_the_page_is_seen(act: Act) -> None:
    script = """
    q.start()
    s.pass(10000)
    q.hidden()
    s.pass(3600000)
    q.shown()
    s.pass(5000)
    q.leave()
    s.records[s.records.length - 1].seconds
    """
    assert act(script) == 15


def test_only_answers_that_changed_are_journaled(act: Act) -> None:
    script = """
    q.start()
    q.answer('a', '1')
    q.answer('b', '2')
    s.pass(2000)
    q.answer('b', '3')
    s.pass(2000)
    q.seen('one')
    s.pass(2000)
    s.records.slice(1).map((one) => one.answers.map((answer) => answer.question + answer.text))
    """
    assert act(script) == [["a1", "b2"], ["b3"], []]


LATER = "{later: true, told: {learner: 'ana'}}"


def test_saved_is_said_when_an_lms_that_answers_later_has_it(act: Act) -> None:
    script = """
    q.start()
    q.answer('a', 'yes')
    s.pass(2000)
    const before = [s.news.slice(), Boolean(s.kept.ana)]
    s.answer(true).then(() => [before, s.news, Boolean(s.kept.ana)])
    """
    assert act(script, LATER) == [[["open"], True], ["open", "saved"], False]


def test_a_change_while_an_lms_takes_its_time_is_not_taken_for_saved(act: Act) -> None:
    script = """
    q.start()
    q.answer('a', 'yes')
    s.pass(2000)
    q.answer('a', 'yes, but')
    const first = s.answer(true).then(() => [s.news.slice(), Boolean(s.kept.ana)])
    const second = first.then(() => s.pass(2000)).then(() => s.answer(true))
    Promise.all([first, second]).then(([then]) => [then, s.news, s.lastState().answers.a])
    """
    assert act(script, LATER) == [[["open"], True], ["open", "saved"], "yes, but"]


def test_an_lms_that_says_no_later_is_asked_again(act: Act) -> None:
    script = """
    q.start()
    q.answer('a', 'yes')
    s.pass(2000)
    const first = s.answer(false).then(() => [s.news[1], Boolean(s.kept.ana)])
    const second = first.then(() => s.pass(30000)).then(() => s.answer(true))
    Promise.all([first, second]).then(([then]) => [then, s.news.pop(), Boolean(s.kept.ana)])
    """
    assert act(script, LATER) == [["unsaved", True], "saved", False]


def test_leaving_waits_for_an_lms_that_answers_later(act: Act) -> None:
    script = """
    q.start()
    const left = q.leave()
    const before = [s.news[1], s.log[s.log.length - 1]]
    s.answer(true).then(() => left).then((kept) => [before, kept, s.news.pop(), q.stage()])
    """
    assert act(script, LATER) == [["leaving", "finish"], True, "left", "closed"]
    script = script.replace("answer(true)", "answer(false)")
    assert act(script, LATER) == [["leaving", "finish"], True, "left-unsaved", "closed"]


def test_a_page_that_goes_waits_for_nobody(act: Act) -> None:
    gone = "q.start()\ns.log.length = 0\nq.pageHidden(false)\n[s.log, Boolean(s.kept.ana)]"
    assert act(gone, LATER) == [["write incomplete state", "commit", "finish gone"], True]
    impatient = """
    q.start()
    q.leave()
    s.log.length = 0
    q.pageHidden(false)
    s.log
    """
    assert act(impatient, LATER) == ["finish gone"]


def test_an_lms_that_refuses_but_names_the_person_has_a_place_of_that_person(act: Act) -> None:
    script = "q.start(); q.answer('a', 'yes'); s.pass(2000)\n[q.stage(), Object.keys(s.kept)]"
    assert act(script, "{refusesStart: true, learner: 'ana'}") == ["alone", ["ana"]]
