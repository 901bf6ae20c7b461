"""The command as people run it: in a process of its own, judged by its exit code and its words."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.small_module import write_module

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scorm_builder.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={"PYTHONPATH": str(ROOT), "PATH": "", "LC_ALL": "C.UTF-8"},
        timeout=60,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_module(tmp_path)


def test_build_into_the_current_folder(folder: Path, tmp_path: Path) -> None:
    done = run("build", folder, cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("market-scorm12.zip  scorm12, es, en, ar; 13 files, ")
    assert zipfile.is_zipfile(tmp_path / "market-scorm12.zip")


def test_build_elsewhere_in_some_languages(folder: Path, tmp_path: Path) -> None:
    arguments = ("--format", "scorm12", "--language", "es", "--language", "en")
    done = run("build", folder, *arguments, "-o", "out/deep", cwd=tmp_path)
    assert done.returncode == 0
    assert (tmp_path / "out/deep/market-es-en-scorm12.zip").is_file()
    assert run("build", folder, "--language", "en,es", "-o", "b", cwd=tmp_path).returncode == 0
    assert (tmp_path / "b/market-es-en-scorm12.zip").is_file()


def test_the_warnings_of_the_module_are_told(folder: Path, tmp_path: Path) -> None:
    done = run("build", folder, cwd=tmp_path)
    assert f'{folder}/module.toml:16: warning: "summary" is not translated to ar.' in done.stderr


def test_a_module_with_errors_is_not_built(folder: Path, tmp_path: Path) -> None:
    (folder / "es/questions.md").unlink()
    done = run("build", folder, cwd=tmp_path)
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
        (("--schemas", "nowhere"), 2, "does not exist"),
    ],
)
def test_what_cannot_be_built(
    folder: Path, tmp_path: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    done = run("build", folder, *arguments, cwd=tmp_path)
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_cannot_be_written_to(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run("build", folder, "-o", "file/out", cwd=tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "no package was built" in done.stderr


def test_one_bad_module_does_not_stop_the_others(folder: Path, tmp_path: Path) -> None:
    done = run("build", tmp_path / "none", folder, "--json", cwd=tmp_path)
    assert done.returncode == 1
    bad, good = json.loads(done.stdout)
    assert (bad["built"], good["built"]) == (False, True)
    assert bad["problems"]
    assert good["package"] == "market-scorm12.zip"
    assert good["languages"] == ["es", "en", "ar"]
    assert good["size"] == (tmp_path / "market-scorm12.zip").stat().st_size


def test_check_a_package_and_a_module(folder: Path, tmp_path: Path) -> None:
    run("build", folder, cwd=tmp_path)
    done = run("check", "market-scorm12.zip", folder, cwd=tmp_path)
    assert done.returncode == 0
    assert done.stdout == f"market-scorm12.zip: good (scorm12).\n{folder}: good, with warnings.\n"


def test_check_says_what_is_wrong(folder: Path, tmp_path: Path) -> None:
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


def test_the_command_alone_explains_itself(tmp_path: Path) -> None:
    done = run("--help", cwd=tmp_path)
    assert done.returncode == 0
    assert "build" in done.stdout
    assert run("build", cwd=tmp_path).returncode == 2
