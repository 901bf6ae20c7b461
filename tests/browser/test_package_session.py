"""session.js: one test for each row of the table at its head, and for what must never happen."""

import json

import pytest

from tests.browser.session_harness import SAVED, Act, act, scripted

pytestmark = pytest.mark.browser
__all__ = ["act", "scripted"]

FIRST = ["start", "write incomplete -"]


def test_the_status_is_incomplete_immediately_after_initialize(act: Act) -> None:
    assert act("q.start()\ns.log") == FIRST


def test_a_change_is_written_half_a_second_after_the_last(act: Act) -> None:
    assert act("q.start(); s.wait(9000); s.log.length = 0\nq.seen('one'); s.wait(499)\ns.log") == []
    assert (
        act("q.start(); s.wait(9000); s.log.length = 0\nq.seen('one'); s.wait(500)\ns.log") == SAVED
    )


def test_changes_without_a_pause_are_written_after_five_seconds(act: Act) -> None:
    script = """
    q.start(); s.wait(9000); s.log.length = 0
    for (let i = 0; i < 12; i += 1) { q.answer('a', 'x'.repeat(i + 1)); s.wait(450); }
    s.log
    """
    assert act(script) == SAVED


def test_nothing_is_written_without_a_change(act: Act) -> None:
    script = "q.start(); s.wait(9000); s.log.length = 0\nq.hidden(); q.save(); s.wait(99999)\ns.log"
    assert act(script) == []


def test_a_hidden_page_is_saved_immediately(act: Act) -> None:
    assert act("q.start(); s.log.length = 0\nq.seen('one'); q.hidden()\ns.log") == SAVED


def test_a_page_in_the_back_forward_cache_continues(act: Act) -> None:
    script = """
    q.start()
    s.log.length = 0
    q.pageHidden(true)
    q.shown()
    q.seen('one')
    s.wait(2000)
    s.log
    """
    assert act(script) == SAVED + SAVED


@pytest.mark.parametrize("end", ["q.pageHidden(false)", "q.leave()"])
def test_finish_is_called_once(act: Act, end: str) -> None:
    script = f"""
    q.start()
    s.log.length = 0
    {end}
    q.leave()
    q.pageHidden(false)
    q.hidden()
    s.wait(99999)
    s.log
    """
    assert act(script) == ["write incomplete state", "commit", "finish"]
    assert act(f"q.start(); {end}\n[q.phase(), s.messages.at(-1)]") == [
        "closed",
        "left",
    ]


def test_after_the_end_changes_are_ignored(act: Act) -> None:
    script = """
    q.start()
    q.leave()
    s.log.length = 0
    q.seen('one')
    q.place('two')
    q.language('fr')
    s.wait(9999)
    [s.log, q.answer('a', 'late').isAccepted]
    """
    assert act(script) == [[], False]


def test_captions_are_written_only_after_a_choice(act: Act) -> None:
    script = """
    const begun = q.start()
    q.seen('one'); s.wait(2000)
    q.captions(false); s.wait(2000)
    [begun.captions, s.records.map((one) => one.captions)]
    """
    assert act(script, "{read: {captions: true}}") == [True, [None, None, False]]


def test_review_writes_nothing_and_finishes(act: Act) -> None:
    script = """
    q.start()
    q.seen('one')
    q.answer('a', 'x')
    q.place('two')
    s.wait(99999)
    q.hidden()
    q.leave()
    q.leave()
    [s.log, s.messages[0], s.unsent]
    """
    assert act(script, "{read: {mode: 'review'}}") == [["start", "finish"], "review", {}]


@pytest.mark.parametrize("given", ["{noApi: true}", "{refusesStart: true}"])
def test_without_an_lms_the_state_is_saved_on_the_device(act: Act, given: str) -> None:
    script = """
    q.start()
    q.answer('a', 'mine')
    s.wait(2000)
    [s.messages, readState(s.unsent[''], ['one', 'two', 'three']).state.answers, s.log]
    """
    messages, answers, log = act(script, given)
    assert messages == ["alone", "on-device"]
    assert answers == {"a": "mine"}
    assert log in ([], ["start"])


def test_without_an_lms_answers_have_no_limit(act: Act) -> None:
    script = """
    q.start()
    const text = Array.from({length: 9000}, (_, i) => String(i * 7919 % 9973)).join(' ')
    q.answer('a', text).isAccepted
    """
    assert act(script, "{noApi: true, stateLimit: 300}") is True


def test_without_lms_and_storage_a_warning_is_shown(act: Act) -> None:
    script = "q.start(); q.answer('a', 'mine'); s.wait(2000)\ns.messages"
    assert act(script, "{noApi: true, noDevice: true}") == ["no-storage", "no-storage"]


@pytest.mark.parametrize(
    ("given", "messages"),
    [
        ("{noApi: true}", "left"),
        ("{noApi: true, noDevice: true}", "left-page-only"),
        ("{rejecting: true}", "left-unsaved"),
        ("{rejecting: true, noDevice: true}", "left-page-only"),
        ("{noDevice: true}", "left"),
    ],
)
def test_the_status_after_leaving_names_where_the_work_is(
    act: Act, given: str, messages: str
) -> None:
    script = (
        "q.start(); q.answer('a', 'mine')\nconst isStored = q.leave()\n[isStored, s.messages.pop()]"
    )
    assert act(script, given) == [messages != "left-page-only", messages]


def test_if_lms_and_device_fail_a_warning_is_shown_and_saving_is_retried(act: Act) -> None:
    script = """
    q.start(); q.answer('a', 'mine'); s.wait(2000)
    s.rejecting = false
    s.wait(3000)
    s.messages
    """
    assert act(script, "{rejecting: true, noDevice: true}") == ["open", "page-only", "saved"]


def test_a_refused_answer_without_device_storage_is_not_shown_as_saved(act: Act) -> None:
    script = """
    const long = Array.from({ length: 400 }, (_, i) => String(i * 7919 % 9973)).join(' ')
    q.start()
    const outcome = q.answer('a', long)
    s.wait(2000)
    const shown = s.messages.slice(1)
    [outcome.isAccepted, shown, q.leave(), s.messages.pop()]
    """
    unkept = [False, ["too-long-page-only"], False, "left-page-only"]
    assert act(script, "{stateLimit: 600, noDevice: true}") == unkept
    assert act(script, "{stateLimit: 600}") == [False, ["too-long"], True, "left-too-long"]


def test_answers_have_times_and_a_language(act: Act) -> None:
    script = """
    q.start(); q.answer('a', 'one'); s.wait(120000); q.answer('a', 'two'); q.answer('b', '')
    q.leave()
    const read = { state: s.records[s.records.length - 1].state }
    const next = begin({ read, language: 'fr' })
    next.session.start(); next.session.answer('a', 'two')
    const same = JSON.stringify(next.session.times())
    next.wait(120000); next.session.answer('a', 'three')
    [same, next.session.times()]
    """
    same, later = act(script, "{language: 'ar'}")
    start = 1_800_000_000_000
    assert json.loads(same) == {
        "a": {"written": start, "changed": start + 120_000, "language": "ar"}
    }
    assert later["a"]["written"] == start
    assert later["a"]["language"] == "fr"


def test_an_answer_restored_from_the_device_keeps_its_time(act: Act) -> None:
    script = """
    q.start(); q.answer('a', 'mine'); q.leave()
    const next = begin({ unsent: s.unsent })
    next.wait(7200000); next.session.start()
    [next.session.answers(), next.session.times().a.changed]
    """
    assert act(script, "{rejecting: true}") == [{"a": "mine"}, 1_800_000_000_000]


def test_the_learner_comes_from_the_lms(act: Act) -> None:
    script = "q.start()\nq.learner()"
    assert act(script, "{read: {name: 'Paz, Ana'}}") == {"id": "ana", "name": "Paz, Ana"}
    assert act(script, "{noApi: true}") == {"id": None, "name": None}


@pytest.mark.parametrize(
    ("given", "preference"),
    [
        ("{}", None),
        ("{captions: false}", False),
        ("{captions: false, read: {captions: true}}", True),
        ("{captions: true, noApi: true}", True),
    ],
)
def test_the_caption_preference_is_the_lms_s_or_the_device_s(
    act: Act, given: str, preference: bool | None
) -> None:
    assert act("const begun = q.start()\n[begun.captions]", given) == [preference]


def test_the_caption_preference_is_written_to_the_lms_and_the_device(act: Act) -> None:
    script = """
    q.start(); q.captions(false); s.wait(2000)
    [s.records.pop().captions, begin(s.given).session.start().captions]
    """
    assert act(script) == [False, False]


@pytest.mark.parametrize("word", ["M2:new", "quiz=1&page=2"])
def test_a_foreign_state_is_put_aside_and_never_overwritten(act: Act, word: str) -> None:
    script = """
    q.start()
    q.answer('a', 'mine')
    q.seen('one')
    s.wait(2000)
    q.leave()
    const untouched = s.records.every((one) => one.state === null)
    const messages = s.messages.slice(0, 2)
    [untouched, s.backups, messages, Boolean(s.unsent.ana), s.log.includes('finish')]
    """
    given = f"{{read: {{state: '{word}'}}}}"
    assert act(script, given) == [
        True,
        [word],
        ["unreadable-state", "unreadable-state"],
        True,
        True,
    ]


def test_an_answer_over_the_limit_is_refused_and_saved_on_the_device(act: Act) -> None:
    script = """
    const long = Array.from({ length: 400 }, (_, i) => String(i * 7919 % 9973)).join(' ')
    q.start(); q.answer('a', 'short'); const outcome = q.answer('a', long); s.wait(2000); q.leave()
    const onDevice = readState(s.unsent.ana, []).state.answers.a === long
    const fits = s.records.every((one) => one.state === null || one.state.length <= 600)
    [outcome.isAccepted, outcome.excess > 0, q.refused('a'), s.lastState().answers, onDevice, fits]
    """
    assert act(script, "{stateLimit: 600}") == [False, True, True, {"a": "short"}, True, True]


def test_a_refused_answer_is_accepted_after_another_was_shortened(act: Act) -> None:
    script = """
    const long = Array.from({ length: 100 }, (_, i) => String(i * 7919 % 9973)).join(' ')
    q.start(); q.answer('a', long)
    const refused = q.answer('b', long.split('').reverse().join('')).isAccepted
    q.answer('a', 'short'); s.wait(2000)
    [refused, q.refused('b'), Object.keys(s.lastState().answers).sort(), s.unsent]
    """
    assert act(script, "{stateLimit: 600}") == [False, False, ["a", "b"], {}]


def test_a_refused_answer_is_restored_in_the_next_session(act: Act) -> None:
    script = """
    const long = Array.from({ length: 400 }, (_, i) => String(i * 7919 % 9973)).join(' ')
    q.start(); q.answer('a', 'short'); q.answer('a', long); q.leave()
    const { state } = s.records[s.records.length - 1]
    const next = begin({ stateLimit: 600, unsent: s.unsent, read: { state } })
    next.session.start()
    [next.session.refused('a'), next.session.answers().a === long]
    """
    assert act(script, "{stateLimit: 600}") == [True, True]


def test_time_counts_only_while_the_page_is_visible(act: Act) -> None:
    script = """
    q.start()
    s.wait(10000)
    q.hidden()
    s.wait(3600000)
    q.shown()
    s.wait(5000)
    q.leave()
    s.records[s.records.length - 1].seconds
    """
    assert act(script) == 15


def test_only_changed_answers_are_written_as_interactions(act: Act) -> None:
    script = """
    q.start()
    q.answer('a', '1')
    q.answer('b', '2')
    s.wait(2000)
    q.answer('b', '3')
    s.wait(2000)
    q.seen('one')
    s.wait(2000)
    s.records.slice(1).map((one) => one.answers.map((answer) => answer.question + answer.text))
    """
    assert act(script) == [["a1", "b2"], ["b3"], []]


def test_reports_get_all_answers_and_the_end_of_the_session(act: Act) -> None:
    script = """
    q.start()
    q.answer('a', '1')
    q.answer('b', '2')
    s.wait(2000)
    q.answer('b', '3')
    q.leave()
    const languages = (record) => record.answers.map((one) => one.language)
    s.records.slice(1).map((one) => [one.texts, one.leaving, languages(one)])
    """
    assert act(script, "{language: 'fr'}") == [
        [{"a": "1", "b": "2"}, False, ["fr", "fr"]],
        [{"a": "1", "b": "3"}, True, ["fr"]],
    ]
    foreign = act(script, "{language: 'fr', read: {state: 'M2:new'}}")
    assert [texts for texts, _, _ in foreign] == [{}, {}]


LATER = "{later: true, read: {learner: 'ana'}}"


def test_saved_is_shown_after_an_asynchronous_response(act: Act) -> None:
    script = """
    q.start()
    q.answer('a', 'yes')
    s.wait(2000)
    const before = [s.messages.slice(), Boolean(s.unsent.ana)]
    s.answer(true).then(() => [before, s.messages, Boolean(s.unsent.ana)])
    """
    assert act(script, LATER) == [[["open"], True], ["open", "saved"], False]


def test_a_change_during_an_asynchronous_save_is_not_shown_as_saved(act: Act) -> None:
    script = """
    q.start()
    q.answer('a', 'yes')
    s.wait(2000)
    q.answer('a', 'yes, but')
    const first = s.answer(true).then(() => [s.messages.slice(), Boolean(s.unsent.ana)])
    const second = first.then(() => s.wait(2000)).then(() => s.answer(true))
    Promise.all([first, second]).then(([then]) => [then, s.messages, s.lastState().answers.a])
    """
    assert act(script, LATER) == [[["open"], True], ["open", "saved"], "yes, but"]


def test_an_asynchronous_failure_is_retried(act: Act) -> None:
    script = """
    q.start()
    q.answer('a', 'yes')
    s.wait(2000)
    const first = s.answer(false).then(() => [s.messages[1], Boolean(s.unsent.ana)])
    const second = first.then(() => s.wait(3000)).then(() => s.answer(true))
    Promise.all([first, second]).then(([then]) => [then, s.messages.pop(), Boolean(s.unsent.ana)])
    """
    assert act(script, LATER) == [["unsaved", True], "saved", False]


def test_leaving_waits_for_an_asynchronous_response(act: Act) -> None:
    script = """
    q.start()
    const left = q.leave()
    const before = [s.messages[1], s.log.at(-1)]
    s.answer(true).then(() => left).then((stored) => [before, stored, s.messages.pop(), q.phase()])
    """
    assert act(script, LATER) == [["leaving", "finish"], True, "left", "closed"]
    script = script.replace("answer(true)", "answer(false)")
    assert act(script, LATER) == [["leaving", "finish"], True, "left-unsaved", "closed"]


def test_a_page_being_closed_does_not_wait(act: Act) -> None:
    gone = "q.start()\ns.log.length = 0\nq.pageHidden(false)\n[s.log, Boolean(s.unsent.ana)]"
    assert act(gone, LATER) == [["write incomplete state", "commit", "finish gone"], True]
    impatient = """
    q.start()
    q.leave()
    s.log.length = 0
    q.pageHidden(false)
    s.log
    """
    assert act(impatient, LATER) == ["finish gone"]


def test_device_storage_is_per_learner_even_if_start_is_refused(act: Act) -> None:
    script = "q.start(); q.answer('a', 'yes'); s.wait(2000)\n[q.phase(), Object.keys(s.unsent)]"
    assert act(script, "{refusesStart: true, learner: 'ana'}") == ["alone", ["ana"]]


LONG = "const long = Array.from({ length: 9000 }, (_, i) => String(i * 7919 % 9973)).join(' ')"


@pytest.mark.parametrize(
    "text",
    ["long.slice(0, 10000)", "long", "'We do. '.repeat(900) + long.slice(0, 9000)"],
)
@pytest.mark.parametrize("limit", [600, 4096])
def test_the_reported_excess_is_exact(act: Act, text: str, limit: int) -> None:
    script = f"""
    {LONG}
    const text = {text}
    q.start(); q.answer('b', 'another answer')
    const {{ isAccepted, excess }} = q.answer('a', text)
    const shorter = q.answer('a', text.slice(0, text.length - excess)).isAccepted
    const longer = q.answer('a', text.slice(0, text.length - excess + 150)).isAccepted
    [isAccepted, shorter, longer]
    """
    assert act(script, f"{{stateLimit: {limit}}}") == [False, True, False]


def test_saved_is_shown_only_while_there_is_no_newer_change(act: Act) -> None:
    script = """
    q.start(); q.answer('a', 'one'); s.wait(2000)
    q.writing(); q.writing()
    q.answer('a', 'one, two')
    s.wait(2000)
    q.writing()
    q.answer('a', 'one, two')
    s.messages
    """
    saved = ["saved", "pending", "saved", "pending", "saved"]
    assert act(script) == ["open", *saved]
    saved = ["on-device", "pending", "on-device", "pending", "on-device"]
    assert act(script, "{noApi: true}") == ["alone", *saved]


def test_slow_commits_are_made_less_often(act: Act) -> None:
    script = """
    const commit = s.lms.commit
    s.lms.commit = () => { s.time += 1000; return commit(); }
    q.start(); s.wait(9000); q.answer('a', 'one'); s.wait(9000)
    s.log.length = 0
    q.answer('a', 'two'); s.wait(2999)
    const early = s.log.length
    s.wait(1)
    [early, s.log]
    """
    assert act(script) == [0, SAVED]


def test_the_completed_status_stays_until_a_change(act: Act) -> None:
    script = "q.start(); s.wait(9000); q.place('two'); s.wait(9000)\n[s.records.length, s.messages]"
    assert act(script, "{read: {finished: true}}") == [3, ["open", "saved"]]


def test_text_typed_during_a_save_is_not_shown_as_saved(act: Act) -> None:
    script = """
    q.start(); q.answer('a', 'one'); s.wait(2000)
    s.given.typing = ['a', 'one, two']
    s.answer(true).then(() => s.messages)
    """
    assert act(script, LATER) == ["open"]


def test_what_is_being_typed_is_taken_before_a_save(act: Act) -> None:
    script = """
    q.start(); q.answer('a', 'one')
    s.given.typing = ['a', 'one, two']
    s.wait(500)
    [s.lastState().answers, s.messages]
    """
    assert act(script) == [{"a": "one, two"}, ["open", "saved"]]
