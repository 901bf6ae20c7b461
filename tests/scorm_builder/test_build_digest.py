"""The digest of the builder: equal for equal code, different after any change."""

import os
import shutil
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from scorm_builder import build_digest


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A small program: code, a template, words."""
    for name in ("code/build.py", "code/formats/scorm12.py", "words/es.po", "page.html"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(build_digest, "folders", lambda: (tmp_path,))
    build_digest.program_digest.cache_clear()
    yield tmp_path
    build_digest.program_digest.cache_clear()


def digest_now() -> str:
    build_digest.program_digest.cache_clear()
    return build_digest.program_digest()


def swap(folder: Path) -> None:
    one, other = folder / "page.html", folder / "words/es.po"
    first, second = one.read_text(), other.read_text()
    one.write_text(second)
    other.write_text(first)


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "code/build.py").write_text("code/build.pY"),
        lambda folder: (folder / "code/new.py").write_text(""),
        lambda folder: (folder / "words/es.po").unlink(),
        lambda folder: (folder / "page.html").rename(folder / "pages.html"),
        swap,
    ],
)
def test_another_program(folder: Path, change: Callable[[Path], object]) -> None:
    before = digest_now()
    change(folder)
    assert digest_now() != before


def test_the_digest_does_not_depend_on_folder_time_or_compiled_files(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = digest_now()
    (folder / "code/__pycache__").mkdir()
    (folder / "code/__pycache__/build.pyc").write_bytes(b"\0")
    (folder / "words/es.mo").write_bytes(b"\0")
    copy = tmp_path_factory.mktemp("elsewhere") / "program"
    shutil.copytree(folder, copy)
    for path in copy.rglob("*"):
        os.utime(path, (1e9, 1e9))
    monkeypatch.setattr(build_digest, "folders", lambda: (copy,))
    assert digest_now() == before


def test_another_renderer(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = digest_now()
    monkeypatch.setattr(build_digest, "renderer_versions", lambda: ["jinja2-99"])
    assert digest_now() != before


def test_the_versions_of_the_renderers() -> None:
    found = build_digest.renderer_versions()
    assert f"jinja2-{version('jinja2')}" in found
    assert f"markdown_it_py-{version('markdown-it-py')}" in found


def test_the_digest_includes_our_own_files() -> None:
    names = {
        name for folder in build_digest.folders() for name, _ in build_digest.files_below(folder)
    }
    assert {
        "build_digest.py",
        "runtime/session.js",
        "formats/scorm12/rules.py",
        "parser/folder.py",
        "package/index.html",
        "static/minga.css",
        "es/LC_MESSAGES/minga.po",
    } <= names
