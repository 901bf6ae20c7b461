"""Building one SCORM 1.2 package, compared with simple-scorm-packager and plain zipfile.

Usage: ``python -m benchmarks.scorm_build [--rounds N]``. Two modules are built: one in one language
whose package has 26 files of about 344 kB, and module 4 with its video in four languages. *As a
process* is the command with ``--force``, from the module's folder to the checked package; for
simple-scorm-packager, a node script that calls it once. *Warm* is the same in a loop, in one
process after a first run. The lower bound writes the files of our package from memory with zipfile,
with the same compression.

simple-scorm-packager gets the files of our package without the manifest, with pages already
rendered.
"""

import argparse
import os
import random
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.scorm_peer import Loop, MissingError, as_process, installed, process
from benchmarks.tables import Measure, Sample, alternating, print_table, spread
from courseware.parser.reader import read
from scorm_builder.build import build

ROOT = Path(__file__).resolve().parents[1]
MODULE_4 = ROOT / "content/module-4"
ROUNDS = int(os.environ.get("BENCHMARK_ROUNDS", "15"))
WARM = 10
"""The number of packages in a warm sample."""

PICTURES, DRAWINGS, PAPERS = 14, 4, 3
PICTURE_BYTES, PAPER_BYTES = 11_700, 14_000
LINES = 370
"""The number of lines in each drawing."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds = parser.parse_args().rounds
    try:
        peer = installed()
    except MissingError as missing:
        print(missing)
        peer = None
    print(f"Load before: {os.getloadavg()[0]:.2f}; {rounds} rounds, {WARM} packages a warm sample")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for module in (sample_module(root), MODULE_4):
            _measure(module, root / f"for-{module.name}", rounds, peer)
    print(f"\nLoad after: {os.getloadavg()[0]:.2f}")


def _measure(module: Path, root: Path, rounds: int, peer: dict[str, str] | None) -> None:
    out, source = root / "out", root / "source"
    package = build(read(module), out).path
    entries = entries_of(package)
    with zipfile.ZipFile(package) as archive:
        archive.extractall(source)
    (source / "imsmanifest.xml").unlink()
    size = sum(len(data) for _, data, _ in entries)
    description = f"{module.name}: {len(entries)} files, {size / 1000:.0f} kB"
    _report(f"{description}, as a process", rounds, _processes(module, out, source, peer))
    loop = Loop(source, out, peer) if peer else None
    _report(f"{description}, warm", rounds, _warm(module, out, entries, loop))
    if loop:
        loop.close()


def _processes(
    module: Path, out: Path, source: Path, peer: dict[str, str] | None
) -> dict[str, Measure]:
    ours = plain_environment(out.parent / "cache")

    def command(folder: Path) -> list[str]:
        start = [sys.executable, "-m", "scorm_builder.cli", "build", str(folder), "--force"]
        return [*start, "--format", "scorm12", "-o", str(out)]

    found: dict[str, Measure] = {"scorm-builder": lambda: process(command(module), ours)}
    if peer:
        found["simple-scorm-packager"] = lambda: as_process(source, out, peer)
        found["node, empty program"] = lambda: process(["node", "-e", "0"], peer)
    found["python, empty program"] = lambda: process([sys.executable, "-c", ""], ours)
    return found


def plain_environment(cache: Path) -> dict[str, str]:
    """Return the environment of a user: Python modules compiled once, caches in ``cache``."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    own = {"PYTHONPYCACHEPREFIX": str(cache / "bytecode"), "XDG_CACHE_HOME": str(cache)}
    return environment | own


def _warm(
    module: Path, out: Path, entries: list[tuple[str, bytes, int]], loop: Loop | None
) -> dict[str, Measure]:
    loaded = read(module)
    found: dict[str, Measure] = {
        "build(), module already read": _looped(lambda: build(loaded, out)),
        "read() and build()": _looped(lambda: build(read(module), out)),
    }
    if loop:
        found["simple-scorm-packager"] = lambda: loop.packages(WARM)
    found["plain zipfile (lower bound)"] = _looped(lambda: zip_only(entries, out / "bound.zip"))
    return found


def _looped(act: Callable[[], object]) -> Measure:
    def measure() -> Sample:
        cpu, clock = time.process_time(), time.perf_counter()
        for _ in range(WARM):
            act()
        return Sample(time.process_time() - cpu, time.perf_counter() - clock, WARM)

    return measure


def _report(title: str, rounds: int, measures: dict[str, Measure]) -> None:
    for measure in measures.values():
        measure()
    samples = dict(zip(measures, alternating(list(measures.values()), rounds), strict=True))
    ours = median(one.cpu_ms for one in samples[next(iter(samples))])
    rows = []
    for name, runs in samples.items():
        cpu = [one.cpu_ms for one in runs]
        wall = [one.clock * 1000 / one.count for one in runs]
        rows.append([name, spread(cpu, 1), spread(wall, 1), f"{ours / median(cpu):.2f}"])
    head = ["", "CPU ms, median (range)", "wall ms, median (range)", "CPU of the first / its own"]
    print_table(title, head, rows)


def zip_only(entries: list[tuple[str, bytes, int]], target: Path) -> None:
    """Write the entries with zipfile only, as a lower bound."""
    with zipfile.ZipFile(target, "w") as archive:
        for name, data, kind in entries:
            archive.writestr(name, data, compress_type=kind)


def entries_of(package: Path) -> list[tuple[str, bytes, int]]:
    """The files of a zip: name, bytes and compression type."""
    with zipfile.ZipFile(package) as archive:
        return [(one.filename, archive.read(one), one.compress_type) for one in archive.infolist()]


def sample_module(folder: Path) -> Path:
    """Write a module of text and pictures whose package has 26 files, 344 kB in total."""
    chance = random.Random(26)
    target = folder / "sample"
    (target / "media").mkdir(parents=True)
    (target / "en").mkdir()
    for number in range(PICTURES):
        data = b"\xff\xd8\xff\xe0" + chance.randbytes(PICTURE_BYTES)
        (target / f"media/picture-{number}.jpg").write_bytes(data)
    for number in range(DRAWINGS):
        lines = "".join(f"L{chance.randrange(999)} {chance.randrange(999)}" for _ in range(LINES))
        drawing = f'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0{lines}"/></svg>'
        (target / f"media/drawing-{number}.svg").write_text(drawing, "utf-8")
    for number in range(PAPERS):
        data = b"%PDF-1.7\n" + chance.randbytes(PAPER_BYTES) + b"\n%%EOF\n"
        (target / f"media/paper-{number}.pdf").write_bytes(data)
    (target / "module.toml").write_text(_STRUCTURE, "utf-8")
    words = ["market", "city", "street", "people", "women", "seed", "water", "price", "share"]
    for section in ("why", "how"):
        text = [f"# The {section} of it\n"]
        for number in range(9):
            text.append(f"## Part {number + 1}\n")
            text += [f"{' '.join(chance.choices(words, k=60))}.\n" for _ in range(6)]
            shown = number + (9 if section == "how" else 0)
            name = f"picture-{shown}.jpg" if shown < PICTURES else f"drawing-{shown - PICTURES}.svg"
            text.append(f"![A view of part {number + 1}](../media/{name})\n")
        (target / f"en/{section}.md").write_text("\n".join(text), "utf-8")
    papers = "".join(f"- [Paper {n + 1}](../media/paper-{n}.pdf)\n" for n in range(PAPERS))
    (target / "en/read.md").write_text(f"# To read\n\n{papers}", "utf-8")
    questions = "".join(f"## What of part {n + 1}? {{#part-{n}}}\n\n" for n in range(5))
    (target / "en/questions.md").write_text(f"# Questions\n\n{questions}", "utf-8")
    return target


_STRUCTURE = """\
id = "sample"
version = "1.0.0"
source_language = "en"
languages = ["en"]
minutes = 60
licence = "CC-BY-4.0"
authors = ["Ana Paz"]

[title]
en = "A module of text and pictures"

[summary]
en = "A module with 26 files for benchmarks."

[[sections]]
id = "why"
kind = "text"

[[sections]]
id = "how"
kind = "text"

[[sections]]
id = "read"
kind = "text"

[[sections]]
id = "questions"
kind = "questions"
"""


if __name__ == "__main__":
    main()
