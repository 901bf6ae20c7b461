"""Many modules in one command: time and memory for 1, 10, 100 and 1,000, and with large media.

Usage: ``python -m benchmarks.scorm_many [--most N]``. The modules are copies of module 4 without
its video, each with its own id. They are built on all cores and then requested again unchanged; 100
are also built in one process. Memory is the largest resident set of any process (Linux,
``getrusage``) and should not grow. The last table builds one module with 5, 50 and 500 MB of
videos.
"""

import argparse
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.scorm_build import plain_environment
from benchmarks.tables import print_table

ROOT = Path(__file__).resolve().parents[1]
MODULE = ROOT / "content/module-4"
FILMS = 4
MEGABYTES = (5, 50, 500)
SINGLE_PROCESS = 100
"""The number of modules that is also built in one process."""


@dataclass(frozen=True, slots=True)
class Run:
    """The cost of a command: ``megabytes`` of its largest process, ``cpu`` seconds of all."""

    seconds: float
    cpu: float
    megabytes: float


def one_run(arguments: list[str], cache: Path) -> Run:
    """Run the command in a process of its own; measure it with its child processes."""
    command = [sys.executable, "-m", "benchmarks.scorm_many", "--inside", *arguments]
    before, start = _processor_time(), time.perf_counter()
    done = subprocess.run(
        command,
        env=plain_environment(cache),
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    seconds = time.perf_counter() - start
    return Run(seconds, _processor_time() - before, float(done.stderr.split()[-1]) / 1000)


def _processor_time() -> float:
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


def inside(arguments: list[str]) -> None:
    from scorm_builder.cli import main as scorm_builder

    try:
        scorm_builder(arguments)
    finally:
        both = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        print(max(resource.getrusage(who).ru_maxrss for who in both), file=sys.stderr)


def light(folder: Path, name: str) -> Path:
    """Write a copy of module 4 with another id and a video of a few bytes."""
    target = folder / name
    ignored = shutil.ignore_patterns("sources", "*.mp4")
    shutil.copytree(MODULE, target, ignore=ignored)
    (target / "media/explainer.mp4").write_bytes(b"\0\0\0\x18ftypisom" + b"\0" * 4000)
    structure = (target / "module.toml").read_text("utf-8")
    structure = re.sub(r'(?m)^id = "module-4"', f'id = "{name}"', structure, count=1)
    (target / "module.toml").write_text(structure, "utf-8")
    return target


def heavy(folder: Path, megabytes: int) -> Path:
    """Write a copy that links to videos of this total size, of incompressible bytes."""
    target = light(folder, f"heavy-{megabytes}")
    for language in ("es", "en", "fr", "pt"):
        with (target / language / "introduction.md").open("a", encoding="utf-8") as text:
            text.write("".join(f"\n[{n}](../media/film-{n}.mp4)\n" for n in range(FILMS)))
    for number in range(FILMS):
        with (target / f"media/film-{number}.mp4").open("wb") as film:
            film.write(b"\0\0\0\x18ftypisom")
            for _ in range(megabytes):
                film.write(os.urandom(1_000_000 // FILMS))
    return target


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=1000)
    most = parser.parse_args().most
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        one_run(_command(light(root, "first"), root / "out"), root / "cache")
        print(f"Load before: {os.getloadavg()[0]:.2f}")
        _growth(root, [number for number in (1, 10, 100, 1000) if number <= most])
        _media(root)
        print(f"\nLoad after: {os.getloadavg()[0]:.2f}")


def _command(modules: Path, out: Path, *more: str) -> list[str]:
    return ["build", str(modules), "--format", "scorm12", "-o", str(out), *more]


def _growth(root: Path, counts: list[int]) -> None:
    rows = []
    for count in counts:
        modules, out = root / "modules", root / "out"
        modules.mkdir()
        for number in range(count):
            light(modules, f"module-{number}")
        runs = {str(count): _command(modules, out)}
        if count == SINGLE_PROCESS:
            runs[f"{count} in one process"] = _command(modules, out, "--force", "--jobs", "1")
        runs[f"{count} unchanged"] = _command(modules, out)
        for name, command in runs.items():
            run = one_run(command, root / "cache")
            each = (run.seconds * 1000 / count, run.cpu * 1000 / count)
            figures = [
                f"{run.seconds:.2f}",
                *(f"{one:.1f}" for one in each),
                f"{run.megabytes:.0f}",
            ]
            rows.append([name, *figures])
        shutil.rmtree(modules)
        shutil.rmtree(out)
    head = ["modules", "seconds", "ms a module", "CPU ms a module", "MB, largest process"]
    print_table("One command, all cores", head, rows)


def _media(root: Path) -> None:
    rows = []
    for megabytes in MEGABYTES:
        module, out = heavy(root, megabytes), root / "out"
        for name, more in (("", ["--force"]), (", unchanged", [])):
            run = one_run(_command(module, out, *more), root / "cache")
            figures = [f"{run.seconds:.2f}", f"{run.cpu:.2f}", f"{run.megabytes:.0f}"]
            rows.append([f"{megabytes} MB{name}", *figures])
        shutil.rmtree(module)
        shutil.rmtree(out)
    head = ["films of one module", "seconds", "CPU s", "MB, largest process"]
    print_table("Large media", head, rows)


if __name__ == "__main__":
    inside(sys.argv[2:]) if sys.argv[1:2] == ["--inside"] else main()
