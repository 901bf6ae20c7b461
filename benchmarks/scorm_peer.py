"""Run simple-scorm-packager 0.2.7, for comparison: once in a process, or in a loop.

It is MIT-licensed; npm installs it with its dependencies in ``.cache/`` when a benchmark runs. It
takes a folder of finished files, adds a manifest and the schemas to it, and zips it. It renders no
pages and checks nothing.
"""

import json
import os
import resource
import shutil
import subprocess
import time
from pathlib import Path

from benchmarks.tables import Sample

VERSION = "0.2.7"
NAME = "simple-scorm-packager"
FOLDER = Path(__file__).resolve().parents[1] / ".cache" / "benchmarks" / f"{NAME}-{VERSION}"
SCRIPT = Path(__file__).with_name("scorm_peer.js")


class MissingError(Exception):
    """A requirement of the packager is not installed; the message names it."""


def installed() -> dict[str, str]:
    """Install the packager if it is missing; return the environment in which node finds it."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        raise MissingError(f"{NAME} is not measured: node and npm are not installed.")
    if not (FOLDER / "node_modules" / NAME / "package.json").is_file():
        FOLDER.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--prefix", str(FOLDER), "--no-audit", "--no-fund"]
        done = subprocess.run(
            [*command, "--loglevel=error", f"{NAME}@{VERSION}"], capture_output=True, text=True
        )
        if done.returncode:
            raise MissingError(f"{NAME} is not measured: npm says {done.stderr.strip()[-300:]}")
    return os.environ | {"NODE_PATH": str(FOLDER / "node_modules")}


def as_process(source: Path, out: Path, environment: dict[str, str]) -> Sample:
    """Package the files of ``source`` once, in a process of its own."""
    return process(["node", str(SCRIPT), str(source), str(out), "once"], environment)


def process(command: list[str], environment: dict[str, str]) -> Sample:
    """Run a command; return the time of it and its child processes."""
    before, start = _children(), time.perf_counter()
    subprocess.run(command, env=environment, check=True, stdout=subprocess.DEVNULL)
    return Sample(_children() - before, time.perf_counter() - start, 1)


def _children() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


class Loop:
    """A node process that packages the same files repeatedly."""

    def __init__(self, source: Path, out: Path, environment: dict[str, str]) -> None:
        command = ["node", str(SCRIPT), str(source), str(out)]
        self._node = subprocess.Popen(
            command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def packages(self, count: int) -> Sample:
        """Package ``count`` times; the process measures its own CPU time, over all threads."""
        assert self._node.stdin
        assert self._node.stdout
        print(count, file=self._node.stdin, flush=True)
        measured = json.loads(self._node.stdout.readline())
        return Sample(measured["cpu"], measured["clock"], count)

    def close(self) -> None:
        assert self._node.stdin
        self._node.stdin.close()
        self._node.wait()
