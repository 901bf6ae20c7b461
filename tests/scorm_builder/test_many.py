"""Many modules at once: each by itself, in the order asked for, the same bytes as one by one."""

import os
import shutil
from pathlib import Path

import pytest

from scorm_builder import many
from scorm_builder.many import Order, run
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


def test_processes_give_what_one_process_gives(modules: list[Path], tmp_path: Path) -> None:
    count = []
    apart = run(
        modules, Order(tmp_path / "a", ("scorm12",), jobs=2), lambda: count.append(os.getpid())
    )
    alone = run(modules, Order(tmp_path / "b", ("scorm12",), jobs=1))
    assert [result.module for result in apart] == [result.module for result in alone] == modules
    assert count == [os.getpid()] * len(modules)
    for one, other in zip(apart, alone, strict=True):
        assert one.made
        assert other.made
        assert one.made.path.read_bytes() == other.made.path.read_bytes()


def test_a_module_that_fails_stands_among_the_others(modules: list[Path], tmp_path: Path) -> None:
    (modules[1] / "es/videos.md").unlink()
    results = run(modules, Order(tmp_path / "a", ("scorm12",), jobs=2))
    assert [bool(result.made) for result in results] == [True, False, True, True]
    assert any("bridge/es/videos.md: error: " in line for line in results[1].problems)


def test_two_modules_of_one_name_do_not_overwrite_each_other(
    modules: list[Path], tmp_path: Path
) -> None:
    text = (modules[2] / "module.toml").read_text("utf-8")
    (modules[2] / "module.toml").write_text(text.replace('"harbour"', "'market'"), "utf-8")
    results = run(modules, Order(tmp_path / "a", ("scorm12",)))
    assert [bool(result.made) for result in results] == [True, True, False, True]
    assert f'The id "market" is also that of {modules[0]}' in results[2].problems[0]


def test_a_process_that_is_ended_is_told_and_not_waited_for(
    modules: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(many, "build_one", _end)
    results = run(modules, Order(tmp_path / "a", ("scorm12",), jobs=2))
    assert [result.made for result in results] == [None] * 4
    assert "was ended from outside" in results[0].problems[0]


def _end(module: Path, order: Order) -> None:
    os._exit(9)
