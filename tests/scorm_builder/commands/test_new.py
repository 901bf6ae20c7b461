"""``scorm-builder new``: creates a module, never over existing files."""

from pathlib import Path

from tests.support.builder import run


def test_new_check_and_build(tmp_path: Path) -> None:
    done = run("new", "market", "--title", "El mercado", "--language", "es,fr", cwd=tmp_path)
    assert done.returncode == 0
    assert "scorm-builder preview market" in done.stdout
    assert 'es = "El mercado"' in (tmp_path / "market/module.toml").read_text("utf-8")
    assert run("check", "market", cwd=tmp_path).stdout == "market: good.\n"
    again = run("new", "market", cwd=tmp_path)
    assert again.returncode == 1
    assert "nothing was touched" in again.stderr


def test_a_language_without_starter_texts(tmp_path: Path) -> None:
    assert "in English in qu/" in run("new", "a", "--language", "qu", cwd=tmp_path).stdout


def test_a_folder_without_write_permission(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run("new", "file/a", cwd=tmp_path)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
