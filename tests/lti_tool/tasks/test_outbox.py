"""The outbox: nothing acknowledged is lost, nothing is done twice for one cause."""

import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update

from lti_tool.storage.database import Database, now
from lti_tool.tasks import outbox
from lti_tool.tasks.outbox import Claim, GiveUp, NotNow, OutboxRow, RetryAfter

pytestmark = pytest.mark.both_engines

DONE = {"say": lambda *_: None}


def put(database: Database, key: str = "1", order_key: str | None = None, **payload: Any) -> None:
    with database.write() as session:
        outbox.put(session, "say", key, payload, order_key=order_key)


def rows(database: Database) -> list[OutboxRow]:
    with database.read() as session:
        return session.query(OutboxRow).order_by(OutboxRow.id).all()


def change(database: Database, key: str | None = None, **values: object) -> None:
    statement = update(OutboxRow).values(**values)
    with database.write() as session:
        session.execute(statement if key is None else statement.where(OutboxRow.key == key))


def make_due(database: Database) -> None:
    change(database, due_at=now() - timedelta(seconds=1))


def expire_leases(database: Database) -> None:
    change(database, leased_until=now() - timedelta(seconds=1))


def take(database: Database) -> Claim | None:
    return outbox.take(database, ("say",))


def raising(error: Exception) -> Callable[[Database, Mapping[str, Any]], None]:
    def handler(*_: object) -> None:
        raise error

    return handler


def test_work_is_done_once_and_in_order(database: Database) -> None:
    said: list[object] = []
    for word in ("one", "two", "three"):
        put(database, word, word=word)
    handlers = {"say": lambda _, payload: said.append(payload["word"])}
    assert outbox.has_due(database, ("say",))
    assert outbox.drain(database, handlers) == 3
    assert outbox.drain(database, handlers) == 0
    assert not outbox.has_due(database, ("say",))
    assert said == ["one", "two", "three"]


def test_the_same_cause_is_written_once(database: Database) -> None:
    put(database, "same")
    put(database, "same")
    assert len(rows(database)) == 1


def test_work_whose_cause_was_undone_is_never_done(database: Database) -> None:
    try:
        with database.write() as session:
            outbox.put(session, "say", "1", {})
            raise ZeroDivisionError
    except ZeroDivisionError:
        pass
    assert rows(database) == []


def test_a_handler_that_fails_is_tried_again_later_and_stops_nobody(database: Database) -> None:
    said: list[object] = []

    def handler(_: Database, payload: dict[str, object]) -> None:
        if payload["word"] == "bad" and not said:
            raise ValueError("a name or an address could stand here")
        said.append(payload["word"])

    put(database, "1", word="bad")
    put(database, "2", word="good")
    # The bad one comes first and fails; the good one is done all the same.
    assert outbox.drain(database, {"say": handler}) == 1
    bad = rows(database)[0]
    assert bad.status == "waiting"
    assert bad.last_error is not None
    assert bad.last_error.startswith("ValueError: ")
    assert bad.last_error.endswith(" handler")
    assert "a name" not in bad.last_error
    assert bad.due_at > now()
    make_due(database)
    assert outbox.drain(database, {"say": handler}) == 1
    assert said == ["good", "bad"]
    assert rows(database)[0].last_error is None


LATE_ACTIONS: list[tuple[str, Callable[[Database, Claim], object], object]] = [
    ("completes", lambda database, claim: outbox.perform(database, DONE["say"], claim), "lost"),
    (
        "postpones",
        lambda database, claim: outbox.perform(database, raising(ValueError()), claim),
        "lost",
    ),
    (
        "gives up",
        lambda database, claim: outbox.perform(database, raising(GiveUp("no")), claim),
        "lost",
    ),
    ("renews", outbox.renew, False),
    ("releases", outbox.release, False),
]
AFTER_THE_LEASE: list[tuple[str, Callable[[Database], object]]] = [
    ("taken by another", take),
    ("done by another", lambda database: outbox.drain(database, DONE)),
    ("postponed by another", lambda database: outbox.drain(database, {"say": raising(OSError())})),
    ("retried by the operator", lambda database: outbox.retry(database, rows(database)[0].id)),
]


@pytest.mark.parametrize("late", LATE_ACTIONS, ids=lambda case: case[0])
@pytest.mark.parametrize("meanwhile", AFTER_THE_LEASE, ids=lambda case: case[0])
def test_a_late_worker_changes_nothing(database: Database, late, meanwhile) -> None:
    put(database)
    claim = take(database)  # this worker is stopped for longer than its lease
    assert claim is not None
    assert take(database) is None, "the lease has not expired"
    expire_leases(database)
    meanwhile[1](database)
    [before] = rows(database)
    assert late[1](database, claim) == late[2]
    [after] = rows(database)
    for column in OutboxRow.__table__.columns:
        assert getattr(after, column.name) == getattr(before, column.name), column.name


def test_a_worker_whose_row_nobody_took_may_still_complete_it(database: Database) -> None:
    put(database)
    claim = take(database)
    assert claim is not None
    expire_leases(database)
    assert outbox.perform(database, DONE["say"], claim) == "done"
    assert rows(database)[0].status == "done"


def test_the_lease_is_renewed_while_the_handler_runs(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "LEASE", timedelta(seconds=1))
    put(database)
    taken: list[object] = []

    def handler(*_: object) -> None:
        end = time.monotonic() + 3
        while time.monotonic() < end:
            time.sleep(0.2)
            taken.append(take(database))

    assert outbox.drain(database, {"say": handler}) == 1
    assert len(taken) > 3
    assert set(taken) == {None}


def test_a_stop_releases_the_row_and_counts_no_attempt(database: Database) -> None:
    put(database)
    with pytest.raises(SystemExit):
        outbox.drain(database, {"say": raising(SystemExit())})  # type: ignore[arg-type]
    [row] = rows(database)
    assert (row.status, row.attempts) == ("waiting", 0)
    assert outbox.drain(database, DONE) == 1


def test_a_stop_while_the_outcome_is_stored_releases_the_row_too(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(database)
    claim = take(database)
    assert claim is not None

    def stop(*_: object) -> bool:
        raise KeyboardInterrupt

    monkeypatch.setattr(outbox, "_settled", stop)
    with pytest.raises(KeyboardInterrupt):
        outbox.perform(database, DONE["say"], claim)
    [row] = rows(database)
    assert (row.status, row.attempts) == ("waiting", 0)


@pytest.mark.parametrize(
    ("error", "attempts", "outcome", "wait"),
    [
        (ValueError(), 1, "postponed", 30),
        (ValueError(), 4, "postponed", 240),
        (ValueError(), 11, "postponed", 6 * 3600),
        (ValueError(), 12, "given up", None),
        (RetryAfter(3), 1, "postponed", 30),
        (RetryAfter(-3), 1, "postponed", 30),
        (RetryAfter(600, "busy"), 1, "postponed", 600),
        (RetryAfter(1e300), 1, "postponed", 86_400),
        (RetryAfter(float("nan")), 1, "postponed", 30),
        (RetryAfter(600), 12, "given up", None),
        (GiveUp("\0 \ud800" * 600), 1, "given up", None),
        (GiveUp("the line item is gone"), 1, "given up", None),
    ],
)
def test_errors_of_handlers(
    database: Database, error: Exception, attempts: int, outcome: str, wait: float | None
) -> None:
    put(database)
    change(database, attempts=attempts - 1)
    claim = take(database)
    assert claim is not None
    before = now()
    assert outbox.perform(database, raising(error), claim) == outcome
    [row] = rows(database)
    assert row.status == ("given up" if wait is None else "waiting")
    if wait is not None:
        assert timedelta(0) <= row.due_at - before - timedelta(seconds=wait) < timedelta(seconds=30)
    if str(error) and "\0" not in str(error):
        assert row.last_error == str(error)


def test_an_error_with_many_frames_is_stored_with_both_ends(database: Database) -> None:
    def deep(left: int) -> None:
        if not left:
            raise ValueError
        deep(left - 1)

    put(database)
    outbox.drain(database, {"say": lambda *_: deep(50)})
    error = rows(database)[0].last_error
    assert error is not None
    assert len(error) == outbox.LONGEST_ERROR
    assert error.startswith("ValueError: ")
    assert error.endswith(" deep")


def test_rows_of_one_key_wait_for_each_other_and_others_do_not(database: Database) -> None:
    for key, order_key in (("a1", "a"), ("a2", "a"), ("b1", "b"), ("c", None), ("d", None)):
        put(database, key, order_key)
    ids = {row.id: row.key for row in rows(database)}
    taken = []
    while claim := take(database):
        taken.append(claim)
    assert [ids[claim.id] for claim in taken] == ["a1", "b1", "c", "d"]
    assert not outbox.has_due(database, ("say",))
    outbox.perform(database, DONE["say"], taken[0])
    following = take(database)
    assert following is not None
    assert ids[following.id] == "a2"


@pytest.mark.parametrize(
    ("first", "blocks"),
    [("postponed", True), ("running", True), ("given up", False), ("done", False)],
)
def test_what_happened_to_an_older_row_decides_about_the_newer(
    database: Database, first: str, blocks: bool
) -> None:
    put(database, "older", "k")
    claim = take(database)
    assert claim is not None
    put(database, "newer", "k")
    if first != "running":
        handler = {"postponed": raising(OSError()), "given up": raising(GiveUp("no"))}.get(first)
        assert outbox.perform(database, handler or DONE["say"], claim) == first
    assert (take(database) is None) is blocks


def test_the_key_orders_only_rows_of_its_kind(database: Database) -> None:
    put(database, "1", "k")
    with database.write() as session:
        outbox.put(session, "other", "1", {}, order_key="k")
    assert outbox.take(database, ("say", "other")) is not None
    assert outbox.take(database, ("say", "other")) is not None


def test_a_given_up_row_that_is_retried_waits_for_a_newer_that_runs(database: Database) -> None:
    put(database, "older", "k")
    outbox.drain(database, {"say": raising(GiveUp("no"))})
    put(database, "newer", "k")
    newer = take(database)
    assert newer is not None
    assert outbox.retry(database, rows(database)[0].id) == "given up"
    assert take(database) is None
    outbox.perform(database, DONE["say"], newer)
    older = take(database)
    assert older is not None
    assert (older.id, older.attempts) == (rows(database)[0].id, 1)


def test_rows_of_one_key_are_numbered_in_the_order_of_their_commits(database: Database) -> None:
    if database.is_sqlite:
        pytest.skip("SQLite has one writing transaction at a time")
    second = threading.Thread(target=put, args=(database, "second", "k"))
    with database.write() as session:
        outbox.put(session, "say", "first", {}, order_key="k")
        second.start()
        second.join(0.5)
        assert second.is_alive(), "the second transaction waits for the end of the first"
        put(database, "another key", "l")
    second.join()
    assert [row.key for row in rows(database)] == ["first", "another key", "second"]


def test_two_workers_share_the_work(database: Database) -> None:
    for number in range(30):
        put(database, str(number), number=number)
    said: list[object] = []
    lock = threading.Lock()

    def handler(_: Database, payload: dict[str, object]) -> None:
        with lock:
            said.append(payload["number"])

    threads = [
        threading.Thread(target=outbox.drain, args=(database, {"say": handler})) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == list(range(30))


def test_done_work_is_deleted_after_a_while(database: Database) -> None:
    put(database)
    outbox.drain(database, DONE)
    assert outbox.purge_done(database) == 0
    change(database, done_at=now() - timedelta(days=30))
    assert outbox.purge_done(database) == 1


def test_the_backlog_counts_what_is_due_and_what_is_given_up(database: Database) -> None:
    assert outbox.backlog(database) == outbox.Backlog(0, None, 0)
    for key in ("late", "new", "later", "hopeless", "running", "done"):
        put(database, key)
    then = now() - timedelta(hours=1)
    change(database, "late", due_at=then)
    change(database, "later", due_at=now() + timedelta(hours=1))
    change(database, "hopeless", given_up_at=now(), due_at=then)
    change(database, "running", leased_until=now() + timedelta(hours=1))
    change(database, "done", done_at=now())
    assert outbox.backlog(database) == outbox.Backlog(2, then, 1)


def test_the_count_of_the_backlog_has_an_end(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "MOST_COUNTED", 3)
    for key in "abcde":
        put(database, key)
    assert outbox.backlog(database).due == 3


def test_what_fails_for_the_last_time_is_logged(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    put(database)
    for _ in range(outbox.MOST_ATTEMPTS):
        assert "given up" not in caplog.text
        make_due(database)
        outbox.drain(database, {"say": lambda _, payload: payload["word"]})
    assert "is given up after 12 attempts: KeyError" in caplog.text


def test_a_row_that_ends_the_worker_each_time_is_given_up_and_the_next_is_taken(
    database: Database,
) -> None:
    put(database, "deadly")
    for _ in range(outbox.MOST_ATTEMPTS):
        assert take(database) is not None
        expire_leases(database)
    put(database, "good")
    claim = take(database)
    assert claim is not None
    deadly, good = rows(database)
    assert (deadly.status, good.status) == ("given up", "running")
    assert claim.id == good.id
    assert deadly.last_error


def test_a_row_of_an_unknown_kind_stays(database: Database) -> None:
    put(database)
    assert outbox.drain(database, {"other": DONE["say"]}) == 0
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(OutboxRow)) == 1


def test_a_handler_that_says_not_now_is_called_later_as_often_as_it_says_so(
    database: Database,
) -> None:
    put(database)
    for _ in range(2 * outbox.MOST_ATTEMPTS):
        make_due(database)
        assert outbox.drain(database, {"say": raising(NotNow(600))}) == 0
    [row] = rows(database)
    assert (row.status, row.attempts) == ("waiting", 0)
    assert 590 < (row.due_at - now()).total_seconds() <= 600
    make_due(database)
    assert outbox.drain(database, DONE) == 1


def test_a_row_with_a_delay_is_due_after_it(database: Database) -> None:
    with database.write() as session:
        outbox.put(session, "say", "later", {}, delay=timedelta(hours=1))
    assert outbox.drain(database, DONE) == 0
    make_due(database)
    assert outbox.drain(database, DONE) == 1
