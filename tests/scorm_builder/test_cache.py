"""Unchanged packages are not built again, changed ones are."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from courseware.parser.reader import read
from scorm_builder import build_digest, cache
from scorm_builder.batch import BuildRequest, BuildResult, run
from scorm_builder.formats import registry
from tests.support.small_module import write_module


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    cache.folder.cache_clear()
    yield
    cache.folder.cache_clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_module(tmp_path)


@pytest.fixture
def request_(tmp_path: Path) -> BuildRequest:
    return BuildRequest(tmp_path / "out", ("scorm12",))


def build(folder: Path, request_: BuildRequest) -> BuildResult:
    (result,) = run([folder], request_)
    assert result.package is not None
    return result


def test_an_unchanged_package_is_not_built_again(folder: Path, request_: BuildRequest) -> None:
    first = build(folder, request_)
    second = build(folder, request_)
    assert (first.unchanged, second.unchanged) == (False, True)
    assert second.package == first.package
    assert not build(folder, replace(request_, force=True)).unchanged


def append(name: str, text: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        with (folder / name).open("ab") as file:
            file.write(text.encode())

    return change


def new_version(folder: Path) -> None:
    toml = folder / "module.toml"
    toml.write_text(toml.read_text("utf-8").replace("1.2.0", "1.2.1"), "utf-8")


def one_letter(folder: Path) -> None:
    """Change a letter, and set the clock of the file back."""
    page = folder / "en/discussion.md"
    before = page.stat()
    page.write_text(page.read_text("utf-8").replace("Write", "write"), "utf-8")
    os.utime(page, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize(
    "change",
    [
        append("es/introduction.md", "\n\nMore.\n"),
        new_version,
        append("media/film.mp4", "x"),
        one_letter,
        lambda folder: (folder / "en/videos.md").unlink(),
    ],
)
def test_a_changed_module_is_built_again(
    folder: Path, request_: BuildRequest, change: Callable[[Path], object]
) -> None:
    build(folder, request_)
    change(folder)
    assert not build(folder, request_).unchanged
    assert build(folder, request_).unchanged


@pytest.mark.parametrize(
    "change",
    [
        append("es/introduction.md", "\n"),
        append("module.toml", "\n# a comment\n"),
        lambda folder: (folder / "media/new.txt").write_text("not used"),
        lambda folder: (folder / "fr").mkdir(),
    ],
)
def test_changes_that_affect_no_package(
    folder: Path, request_: BuildRequest, change: Callable[[Path], object]
) -> None:
    build(folder, request_)
    change(folder)
    assert build(folder, request_).unchanged


def test_new_times_and_the_same_content(folder: Path, request_: BuildRequest) -> None:
    build(folder, request_)
    for path in folder.rglob("*"):
        os.utime(path, (time.time() - 1e7, time.time() - 1e7))
    assert build(folder, request_).unchanged


def test_a_copy_of_the_module_elsewhere_is_another_module(
    folder: Path, request_: BuildRequest
) -> None:
    build(folder, request_)
    shutil.copytree(folder, folder.parent / "copy/market")
    assert not build(folder.parent / "copy/market", request_).unchanged


def test_other_options_are_other_packages(
    folder: Path, request_: BuildRequest, tmp_path: Path
) -> None:
    build(folder, request_)
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/a.xsd").write_text("<a/>")
    assert not build(folder, replace(request_, languages=("es",))).unchanged
    assert not build(folder, replace(request_, folder=tmp_path / "else")).unchanged
    assert not build(folder, replace(request_, tool_url="https://minga.example.org")).unchanged
    assert not build(folder, replace(request_, tool_url="https://other.example.org")).unchanged
    with_schemas = replace(request_, schemas=tmp_path / "schemas")
    assert not build(folder, with_schemas).unchanged
    assert build(folder, with_schemas).unchanged
    (tmp_path / "schemas/a.xsd").write_text("<other/>")
    assert not build(folder, with_schemas).unchanged


def test_an_sco_per_section_is_another_package_of_the_formats_with_scos(tmp_path: Path) -> None:
    whole = BuildRequest(tmp_path, ("scorm12", "website"))
    split = replace(whole, per_section=True)
    names = [
        [one.cache_key(tmp_path, registry.get(name), ()).file_name for one in (whole, split)]
        for name in whole.formats
    ]
    assert [one == other for one, other in names] == [False, True]


def test_different_options_never_have_the_same_key(folder: Path, tmp_path: Path) -> None:
    module = read(folder)
    keys = [
        cache.CacheKey(folder, tmp_path, {"languages": languages, "tool": tool}, schemas)
        for languages in [(), ("es",), ("es", "en"), ("en", "es"), ("es,en",)]
        for schemas in (None, Path("None"), Path("es"))
        for tool in (None, "es", "en", "None")
    ]
    assert len({key.file_name for key in keys}) == len(keys)
    assert len({replace(key, schemas=None).digest(module) for key in keys}) == len(keys) / 3


def test_a_package_for_each_language(folder: Path, request_: BuildRequest) -> None:
    """Each has an entry of its own, so one that was deleted is built alone."""
    books = replace(request_, formats=("epub",))
    assert [result.unchanged for result in run([folder], books)] == [False] * 3
    (request_.folder / "market-en.epub").unlink()
    assert [result.unchanged for result in run([folder], books)] == [True, False, True]


def test_warnings_of_an_unchanged_module_are_repeated(folder: Path, request_: BuildRequest) -> None:
    (folder / "media/new.txt").write_text("not used")
    first, second = build(folder, request_), build(folder, request_)
    assert second.unchanged
    assert first.warnings == second.warnings != ()


def test_another_source_date_epoch(
    folder: Path, request_: BuildRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(folder, request_)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")
    assert not build(folder, request_).unchanged
    assert build(folder, request_).unchanged


def test_another_builder(
    folder: Path, request_: BuildRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(folder, request_)
    monkeypatch.setattr(build_digest, "program_digest", lambda: "another")
    assert not build(folder, request_).unchanged


def test_the_package_must_still_be_there_as_it_was(folder: Path, request_: BuildRequest) -> None:
    package = request_.folder / "market-scorm12.zip"
    build(folder, request_)
    package.write_bytes(b"something else")
    assert not build(folder, request_).unchanged
    package.unlink()
    assert not build(folder, request_).unchanged


def test_an_unchanged_package_that_is_larger_than_now_allowed(
    folder: Path, request_: BuildRequest
) -> None:
    build(folder, request_)
    (result,) = run([folder], replace(request_, max_size=1000))
    assert result.package is None
    assert "more than the 1 kB allowed" in result.problems[0]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"files": 3}', "null", "{"])
def test_an_invalid_cache_entry_is_ignored(
    folder: Path, request_: BuildRequest, tmp_path: Path, text: str
) -> None:
    build(folder, request_)
    (record,) = (tmp_path / "cache").rglob("packages/*.json")
    record.write_text(text)
    assert not build(folder, request_).unchanged


def test_without_a_cache_folder_everything_is_built(
    folder: Path, request_: BuildRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    cache.folder.cache_clear()
    build(folder, request_)
    assert not build(folder, request_).unchanged
