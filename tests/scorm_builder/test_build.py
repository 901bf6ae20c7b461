"""Builds do not depend on the folder, the clock, the time zone or the umask."""

import os
import shutil
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from courseware.module import Module
from courseware.parser.reader import read
from scorm_builder import build as builder
from scorm_builder.checking.check import check
from tests.support.small_module import write_module

_BUILD = """
import os, sys
from pathlib import Path
os.umask(int(sys.argv[3], 8))
from courseware.parser.reader import read
from scorm_builder.build import build
build(read(Path(sys.argv[1])), Path(sys.argv[2]))
"""


def built_elsewhere(folder: Path, out: Path, umask: str, **environment: str) -> bytes:
    subprocess.run(
        [sys.executable, "-c", _BUILD, str(folder), str(out), umask],
        env={**os.environ, **environment, "PYTHONPATH": str(Path.cwd())},
        check=True,
    )
    return next(out.glob("*.zip")).read_bytes()


def test_the_same_module_gives_the_same_bytes(tmp_path: Path) -> None:
    one = write_module(tmp_path / "one")
    two = tmp_path / "two words" / "market"
    shutil.copytree(one, two)
    for path in two.rglob("*"):
        os.utime(path, (time.time() - 1e8, time.time() - 1e8))
        path.chmod(0o700)
    first = built_elsewhere(one, tmp_path / "a", "022", TZ="America/La_Paz", PYTHONHASHSEED="1")
    second = built_elsewhere(
        two, tmp_path / "b", "077", TZ="Pacific/Kiritimati", PYTHONHASHSEED="2", LC_ALL="C"
    )
    assert first == second


def test_a_changed_text_gives_other_bytes(tmp_path: Path) -> None:
    folder = write_module(tmp_path / "one")
    first = builder.build(read(folder), tmp_path / "a").path.read_bytes()
    page = folder / "ar/discussion.md"
    page.write_text(page.read_text("utf-8") + "!", "utf-8")
    assert builder.build(read(folder), tmp_path / "b").path.read_bytes() != first


def test_a_built_package_passes_the_thorough_check(package: Path) -> None:
    report = check(package)
    assert report.format == "scorm12"
    assert report.findings == ()


def test_the_file_name(module: Module, tmp_path: Path) -> None:
    assert builder.build(module, tmp_path).path.name == "market-scorm12.zip"
    some = builder.build(module, tmp_path, languages=["ar", "es"])
    assert some.path.name == "market-es-ar-scorm12.zip"
    assert some.languages == ("es", "ar")


def test_an_older_package_is_replaced(module: Module, tmp_path: Path) -> None:
    (tmp_path / "market-scorm12.zip").write_text("older")
    made = builder.build(module, tmp_path)
    assert made.size == made.path.stat().st_size > 1000
    assert [path.name for path in tmp_path.iterdir()] == ["market-scorm12.zip"]


def test_a_package_that_fails_its_check_is_deleted(
    module: Module, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scorm_builder.formats.content_packaging import manifest as packaging

    monkeypatch.setattr(
        packaging, "_resources", lambda plan, name, kind: [("resource", {"identifier": "R"}, ())]
    )
    with pytest.raises(builder.PackageError) as caught:
        builder.build(module, tmp_path)
    assert {finding.clause for finding in caught.value.findings} >= {"scorm12/identifierref"}
    assert list(tmp_path.iterdir()) == []


def test_control_documents_are_added_at_the_root(module: Module, tmp_path: Path) -> None:
    schemas = tmp_path / "schemas"
    (schemas / "common").mkdir(parents=True)
    (schemas / "adlcp.xsd").write_text("<schema/>")
    (schemas / "common/any.xsd").write_text("<schema/>")
    made = builder.build(module, tmp_path, schemas=schemas)
    names = zipfile.ZipFile(made.path).namelist()
    assert names[-2:] == ["adlcp.xsd", "common/any.xsd"]
    assert check(made.path).findings == ()
