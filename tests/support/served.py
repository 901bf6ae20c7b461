"""Fixture: ``lti-tool serve`` in its own process, over real HTTP."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

from lti_tool.directory import registrations as directory
from lti_tool.settings import load
from lti_tool.storage.database import Database
from tests.support.tool import free_port


@dataclass(frozen=True)
class Served:
    """A tool that runs as a process. ``environ``: environment for other commands."""

    url: str
    environ: Mapping[str, str]
    process: "subprocess.Popen[str]"

    def command(self, *arguments: str, check: bool = True) -> "subprocess.CompletedProcess[str]":
        """Run ``lti-tool`` with the same settings."""
        return lti_tool(*arguments, environ=self.environ, check=check)

    def invite(self) -> str:
        """Return a registration URL, as ``lti-tool invite`` prints it after a second."""
        with closing(Database(load(self.environ).database_url)) as database:
            code = directory.invite(database, name="", uses=1, days=1)
        return f"{self.url}/lti/register/{code}"


def lti_tool(
    *arguments: str, environ: Mapping[str, str], check: bool = True
) -> "subprocess.CompletedProcess[str]":
    """Run ``lti-tool`` with these settings and wait for it."""
    return subprocess.run(
        [sys.executable, "-m", "lti_tool.cli", *arguments],
        env={**os.environ, **environ},
        check=check,
        capture_output=True,
        text=True,
        timeout=60,
    )


@contextmanager
def served(folder: Path, *arguments: str, **settings: str) -> Iterator[Served]:
    """Serve; ``settings`` are environment variables without ``MINGA_``, in lower case."""
    port = free_port()
    url = f"http://localhost:{port}"
    environ = {
        "MINGA_PUBLIC_URL": url,
        "MINGA_DATA_DIR": str(folder),
        "MINGA_ALLOW_PRIVATE_PLATFORMS": "yes",
        **{f"MINGA_{name.upper()}": value for name, value in settings.items()},
    }
    log = folder.parent / f"{folder.name}.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "lti_tool.cli",
                "serve",
                "--bind",
                f"127.0.0.1:{port}",
                *arguments,
            ],
            env={**os.environ, **environ},
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            wait_until_ready(url, process, log)
            yield Served(url, environ, process)
        finally:
            process.terminate()
            process.wait(30)


def wait_until_ready(url: str, process: "subprocess.Popen[str]", log: Path) -> None:
    """Wait until the tool at ``url`` answers that it can serve."""
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            if requests.get(f"{url}/readyz", timeout=5).ok:
                return
        except requests.RequestException:
            time.sleep(0.1)
    raise AssertionError(log.read_text())
