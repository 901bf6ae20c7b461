"""A registered format is built, checked, inspected and listed."""

import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from scorm_builder.commands.group import scorm_builder
from scorm_builder.formats import registry
from scorm_builder.formats.format import Format
from tests.browser import courses, standards
from tests.support.small_module import write_module
from tests.support.toy_format import TOY

BROWSER = Path(standards.__file__).parent
DOCUMENTATION = Path(__file__).resolve().parents[3] / "docs/packages.md"


@pytest.fixture
def toy() -> Iterator[Format]:
    registry.register(TOY)
    yield TOY
    registry.unregister("toy")


def run(*arguments: object) -> str:
    result = CliRunner().invoke(scorm_builder, [str(one) for one in arguments])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture
def package(toy: Format, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (found,) = json.loads(
        run("build", write_module(tmp_path), "--format", "toy", "-o", tmp_path / "out", "--json")
    )
    return Path(found["package"])


def test_a_registered_format_is_built(package: Path) -> None:
    assert package.name == "market-toy.zip"
    with zipfile.ZipFile(package) as archive:
        assert archive.namelist() == ["toy.json"]
        assert json.loads(archive.read("toy.json"))["en"] == "The market"


def test_a_registered_format_is_checked(package: Path, tmp_path: Path) -> None:
    assert "good (toy)" in run("check", package)
    with zipfile.ZipFile(tmp_path / "empty.zip", "w") as archive:
        archive.writestr("toy.json", "{}")
    result = CliRunner().invoke(scorm_builder, ["check", str(tmp_path / "empty.zip")])
    assert result.exit_code == 1
    assert "toy/empty" in result.output


def test_a_registered_format_is_inspected(package: Path) -> None:
    (found,) = json.loads(run("inspect", package, "--json"))
    assert (found["format"], found["findings"]) == ("Toy", [])


def test_a_registered_format_is_recognised_in_a_folder(package: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(package) as archive:
        archive.extractall(tmp_path / "unpacked")
    assert "good (toy)" in run("check", tmp_path / "unpacked")


def test_a_registered_format_is_listed(toy: Format) -> None:
    assert toy in registry.available_formats()
    assert re.search(r"website,\s+epub,\s+print,\s+toy\.", run("build", "--help"))
    result = CliRunner().invoke(scorm_builder, ["build", "module-4", "--format", "nothing"])
    assert "'nothing' is not one of scorm12," in result.output
    assert "toy" in result.output


def test_a_name_is_registered_once(toy: Format) -> None:
    with pytest.raises(ValueError, match="already a format of the name toy"):
        registry.register(toy)


def test_a_format_that_is_only_recognised_cannot_be_built() -> None:
    assert "tincan" in [one.name for one in registry.all_formats()]
    assert "tincan" not in registry.names()
    with pytest.raises(KeyError):
        registry.get("tincan")


def test_a_format_is_available_only_if_it_can_be_built_here(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from dataclasses import replace

    broken = replace(TOY, name="broken", unavailable=lambda: "A program is missing.")
    registry.register(broken)
    try:
        assert broken in registry.buildable_formats()
        assert broken not in registry.available_formats()
    finally:
        registry.unregister("broken")


@pytest.mark.parametrize("one", registry.buildable_formats(), ids=lambda one: one.name)
def test_a_format_describes_its_limitations(one: Format) -> None:
    assert one.title
    assert one.audience.endswith(".")
    assert one.check is not None
    assert "/" in one.media_type
    assert one.suffix.startswith(".")


def table() -> list[str]:
    """The rows of the table in the documentation."""
    return [
        f"| `{one.name}` | {one.title} | {one.audience} | "
        f"`{one.file_name('module-4', ('es',) if one.one_language else ())}` |"
        for one in registry.buildable_formats()
    ]


def test_the_documentation_lists_every_format() -> None:
    text = DOCUMENTATION.read_text("utf-8")
    rows = [line for line in text.splitlines() if re.match(r"\| `[a-z0-9-]+` \| ", line)]
    assert rows == table(), "\n".join(["docs/packages.md should have:", *table()])


def test_interactive_formats_are_played_by_the_browser_tests() -> None:
    played = {*courses.FORMS, *standards.SAME_PAGES, *standards.PLAYED_ALONE}
    assert played == {one.name for one in registry.buildable_formats() if one.adapters}
    for name in standards.PLAYED_ALONE.values():
        assert (BROWSER / name).is_file()


def test_the_other_formats_have_no_runtime() -> None:
    static = {one.name for one in registry.buildable_formats() if not one.adapters}
    assert static == set(standards.WITHOUT_RUNTIME)
