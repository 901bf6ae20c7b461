"""From one build to the next, texts and pages that stay as they were are not made again."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from courseware import known, places, remembered
from scorm_builder import memory
from tests.support.builder import ROOT, run
from tests.support.small_module import write_module

LOADED = """
import sys
from scorm_builder.cli import main
try:
    main(sys.argv[1:])
finally:
    print(*sys.modules)
"""
MAKERS = {"markdown_it", "nh3", "jinja2"}
NEEDLESS = {
    *("babel", "lxml", "weasyprint", "flask", "sqlalchemy", "requests", "urllib3", "argparse"),
    *("multiprocessing", "concurrent.futures", "asyncio", "subprocess", "http.server"),
    *("email", "ssl", "socket", "importlib.metadata", "xml.etree.ElementTree"),
    *("scorm_builder.accessibility", "scorm_builder.inspection", "scorm_builder.preview"),
    *("scorm_builder.starter", "scorm_builder.translation", "scorm_builder.unpacked"),
    *("scorm_builder.formats.cartridge_rules", "scorm_builder.formats.cmi5_rules"),
    *("scorm_builder.formats.epub_rules", "scorm_builder.formats.scorm2004_rules"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_module(tmp_path)


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(remembered, "_allowed", True)
    return tmp_path / "cache"


def loaded(folder: Path, cwd: Path) -> set[str]:
    """Build SCORM 1.2 in a new process; the modules that it had loaded at its end."""
    arguments = ["build", str(folder), "--format", "scorm12", "--force", "-o", str(cwd / "out")]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "", "XDG_CACHE_HOME": str(cwd / "cache")}
    done = subprocess.run(
        [sys.executable, "-c", LOADED, *arguments],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    )
    return set(done.stdout.split())


def test_a_build_loads_nothing_that_it_does_not_need(tmp_path: Path) -> None:
    folder = places.content() / "module-4"
    assert loaded(folder, tmp_path) & (NEEDLESS | MAKERS) == MAKERS
    assert loaded(folder, tmp_path) & (NEEDLESS | MAKERS) == set()


def test_a_text_that_changed_is_parsed_and_the_package_is_as_if_all_were(
    folder: Path, tmp_path: Path
) -> None:
    loaded(folder, tmp_path)
    text = folder / "es" / "introduction.md"
    text.write_text(text.read_text("utf-8") + "\nOtra *palabra*.\n", "utf-8")
    assert loaded(folder, tmp_path) >= MAKERS
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    assert run("build", folder, "--format", "scorm12", "-o", "out", cwd=fresh).returncode == 0
    name = "market-scorm12.zip"
    assert (tmp_path / "out" / name).read_bytes() == (fresh / "out" / name).read_bytes()


def test_what_was_found_wrong_is_told_again(folder: Path, tmp_path: Path) -> None:
    text = folder / "es" / "introduction.md"
    text.write_text(text.read_text("utf-8") + "\n<b>No</b> [x](#nada)\n", "utf-8")
    first, second = (run("build", folder, "--force", cwd=tmp_path) for _ in range(2))
    assert first.returncode == second.returncode == 1
    assert "#nada" in first.stderr
    assert "HTML is left out" in first.stderr
    assert second.stderr == first.stderr


def remember(module: Path) -> None:
    with memory.of(module):
        known.found("parts", "a text", lambda: ["a text"])


def known_of(module: Path) -> list[str]:
    with memory.of(module):
        return known.found("parts", "a text", lambda: ["made anew"])


def test_each_module_has_its_own(own_cache: Path, tmp_path: Path) -> None:
    remember(tmp_path / "one")
    assert known_of(tmp_path / "one") == ["a text"]
    assert known_of(tmp_path / "two") == ["made anew"]


def test_another_program_believes_nothing(
    own_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(tmp_path)
    monkeypatch.setattr(memory, "builder", lambda: "newer")
    assert known_of(tmp_path) == ["made anew"]


def test_what_was_spoiled_is_not_believed(own_cache: Path, tmp_path: Path) -> None:
    remember(tmp_path)
    [kept] = (own_cache / "minga/made").iterdir()
    kept.write_bytes(kept.read_bytes()[:-1])
    assert known_of(tmp_path) == ["made anew"]


def test_what_stayed_the_same_is_not_written_again(
    own_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember(tmp_path)
    monkeypatch.setattr(remembered, "keep", None)
    remember(tmp_path)


def test_a_build_that_ends_badly_keeps_nothing(own_cache: Path, tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), memory.of(tmp_path):
        known.found("parts", "a text", lambda: [1 / 0])
    assert known_of(tmp_path) == ["made anew"]


def more_minutes(folder: Path) -> None:
    rewrite(folder / "module.toml", "minutes = 65", "minutes = 70")


def another_title(folder: Path) -> None:
    rewrite(folder / "module.toml", "The market", "The fair")


def another_order(folder: Path) -> None:
    rewrite(folder / "module.toml", '["es", "en", "ar"]', '["es", "ar", "en"]')


def a_larger_paper(folder: Path) -> None:
    [paper] = folder.glob("media/*.pdf")
    paper.write_bytes(paper.read_bytes() + b" " * 9_000_000)


def another_question(folder: Path) -> None:
    questions = folder / "es" / "questions.md"
    questions.write_text(questions.read_text("utf-8") + "\n## ¿Y ahora? {#ahora}\n", "utf-8")


def nothing(folder: Path) -> None:
    pass


def rewrite(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


@pytest.mark.parametrize(
    "change",
    [nothing, more_minutes, another_title, another_order, a_larger_paper, another_question],
)
@pytest.mark.parametrize("option", ["--one-sco", "--sco-per-section", "--tool=https://a.example"])
def test_whatever_changes_pages_are_as_if_all_were_drawn(
    folder: Path, tmp_path: Path, change: Callable[[Path], None], option: str
) -> None:
    def build(cache: str, *options: str) -> bytes:
        out = tmp_path / f"out-{cache}-{len(options)}"
        arguments = ["build", folder, "--format", "scorm12", "--force", "-o", out, *options]
        done = run(*arguments, cwd=tmp_path, XDG_CACHE_HOME=str(tmp_path / cache))
        assert done.returncode == 0, done.stderr
        [package] = out.iterdir()
        return package.read_bytes()

    build("used")
    change(folder)
    assert build("used", option) == build("fresh", option)
