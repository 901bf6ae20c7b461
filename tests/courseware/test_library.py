"""The library: the modules of a content folder, and edits of them."""

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from courseware import library as library_module
from courseware.library import Library
from tests.courseware.small import toml, write_module


class Clock:
    """A clock that the test advances."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(library_module.time, "monotonic", clock)
    return clock


def named(module_id: str, *changes: tuple[str, str]) -> dict[str, str | bytes | None]:
    return toml(('id = "small"', f'id = "{module_id}"'), *changes)


def edit(path: Path, change: Callable[[str], str]) -> None:
    path.write_text(change(path.read_text()))
    later = time.time() + 10
    os.utime(path, (later, later))


def test_modules_are_sorted_by_number(tmp_path: Path, clock: Clock) -> None:
    write_module(tmp_path / "b", named("b", ("number = 7\n", "")))
    write_module(tmp_path / "a", named("a", ("number = 7\n", "")))
    write_module(tmp_path / "ten", named("ten", ("number = 7", "number = 10")))
    write_module(tmp_path / "two", named("two", ("number = 7", "number = 2")))
    library = Library(tmp_path)
    assert [module.id for module in library.modules()] == ["two", "ten", "a", "b"]
    assert library.get("ten") is library.modules()[1]
    assert library.get("eleven") is None
    assert library.problems() == {}


def test_other_folders_are_ignored(tmp_path: Path, clock: Clock) -> None:
    write_module(tmp_path / ".hidden")
    (tmp_path / "drafts").mkdir()
    (tmp_path / "README.md").write_text("x")
    assert Library(tmp_path).modules() == ()
    assert Library(tmp_path / "nowhere").modules() == ()


def test_only_an_edited_module_is_read_again(tmp_path: Path, clock: Clock) -> None:
    first = write_module(tmp_path / "a", named("a"))
    write_module(tmp_path / "b", named("b"))
    library = Library(tmp_path)
    before = library.modules()
    edit(first / "es/introduction.md", lambda text: text.replace("Introducción", "Inicio"))
    assert library.modules()[0] is before[0]
    clock.now += 1.1
    after = library.modules()
    assert after[0].sections[0].titles["es"] == "Inicio"
    assert after[1] is before[1]


def test_without_changes_nothing_is_read_again(tmp_path: Path, clock: Clock) -> None:
    write_module(tmp_path / "a", named("a"))
    library = Library(tmp_path)
    before = library.modules()
    (tmp_path / "a/sources").mkdir()
    (tmp_path / "a/sources/drawing.svg").write_text("x")
    clock.now += 5
    assert library.modules()[0] is before[0]


def test_the_last_valid_version_of_an_invalid_module_stays_in_use(
    tmp_path: Path, clock: Clock
) -> None:
    folder = write_module(tmp_path / "a", named("a"))
    library = Library(tmp_path)
    before = library.get("a")
    assert before is not None
    edit(folder / "module.toml", lambda text: text.replace("minutes = 10", "minutes = ten"))
    clock.now += 2
    assert library.get("a") is before
    (problem,) = library.problems()["a"]
    assert (problem.level, problem.file, problem.line) == ("error", "module.toml", 6)
    edit(folder / "module.toml", lambda text: text.replace("minutes = ten", "minutes = 20"))
    clock.now += 2
    mended = library.get("a")
    assert mended is not None
    assert mended.minutes == 20
    assert library.problems() == {}


def test_an_invalid_module_is_not_used(tmp_path: Path, clock: Clock) -> None:
    write_module(tmp_path / "a", {"module.toml": "id ="})
    library = Library(tmp_path)
    assert library.modules() == ()
    assert [problem.level for problem in library.problems()["a"]] == ["error"]


def test_a_removed_folder(tmp_path: Path, clock: Clock) -> None:
    folder = write_module(tmp_path / "a", named("a"))
    library = Library(tmp_path)
    assert library.get("a") is not None
    (folder / "module.toml").unlink()
    clock.now += 2
    assert library.get("a") is None


def test_of_two_modules_with_the_same_id_the_first_is_used(tmp_path: Path, clock: Clock) -> None:
    write_module(tmp_path / "small")
    write_module(tmp_path / "small-copy")
    library = Library(tmp_path)
    (module,) = library.modules()
    assert module.folder.name == "small"
    problems = library.problems()["small-copy"]
    assert 'The folders "small" and "small-copy" both hold a module with the id "small".' in [
        problem.message for problem in problems
    ]
    clock.now += 2
    assert library.modules() == (module,)
    assert library.problems()["small-copy"] == problems
    (tmp_path / "small/module.toml").unlink()
    clock.now += 2
    (module,) = library.modules()
    assert module.folder.name == "small-copy"


def test_while_one_thread_reads_an_edit_others_use_the_last_version(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_module(tmp_path / "a", named("a"))
    library = Library(tmp_path)
    before = library.modules()
    reading, may_end = threading.Event(), threading.Event()
    read = library_module.read

    def slowly(path: Path) -> object:
        reading.set()
        assert may_end.wait(10)
        return read(path)

    monkeypatch.setattr(library_module, "read", slowly)
    edit(folder / "es/introduction.md", lambda text: text.replace("Introducción", "Inicio"))
    clock.now += 1.1
    reader = threading.Thread(target=library.modules)
    reader.start()
    try:
        assert reading.wait(10)
        assert library.modules() == before
    finally:
        may_end.set()
        reader.join()
    assert library.modules()[0].sections[0].titles["es"] == "Inicio"
