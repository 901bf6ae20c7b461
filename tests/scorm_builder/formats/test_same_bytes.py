"""Builds are reproducible: the same module gives the same bytes on any machine, at any time."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from courseware.parser.reader import read
from scorm_builder.build import build
from scorm_builder.formats import registry
from tests.support.builder import ROOT
from tests.support.small_module import write_module

OTHER_MACHINE = """
import os, time
scandir, clock = os.scandir, time.time

class Backwards(list):
    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

os.scandir = lambda *path: Backwards(list(scandir(*path))[::-1])
os.listdir = lambda *path: [entry.name for entry in os.scandir(*path)]
time.time = lambda: clock() + 1e8
os.umask(0o077)
from scorm_builder.cli import main
main()
"""
"""The builder on another day, with another order of files in folders and another umask."""

HERE = {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1"}
THERE = {
    "TZ": "Pacific/Kiritimati",
    "LC_ALL": "C",
    "PYTHONCOERCECLOCALE": "0",
    "PYTHONUTF8": "0",
    "LANGUAGE": "ar:tr",
    "PYTHONHASHSEED": "2",
    "USER": "another-user",
}

NAMES = [name for name in registry.names() if name != "print"]
WITH_SCOS = [one.name for one in registry.buildable_formats() if one.has_scos]


@pytest.mark.parametrize(
    ("form", "per_section"),
    [(name, False) for name in registry.names() if name != "print"]
    + [(name, True) for name in WITH_SCOS],
)
def test_the_same_module_gives_the_same_bytes(form: str, per_section: bool, tmp_path: Path) -> None:
    one = write_module(tmp_path / "one")
    two = tmp_path / "two words" / "market"
    shutil.copytree(one, two)
    for path in two.rglob("*"):
        os.utime(path, (1e9, 1e9))
    languages = ["ar"] if registry.get(form).one_language else []
    made = [
        build(
            read(folder),
            tmp_path / f"out-{folder.parent.name}",
            format_name=form,
            languages=languages,
            per_section=per_section,
        )
        for folder in (one, two)
    ]
    assert made[0].path.read_bytes() == made[1].path.read_bytes()
    assert made[0].path.name == made[1].path.name


def test_builds_on_two_machines_are_identical(tmp_path: Path) -> None:
    one = write_module(tmp_path / "one")
    two = tmp_path / "two words" / "market"
    for path in sorted(one.rglob("*"), reverse=True):
        if path.is_file():
            copy = two / path.relative_to(one)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
            copy.chmod(0o600)
            os.utime(copy, (1e9, 1e9))
    here = everything(["-m", "scorm_builder.cli"], one, tmp_path / "here", HERE)
    there = everything(["-c", OTHER_MACHINE], two, tmp_path / "far away", THERE)
    assert list(here) == list(there)
    assert [name for name in here if here[name] != there[name]] == []
    assert len(here) >= len(registry.names())


def everything(
    program: list[str], module: Path, cwd: Path, circumstances: dict[str, str]
) -> dict[str, bytes]:
    """Build all that can be built; the files by their names."""
    cwd.mkdir()
    formats = NAMES
    options = [
        ["--format", ",".join(formats), "--tool", "https://minga.example.org", "--unpacked"],
        ["--format", ",".join(WITH_SCOS), "--sco-per-section"],
        ["--format", "website", "--language", "en"],
    ]
    if find_spec("weasyprint"):
        options.append(["--format", "print", "--language", "ar"])
    environment = {"PATH": "", "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(cwd / "cache")}
    for option in options:
        done = subprocess.run(
            [sys.executable, *program, "build", os.path.relpath(module, cwd), "-o", "out", *option],
            cwd=cwd,
            env=environment | circumstances,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
    out = cwd / "out"
    files = sorted(path for path in out.rglob("*") if path.is_file())
    return {path.relative_to(out).as_posix(): path.read_bytes() for path in files}
