"""The database: the same promises on both engines."""

import socket
import threading
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from lti_tool.directory.model import Invitation
from lti_tool.storage import database as database_module
from lti_tool.storage.database import Database, now

pytestmark = pytest.mark.both_engines


def an_invitation(code: str = "a", **values: object) -> Invitation:
    given = {"code_hash": code, "uses_left": 1, "expires_at": now(), "created_at": now()} | values
    return Invitation(**given)


def test_a_moment_comes_back_aware_and_in_utc(database: Database) -> None:
    lima = timezone(timedelta(hours=-5))
    moment = datetime(2026, 3, 1, 20, 30, tzinfo=lima)
    with database.write() as session:
        session.add(an_invitation(expires_at=moment))
    with database.read() as session:
        kept = session.query(Invitation).one().expires_at
    assert kept == moment
    assert kept.tzinfo == UTC


def test_a_transaction_that_raises_leaves_nothing(database: Database) -> None:
    def write_and_fail() -> None:
        with database.write() as session:
            session.add(an_invitation())
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_and_fail()
    with database.read() as session:
        assert session.query(Invitation).count() == 0


def test_sqlite_keeps_what_it_acknowledged_and_its_references(database: Database) -> None:
    if not database.is_sqlite:
        pytest.skip("about SQLite")
    with database.read_core() as connection:
        assert connection.execute(text("PRAGMA journal_mode")).scalar() == "wal"
        assert connection.execute(text("PRAGMA synchronous")).scalar() == 2
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1


def test_writers_wait_for_each_other_instead_of_failing(database: Database) -> None:
    faults: list[Exception] = []

    def write(name: str) -> None:
        try:
            for turn in range(10):
                with database.write() as session:
                    session.query(Invitation).count()
                    session.add(an_invitation(f"{name}-{turn}"))
        except Exception as error:
            faults.append(error)

    threads = [threading.Thread(target=write, args=(str(n),)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    with database.read() as session:
        assert session.query(Invitation).count() == 60


@pytest.mark.parametrize("query", ["", "?connect_timeout=2"])
def test_a_postgresql_server_that_does_not_answer_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, query: str
) -> None:
    monkeypatch.setattr(database_module, "CONNECT_TIMEOUT", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        database = Database(f"postgresql://minga:x@127.0.0.1:{port}/minga{query}")
        started = time.monotonic()
        with pytest.raises(OperationalError), database.read_core():
            pass
        database.close()
    assert time.monotonic() - started < 30
