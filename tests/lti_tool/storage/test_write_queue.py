"""Writers of SQLite: first come, first served, for a limited time, and never in a reader's way."""

import multiprocessing
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from lti_tool.storage import database as storage
from lti_tool.storage import write_queue
from lti_tool.storage.database import Database
from lti_tool.storage.write_queue import WriteQueue


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "minga.db"


@pytest.fixture
def database(file: Path):
    opened = Database(f"sqlite:///{file}")
    with opened.write_core() as connection:
        connection.execute(text("CREATE TABLE entries (writer TEXT)"))
    yield opened
    opened.close()


def add(database: Database, writer: str) -> None:
    with database.write_core() as connection:
        connection.execute(text("INSERT INTO entries VALUES (:writer)"), {"writer": writer})


def test_threads_write_in_the_order_in_which_they_came(database: Database) -> None:
    order: list[int] = []

    def write(number: int) -> None:
        with database.write_core():
            order.append(number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    with database.write_core():
        for thread in threads:
            thread.start()
            time.sleep(0.02)
    for thread in threads:
        thread.join()
    assert order == list(range(12))


def _write_often(file: str, writer: str, stop: Any) -> None:
    database = Database(f"sqlite:///{file}")
    while not stop.is_set():
        add(database, writer)
    database.close()


def test_processes_take_turns(database: Database, file: Path) -> None:
    start = multiprocessing.get_context("spawn")
    stop = start.Event()
    processes = [
        start.Process(target=_write_often, args=(str(file), name, stop)) for name in ("a", "b")
    ]
    for process in processes:
        process.start()
    counted = text("SELECT count(DISTINCT writer) FROM entries")
    end = time.monotonic() + 30
    with database.read_core() as connection:
        while connection.execute(counted).scalar() < 2 and time.monotonic() < end:
            connection.rollback()
            time.sleep(0.05)
    time.sleep(1)
    stop.set()
    for process in processes:
        process.join(20)
    with database.read_core() as connection:
        rows = connection.execute(text("SELECT writer FROM entries ORDER BY rowid")).scalars()
        writers = "".join(rows)
    both = writers[
        max(writers.index("a"), writers.index("b")) : min(writers.rindex("a"), writers.rindex("b"))
    ]
    assert len(both) > 20
    longest = max(len(run) for run in both.replace("ab", "a b").replace("ba", "b a").split())
    assert longest <= 20, f"{longest} writes of one process in a row while the other waited"


@pytest.mark.parametrize("same_process", [True, False])
def test_a_writer_that_waits_too_long_fails(
    database: Database, file: Path, monkeypatch: pytest.MonkeyPatch, same_process: bool
) -> None:
    monkeypatch.setattr(storage, "WRITE_TIMEOUT", 0.2)
    other = database if same_process else Database(f"sqlite:///{file}")
    with other.write_core():
        start = time.monotonic()
        with pytest.raises(OperationalError, match="database is locked"):
            add(database, "late")
        assert time.monotonic() - start < 5
    add(database, "again")
    if other is not database:
        other.close()


def test_a_writer_that_fails_gives_the_right_on(database: Database) -> None:
    def fail() -> None:
        with database.write_core() as connection:
            connection.execute(text("INSERT INTO no_such_table VALUES (1)"))

    for _ in range(3):
        with pytest.raises(OperationalError):
            fail()
    start = time.monotonic()
    add(database, "next")
    assert time.monotonic() - start < 2


def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    add(database, "before")
    with database.write_core() as writing:
        writing.execute(text("INSERT INTO entries VALUES ('after')"))
        start = time.monotonic()
        with database.read_core() as reading:
            assert reading.execute(text("SELECT count(*) FROM entries")).scalar() == 1
        assert time.monotonic() - start < 1


def refuse(*_: object) -> None:
    raise OSError(37, "No locks available")


@pytest.mark.parametrize("what", ["flock", "open"])
def test_where_files_cannot_be_locked_sqlite_alone_keeps_writers_apart(
    database: Database, file: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    module = write_queue.fcntl if what == "flock" else write_queue.os
    monkeypatch.setattr(module, what, refuse)
    fresh = Database(f"sqlite:///{file}")
    add(fresh, "written")
    outside = sqlite3.connect(file, timeout=0)
    with fresh.write_core(), pytest.raises(sqlite3.OperationalError, match="locked"):
        outside.execute("INSERT INTO entries VALUES ('outside')")
    outside.close()
    monkeypatch.undo()
    fresh.close()


def test_without_a_file_threads_still_queue() -> None:
    queue = WriteQueue(None)
    assert queue.acquire(0.1)
    assert not queue.acquire(0.1)
    queue.release()
    assert queue.acquire(0.1)


def test_the_lock_files_are_the_owners_alone(database: Database, file: Path) -> None:
    for name in ("minga.db.turn", "minga.db.lock"):
        assert file.with_name(name).stat().st_mode & 0o077 == 0
