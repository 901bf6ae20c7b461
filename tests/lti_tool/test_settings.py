"""The settings: typed, explained, and refused in one line that says what to write instead."""

import os
import re
import stat
from pathlib import Path

import pytest

from lti_tool.cli import entry
from lti_tool.settings import (
    SettingsError,
    documented,
    is_secret,
    load,
    variable,
    without_secrets,
)


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
        ({"MINGA_PUBLIC_URL": "https://ana:hunter2@example.org"}, "MINGA_PUBLIC_URL"),
        ({"MINGA_REDIS_URL": "redis:hunter2@localhost"}, "MINGA_REDIS_URL"),
        ({"MINGA_REDIS_URL": "localhost:6379"}, "MINGA_REDIS_URL"),
        ({"MINGA_CONTACT": "ana at example.org"}, "MINGA_CONTACT"),
        ({"MINGA_REDIS_URL": "redis://localhost:port"}, "MINGA_REDIS_URL"),
        ({"MINGA_TRUSTED_PROXIES": "many"}, "whole number from 0 to 10"),
        ({"MINGA_TRUSTED_PROXIES": "-1"}, "whole number from 0 to 10"),
        ({"MINGA_TRUSTED_PROXIES": "²"}, "whole number from 0 to 10"),
        ({"MINGA_TRUSTED_PROXIES": "11"}, "whole number from 0 to 10"),
        ({"MINGA_TRUSTED_PROXIES": "1.5"}, "whole number from 0 to 10"),
        ({"MINGA_TRUSTED_PROXIES": "9" * 5000}, "whole number from 0 to 10"),
        ({"MINGA_LAUNCH_MAX_AGE": "1"}, "MINGA_LAUNCH_MAX_AGE: .* from 30 to 86400"),
        ({"MINGA_LOG_LEVEL": "loud"}, "give one of DEBUG, INFO, WARNING, ERROR; it is 'LOUD'"),
        ({"MINGA_LOG_FORMAT": "xml"}, "give one of text, json"),
        ({"MINGA_REGISTRATION": "anybody"}, "invite, open"),
        ({"MINGA_ALLOW_PRIVATE_PLATFORMS": "maybe"}, "yes or no"),
        ({"MINGA_CONTENT_DIR": "/there/is/no/such/folder"}, "no folder"),
        ({"MINGA_SECRET_KEY": "short"}, "at least 32"),
        ({"MINGA_SECRET_KEY_FILE": "/there/is/no/such/file"}, "cannot be read"),
        ({"MINGA_SECRET_KEY_FILE": "/dev/null"}, "MINGA_SECRET_KEY_FILE: .* is empty"),
        ({"MINGA_DATABASE_URL_FILE": "/there/is/no/file"}, "MINGA_DATABASE_URL_FILE: .* read"),
        ({"MINGA_REDIS_URL_FILE": "/"}, "MINGA_REDIS_URL_FILE: .* cannot be read"),
    ],
)
def test_a_wrong_setting_is_refused_with_its_name_and_a_remedy(
    tmp_path: Path, values: dict[str, str], words: str
) -> None:
    with pytest.raises(SettingsError, match=words) as refused:
        loaded(tmp_path, **values)
    assert "\n" not in str(refused.value)
    assert "hunter2" not in str(refused.value)


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


SECRETS = [variable(name) for name, field in documented() if is_secret(field)]


@pytest.mark.parametrize("name", SECRETS)
def test_every_secret_may_be_in_a_file(tmp_path: Path, name: str) -> None:
    file = tmp_path / "secret"
    value = {
        "MINGA_SECRET_KEY": "s" * 40,
        "MINGA_REDIS_URL": "redis://:hunter2@redis/0",
        "MINGA_SMTP_URL": "smtps://user:hunter2@mail",
    }.get(name, "scheme://user:hunter2@host")
    file.write_text(f"{value}\n")
    settings = loaded(tmp_path, **{f"{name}_FILE": str(file)})
    assert getattr(settings, name.removeprefix("MINGA_").lower()) == value
    row = next(row for row in settings.table() if row[0] == name)
    assert row[2] == str(file)
    assert "hunter2" not in str(row) + repr(settings)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:////srv/minga/minga.db", "sqlite:////srv/minga/minga.db"),
        ("postgresql://db/minga", "postgresql://db/minga"),
        ("postgresql://ana@db/minga", "postgresql://ana@db/minga"),
        ("postgresql://ana:hunter2@db/minga", "postgresql://ana:…@db/minga"),
        ("postgresql://ana:hun@ter2@db/minga", "postgresql://ana:…@db/minga"),
        ("postgresql://ana:hun/ter2@db/minga", "postgresql://ana:…@db/minga"),
        ("postgresql://ana:hun?ter2@db/minga", "(set, hidden)"),
        ("postgresql://ana:hun#ter2@db/minga", "(set, hidden)"),
        ("redis://:hunter2@redis:6379/0", "redis://:…@redis:6379/0"),
        ("postgresql:///minga?host=/run&password=hunter2", "postgresql:///minga?host=/run&password=…"),
        ("postgresql://db/minga?PASSWORD=hunter2", "postgresql://db/minga?PASSWORD=…"),
        ("postgresql://db/minga?sslmode=require&sslpassword=x", "postgresql://db/minga?sslmode=require&sslpassword=…"),
        ("postgresql://db/minga?options=-c%20x=hunter2", "postgresql://db/minga?options=…"),
        ("redis://redis/0?password=hunter2", "redis://redis/0?password=…"),
        ("postgresql://db/minga?hunter2", "postgresql://db/minga?hunter2=…"),
    ],
)  # fmt: skip
def test_a_url_is_shown_without_its_secrets(url: str, shown: str) -> None:
    assert without_secrets(url) == shown


def test_a_libpq_string_is_hidden(tmp_path: Path) -> None:
    settings = loaded(tmp_path, MINGA_DATABASE_URL="host=db password=hunter2")
    assert "hunter2" not in str(settings.table()) + repr(settings)


COMPUTED = {"database_url", "content_dir", "secret_key"}
"""Settings whose default depends on another or on the installation: words in the table."""


def test_the_operator_s_table_has_every_setting_and_its_default() -> None:
    document = (Path(__file__).parents[2] / "docs" / "operator.md").read_text("utf-8")
    rows = re.findall(r"^\| `(MINGA_[A-Z_]+)` \| (.+) \| (.+) \|$", document, re.MULTILINE)
    assert [row[0] for row in rows] == [variable(name) for name, _ in documented()]
    for (name, field), (_, meaning, default) in zip(documented(), rows, strict=True):
        assert meaning
        if name not in COMPUTED:
            words = {None: "none", True: "`yes`", False: "`no`"}
            value = field.default
            plain = str(value) if name != "data_dir" else f"./{value}"
            expected = words[value] if value is None or isinstance(value, bool) else f"`{plain}`"
            assert default == expected, name


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o777])
@pytest.mark.parametrize("folder_exists", [True, False])
def test_files_of_the_data_folder_are_the_owner_s_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, umask: int, folder_exists: bool
) -> None:
    folder = tmp_path / "data"
    if folder_exists:
        folder.mkdir()
        folder.chmod(0o755)
    monkeypatch.setenv("MINGA_DATA_DIR", str(folder))
    monkeypatch.setattr("sys.argv", ["lti-tool", "db", "upgrade"])
    former = os.umask(umask)
    try:
        with pytest.raises(SystemExit) as ended:
            entry()
    finally:
        os.umask(former)
    assert not ended.value.code
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    assert {"minga.db", "secret-key"} <= set(modes)
    assert set(modes.values()) == {0o600}, modes
    assert stat.S_IMODE(folder.stat().st_mode) == (0o755 if folder_exists else 0o700)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MINGA_SMTP_URL", "mail.example.org"),
        ("MINGA_SMTP_URL", "smtp://user:hunter2@mail.example.org:port"),
        ("MINGA_SMTP_URL", "https://user:hunter2@mail.example.org"),
        ("MINGA_MAIL_FROM", "Minga"),
        ("MINGA_MAIL_FROM", "minga@"),
    ],
)
def test_a_wrong_setting_of_mail_says_how_to_write_it(
    tmp_path: Path, name: str, value: str
) -> None:
    with pytest.raises(SettingsError, match=f"{name}: write it like") as refused:
        loaded(tmp_path, **{name: value})
    assert "hunter2" not in str(refused.value)
