"""Many modules in one command: time and memory at 1, 10, 100 and 1,000, and with large media.

Usage: ``python -m benchmarks.scorm_many [--most N] [--jobs N]``. The modules are copies of module 4
without its film, each under an id of its own; they are built, then asked for again unchanged.
Memory is the largest resident set of any process (Linux, ``getrusage``), so flat is good; the last
line builds one module with 500 MB of films.
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

ROOT = Path(__file__).resolve().parents[1]
MODULE = ROOT / "content/module-4"
FILM_BYTES = 125_000_000
FILMS = 4


@dataclass(frozen=True, slots=True)
class Run:
    seconds: float
    megabytes: float


def one_run(arguments: list[str], cache: Path) -> Run:
    """Run the command in a process of its own, and measure it and all that it started."""
    command = [sys.executable, "-m", "benchmarks.scorm_many", "--inside", *arguments]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(cache)}
    start = time.perf_counter()
    done = subprocess.run(
        command, env=environment, cwd=ROOT, check=True, capture_output=True, text=True
    )
    return Run(time.perf_counter() - start, float(done.stderr.split()[-1]) / 1000)


def inside(arguments: list[str]) -> None:
    from scorm_builder.cli import main as scorm_builder

    try:
        scorm_builder(arguments)
    finally:
        both = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
        print(max(resource.getrusage(who).ru_maxrss for who in both), file=sys.stderr)


def light(folder: Path, name: str) -> Path:
    """Write a copy of module 4 under another id, its film replaced by a few bytes."""
    target = folder / name
    ignored = shutil.ignore_patterns("sources", "*.mp4")
    shutil.copytree(MODULE, target, ignore=ignored)
    (target / "media/explainer.mp4").write_bytes(b"\0\0\0\x18ftypisom" + b"\0" * 4000)
    structure = (target / "module.toml").read_text("utf-8")
    structure = re.sub(r'(?m)^id = "module-4"', f'id = "{name}"', structure, count=1)
    (target / "module.toml").write_text(structure, "utf-8")
    return target


def heavy(folder: Path) -> Path:
    """Write a copy whose readings are films of 500 MB in all, incompressible as films are."""
    target = light(folder, "heavy")
    structure = (target / "module.toml").read_text("utf-8")
    for language in ("es", "en", "fr", "pt"):
        with (target / language / "introduction.md").open("a", encoding="utf-8") as text:
            text.write("".join(f"\n[{n}](../media/film-{n}.mp4)\n" for n in range(FILMS)))
    for number in range(FILMS):
        with (target / f"media/film-{number}.mp4").open("wb") as film:
            film.write(b"\0\0\0\x18ftypisom")
            for _ in range(FILM_BYTES >> 20):
                film.write(os.urandom(1 << 20))
    (target / "module.toml").write_text(structure, "utf-8")
    return target


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--most", type=int, default=1000)
    parser.add_argument("--jobs", type=int)
    options = parser.parse_args()
    jobs = ["--jobs", str(options.jobs)] if options.jobs else []
    print("| modules | seconds | ms a module | MB | unchanged: seconds | MB |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        for count in (number for number in (1, 10, 100, 1000) if number <= options.most):
            modules = root / f"modules-{count}"
            modules.mkdir()
            for number in range(count):
                light(modules, f"module-{number}")
            out = root / f"out-{count}"
            command = ["build", str(modules), "--format", "scorm12", "-o", str(out), *jobs]
            first = one_run(command, root / "cache")
            again = one_run(command, root / "cache")
            print(
                f"| {count} | {first.seconds:.2f} | {first.seconds * 1000 / count:.0f} "
                f"| {first.megabytes:.0f} | {again.seconds:.2f} | {again.megabytes:.0f} |",
                flush=True,
            )
            shutil.rmtree(modules)
            shutil.rmtree(out)
        command = ["build", str(heavy(root)), "--format", "scorm12", "-o", str(root / "out")]
        first, again = one_run(command, root / "cache"), one_run(command, root / "cache")
        print(
            f"\n500 MB of films: {first.seconds:.1f} s, {first.megabytes:.0f} MB; "
            f"unchanged: {again.seconds:.2f} s, {again.megabytes:.0f} MB"
        )


if __name__ == "__main__":
    inside(sys.argv[2:]) if sys.argv[1:2] == ["--inside"] else main()
