"""Building many modules: independent, in the requested order, with the same bytes as alone."""

import os
import shutil
from pathlib import Path

import pytest

from scorm_builder import batch
from scorm_builder.batch import BuildRequest, run
from tests.support.small_module import write_module


@pytest.fixture
def modules(tmp_path: Path) -> list[Path]:
    first = write_module(tmp_path)
    folders = [first]
    for name in ("bridge", "harbour", "square"):
        folder = tmp_path / name
        shutil.copytree(first, folder)
        text = (folder / "module.toml").read_text("utf-8")
        (folder / "module.toml").write_text(text.replace('"market"', f'"{name}"', 1), "utf-8")
        folders.append(folder)
    return folders


def test_several_processes_build_the_same_packages_as_one(
    modules: list[Path], tmp_path: Path
) -> None:
    count = []
    apart = run(
        modules,
        BuildRequest(tmp_path / "a", ("scorm12",), jobs=2),
        lambda: count.append(os.getpid()),
    )
    alone = run(modules, BuildRequest(tmp_path / "b", ("scorm12",), jobs=1))
    assert [result.module for result in apart] == [result.module for result in alone] == modules
    assert count == [os.getpid()] * len(modules)
    for one, other in zip(apart, alone, strict=True):
        assert one.package
        assert other.package
        assert one.package.path.read_bytes() == other.package.path.read_bytes()


def test_a_module_that_fails_does_not_stop_the_others(modules: list[Path], tmp_path: Path) -> None:
    (modules[1] / "es/videos.md").unlink()
    results = run(modules, BuildRequest(tmp_path / "a", ("scorm12",), jobs=2))
    assert [bool(result.package) for result in results] == [True, False, True, True]
    assert any("bridge/es/videos.md: error: " in line for line in results[1].problems)


def test_two_modules_of_one_name_do_not_overwrite_each_other(
    modules: list[Path], tmp_path: Path
) -> None:
    text = (modules[2] / "module.toml").read_text("utf-8")
    (modules[2] / "module.toml").write_text(text.replace('"harbour"', "'market'"), "utf-8")
    results = run(modules, BuildRequest(tmp_path / "a", ("scorm12",)))
    assert [bool(result.package) for result in results] == [True, True, False, True]
    assert f'The id "market" is also that of {modules[0]}' in results[2].problems[0]


def test_a_killed_process_is_reported(
    modules: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch, "build_module", _end)
    results = run(modules, BuildRequest(tmp_path / "a", ("scorm12",), jobs=2))
    assert [result.package for result in results] == [None] * 4
    assert "was ended from outside" in results[0].problems[0]


def _end(module: Path, request: BuildRequest) -> None:
    os._exit(9)


def test_a_format_of_one_language_becomes_a_package_for_each(
    modules: list[Path], tmp_path: Path
) -> None:
    request = BuildRequest(tmp_path / "out", ("cc11", "epub"), tool_url="https://minga.example.org")
    results = run(modules[:1], request)
    made = [result.package for result in results if result.package]
    assert [one.languages for one in made] == [("es", "en", "ar"), ("es",), ("en",), ("ar",)]
    assert [one.path.suffix for one in made] == [".zip", ".epub", ".epub", ".epub"]
    again = run(modules[:1], request)
    assert [result.package for result in again if result.package] == made
    wrong = run(modules[:1], BuildRequest(tmp_path / "out", ("epub",), languages=("de",)))
    assert [result.package for result in wrong] == [None]
    assert "is not written in de" in wrong[0].problems[0]
