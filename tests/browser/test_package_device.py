"""session.js and the device: what the LMS does not have is kept there, and sent later."""

import json

import pytest

from tests.browser.session_harness import Act, act, scripted

pytestmark = pytest.mark.browser
__all__ = ["act", "scripted"]


@pytest.mark.parametrize("given", ["{rejecting: true}", "{refusing: true}"])
def test_rejected_work_is_saved_on_the_device_and_retried(act: Act, given: str) -> None:
    script = """
    q.start()
    q.answer('a', 'mine')
    s.wait(2000)
    const unsent = s.unsent.ana
    s.wait(88000)
    s.log.length = 0
    s.rejecting = s.refusing = false
    s.wait(15499)
    const early = s.log.slice()
    s.wait(1)
    [Boolean(unsent), early, s.messages, s.lastState().answers, s.unsent]
    """
    unsent, early, messages, answers, left = act(script, given)
    assert unsent
    assert early == []  # 3, 6, 12, 24 and 30 s between tries
    assert messages == ["open", *["unsaved"] * 6, "saved"]
    assert answers == {"a": "mine"}
    assert left == {}


def test_work_not_sent_at_the_end_is_sent_in_the_next_session(act: Act) -> None:
    script = """
    q.start(); q.answer('a', 'mine'); q.seen('three'); q.leave()
    const next = begin({unsent: s.unsent}); next.session.start(); next.wait(2000)
    [s.messages.at(-1), next.lastState().answers, next.lastState().seen, next.unsent]
    """
    assert act(script, "{rejecting: true}") == ["left-unsaved", {"a": "mine"}, ["three"], {}]


def test_leaving_succeeds_if_only_finish_succeeds(act: Act) -> None:
    script = """
    q.start()
    q.answer('a', 'mine')
    s.lms.commit = () => false
    q.leave()
    [s.messages.at(-1), s.unsent]
    """
    assert act(script) == ["left", {}]


def test_the_later_state_wins_and_the_other_is_put_aside(act: Act) -> None:
    script = """
    const old = s.encode({ time: 60000, answers: { a: 'here', b: 'only here' } })
    const state = s.encode({ time: 120000, answers: { a: 'there' } })
    const later = begin({ unsent: { ana: old }, read: { state } })
    later.session.start(); later.wait(2000)
    [later.session.answers(), later.backups.length]
    """
    assert act(script) == [{"a": "there", "b": "only here"}, 1]


def test_a_new_session_restores_everything(act: Act) -> None:
    script = """
    q.start(); q.answer('a', 'mine'); q.seen('one'); q.place('two'); q.language('fr'); q.leave()
    const record = s.records[s.records.length - 1]
    const next = begin({ read: { state: record.state, place: record.place } })
    const begun = next.session.start()
    [begun.place, begun.language, next.session.answers(), next.session.seenSections()]
    """
    assert act(script) == ["two", "fr", {"a": "mine"}, ["one"]]


@pytest.mark.parametrize(
    ("stored", "typed", "joined"),
    [
        ("", "mine", "mine"),
        ("stored", "", "stored"),
        ("stored", "stored", "stored"),
        ("stored", "stored and more", "stored and more"),
        ("stored", "no", "stored\n\nno"),
        ("stored\n\nno", "no", "stored\n\nno"),
    ],
)
@pytest.mark.parametrize("case", ["late", "isUncertain", "isStateMissing"])
def test_work_before_the_first_successful_read_is_merged(
    act: Act, case: str, stored: str, typed: str, joined: str
) -> None:
    """The API appears late, reads fail at first, or the state is missing at first."""
    came = "n.session.connect(n.late)" if case == "late" else f"n.{case} = false; n.wait(8000)"
    script = f"""
    const stored = {{ a: {json.dumps(stored)}, b: 'only there' }}
    const state = s.encode({{ time: s.time, seen: ['two'], answers: stored }})
    const n = begin({{ read: {{ state }}, noApi: {json.dumps(case == "late")}, {case}: true }})
    n.session.start(); n.session.answer('a', {json.dumps(typed)}); n.session.seen('one')
    n.wait({0 if case == "isStateMissing" else 2000})
    const untouched = n.records.length
    {came}
    n.wait(2000)
    const {{ answers, seen }} = n.lastState()
    const shown = n.session.answers()
    [untouched, answers, seen, shown, n.unsent, n.connections.length, n.session.phase()]
    """
    answers = {one: text for one, text in {"a": joined, "b": "only there"}.items() if text}
    assert act(script) == [0, answers, ["one", "two"], answers, {}, 1, "open"]


def test_text_being_typed_is_included_when_the_lms_connects(act: Act) -> None:
    script = """
    q.start()
    s.late.read = () => ({ ...read, state: s.encode({ time: 1, answers: { a: 'stored' } }) })
    q.connect(s.late)
    q.answers()
    """.replace("...read", "mode: 'normal', learner: 'ana'")
    given = "{noApi: true, typing: ['a', 'mine']}"
    assert act(script, given) == {"a": "stored\n\nmine"}


def test_another_learner_s_work_on_the_device_is_never_used(act: Act) -> None:
    script = """
    const hers = s.encode({ time: 1, answers: { a: 'hers' } })
    const alone = begin({ noApi: true, unsent: { '': hers } })
    alone.session.start(); alone.session.answer('b', 'mine'); alone.wait(2000)
    alone.session.connect(alone.late); alone.wait(2000)
    [alone.lastState().answers, readState(alone.unsent[''], []).state.answers]
    """
    assert act(script) == [{"b": "mine"}, {"a": "hers"}]


@pytest.mark.parametrize("end", ["q.leave()", "q.pageHidden(false)"])
def test_nothing_is_written_while_reads_fail(act: Act, end: str) -> None:
    script = f"""
    q.start(); q.answer('a', 'mine'); q.seen('one'); s.wait(99999)
    const messages = s.messages.slice(0, 2)
    {end}
    [s.records, s.log, messages, s.messages.pop(), readState(s.unsent.ana, []).state.answers]
    """
    assert act(script, "{isUncertain: true}") == [
        [],
        ["start", "finish"],
        ["unread", "unread"],
        "left-unsaved",
        {"a": "mine"},
    ]


def test_a_state_that_stays_missing_is_accepted_as_empty(act: Act) -> None:
    script = "q.start(); q.answer('a', 'mine'); s.wait(4100)\n[q.phase(), s.lastState().answers]"
    assert act(script, "{isStateMissing: true}") == ["open", {"a": "mine"}]


@pytest.mark.parametrize(
    ("stored", "copy", "result"),
    [
        (None, "mine", "mine"),  # lost entirely
        ("mi", "mine", "mine"),  # its end was lost
        ("theirs", "mine", "theirs"),  # written on a device with a slow clock
    ],
)
def test_a_copy_restores_work_that_the_lms_confirmed_and_lost(
    act: Act, stored: str | None, copy: str, result: str
) -> None:
    script = f"""
    const stored = {json.dumps(stored)}
    const state = stored === null ? '' : s.encode({{ time: 60000, answers: {{ a: stored }} }})
    const confirmed = {{ ana: s.encode({{ time: 120000, answers: {{ a: {json.dumps(copy)} }} }}) }}
    const n = begin({{ confirmed, read: {{ state }} }})
    n.session.start(); n.wait(2000)
    [n.lastState().answers.a, n.messages]
    """
    messages = ["found", "resent"] if result == "mine" else ["open", "saved"]
    assert act(script) == [result, messages]


def test_saving_and_leaving_removes_the_copy_and_closing_does_not(act: Act) -> None:
    script = """
    q.start(); q.answer('a', 'mine'); s.wait(2000); {end}
    [s.unsent, Object.keys(s.confirmed)]
    """
    assert act(script.replace("{end}", "q.leave()")) == [{}, []]
    assert act(script.replace("{end}", "q.pageHidden(false)")) == [{}, ["ana"]]


def test_sending_work_from_the_device_is_shown(act: Act) -> None:
    script = """
    const unsent = { ana: s.encode({ time: s.time, answers: { a: 'mine' } }) }
    const n = begin({ unsent })
    n.session.start(); n.wait(2000); n.session.answer('a', 'mine, too'); n.wait(2000)
    n.messages
    """
    assert act(script) == ["found", "resent", "pending", "saved"]
