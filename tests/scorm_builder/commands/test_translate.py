"""``scorm-builder translate``: report, export, import, and errors."""

import json
from pathlib import Path

import pytest

from scorm_builder.starter import begin
from scorm_builder.translation import entries
from tests.support.builder import run


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    begin(tmp_path / "mine", languages=["es", "fr"])
    return tmp_path / "mine"


def test_a_change_after_accepting_is_outdated(folder: Path, tmp_path: Path) -> None:
    first = run("translate", folder, "--to", "fr", cwd=tmp_path)
    assert "--to fr --accept" in first.stdout
    assert run("translate", folder, "--to", "fr", "--accept", cwd=tmp_path).returncode == 0
    text = (folder / "es/discussion.md").read_text("utf-8")
    (folder / "es/discussion.md").write_text(text.replace("Este", "Aquel"), "utf-8")
    done = run("translate", folder, "--to", "fr", cwd=tmp_path)
    assert "es/discussion.md:3: out of date: Aquel aviso" in done.stdout
    assert "1 out of date." in done.stdout
    answer = json.loads(run("translate", folder, "--to", "fr", "--json", cwd=tmp_path).stdout)
    assert (answer["outdated"], answer["missing"]) == (1, 0)


@pytest.mark.parametrize("name", ["it.xlf", "it.po"])
def test_out_and_back(folder: Path, tmp_path: Path, name: str) -> None:
    assert run("translate", folder, "--to", "it", "--export", name, cwd=tmp_path).returncode == 0
    again = run("translate", folder, "--to", "it", "--export", name, cwd=tmp_path)
    assert again.returncode == 1
    assert "may contain translations" in again.stderr
    path = tmp_path / name
    text = path.read_text("utf-8")
    one = "<source>Foro</source>" if name == "it.xlf" else 'msgid "Foro"\nmsgstr ""'
    two = f"{one}<target>Piazza</target>" if name == "it.xlf" else f'{one[:-2]}"Piazza"'
    assert one in text
    path.write_text(text.replace(one, two), "utf-8")
    done = run("translate", folder, "--to", "it", "--import", name, cwd=tmp_path)
    assert done.returncode == 0
    assert f"{name}: 1 texts were imported." in done.stdout
    assert "it/discussion.md: not written before" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--to", "es"), 2, "the language that the module is written in"),
        (("--to", "spanish please"), 2, "not the short code"),
        (("--to", "fr", "--export", "a.docx"), 2, "must end in .xlf or in .po"),
        (("--to", "fr", "--import", "none.po"), 1, "No such file"),
        (("--to", "fr", "--import", "bomb.xlf"), 1, "A document type"),
        (("--to", "fr", "--import", "huge.xlf"), 1, "larger than 20 MB"),
        (("--to", "fr", "--accept", "--export", "a.po"), 2, "Give one of"),
        ((), 2, "--to"),
    ],
)
def test_refused(
    folder: Path, tmp_path: Path, arguments: tuple[str, ...], code: int, words: str
) -> None:
    (tmp_path / "bomb.xlf").write_text('<!DOCTYPE x [<!ENTITY a "b">]><xliff>&a;</xliff>')
    with (tmp_path / "huge.xlf").open("wb") as file:
        file.truncate(entries.MAX_BYTES + 1)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    done = run("translate", folder, *arguments, cwd=tmp_path)
    assert done.returncode == code
    assert words in done.stderr
    assert "Traceback" not in done.stderr
    assert before == {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_an_invalid_module_is_reported_first(folder: Path, tmp_path: Path) -> None:
    (folder / "es/discussion.md").unlink()
    done = run("translate", folder, "--to", "fr", cwd=tmp_path)
    assert done.returncode == 1
    assert "mend the errors first" in done.stderr
