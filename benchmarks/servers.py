"""Start the measured servers: the tool, and peers with the same WSGI server."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import OperationalError

from benchmarks.client import build_request, send_all
from benchmarks.cpu import children_of, seconds_of
from lti_tool.storage import migrations
from lti_tool.storage.database import Database

OUR_WORKER = "lti_tool.serving.WaitressWorker"
"""The worker class with which the tool is served."""
WORKERS = 2
THREADS = 8
POSTGRESQL = os.environ.get(
    "MINGA_TEST_POSTGRESQL", "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
)


@dataclass(frozen=True)
class Server:
    """A running server, with its environment."""

    name: str
    port: int
    process: "subprocess.Popen[bytes]"
    environ: Mapping[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def cpu_seconds(self) -> float:
        """Return the CPU time of its worker processes."""
        return seconds_of(children_of(self.process.pid))

    def store_seconds(self) -> float:
        """Return the CPU time of its PostgreSQL backends; 0 with SQLite."""
        return backend_seconds(self.environ.get("MINGA_DATABASE_URL", ""))

    def database(self) -> Database:
        """Open the database of the tool."""
        folder = self.environ["MINGA_DATA_DIR"]
        return Database(self.environ.get("MINGA_DATABASE_URL", f"sqlite:///{folder}/minga.db"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def tool(name: str, *, database_url: str | None = None, **settings: str) -> Iterator[Server]:
    """``lti-tool serve``; ``settings`` are environment variables without ``MINGA_``."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        environ = {
            "MINGA_PUBLIC_URL": f"http://localhost:{port}",
            "MINGA_DATA_DIR": folder,
            "MINGA_ALLOW_PRIVATE_PLATFORMS": "yes",
            "MINGA_LOG_LEVEL": "WARNING",
            **{f"MINGA_{key.upper()}": value for key, value in settings.items()},
        }
        if database_url:
            environ["MINGA_DATABASE_URL"] = database_url
            database = Database(database_url)
            migrations.upgrade(database)
            database.close()
        command = ["lti_tool.cli", "serve", "--bind", f"127.0.0.1:{port}"]
        command += ["--workers", str(WORKERS), "--threads", str(THREADS)]
        with _running(name, port, command, environ, "/healthz") as server:
            yield server


@contextmanager
def peer(
    name: str,
    application: str,
    *,
    workers: int = WORKERS,
    worker_class: str = "gthread",
    **environ: str,
) -> Iterator[Server]:
    """Serve another WSGI application with gunicorn: its threads, or the tool's worker class."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        command = ["gunicorn", application, "--bind", f"127.0.0.1:{port}", "--keep-alive", "5"]
        command += ["--worker-class", worker_class, "--log-level", "warning"]
        command += ["--workers", str(workers), "--threads", str(THREADS)]
        environ = {"BENCHMARK_FOLDER": folder, **environ}
        with _running(name, port, command, environ, "/hello") as server:
            yield server


@contextmanager
def _running(
    name: str, port: int, command: list[str], environ: Mapping[str, str], path: str
) -> Iterator[Server]:
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        env={**os.environ, **environ},
        cwd=Path(__file__).parent.parent,
    )
    try:
        _wait(port, path, process)
        yield Server(name, port, process, environ)
    finally:
        process.terminate()
        process.wait(30)


def _wait(port: int, path: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(1200):
        try:
            send_all(port, [build_request("GET", path, port)] * 40, 200)
        except OSError:
            if process.poll() is not None:
                raise RuntimeError("the server did not start") from None
            time.sleep(0.1)
        else:
            return
    raise RuntimeError("the server does not respond")


@contextmanager
def postgresql() -> Iterator[str | None]:
    """Yield the URL of a new PostgreSQL database, dropped at the end; None without a server."""
    server = create_engine(POSTGRESQL, isolation_level="AUTOCOMMIT")
    name = f"minga_benchmark_{uuid.uuid4().hex[:12]}"
    try:
        with server.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
    except OperationalError:
        yield None
        return
    try:
        yield make_url(POSTGRESQL).set(database=name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        server.dispose()


def backend_seconds(url: str) -> float:
    """Return the CPU time of the PostgreSQL backends of a database; 0 with SQLite."""
    return seconds_of(_backends(url)) if url.startswith("postgresql") else 0.0


def _backends(url: str) -> list[int]:
    engine = create_engine(POSTGRESQL)
    try:
        with engine.connect() as connection:
            found = connection.execute(
                text("SELECT pid FROM pg_stat_activity WHERE datname = :name"),
                {"name": make_url(url).database},
            )
            return [int(pid) for (pid,) in found]
    finally:
        engine.dispose()
