"""``scorm-builder build``: one module or many, output, unchanged packages."""

import json
import zipfile
from pathlib import Path

import pytest

from tests.support.builder import run
from tests.support.small_module import write_module

ONE = ("--format", "scorm12")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_module(tmp_path)


def another(tmp_path: Path, name: str) -> Path:
    """Write a second module: the small one under another id."""
    folder = write_module(tmp_path / f"for-{name}").rename(tmp_path / name)
    structure = folder / "module.toml"
    structure.write_text(structure.read_text("utf-8").replace('"market"', f'"{name}"', 1), "utf-8")
    return folder


def test_into_the_current_folder(folder: Path, tmp_path: Path) -> None:
    done = run("build", folder, *ONE, cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("market-scorm12.zip  scorm12, es, en, ar; 13 files, ")
    assert zipfile.is_zipfile(tmp_path / "market-scorm12.zip")


def test_another_folder_and_some_languages(folder: Path, tmp_path: Path) -> None:
    arguments = (*ONE, "--language", "es", "--language", "en")
    done = run("build", folder, *arguments, "-o", "out/deep", cwd=tmp_path)
    assert done.returncode == 0
    assert (tmp_path / "out/deep/market-es-en-scorm12.zip").is_file()
    assert run("build", folder, "--language", "en,es", "-o", "b", cwd=tmp_path).returncode == 0
    assert (tmp_path / "b/market-es-en-scorm12.zip").is_file()


def test_a_module_that_comes_with_the_program_by_its_name(tmp_path: Path) -> None:
    done = run("build", "how-to-write-a-module", *ONE, cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("how-to-write-a-module-scorm12.zip  scorm12, en, es; ")


def test_a_folder_of_the_same_name_comes_first(tmp_path: Path) -> None:
    another(tmp_path, "module-4")
    assert "13 files" in run("build", "module-4", *ONE, cwd=tmp_path).stdout


def test_many_modules_are_listed_in_a_table(folder: Path, tmp_path: Path) -> None:
    all_of_them = tmp_path / "all"
    all_of_them.mkdir()
    folder.rename(all_of_them / "market")
    for name in ("harbour", "bridge"):
        another(tmp_path, name).rename(all_of_them / name)
    (all_of_them / "bridge/es/questions.md").unlink()
    done = run("build", "all", *ONE, "-o", "out", cwd=tmp_path)
    assert done.returncode == 1
    rows = [line.split() for line in done.stdout.splitlines()]
    assert rows[0] == ["module", "format", "files", "size", "time", "package"]
    assert [row[0] for row in rows[1:4]] == ["bridge", "harbour", "market"]
    assert rows[1][-2:] == ["not", "built"]
    assert rows[2][-1] == "out/harbour-scorm12.zip"
    assert done.stdout.splitlines()[-1].startswith("2 of 3 packages, ")
    assert "bridge/es/questions.md: error: " in done.stderr
    assert "\x1b" not in done.stderr + done.stdout


def test_formats_by_comma_and_repeated_are_the_same(folder: Path, tmp_path: Path) -> None:
    arguments = ("--format", "scorm12,scorm12", "--format", "scorm12", "--json")
    (answer,) = json.loads(run("build", folder, *arguments, cwd=tmp_path).stdout)
    assert answer["format"] == "scorm12"


def test_the_warnings_of_the_module_are_repeated(folder: Path, tmp_path: Path) -> None:
    warning = f'{folder}/module.toml:16: warning: "summary" is not translated to ar.'
    for words in (" s\n", ", unchanged\n"):
        done = run("build", folder, *ONE, cwd=tmp_path)
        assert warning in done.stderr
        assert done.stdout.endswith(words)


def test_a_module_with_errors_is_not_built(folder: Path, tmp_path: Path) -> None:
    (folder / "es/questions.md").unlink()
    done = run("build", folder, *ONE, cwd=tmp_path)
    assert done.returncode == 1
    assert f"{folder}/" in done.stderr
    assert ": error: " in done.stderr
    assert done.stderr.endswith("no package was built.\n")
    assert not list(tmp_path.glob("*.zip"))


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--language", "qu"), 1, "market is not written in qu; it has es, en, ar."),
        (("--format", "scorm13"), 2, "'scorm13' is not"),
        (("--format", "scorm12,scorm13"), 2, "'scorm13' is not"),
        (("--schemas", "nowhere"), 2, "does not exist"),
        (
            ("--tool", "minga.example.org"),
            2,
            "is not the address of a tool: it starts with https://",
        ),
        (("--tool", "https://a:b@minga.example"), 2, "no name and no password"),
        (("--max-size", "large"), 2, "'large' is not a size such as 20MB"),
        (("--max-size", "9kB"), 1, "more than the 9 kB allowed. Its largest files: "),
    ],
)
def test_modules_that_cannot_be_built(
    folder: Path, tmp_path: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    done = run("build", folder, *arguments, cwd=tmp_path)
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.glob("*.zip"))


def test_a_folder_that_cannot_be_written_to(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run("build", folder, "-o", "file/out", cwd=tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "no package was built" in done.stderr


def test_an_invalid_module_does_not_stop_the_others(folder: Path, tmp_path: Path) -> None:
    done = run("build", tmp_path / "none", folder, *ONE, "--json", cwd=tmp_path)
    assert done.returncode == 1
    bad, good = json.loads(done.stdout)
    assert (bad["built"], good["built"]) == (False, True)
    assert bad["problems"]
    assert good["package"] == "market-scorm12.zip"
    assert good["languages"] == ["es", "en", "ar"]
    assert good["size"] == (tmp_path / "market-scorm12.zip").stat().st_size


def test_a_package_too_large_for_a_poor_connection_is_built_with_a_warning(
    folder: Path, tmp_path: Path
) -> None:
    film = folder / "media/film.mp4"
    film.write_bytes(film.read_bytes() + b"\0" * 20_000_000)
    done = run("build", folder, *ONE, cwd=tmp_path)
    assert done.returncode == 0
    assert "warning: The package has 20.0 MB" in done.stderr
    assert "Its largest files: media/film.mp4 (20.0 MB), " in done.stderr


def test_packages_with_one_and_several_scos_have_different_names(
    folder: Path, tmp_path: Path
) -> None:
    formats = ("--format", "scorm12,scorm2004-4,website")
    done = run("build", folder, *formats, "--sco-per-section", "--json", cwd=tmp_path)
    assert (done.returncode, json.loads(done.stdout)[0]["built"]) == (0, True)
    assert not any("show only the first" in line for line in done.stderr.splitlines())
    run("build", folder, *ONE, "--one-sco", cwd=tmp_path)
    assert sorted(path.name for path in tmp_path.glob("*.zip")) == [
        "market-scorm12.zip",
        "market-sections-scorm12.zip",
        "market-sections-scorm2004-4.zip",
        "market-website.zip",
    ]
    again = run("build", folder, *formats, "--sco-per-section", "--json", cwd=tmp_path)
    assert [one["unchanged"] for one in json.loads(again.stdout)] == [True] * 3


def test_formats_without_scos_refuse_an_sco_for_each_section(folder: Path, tmp_path: Path) -> None:
    done = run("build", folder, "--format", "cc13,epub", "--sco-per-section", cwd=tmp_path)
    assert done.returncode == 2
    assert "cc13 or epub cannot have an SCO for each section" in done.stderr
    assert "use --sco-per-section with scorm12, scorm2004-3 or scorm2004-4" in done.stderr
    assert not list(tmp_path.glob("*.zip"))
