"""Fixture: ``lti-tool serve`` in its own process, over real HTTP."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory

import requests

from lti_tool import cli
from lti_tool.directory import registrations as directory
from lti_tool.settings import load
from lti_tool.storage.database import Database
from tests.support import processes
from tests.support.databases import copy_tables
from tests.support.tool import free_port


@dataclass(frozen=True)
class Served:
    """A tool that runs as a process."""

    url: str
    environ: Mapping[str, str]
    process: BaseProcess

    def invite(self) -> str:
        """Return a registration URL, as ``lti-tool invite`` prints it after a second."""
        with closing(Database(load(self.environ).database_url)) as database:
            code = directory.invite(database, name="", uses=1, days=1)
        return f"{self.url}/lti/register/{code}"


def _start(
    arguments: tuple[str, ...],
    environ: Mapping[str, str],
    output: Path,
    errors: Path,
    first: Callable[[], None] | None = None,
) -> BaseProcess:
    given = (arguments, {**os.environ, **environ}, output, errors, first)
    process = processes.context().Process(target=_run, args=given)
    process.start()
    return process


def _run(
    arguments: tuple[str, ...],
    environ: Mapping[str, str],
    output: Path,
    errors: Path,
    first: Callable[[], None] | None,
) -> None:
    """What a process of ``lti-tool`` does."""
    for path, number in ((output, 1), (errors, 2)):
        with path.open("ab") as stream:
            os.dup2(stream.fileno(), number)
    os.environ.clear()
    os.environ.update(environ)
    sys.argv = ["lti-tool", *arguments]
    if first is not None:
        first()
    cli.entry()


def lti_tool(*arguments: str, environ: Mapping[str, str]) -> CompletedProcess[str]:
    """Run ``lti-tool`` with these settings and wait for it."""
    with TemporaryDirectory() as folder:
        output, errors = Path(folder, "output"), Path(folder, "errors")
        process = _start(arguments, environ, output, errors)
        process.join(60)
        if process.exitcode is None:
            process.kill()
            raise AssertionError(f"it runs on: {errors.read_text()}")
        return CompletedProcess(arguments, process.exitcode, output.read_text(), errors.read_text())


@contextmanager
def served(
    folder: Path, *arguments: str, first: Callable[[], None] | None = None, **settings: str
) -> Iterator[Served]:
    """Serve; ``settings`` are environment variables without ``MINGA_``, in lower case.

    A folder that does not exist gets a database with all tables, because the migrations take long.
    ``first`` is called in the new process, before all else.
    """
    if not folder.exists():
        folder.mkdir()
        copy_tables(folder / "minga.db")
    port = free_port()
    url = f"http://localhost:{port}"
    environ = {
        "MINGA_PUBLIC_URL": url,
        "MINGA_DATA_DIR": str(folder),
        "MINGA_ALLOW_PRIVATE_PLATFORMS": "yes",
        **{f"MINGA_{name.upper()}": value for name, value in settings.items()},
    }
    log = folder.parent / f"{folder.name}.log"
    process = _start(("serve", "--bind", f"127.0.0.1:{port}", *arguments), environ, log, log, first)
    try:
        wait_until_ready(url, process.is_alive, log)
        yield Served(url, environ, process)
    finally:
        process.terminate()
        process.join(30)


def wait_until_ready(url: str, is_alive: Callable[[], bool], log: Path) -> None:
    """Wait until the tool at ``url`` answers that it can serve."""
    end = time.monotonic() + 60
    while time.monotonic() < end and is_alive():
        try:
            if requests.get(f"{url}/readyz", timeout=5).ok:
                return
        except requests.RequestException:
            time.sleep(0.1)
    raise AssertionError(log.read_text())
