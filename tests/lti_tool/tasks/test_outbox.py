"""The outbox: nothing acknowledged is lost, nothing is done twice for one cause."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import update

from lti_tool.storage.database import Database, now
from lti_tool.tasks import outbox
from lti_tool.tasks.outbox import OutboxRow


def put(database: Database, key: str = "1", **payload: object) -> None:
    with database.write() as session:
        outbox.put(session, "say", key, payload)


def rows(database: Database) -> list[OutboxRow]:
    with database.read() as session:
        return session.query(OutboxRow).order_by(OutboxRow.id).all()


def make_due(database: Database) -> None:
    with database.write() as session:
        session.execute(update(OutboxRow).values(due_at=now() - timedelta(seconds=1)))


def test_work_is_done_once_and_in_order(database: Database) -> None:
    said: list[object] = []
    for word in ("one", "two", "three"):
        put(database, word, word=word)
    handlers = {"say": lambda _, payload: said.append(payload["word"])}
    assert outbox.drain(database, handlers) == 3
    assert outbox.drain(database, handlers) == 0
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
    assert bad.done_at is None
    assert bad.last_error == "ValueError"
    assert bad.due_at > now()
    make_due(database)
    assert outbox.drain(database, {"say": handler}) == 1
    assert said == ["good", "bad"]


def test_what_a_dead_worker_had_taken_is_taken_again(database: Database) -> None:
    put(database)
    taken = outbox._take(database, ("say",))  # a worker takes it, and dies
    assert taken is not None
    done: list[object] = []
    handlers = {"say": lambda _, payload: done.append(payload)}
    assert outbox.drain(database, handlers) == 0, "the lease has not run out"
    make_due(database)
    assert outbox.drain(database, handlers) == 1


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


def test_the_worker_is_woken_after_the_transaction_and_only_for_work(database: Database) -> None:
    seen: list[int] = []
    database.on_work = lambda: seen.append(len(rows(database)))
    try:
        put(database)
        with database.write() as session:
            session.query(OutboxRow).count()
    finally:
        database.on_work = lambda: None
    assert seen == [1]


def test_done_work_is_forgotten_after_a_while(database: Database) -> None:
    put(database)
    outbox.drain(database, {"say": lambda *_: None})
    assert outbox.forget_done(database) == 0
    with database.write() as session:
        session.execute(update(OutboxRow).values(done_at=now() - timedelta(days=30)))
    assert outbox.forget_done(database) == 1


def test_the_backlog_tells_what_is_late_and_what_is_given_up(database: Database) -> None:
    assert outbox.backlog(database) == outbox.Backlog(None, 0)
    put(database, "late")
    put(database, "new")
    assert outbox.backlog(database).late_since is None
    then = now() - timedelta(hours=1)
    with database.write() as session:
        session.execute(update(OutboxRow).where(OutboxRow.key == "late").values(due_at=then))
    assert outbox.backlog(database).late_since == then
    with database.write() as session:
        session.execute(update(OutboxRow).values(attempts=outbox.MOST_ATTEMPTS))
    assert outbox.backlog(database) == outbox.Backlog(None, 2)
    with database.write() as session:
        session.execute(update(OutboxRow).values(done_at=now()))
    assert outbox.backlog(database) == outbox.Backlog(None, 0)


def test_what_fails_for_the_last_time_is_told(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    put(database)
    for _ in range(outbox.MOST_ATTEMPTS):
        assert "given up" not in caplog.text
        make_due(database)
        outbox.drain(database, {"say": lambda _, payload: payload["word"]})
    assert "is given up after 12 attempts" in caplog.text
