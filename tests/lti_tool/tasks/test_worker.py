"""The worker is woken by new work, over SQLite or Redis; the outbox alone decides what is done."""

import uuid
from pathlib import Path

import pytest

from lti_tool.settings import Settings, load
from lti_tool.storage.database import Database
from lti_tool.tasks import outbox, worker
from lti_tool.tasks.outbox import OutboxRow
from tests.support.redis_server import redis_url


@pytest.fixture(params=["sqlite", "redis"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    environ = {"MINGA_DATA_DIR": str(tmp_path)}
    if request.param == "redis":
        environ["MINGA_REDIS_URL"] = redis_url()
    return load(environ)


@pytest.fixture
def bell(settings: Settings, database: Database):
    huey = worker.bell(settings, database)
    huey.storage.flush_queue()
    yield huey
    huey.storage.flush_queue()
    database.on_work = lambda: None


def put(database: Database) -> None:
    payload = {"post": 0, "revision": 0, "among": ["es"]}
    with database.write() as session:
        outbox.put(session, "discussion.language", uuid.uuid4().hex, payload)


def undone(database: Database) -> int:
    with database.read() as session:
        return session.query(OutboxRow).filter(OutboxRow.done_at.is_(None)).count()


def test_new_work_rings_and_the_ring_does_it(bell, database: Database) -> None:
    put(database)
    assert bell.pending_count() == 1
    bell.execute(bell.dequeue())
    assert undone(database) == 0


def test_the_bell_rings_once_until_it_is_heard(bell, database: Database) -> None:
    for _ in range(5):
        put(database)
    assert bell.pending_count() == 1
    bell.execute(bell.dequeue())
    assert undone(database) == 0
    put(database)
    assert bell.pending_count() == 1


def test_reading_and_idle_writing_ring_nobody(bell, database: Database) -> None:
    with database.write() as session:
        session.query(OutboxRow).count()
    with database.read() as session:
        session.query(OutboxRow).count()
    assert bell.pending_count() == 0


def test_work_that_nobody_heard_of_is_done_with_the_next_minute(
    bell, settings: Settings, database: Database
) -> None:
    put(database)
    bell.storage.flush_queue()  # the ring is lost
    assert worker.drained(settings, database) == 1
    assert undone(database) == 0


def test_a_bell_that_cannot_ring_loses_nothing(database: Database, tmp_path: Path) -> None:
    silent = load({"MINGA_DATA_DIR": str(tmp_path), "MINGA_REDIS_URL": "redis://127.0.0.1:1/0"})
    worker.bell(silent, database)
    try:
        put(database)
    finally:
        database.on_work = lambda: None
    assert undone(database) == 1


def test_tidying_an_empty_house_does_no_harm(settings: Settings, database: Database) -> None:
    worker.tidy(settings, database)
    assert settings.data_dir.is_dir()
