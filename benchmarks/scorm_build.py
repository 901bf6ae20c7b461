"""One SCORM build, warm and as a process, beside bare zipfile over the same files.

Usage: ``python -m benchmarks.scorm_build [MODULE] [--runs N] [--format scorm2004-4]``. Prints a
table of medians in Markdown. The floor writes the very files of the package, from memory, stored or
deflated as the package has them: what no builder in Python could go below. Reading the module,
rendering its pages, making the manifest and checking the result are in the builds and not in the
floor.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from courseware.reader import read  # noqa: E402
from scorm_builder.build import build  # noqa: E402

COMMAND = [sys.executable, "-m", "scorm_builder.cli", "build"]


def floor(entries: list[tuple[str, bytes, int]], target: Path) -> None:
    with zipfile.ZipFile(target, "w") as archive:
        for name, data, kind in entries:
            archive.writestr(name, data, compress_type=kind)


def entries_of(package: Path) -> list[tuple[str, bytes, int]]:
    with zipfile.ZipFile(package) as archive:
        return [(one.filename, archive.read(one), one.compress_type) for one in archive.infolist()]


def processor_time() -> float:
    spent = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in spent)


def median(act: Callable[[], object], runs: int) -> tuple[float, float]:
    """Return the median wall time and the mean processor time of ``act``, in milliseconds."""
    act()
    walls = []
    before = processor_time()
    for _ in range(runs):
        start = time.perf_counter()
        act()
        walls.append((time.perf_counter() - start) * 1000)
    return statistics.median(walls), (processor_time() - before) * 1000 / runs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("module", nargs="?", type=Path, default=ROOT / "content/module-4")
    parser.add_argument("--runs", type=int, default=21)
    parser.add_argument("--format", default="scorm12")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder)
        entries = entries_of(build(read(options.module), out, form=options.format).path)
        module = read(options.module)
        quiet = {"stdout": subprocess.DEVNULL, "cwd": ROOT, "check": True}
        command = [*COMMAND, str(options.module), "--format", options.format, "-o", folder]
        rows = {
            "bare zipfile over the same files": (lambda: floor(entries, out / "floor.zip"), 3),
            "build, module read before": (lambda: build(module, out, form=options.format), 3),
            "read and build": (lambda: build(read(options.module), out, form=options.format), 3),
            "scorm-builder as a process": (lambda: subprocess.run(command, **quiet), 1),
            "python that does nothing": (
                lambda: subprocess.run([sys.executable, "-c", ""], check=True),
                1,
            ),
        }
        size = sum(len(data) for _, data, _ in entries)
        deflated = sum(len(data) for _, data, kind in entries if kind)
        print(f"{options.module.name}, {options.format}: {len(entries)} files, ", end="")
        print(f"{size / 1000:.0f} kB, of which {deflated / 1000:.0f} kB to deflate; ", end="")
        print(f"{options.runs} runs\n")
        print("| what | wall ms | processor ms | times the floor |\n| --- | ---: | ---: | ---: |")
        lowest = None
        for name, (act, more) in rows.items():
            wall, cpu = median(act, options.runs * more)
            lowest = lowest or cpu
            print(f"| {name} | {wall:.1f} | {cpu:.1f} | {cpu / lowest:.1f} |")


if __name__ == "__main__":
    main()
