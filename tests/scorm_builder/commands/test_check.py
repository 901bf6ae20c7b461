"""``scorm-builder check``: modules and packages, with their problems."""

import json
from pathlib import Path

import pytest

from tests.support.builder import run
from tests.support.small_module import write_module


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_module(tmp_path)


def test_check_a_package_and_a_module(folder: Path, tmp_path: Path) -> None:
    run("build", folder, "--format", "scorm12", cwd=tmp_path)
    done = run("check", "market-scorm12.zip", folder, cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout == f"market-scorm12.zip: good (scorm12).\n{folder}: good, with warnings.\n"


def test_check_prints_problems(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"nothing")
    (folder / "module.toml").write_text("id = 3")
    done = run("check", "a.zip", folder, "none.zip", cwd=tmp_path)
    assert done.returncode == 1
    assert "a.zip: error: This is not a zip that can be read" in done.stderr
    assert f"{folder}/module.toml" in done.stderr
    assert "none.zip: error: There is no such file or folder." in done.stderr
    answers = json.loads(run("check", "a.zip", folder, "--json", cwd=tmp_path).stdout)
    assert [answer["good"] for answer in answers] == [False, False]
    assert answers[0]["found"]


def test_check_every_module_of_a_folder(tmp_path: Path) -> None:
    write_module(tmp_path / "all")
    answers = json.loads(run("check", "all", "module-4", "--json", cwd=tmp_path).stdout)
    assert [Path(answer["path"]).name for answer in answers] == ["market", "module-4"]
