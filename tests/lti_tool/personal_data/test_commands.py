"""``lti-tool users`` and ``lti-tool registrations retention``."""

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from lti_tool.attachments import service as attachments
from lti_tool.cli import main
from lti_tool.directory.model import User
from lti_tool.storage import migrations
from lti_tool.storage.database import Database
from tests.lti_tool.attachments import files
from tests.lti_tool.discussion import scene as scenes
from tests.lti_tool.discussion.scene import KEY, Scene
from tests.support.databases import sqlite_database

Run = Callable[..., Result]


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    with sqlite_database(tmp_path) as url:
        database = Database(url)
        migrations.upgrade(database)
        return scenes.make(database, tmp_path)


@pytest.fixture
def run(scene: Scene) -> Run:
    environ = {
        "MINGA_DATA_DIR": str(scene.settings.data_dir),
        "MINGA_DATABASE_URL": scene.settings.database_url,
        "MINGA_SECRET_KEY": KEY,
    }

    def command(*arguments: str) -> Result:
        return CliRunner(env=environ).invoke(main, arguments)

    return command


def test_an_operator_finds_exports_and_erases_a_user(scene: Scene, run: Run) -> None:
    ana = scene.launch_session("Ana Quispe")
    scene.launch_session("Luis Paz")
    scene.post(ana, "Bought at the market.")
    found = json.loads(run("users", "list", "1", "--search", "quispe", "--json").output)
    assert [each["name"] for each in found] == ["Ana Quispe"]
    user_id = str(found[0]["id"])
    file = scene.settings.data_dir / "export.json"
    assert run("users", "export", user_id, "--output", str(file)).exit_code == 0
    exported = json.loads(file.read_text())
    assert exported["posts"][0]["text"] == "Bought at the market."
    assert run("users", "erase", user_id).exit_code == 1, "it asks first"
    assert json.loads(run("users", "erase", user_id, "--yes", "--json").output)["erased"]
    assert scene.count(User) == 1
    again = run("users", "erase", user_id, "--yes")
    assert (again.exit_code, "There is no user" in again.output) == (1, True)
    assert "There is no user" in run("users", "export", user_id).output
    assert run("users", "reapply-erasures", "--json").output == '{"erased": 0}\n'


def test_an_operator_exports_the_files_of_a_user(scene: Scene, run: Run) -> None:
    ana = scene.launch_session("Ana Quispe")
    attachments.add(
        scene.database,
        scene.settings,
        user_id=ana.user_id or 0,
        draft_key="form",
        name="notes.pdf",
        content=files.PDF,
    )
    file = scene.settings.data_dir / "ana.zip"
    command = ("users", "export", str(ana.user_id), "--output", str(file))
    assert run(*command).exit_code == 0
    with zipfile.ZipFile(file) as found:
        path, data = found.namelist()
        assert json.loads(found.read(data))["files"][0]["path"] == path
        assert found.read(path) == files.PDF
    file.unlink()
    shutil.rmtree(scene.settings.data_dir / "attachments")
    away = run(*command)
    assert (away.exit_code, "Nothing is written" in away.output) == (1, True)
    assert not file.exists()


def test_the_upgrade_applies_erasures_again(scene: Scene, run: Run) -> None:
    ana = scene.launch_session("Ana Quispe")
    backup = Path(scene.settings.database_url.removeprefix("sqlite:///"))
    scene.database.close()
    before = {each: each.read_bytes() for each in backup.parent.glob("minga.db*") if each.is_file()}
    assert run("users", "erase", str(ana.user_id), "--yes").exit_code == 0
    scene.database.close()
    for each in backup.parent.glob("minga.db*"):
        if each.is_file():
            each.unlink()
    for each, content in before.items():
        each.write_bytes(content)
    assert scene.count(User) == 1
    scene.database.close()
    assert run("db", "upgrade").exit_code == 0
    assert scene.count(User) == 0


def test_a_retention_rule_is_tried_and_stored(scene: Scene, run: Run) -> None:
    scene.post(scene.launch_session())
    command = ("registrations", "retention", "1")
    assert "stored for ever" in run(*command).output
    tried = run(*command, "--months", "6")
    assert "Nothing is changed yet" in tried.output
    assert "stored for ever" in run(*command).output
    assert run(*command, "--months", "6", "--action", "anonymise", "--yes").exit_code == 0
    assert "made anonymous 6 months" in run(*command).output
    course = (*command, "--course", "c1")
    assert run(*course, "--never", "--yes").exit_code == 0
    assert "stored for ever" in run(*course).output
    assert run(*course, "--inherit", "--yes").exit_code == 0
    shown = json.loads(run(*course, "--json").output)
    assert (shown["months"], shown["action"], shown["due"]) == (6, "anonymise", [])
    for wrong in (("--months", "6", "--never"), ("--inherit",), ("--course", "x", "--never")):
        assert run(*command, *wrong).exit_code != 0
