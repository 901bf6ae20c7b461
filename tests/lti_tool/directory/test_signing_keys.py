"""Signing keys in the database: encrypted, shared by all processes, taken over from files."""

import json
from dataclasses import asdict
from multiprocessing.queues import SimpleQueue
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from lti_tool.cli import main
from lti_tool.directory.signing_keys import DatabaseKeyStorage
from lti_tool.lti.signing_keys import PUBLISHED_AFTER, PUBLISHED_AHEAD, NewKey, SigningKeys, _make
from lti_tool.settings import SettingsError
from lti_tool.storage.database import Database
from tests.support import processes
from tests.support.served import lti_tool

pytestmark = pytest.mark.both_engines

SECRET = "k" * 40


def keys_in(database: Database, secret: str = SECRET, folder: Path | None = None) -> SigningKeys:
    return SigningKeys(DatabaseKeyStorage(database, secret, folder))


def kids(keys: SigningKeys, now: float) -> list[str]:
    return [key["kid"] for key in keys.jwks(now)["keys"]]


def test_the_same_keys_after_a_restart(database: Database) -> None:
    assert keys_in(database).jwks() == keys_in(database).jwks()


def test_private_keys_are_encrypted(database: Database) -> None:
    keys_in(database).listed()
    with database.read_core() as connection:
        [sealed] = connection.execute(text("SELECT sealed FROM signing_keys")).scalars()
    assert "PRIVATE KEY" not in sealed
    assert sealed.startswith("gAAAA")


def test_another_process_sees_a_rotation(database: Database) -> None:
    keys, other = keys_in(database), keys_in(database)
    (old,) = other.listed()
    start = old.created_at + 1000
    new = keys.rotate(start)
    assert new.signs_from == start + PUBLISHED_AHEAD
    assert kids(other, start) == [old.kid, new.kid]
    assert kids(other, new.signs_from + PUBLISHED_AFTER) == [new.kid]
    leaked = keys.rotate(start + 1, at_once=True)
    assert [key.kid for key in other.listed()] == [leaked.kid]


def test_a_wrong_secret_key_is_one_line_with_a_remedy(database: Database) -> None:
    (old,) = keys_in(database).listed()
    wrong = keys_in(database, "x" * 40)
    for use in (wrong.jwks, lambda: wrong.sign({})):
        with pytest.raises(
            SettingsError, match=r"^MINGA_SECRET_KEY: .*rotate --at-once$"
        ) as refused:
            use()
        assert "\n" not in str(refused.value)
    new = wrong.rotate(old.created_at + 1, at_once=True)
    assert [key["kid"] for key in wrong.jwks()["keys"]] == [new.kid]


def test_serving_with_a_wrong_secret_key_is_one_line(tmp_path: Path) -> None:
    environ = {"MINGA_DATA_DIR": str(tmp_path)}
    made = CliRunner(env={**environ, "MINGA_SECRET_KEY": "a" * 40}).invoke(main, ["keys", "list"])
    assert made.exit_code == 0
    failed = lti_tool("serve", environ={**environ, "MINGA_SECRET_KEY": "b" * 40})
    assert failed.returncode == 2
    assert failed.stderr.splitlines()[-1].startswith("lti-tool: MINGA_SECRET_KEY:")
    assert "Traceback" not in failed.stderr


def write_files(folder: Path, keys: list[NewKey]) -> None:
    """As earlier versions kept them."""
    folder.mkdir()
    times = [asdict(key.times) for key in keys]
    (folder / "keys.json").write_text(json.dumps({"keys": times}))
    for key in keys:
        (folder / f"{key.times.kid}.pem").write_bytes(key.pem)


def test_key_files_are_taken_over_once(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    first, second = _make(1000, 1000), _make(2000, 3000)
    write_files(folder, [first, second])
    keys = keys_in(database, folder=folder)
    assert keys.listed() == (first.times, second.times)
    new = keys.rotate(3000, at_once=True)
    assert keys_in(database, folder=folder).listed() == (new,)
    assert (folder / "keys.json").exists()


def test_key_files_are_taken_over_by_a_rotation_too(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "keys"
    first = _make(1000, 1000)
    write_files(folder, [first])
    new = keys_in(database, folder=folder).rotate(2000)
    assert kids(keys_in(database), 2000) == [first.times.kid, new.kid]


@pytest.mark.parametrize("spoilt", ["", "{}", '{"keys": [{"kid": "a"}]}', "[1"])
def test_key_files_that_cannot_be_read_are_reported(
    database: Database, tmp_path: Path, spoilt: str
) -> None:
    folder = tmp_path / "keys"
    write_files(folder, [])
    (folder / "keys.json").write_text(spoilt)
    with pytest.raises(SettingsError, match="MINGA_DATA_DIR: the signing keys"):
        keys_in(database, folder=folder).listed()


def _put_first_kid(url: str, kids: "SimpleQueue[str]") -> None:
    kids.put(keys_in(Database(url)).listed()[0].kid)


def test_processes_that_start_together_make_one_key(database_url: str, database: Database) -> None:
    context = processes.context()
    kids = context.SimpleQueue()
    started = [
        context.Process(target=_put_first_kid, args=(database_url, kids), daemon=True)
        for _ in range(3)
    ]
    for process in started:
        process.start()
    for process in started:
        process.join(60)
        assert process.exitcode == 0
    assert len({kids.get() for _ in started}) == 1
    assert len(keys_in(database).listed()) == 1
