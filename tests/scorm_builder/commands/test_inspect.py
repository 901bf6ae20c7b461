"""``scorm-builder inspect``: text and JSON."""

import json
import zipfile
from pathlib import Path

from tests.support.builder import run


def test_for_a_person(package: Path, tmp_path: Path) -> None:
    done = run("inspect", package, cwd=tmp_path)
    assert done.returncode == 0
    lines = [line.split(maxsplit=1) for line in done.stdout.splitlines()]
    assert ["format", "ADL SCORM 1.2"] in lines
    assert ["title", "El mercado"] in lines
    assert ["languages", "es, en, ar"] in lines
    assert "2     74 B  captions" in done.stdout
    assert done.stderr == ""


def test_for_a_program(package: Path, tmp_path: Path) -> None:
    (answer,) = json.loads(run("inspect", package, "--json", cwd=tmp_path).stdout)
    assert answer["size"] == package.stat().st_size
    assert answer["scos"] == [{"title": "El mercado", "href": "index.html"}]


def test_control_characters_do_not_reach_the_terminal(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("index.html", "<html lang=es><title>\x1b[2JGone</title>")
    done = run("inspect", "a.zip", cwd=tmp_path)
    assert "�[2JGone" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_text("no zip")
    done = run("inspect", "a.zip", cwd=tmp_path)
    assert done.returncode == 1
    assert "a.zip: error: This is not a zip that can be read" in done.stderr
    assert run("inspect", "none.zip", cwd=tmp_path).returncode == 2
