"""``lti-tool db revision`` writes the migration that a changed model needs."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.databases import copy_tables

ROOT = Path(__file__).parents[3]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of the source code of the live tool."""
    shutil.copytree(ROOT / "lti_tool", tmp_path / "lti_tool")  # with what is compiled already
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    (tmp_path / "data").mkdir()
    copy_tables(tmp_path / "data" / "minga.db")
    return tmp_path


def lti_tool(checkout: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {"MINGA_DATA_DIR": str(checkout / "data"), "PYTHONPATH": str(checkout)}
    return subprocess.run(
        [sys.executable, "-m", "lti_tool.cli", *arguments],
        cwd=checkout,
        env=os.environ | environ,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_migration_is_written_and_applied(checkout: Path) -> None:
    agrees = lti_tool(checkout, "db", "revision", "-m", "nothing")
    assert agrees.returncode == 1
    assert "nothing to migrate" in agrees.stderr

    model = checkout / "lti_tool/packages/model.py"
    column = "    note: Mapped[str | None] = mapped_column(Text)\n"
    model.write_text(model.read_text() + column)
    versions = checkout / "lti_tool/storage/migrations/versions"
    before = {path.name for path in versions.glob("*.py")}
    number = max(int(name[:4]) for name in before) + 1
    made = lti_tool(checkout, "db", "revision", "-m", "a note for packages")
    assert made.returncode == 0, made.stderr
    path = Path(made.stdout.splitlines()[-1])
    assert path.name == f"{number:04}_a_note_for_packages.py"
    assert path.parent == versions
    assert "add_column" in path.read_text()

    outdated = lti_tool(checkout, "db", "revision", "-m", "too early")
    assert "lti-tool db upgrade" in outdated.stderr
    upgraded = lti_tool(checkout, "db", "upgrade")
    assert f"({number:04})" in upgraded.stdout


def test_an_installation_without_sources_writes_none(checkout: Path) -> None:
    (checkout / "pyproject.toml").unlink()
    failed = lti_tool(checkout, "db", "revision", "-m", "anything")
    assert failed.returncode == 1
    assert "checkout" in failed.stderr
