"""session.js against the table in its first lines: each test is a line of it, or a never of it."""

import json

import pytest

from tests.browser.session_stage import SAVED, Act, act, scripted

pytestmark = pytest.mark.browser
__all__ = ["act", "scripted"]

FIRST = ["start", "write incomplete -"]


def test_at_once_after_initialize_the_status_is_incomplete(act: Act) -> None:
    assert act("q.start()\ns.log") == FIRST


def test_a_change_is_written_after_half_a_second_of_quiet(act: Act) -> None:
    assert act("q.start(); s.pass(9000); s.log.length = 0\nq.seen('one'); s.pass(499)\ns.log") == []
    assert (
        act("q.start(); s.pass(9000); s.log.length = 0\nq.seen('one'); s.pass(500)\ns.log") == SAVED
    )


def test_changes_without_a_pause_are_written_after_five_seconds(act: Act) -> None:
    script = """
    q.start(); s.pass(9000); s.log.length = 0
    for (let i = 0; i < 12; i += 1) { q.answer('a', 'x'.repeat(i + 1)); s.pass(450); }
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


def test_captions_are_told_once_they_were_chosen(act: Act) -> None:
    script = """
    const begun = q.start()
    q.seen('one'); s.pass(2000)
    q.captions(false); s.pass(2000)
    [begun.captions, s.records.map((one) => one.captions)]
    """
    assert act(script, "{told: {captions: true}}") == [True, [None, None, False]]


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
    s.pass(3000)
    s.news
    """
    assert act(script, "{deaf: true, noDevice: true}") == ["open", "unkept", "saved"]


def test_a_refused_answer_that_no_device_keeps_is_not_called_saved(act: Act) -> None:
    script = """
    const long = Array.from({ length: 400 }, (_, i) => String(i * 7919 % 9973)).join(' ')
    q.start()
    const outcome = q.answer('a', long)
    s.pass(2000)
    const shown = s.news.slice(1)
    [outcome.kept, shown, q.leave(), s.news.pop()]
    """
    unkept = [False, ["too-long-unkept"], False, "left-unkept"]
    assert act(script, "{room: 600, noDevice: true}") == unkept
    assert act(script, "{room: 600}") == [False, ["too-long"], True, "left-unsaved"]


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
    s.pass(88000)
    s.log.length = 0
    s.deaf = s.refusing = false
    s.pass(15499)
    const early = s.log.slice()
    s.pass(1)
    [Boolean(kept), early, s.news, s.lastState().answers, s.kept]
    """
    kept, early, news, answers, left = act(script, given)
    assert kept
    assert early == []  # 3, 6, 12, 24 and 30 s between tries
    assert news == ["open", *["unsaved"] * 6, "saved"]
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


def test_reports_get_all_answers_and_know_of_the_end(act: Act) -> None:
    script = """
    q.start()
    q.answer('a', '1')
    q.answer('b', '2')
    s.pass(2000)
    q.answer('b', '3')
    q.leave()
    const tongues = (record) => record.answers.map((one) => one.language)
    s.records.slice(1).map((one) => [one.texts, one.leaving, tongues(one)])
    """
    assert act(script, "{language: 'fr'}") == [
        [{"a": "1", "b": "2"}, False, ["fr", "fr"]],
        [{"a": "1", "b": "3"}, True, ["fr"]],
    ]
    foreign = act(script, "{language: 'fr', told: {state: 'M2:new'}}")
    assert [texts for texts, _, _ in foreign] == [{}, {}]


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
    const second = first.then(() => s.pass(3000)).then(() => s.answer(true))
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


LONG = "const long = Array.from({ length: 9000 }, (_, i) => String(i * 7919 % 9973)).join(' ')"


@pytest.mark.parametrize(
    "text",
    ["long.slice(0, 10000)", "long", "'We do. '.repeat(900) + long.slice(0, 9000)"],
)
@pytest.mark.parametrize("room", [600, 4096])
def test_an_answer_shortened_by_the_number_fits_and_no_more_is_asked(
    act: Act, text: str, room: int
) -> None:
    script = f"""
    {LONG}
    const text = {text}
    q.start(); q.answer('b', 'another answer')
    const {{ kept, over }} = q.answer('a', text)
    const shorter = q.answer('a', text.slice(0, text.length - over)).kept
    const longer = q.answer('a', text.slice(0, text.length - over + 150)).kept
    [kept, shorter, longer]
    """
    assert act(script, f"{{room: {room}}}") == [False, True, False]


def test_the_bar_says_saved_only_while_nothing_is_newer(act: Act) -> None:
    script = """
    q.start(); q.answer('a', 'one'); s.pass(2000)
    q.writing(); q.writing()
    q.answer('a', 'one, two')
    s.pass(2000)
    q.writing()
    q.answer('a', 'one, two')
    s.news
    """
    saved = ["saved", "pending", "saved", "pending", "saved"]
    assert act(script) == ["open", *saved]
    kept = ["kept", "pending", "kept", "pending", "kept"]
    assert act(script, "{noApi: true}") == ["alone", *kept]


def test_a_slow_commit_is_made_less_often(act: Act) -> None:
    script = """
    const commit = s.lms.commit
    s.lms.commit = () => { s.time += 1000; return commit(); }
    q.start(); s.pass(9000); q.answer('a', 'one'); s.pass(9000)
    s.log.length = 0
    q.answer('a', 'two'); s.pass(2999)
    const early = s.log.length
    s.pass(1)
    [early, s.log]
    """
    assert act(script) == [0, SAVED]


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
@pytest.mark.parametrize("case", ["late", "doubtful", "hollow"])
def test_what_was_written_before_the_lms_could_be_read_is_added(
    act: Act, case: str, stored: str, typed: str, joined: str
) -> None:
    """An API that appears late, a read that fails at first, a state that is missing at first."""
    came = "n.session.connect(n.late)" if case == "late" else f"n.{case} = false; n.pass(8000)"
    script = f"""
    const stored = {{ a: {json.dumps(stored)}, b: 'only there' }}
    const state = s.wordOf({{ time: s.time, seen: ['two'], answers: stored }})
    const n = begin({{ told: {{ state }}, noApi: {json.dumps(case == "late")}, {case}: true }})
    n.session.start(); n.session.answer('a', {json.dumps(typed)}); n.session.seen('one')
    n.pass({0 if case == "hollow" else 2000})
    const untouched = n.records.length
    {came}
    n.pass(2000)
    const {{ answers, seen }} = n.lastState()
    [untouched, answers, seen, n.session.answers(), n.kept, n.joins.length, n.session.stage()]
    """
    answers = {one: text for one, text in {"a": joined, "b": "only there"}.items() if text}
    assert act(script) == [0, answers, ["one", "two"], answers, {}, 1, "open"]


def test_what_is_being_typed_when_the_lms_appears_is_taken_first(act: Act) -> None:
    script = """
    q.start()
    s.late.read = () => ({ ...told, state: s.wordOf({ time: 1, answers: { a: 'stored' } }) })
    q.connect(s.late)
    q.answers()
    """.replace("...told", "mode: 'normal', learner: 'ana'")
    given = "{noApi: true, typing: ['a', 'mine']}"
    assert act(script, given) == {"a": "stored\n\nmine"}


def test_somebody_elses_work_on_the_device_is_never_given_to_the_learner(act: Act) -> None:
    script = """
    const hers = s.wordOf({ time: 1, answers: { a: 'hers' } })
    const alone = begin({ noApi: true, kept: { '': hers } })
    alone.session.start(); alone.session.answer('b', 'mine'); alone.pass(2000)
    alone.session.connect(alone.late); alone.pass(2000)
    [alone.lastState().answers, readState(alone.kept[''], []).state.answers]
    """
    assert act(script) == [{"b": "mine"}, {"a": "hers"}]


@pytest.mark.parametrize("end", ["q.leave()", "q.pageHidden(false)"])
def test_while_reads_fail_nothing_is_written(act: Act, end: str) -> None:
    script = f"""
    q.start(); q.answer('a', 'mine'); q.seen('one'); s.pass(99999)
    const news = s.news.slice(0, 2)
    {end}
    [s.records, s.log, news, s.news.pop(), readState(s.kept.ana, []).state.answers]
    """
    assert act(script, "{doubtful: true}") == [
        [],
        ["start", "finish"],
        ["unread", "unread"],
        "left-unsaved",
        {"a": "mine"},
    ]


def test_a_state_that_stays_missing_is_believed_in_the_end(act: Act) -> None:
    script = "q.start(); q.answer('a', 'mine'); s.pass(4100)\n[q.stage(), s.lastState().answers]"
    assert act(script, "{hollow: true}") == ["open", {"a": "mine"}]


@pytest.mark.parametrize(
    ("stored", "copy", "result"),
    [
        (None, "mine", "mine"),  # lost entirely
        ("mi", "mine", "mine"),  # its end was lost
        ("theirs", "mine", "theirs"),  # written elsewhere, by a clock that is late
    ],
)
def test_a_copy_gives_back_what_the_lms_confirmed_and_lost(
    act: Act, stored: str | None, copy: str, result: str
) -> None:
    script = f"""
    const stored = {json.dumps(stored)}
    const state = stored === null ? '' : s.wordOf({{ time: 60000, answers: {{ a: stored }} }})
    const copies = {{ ana: s.wordOf({{ time: 120000, answers: {{ a: {json.dumps(copy)} }} }}) }}
    const n = begin({{ copies, told: {{ state }} }})
    n.session.start(); n.pass(2000)
    [n.lastState().answers.a, n.news]
    """
    news = ["found", "resent"] if result == "mine" else ["open", "saved"]
    assert act(script) == [result, news]


def test_saving_and_leaving_removes_the_copy_and_closing_does_not(act: Act) -> None:
    script = (
        "q.start(); q.answer('a', 'mine'); s.pass(2000)\n{end}\n[s.kept, Object.keys(s.copies)]"
    )
    assert act(script.replace("{end}", "q.leave()")) == [{}, []]
    assert act(script.replace("{end}", "q.pageHidden(false)")) == [{}, ["ana"]]


def test_what_was_kept_and_is_sent_is_told(act: Act) -> None:
    script = """
    const kept = { ana: s.wordOf({ time: s.time, answers: { a: 'mine' } }) }
    const n = begin({ kept })
    n.session.start(); n.pass(2000); n.session.answer('a', 'mine, too'); n.pass(2000)
    n.news
    """
    assert act(script) == ["found", "resent", "pending", "saved"]


def test_that_the_module_is_completed_stays_until_something_is_done(act: Act) -> None:
    script = "q.start(); s.pass(9000); q.place('two'); s.pass(9000)\n[s.records.length, s.news]"
    assert act(script, "{told: {finished: true}}") == [3, ["open", "saved"]]


def test_what_is_typed_while_the_lms_is_sent_to_is_not_called_saved(act: Act) -> None:
    script = """
    q.start(); q.answer('a', 'one'); s.pass(2000)
    s.given.typing = ['a', 'one, two']
    s.answer(true).then(() => s.news)
    """
    assert act(script, LATER) == ["open"]


def test_what_is_being_typed_is_taken_before_a_save(act: Act) -> None:
    script = """
    q.start(); q.answer('a', 'one')
    s.given.typing = ['a', 'one, two']
    s.pass(500)
    [s.lastState().answers, s.news]
    """
    assert act(script) == [{"a": "one, two"}, ["open", "saved"]]
