"""The settings: typed, explained, and refused in one line that says what to write instead."""

from pathlib import Path

import pytest

from lti_tool.settings import SettingsError, load


def loaded(folder: Path, **values: str):
    return load({"MINGA_DATA_DIR": str(folder), **values})


def test_without_any_setting_the_tool_runs_from_one_folder(tmp_path: Path) -> None:
    settings = loaded(tmp_path)
    assert settings.public_url == "http://localhost:8000"
    assert settings.database_url == f"sqlite:///{tmp_path / 'minga.db'}"
    assert settings.registration == "invite"
    assert settings.allow_private_platforms is False
    assert (settings.content_dir / "module-4" / "module.toml").is_file()


def test_the_secret_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    first, again = loaded(tmp_path), loaded(tmp_path)
    assert first.secret_key == again.secret_key
    assert len(first.secret_key) >= 64
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def test_a_secret_key_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("k" * 40 + "\n")
    assert loaded(tmp_path, MINGA_SECRET_KEY_FILE=str(file)).secret_key == "k" * 40


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"MINGA_PUBLIC_URL": "minga.example.org"}, "MINGA_PUBLIC_URL"),
        ({"MINGA_PUBLIC_URL": "https://example.org/minga"}, "host name of its own"),
        ({"MINGA_PUBLIC_URL": "ftp://example.org"}, "MINGA_PUBLIC_URL"),
        ({"MINGA_PUBLIC_URL": "http://[x"}, "MINGA_PUBLIC_URL"),
        ({"MINGA_PUBLIC_URL": "https://example.org:port"}, "MINGA_PUBLIC_URL"),
        ({"MINGA_REDIS_URL": "localhost:6379"}, "MINGA_REDIS_URL"),
        ({"MINGA_REDIS_URL": "redis://localhost:port"}, "MINGA_REDIS_URL"),
        ({"MINGA_TRUSTED_PROXIES": "many"}, "whole number from 0 to 10"),
        ({"MINGA_TRUSTED_PROXIES": "-1"}, "whole number from 0 to 10"),
        ({"MINGA_TRUSTED_PROXIES": "²"}, "whole number from 0 to 10"),
        ({"MINGA_REGISTRATION": "anybody"}, "invite, open"),
        ({"MINGA_ALLOW_PRIVATE_PLATFORMS": "maybe"}, "yes or no"),
        ({"MINGA_CONTENT_DIR": "/there/is/no/such/folder"}, "no folder"),
        ({"MINGA_SECRET_KEY": "short"}, "at least 32"),
        ({"MINGA_SECRET_KEY_FILE": "/there/is/no/such/file"}, "cannot be read"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_name_and_a_remedy(
    tmp_path: Path, values: dict[str, str], words: str
) -> None:
    with pytest.raises(SettingsError, match=words) as refused:
        loaded(tmp_path, **values)
    assert "\n" not in str(refused.value)


def test_a_data_folder_that_nothing_can_be_written_to_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("lti_tool.settings.os.open", refuse)
    with pytest.raises(SettingsError, match=r"MINGA_DATA_DIR: .*Permission denied"):
        loaded(tmp_path)


def test_an_address_that_is_none_is_not_shown(tmp_path: Path) -> None:
    settings = loaded(tmp_path, MINGA_DATABASE_URL="postgresql://minga:hunter2@[db/minga")
    assert "hunter2" not in "\n".join(" ".join(row) for row in settings.table())


def test_the_table_hides_secrets_and_says_where_each_value_came_from(tmp_path: Path) -> None:
    settings = loaded(
        tmp_path,
        MINGA_DATABASE_URL="postgresql://minga:hunter2@db.example.org/minga",
        MINGA_SECRET_KEY="s" * 40,
    )
    shown = "\n".join(" ".join(row) for row in settings.table())
    assert "hunter2" not in shown
    assert "s" * 40 not in shown
    rows = {row[0]: row for row in settings.table()}
    assert rows["MINGA_DATABASE_URL"][1] == "postgresql://minga:…@db.example.org/minga"
    assert rows["MINGA_DATABASE_URL"][2] == "environment"
    assert rows["MINGA_PUBLIC_URL"][2] == "default"
