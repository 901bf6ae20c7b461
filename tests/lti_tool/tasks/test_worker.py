"""Workers as real processes: killed, stopped, doubled, and cut off from their database."""

import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text, update

from lti_tool import worker
from lti_tool.settings import load
from lti_tool.storage.database import Database, now
from lti_tool.tasks import heartbeat, outbox
from lti_tool.tasks.outbox import OutboxRow
from lti_tool.tasks.wakeup import Wakeup
from tests.lti_tool.tasks import worker_process
from tests.support import databases, processes

pytestmark = pytest.mark.early

PATIENCE = 90.0


def until(reached: Callable[[], object], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not reached():
        assert time.monotonic() < end, f"waited in vain until {what}"
        time.sleep(0.1)


class Scene:
    """A database, and worker processes that write what they do to a log."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self.log = folder / "done.log"
        for file in (self.log, self.errors):
            file.touch()
        self.database = Database(url)
        self.workers: list[BaseProcess] = []

    def put(self, key: str, order_key: str | None = None, seconds: float = 0) -> None:
        with self.database.write() as session:
            payload = {"key": key, "seconds": seconds}
            outbox.put(session, "say", key, payload, order_key=order_key)

    def start(self, lease: float = 60) -> BaseProcess:
        arguments = (self.url, self.log, self.errors, lease)
        process = processes.context().Process(
            target=worker_process.main, args=arguments, daemon=True
        )
        process.start()
        self.workers.append(process)
        return process

    @property
    def errors(self) -> Path:
        return self.folder / "errors.log"

    def said(self, word: str) -> list[str]:
        lines = [line.split() for line in self.log.read_text().splitlines()]
        return [line[1] for line in lines if line[0] == word]

    def rows(self) -> dict[str, OutboxRow]:
        with self.database.read() as session:
            return {row.key: row for row in session.query(OutboxRow)}

    def all_done(self) -> bool:
        return all(row.status == "done" for row in self.rows().values())

    def close(self) -> None:
        for process in self.workers:
            process.kill()
            process.join()
        self.database.close()


@contextmanager
def scene_on(engine: str, folder: Path) -> Iterator[Scene]:
    with databases.migrated_database(engine, folder) as url:
        scene = Scene(url, folder)
        try:
            yield scene
        finally:
            scene.close()


@pytest.fixture
def scene(engine: str, tmp_path: Path) -> Iterator[Scene]:
    with scene_on(engine, tmp_path) as made:
        yield made


@pytest.fixture
def postgresql(tmp_path: Path) -> Iterator[Scene]:
    with scene_on("postgresql", tmp_path) as made:
        yield made


def cut_connections(scene: Scene) -> int:
    """End every other connection to the database, as a restart of the server does."""
    with scene.database.write_core() as connection:
        return len(
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
            ).all()
        )


@pytest.mark.both_engines
def test_a_killed_worker_s_row_is_done_once_by_the_next(scene: Scene) -> None:
    scene.put("one", seconds=3)
    first = scene.start(lease=2)
    until(lambda: scene.said("begin"), "the first worker has begun")
    first.kill()
    first.join()
    scene.start(lease=2)
    until(scene.all_done, "the second worker has done it")
    assert scene.said("begin") == ["one", "one"]
    assert scene.said("end") == ["one"]
    assert scene.rows()["one"].attempts == 2


@pytest.mark.both_engines
def test_a_worker_stopped_for_longer_than_its_lease_is_refused(scene: Scene) -> None:
    scene.put("one", seconds=2)
    first = scene.start(lease=1)
    until(lambda: scene.said("begin"), "the first worker has begun")
    os.kill(first.pid, signal.SIGSTOP)
    second = scene.start(lease=1)
    until(scene.all_done, "the second worker has done it")
    second.terminate()
    second.join(PATIENCE)
    assert second.exitcode == 0
    [before] = scene.rows().values()
    os.kill(first.pid, signal.SIGCONT)
    until(lambda: "is void" in scene.errors.read_text(), "the first worker was refused")
    [after] = scene.rows().values()
    assert (after.done_at, after.lease_token) == (before.done_at, before.lease_token)
    assert after.attempts == 2
    scene.put("two")
    until(scene.all_done, "the first worker goes on with other rows")


def test_two_workers_do_each_row_once_in_the_order_of_its_key(postgresql: Scene) -> None:
    scene = postgresql
    with scene.database.write() as session:
        for number in range(400):
            order_key = None if number % 4 == 0 else f"k{number % 4}"
            key = f"{order_key}:{number}"
            payload = {"key": key, "seconds": 0.002}
            outbox.put(session, "say", key, payload, order_key=order_key)
    scene.start()
    scene.start()
    until(scene.all_done, "all rows are done")
    lines = [line.split() for line in scene.log.read_text().splitlines()]
    assert Counter(line[1] for line in lines if line[0] == "begin").most_common(1)[0][1] == 1
    assert len(scene.said("end")) == 400
    assert len({line[2] for line in lines}) == 2, "both workers took part"
    for order_key in ("k1", "k2", "k3"):
        of_key = [line[:2] for line in lines if line[1].startswith(f"{order_key}:")]
        in_order = sorted({key for _, key in of_key}, key=lambda key: int(key.split(":")[1]))
        assert of_key == [[word, key] for key in in_order for word in ("begin", "end")]


@pytest.mark.parametrize("seconds", [1, 60])
def test_sigterm_ends_the_present_task_or_releases_its_row(scene: Scene, seconds: int) -> None:
    scene.put("one", seconds=seconds)
    scene.put("two", seconds=seconds)
    process = scene.start()
    until(lambda: scene.said("begin"), "the worker has begun")
    process.terminate()
    process.join(30)
    assert process.exitcode == 0
    rows = scene.rows()
    finished = seconds == 1
    expected = "done" if finished else "waiting"
    assert rows["one"].status == expected, scene.errors.read_text()
    assert rows["one"].attempts == (1 if finished else 0)
    assert rows["two"].attempts == 0, "no other row is begun"
    assert heartbeat.latest(scene.database) == [], "its heartbeat is removed"


def test_the_heartbeat_tells_the_process_and_its_task(scene: Scene) -> None:
    scene.put("one", seconds=30)
    process = scene.start()

    def beats() -> bool:
        found = heartbeat.latest(scene.database, alive_only=True)
        return [(each.pid, each.current_kind) for each in found] == [(process.pid, "say")]

    until(beats, "the heartbeat tells the task")


def test_a_connection_cut_in_a_task_loses_nothing(postgresql: Scene) -> None:
    scene = postgresql
    scene.put("one", seconds=4)
    process = scene.start(lease=2)
    until(lambda: scene.said("begin"), "the worker has begun")
    time.sleep(1)
    assert cut_connections(scene) > 0
    until(scene.all_done, "the task is done")
    for _ in range(3):
        cut_connections(scene)
        time.sleep(0.3)
    scene.put("two")
    until(scene.all_done, "the worker goes on")
    assert scene.said("begin") == ["one", "two"]
    assert process.is_alive()
    assert "Traceback" not in scene.errors.read_text()


def test_a_database_that_is_away_at_the_start_and_later_is_waited_for(postgresql: Scene) -> None:
    scene = postgresql
    scene.put("one")
    name = scene.database.engine.url.database
    server = create_engine(databases.POSTGRESQL, isolation_level="AUTOCOMMIT")

    def allow(allowed: bool) -> None:
        with server.connect() as connection:
            word = str(allowed).lower()
            connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS {word}'))
            if not allowed:
                ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :n"
                connection.execute(text(ended), {"n": name})

    def messages(words: str) -> int:
        return scene.errors.read_text().count(words)

    try:
        allow(False)
        process = scene.start()
        until(lambda: messages("does not answer") == 1, "the worker misses its database")
        time.sleep(4)
        allow(True)
        until(scene.all_done, "the row is done")
        allow(False)
        until(lambda: messages("does not answer") == 2, "the worker misses its database again")
        allow(True)
        scene.put("two")
        until(scene.all_done, "the second row is done")
        assert process.is_alive()
        assert "Traceback" not in scene.errors.read_text()
        until(lambda: messages("answers again") == 2, "the worker has its database again")
        assert len(scene.errors.read_text().splitlines()) == 4, "one line for each change"
    finally:
        allow(True)
        server.dispose()


def test_a_notification_ends_the_wait(postgresql: Scene) -> None:
    wakeup = Wakeup(postgresql.database)
    try:
        wakeup.wait(0)  # begins to listen
        timer = threading.Timer(0.5, postgresql.put, ["one"])
        timer.start()
        begun = time.monotonic()
        wakeup.wait(PATIENCE)
        assert time.monotonic() - begun < PATIENCE / 2
        timer.join()
        cut_connections(postgresql)
        wakeup.wait(0.2)  # finds the connection broken
        wakeup.wait(0.2)
        timer = threading.Timer(0.5, postgresql.put, ["two"])
        timer.start()
        begun = time.monotonic()
        wakeup.wait(PATIENCE)
        assert time.monotonic() - begun < PATIENCE / 2
        timer.join()
    finally:
        wakeup.close()


def test_the_worker_s_own_wake_ends_the_wait(scene: Scene) -> None:
    wakeup = Wakeup(scene.database)
    try:
        for _ in range(100_000):
            wakeup.wake()
        wakeup.wait(PATIENCE)
    finally:
        wakeup.close()


@pytest.mark.both_engines
def test_the_hourly_job_is_put_once_by_all_workers(scene: Scene) -> None:
    runs: list[int] = []
    handlers = {worker.PURGE: lambda *_: runs.append(1)}
    workers = [worker.Worker(scene.database, handlers) for _ in range(3)]
    for _ in range(2):
        for each in workers:
            each._do_due()
    assert runs == [1]
    [row] = scene.rows().values()
    assert row.kind == worker.PURGE
    with scene.database.write() as session:
        session.execute(update(OutboxRow).values(key="an hour ago"))
    worker.Worker(scene.database, handlers)._do_due()
    assert runs == [1, 1]


@pytest.mark.both_engines
def test_purging_an_empty_database_does_no_harm(database: Database, tmp_path: Path) -> None:
    settings = load({"MINGA_DATA_DIR": str(tmp_path)})
    with database.write() as session:
        old = now() - 2 * heartbeat.KEEP_DEAD
        dead = heartbeat.WorkerHeartbeat(id="a", host="h", pid=1, started_at=old, seen_at=old)
        session.add(dead)
    worker.purge(settings, database)
    assert heartbeat.latest(database) == []


def test_every_kind_has_one_handler(tmp_path: Path) -> None:
    kinds = worker.handlers(load({"MINGA_DATA_DIR": str(tmp_path)}))
    assert set(kinds) == {
        "discussion.language",
        "discussion.move_thread",
        "discussion.posted",
        "discussion.withdraw",
        "gradebook.recompute",
        "gradebook.results",
        "gradebook.send",
        "gradebook.update",
        "institution.forget",
        "institution.join",
        "institution.remove",
        "notices.copied",
        "notices.register",
        "packages.build",
        "participation.count",
        "participation.count_several",
        "personal_data.export",
        "roster.refresh",
        worker.PURGE,
    }
