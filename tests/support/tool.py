"""Fixture: the tool over real HTTP in this process, with its own database."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flask import Flask
from werkzeug.serving import make_server

from lti_tool.app import create_app
from lti_tool.directory import registrations as directory
from lti_tool.settings import Settings, load
from lti_tool.storage import migrations
from lti_tool.storage.database import Database
from lti_tool.web.context import Tool
from tests.support import databases

_given_ports: set[int] = set()


def free_port() -> int:
    """Return a free port, each at most once: a database may still hold an earlier LMS's URL."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port not in _given_ports:
            _given_ports.add(port)
            return port


@dataclass(frozen=True)
class RunningTool:
    """A running tool."""

    url: str
    app: Flask
    settings: Settings

    @property
    def tool(self) -> Tool:
        return self.app.extensions["minga"]

    @property
    def database(self) -> Database:
        return self.tool.database

    def invite(self, **options: object) -> str:
        """Return a registration URL, as ``lti-tool invite`` prints it."""
        given = {"name": "", "uses": 1, "days": 1} | options
        return f"{self.url}/lti/register/{directory.invite(self.database, **given)}"


@contextmanager
def running_tool(
    data_dir: Path, *, host: str = "localhost", **settings: str
) -> Iterator[RunningTool]:
    """Run the tool; ``settings`` are environment variables without ``MINGA_``, in lower case."""
    port = free_port()
    url = f"http://{host}:{port}"
    environ = {
        "MINGA_PUBLIC_URL": url,
        "MINGA_DATA_DIR": str(data_dir),
        "MINGA_ALLOW_PRIVATE_PLATFORMS": "yes",
        **{f"MINGA_{name.upper()}": value for name, value in settings.items()},
    }
    loaded = load(environ)
    app = create_app(loaded)
    database = app.extensions["minga"].database
    if database.is_sqlite and not (file := Path(database.engine.url.database)).exists():
        databases.copy_tables(file)
    migrations.upgrade(database)
    server = make_server("127.0.0.1", port, app, threaded=True)
    # The default interval between checks for shutdown ends each use half a second late.
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield RunningTool(url, app, loaded)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        database.close()
