"""What has not changed is not built again, and whatever has changed is."""

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scorm_builder import cache
from scorm_builder.many import Order, Result, run
from tests.support.small_module import write_module


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    cache._folder.cache_clear()
    yield
    cache._folder.cache_clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_module(tmp_path)


@pytest.fixture
def order(tmp_path: Path) -> Order:
    return Order(tmp_path / "out", ("scorm12",))


def build(folder: Path, order: Order) -> Result:
    (result,) = run([folder], order)
    assert result.made is not None
    return result


def test_nothing_changed(folder: Path, order: Order) -> None:
    first = build(folder, order)
    second = build(folder, order)
    assert (first.unchanged, second.unchanged) == (False, True)
    assert second.made == first.made
    assert not build(folder, order._replace(force=True)).unchanged


def append(name: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        with (folder / name).open("ab") as file:
            file.write(b"\n")

    return change


def one_letter(folder: Path) -> None:
    """Change a letter, and set the clock of the file back."""
    page = folder / "en/discussion.md"
    before = page.stat()
    page.write_text(page.read_text("utf-8").replace("Write", "write"), "utf-8")
    os.utime(page, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize(
    "change",
    [
        append("es/introduction.md"),
        append("module.toml"),
        append("media/film.mp4"),
        one_letter,
        lambda folder: (folder / "en/videos.md").unlink(),
        lambda folder: (folder / "media/new.txt").write_text("not used, and warned of"),
        lambda folder: (folder / "fr").mkdir(),
    ],
)
def test_whatever_changes_in_the_module(
    folder: Path, order: Order, change: Callable[[Path], object]
) -> None:
    build(folder, order)
    change(folder)
    assert not build(folder, order).unchanged
    assert build(folder, order).unchanged


def test_new_times_and_the_same_content(folder: Path, order: Order) -> None:
    build(folder, order)
    for path in folder.rglob("*"):
        os.utime(path, (time.time() - 1e7, time.time() - 1e7))
    assert build(folder, order).unchanged


def test_a_copy_of_the_module_elsewhere_is_another_module(folder: Path, order: Order) -> None:
    build(folder, order)
    shutil.copytree(folder, folder.parent / "copy/market")
    assert not build(folder.parent / "copy/market", order).unchanged


def test_other_wishes(folder: Path, order: Order, tmp_path: Path) -> None:
    build(folder, order)
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/a.xsd").write_text("<a/>")
    assert not build(folder, order._replace(languages=("es",))).unchanged
    assert not build(folder, order._replace(folder=tmp_path / "else")).unchanged
    assert not build(folder, order._replace(tool="https://minga.example.org")).unchanged
    assert not build(folder, order._replace(tool="https://other.example.org")).unchanged
    with_schemas = order._replace(schemas=tmp_path / "schemas")
    assert not build(folder, with_schemas).unchanged
    assert build(folder, with_schemas).unchanged
    (tmp_path / "schemas/a.xsd").write_text("<other/>")
    assert not build(folder, with_schemas).unchanged


def test_sections_apart_are_another_package_of_the_formats_that_know_scos(tmp_path: Path) -> None:
    whole = Order(tmp_path, ("scorm12", "website"))
    apart = whole._replace(per_section=True)
    names = [
        [order.wish(tmp_path, form).name for order in (whole, apart)] for form in whole.formats
    ]
    assert [one == other for one, other in names] == [False, True]


def test_a_language_is_never_taken_for_a_tool_nor_one_option_for_another(
    folder: Path, tmp_path: Path
) -> None:
    orders = [
        Order(tmp_path, ("scorm12",), languages, schemas, tool)
        for languages in [(), ("es",), ("es", "en"), ("en", "es"), ("es,en",)]
        for schemas in (None, Path("None"), Path("es"))
        for tool in (None, "es", "en", "None")
    ]
    wishes = [order.wish(folder, form) for order in orders for form in ("scorm12", "es")]
    assert len({wish.name for wish in wishes}) == len(wishes)
    assert len({wish._replace(schemas=None).circumstances() for wish in wishes}) == len(wishes) / 3


def test_another_moment(folder: Path, order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    build(folder, order)
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1800000000")
    assert not build(folder, order).unchanged
    assert build(folder, order).unchanged


def test_another_builder(folder: Path, order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    build(folder, order)
    monkeypatch.setattr(cache, "builder", lambda: "another")
    assert not build(folder, order).unchanged


def test_the_package_must_still_be_there_as_it_was(folder: Path, order: Order) -> None:
    package = order.folder / "market-scorm12.zip"
    build(folder, order)
    package.write_bytes(b"something else")
    assert not build(folder, order).unchanged
    package.unlink()
    assert not build(folder, order).unchanged


def test_an_unchanged_package_that_is_larger_than_now_allowed(folder: Path, order: Order) -> None:
    build(folder, order)
    (result,) = run([folder], order._replace(most=1000))
    assert result.made is None
    assert "more than the 1 kB allowed" in result.problems[0]


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"files": 3}', "null", "{"])
def test_a_record_that_cannot_be_read_is_no_record(
    folder: Path, order: Order, tmp_path: Path, text: str
) -> None:
    build(folder, order)
    (record,) = (tmp_path / "cache").rglob("packages/*.json")
    record.write_text(text)
    assert not build(folder, order).unchanged


def test_without_a_place_for_records_everything_is_built(
    folder: Path, order: Order, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    cache._folder.cache_clear()
    build(folder, order)
    assert not build(folder, order).unchanged
