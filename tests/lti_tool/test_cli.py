"""The commands of ``lti-tool``."""

import json
import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from lti_tool.cli import entry, main
from scorm_builder.formats import registry
from tests.support.databases import copy_tables, postgresql_database
from tests.support.served import lti_tool

ADD = (
    "registrations", "add", "--issuer", "https://lms.example.org", "--client-id", "minga",
    "--authorization-endpoint", "https://lms.example.org/auth",
    "--token-endpoint", "https://lms.example.org/token",
    "--jwks-uri", "https://lms.example.org/jwks", "--deployment", "1",
)  # fmt: skip

LONG_AGO = "2026-01-02 03:04:00.000000"


def put(folder: Path, key: str, **values: object) -> None:
    """A row of the outbox, due long ago."""
    row = {"kind": "a", "key": key, "payload": '{"post": 7}', "due_at": LONG_AGO, "attempts": 0}
    row |= values
    marks = ", ".join("?" * len(row))
    with sqlite3.connect(folder / "data" / "minga.db") as database:
        statement = f"INSERT INTO outbox ({', '.join(row)}) VALUES ({marks})"
        database.execute(statement, tuple(row.values()))


@pytest.fixture
def run_first(tmp_path: Path):
    """Run a command in this process, without a database; ``check`` expects it to succeed."""
    environ = {"MINGA_DATA_DIR": str(tmp_path / "data")}

    def command(*arguments: str, check: bool = True, **more: str) -> Result:
        result = CliRunner(env=environ | more).invoke(main, arguments)
        assert not check or result.exit_code == 0, result.output
        return result

    return command


@dataclass(frozen=True)
class Outcome:
    exit_code: int
    stdout: str
    stderr: str


@pytest.fixture
def enter(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Run the program: in this process, or in its own where a fault would let it run on."""

    def program(*arguments: str, **environ: str) -> Outcome:
        if arguments in (("worker",), ("serve",)):
            done = lti_tool(*arguments, environ=environ)
            return Outcome(done.returncode, done.stdout, done.stderr)
        umask = os.umask(0o077)
        with monkeypatch.context() as patch:
            for name, value in environ.items():
                patch.setenv(name, value)
            patch.setattr("sys.argv", ["lti-tool", *arguments])
            with pytest.raises(SystemExit) as ended:
                entry()
        os.umask(umask)
        return Outcome(int(ended.value.code or 0), *capsys.readouterr())

    return program


@pytest.fixture
def run(run_first, tmp_path: Path):
    """Run a command in this process, with a database that is up to date."""
    (tmp_path / "data").mkdir()
    copy_tables(tmp_path / "data" / "minga.db")
    return run_first


def test_an_invitation_is_alone_on_the_last_line(run) -> None:
    last = run("invite", "--name", "Somewhere").stdout.strip().splitlines()[-1]
    assert last.startswith("http://localhost:8000/lti/register/")
    assert len(last.rsplit("/", 1)[1]) >= 20


def test_a_platform_is_added_and_administered(run) -> None:
    told = json.loads(run(*ADD, "--json").stdout)
    assert told["login"] == "http://localhost:8000/lti/login"
    assert told["redirect"] == "http://localhost:8000/lti/launch"
    [listed] = json.loads(run("registrations", "list", "--json").stdout)
    assert (listed["issuer"], listed["client_id"]) == ("https://lms.example.org", "minga")
    assert listed["status"] == "active"
    number = str(listed["id"])
    run("registrations", "disable", number)
    run("registrations", "guests", number, "none")
    run("registrations", "previews", number, "--test-users", "none")
    previews = json.loads(run("registrations", "previews", number, "--json").output)
    assert previews == {"test_users": "none", "impersonation": "read"}
    assert "MINGA_TRANSLATION_URL" in run("registrations", "translation", number, "on").stdout
    run("deployments", "add", number, "2")
    run("registrations", "deployments", "disable", number, "1")
    shown = json.loads(run("registrations", "show", number, "--json").stdout)
    assert (shown["status"], shown["guests"]) == ("disabled", "none")
    assert shown["deployments"] == [
        {"deployment_id": "1", "status": "disabled"},
        {"deployment_id": "2", "status": "active"},
    ]
    run("registrations", "enable", number)
    assert run("registrations", "list").stdout.split()[1] == "active"
    run("registrations", "remove", number, "--yes")
    assert json.loads(run("registrations", "list", "--json").stdout) == []


def test_a_tool_that_was_deployed_again_is_joined(run, tmp_path: Path) -> None:
    number = str(json.loads(run(*ADD, "--json").stdout)["id"])
    run("registrations", "deployments", "add", number, "second one")
    deployments = ("registrations", "deployments")
    assert "join" not in run(*deployments, "list", number).stdout
    refused = run(*deployments, "join", number, "1", "second one", "--yes", check=False)
    assert refused.exit_code == 1
    assert "no course with a member in common" in refused.output
    with sqlite3.connect(tmp_path / "data" / "minga.db") as database:
        for statement in (
            "INSERT INTO users (id, registration_id, subject, kind, created_at)"
            f" VALUES (1, {number}, 'ana', 'person', '{LONG_AGO}')",
            *(
                "INSERT INTO courses (id, deployment_id, context_id, created_at)"
                f" VALUES ({row}, {row}, 'c1', '{LONG_AGO}')"
                for row in (1, 2)
            ),
            *(
                "INSERT INTO memberships (course_id, user_id, roles, created_at)"
                f" VALUES ({row}, 1, '', '{LONG_AGO}')"
                for row in (1, 2)
            ),
        ):
            database.execute(statement)
    listed = run(*deployments, "list", number).stdout
    assert f"lti-tool registrations deployments join {number} 1 'second one'" in listed
    [old, new] = json.loads(run(*deployments, "list", number, "--json").stdout)
    assert (old["same_courses_as"], new["same_courses_as"]) == ([], ["1"])
    tried = run(*deployments, "join", number, "1", "second one").stdout
    assert "Nothing is changed yet" in tried
    assert len(json.loads(run(*deployments, "list", number, "--json").stdout)) == 2
    done = json.loads(
        run(*deployments, "join", number, "1", "second one", "--yes", "--json").stdout
    )
    assert (done["joined"], done["merged"]["courses"], done["merged"]["memberships"]) == (
        True,
        1,
        1,
    )
    [left] = json.loads(run(*deployments, "list", number, "--json").stdout)
    assert left == {"deployment_id": "second one", "status": "active", "same_courses_as": []}


def test_a_tool_that_was_registered_anew_is_joined(run) -> None:
    old = str(json.loads(run(*ADD, "--json").stdout)["id"])
    anew = ["minga anew" if each == "minga" else each for each in ADD]
    new = str(json.loads(run(*anew, "--json").stdout)["id"])
    assert new != old
    join = ("registrations", "join", old, new)
    refused = run(*join, check=False)
    assert refused.exit_code == 1
    assert "no course with a person in common" in refused.output
    assert run(*join, "--yes", "--dry-run", "--unrelated", check=False).exit_code == 2
    tried = json.loads(run(*join, "--unrelated", "--json").stdout)
    assert tried == {
        "queued": False,
        "people": 0,
        "people_in_both": 0,
        "courses": 0,
        "courses_in_both": 0,
        "deployments": 1,
    }
    assert json.loads(run("outbox", "list", "--json").stdout) == []
    assert "the worker joins it" in run(*join, "--unrelated", "--yes").stdout
    [task] = json.loads(run("outbox", "list", "--json").stdout)
    assert task["kind"] == "institution.join"
    assert json.loads(run("registrations", "show", old, "--json").stdout)["status"] == "disabled"


def test_adding_the_same_platform_again_updates_it(run) -> None:
    first = json.loads(run(*ADD, "--json").stdout)["id"]
    again = json.loads(run(*ADD, "--name", "Another name", "--json").stdout)["id"]
    assert first == again


def test_an_update_keeps_the_options_that_are_not_given(run) -> None:
    frames = ("--frame-origin", "https://campus.example.org", "--product", "canvas")
    run(*ADD, *frames, "--guests", "none", "--unknown-deployments", "refuse", "--name", "Ours")
    run(*ADD)
    [row] = json.loads(run("registrations", "list", "--json").stdout)
    kept = {name: row[name] for name in ("frame_origins", "product", "guests", "name")}
    assert kept == {
        "frame_origins": "https://campus.example.org",
        "product": "canvas",
        "guests": "none",
        "name": "Ours",
    }
    assert row["unknown_deployments"] == "refuse"
    run(*ADD, "--guests", "post", "--unknown-deployments", "accept")
    [row] = json.loads(run("registrations", "list", "--json").stdout)
    assert (row["guests"], row["unknown_deployments"]) == ("post", "accept")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("registrations", "show", "7"), "no registration 7"),
        (("registrations", "enable", "7"), "no registration 7"),
        ((*ADD[:-8], "--authorization-endpoint", "not an address", *ADD[-6:]), "not a web address"),
        ((*ADD, "--frame-origin", "lms"), "not a web address"),
    ],
)
def test_an_error_is_one_line(run, arguments: tuple[str, ...], words: str) -> None:
    failed = run(*arguments, check=False)
    assert failed.exit_code != 0
    assert words in failed.stderr
    assert "Traceback" not in failed.stderr


def test_a_wrong_setting_is_one_line(tmp_path: Path) -> None:
    environ = {"MINGA_DATA_DIR": str(tmp_path), "MINGA_PUBLIC_URL": "nonsense"}
    failed = lti_tool("settings", environ=environ)  # the output of a real process
    assert failed.returncode == 2
    assert failed.stderr.count("\n") == 1
    assert "MINGA_PUBLIC_URL" in failed.stderr


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonsense", "MINGA_DATABASE_URL"),
        ("mysql://minga@localhost/minga", "MySQLdb is missing"),
        ("sqlite:////there/is/no/such/folder/minga.db", "unable to open"),
        ("postgresql://nobody:hunter2@127.0.0.1:1/minga", "127.0.0.1"),
    ],
)
def test_a_database_that_cannot_be_opened_is_one_line(
    enter, tmp_path: Path, url: str, words: str
) -> None:
    environ = {"MINGA_DATA_DIR": str(tmp_path), "MINGA_DATABASE_URL": url}
    failed = enter("registrations", "list", **environ)
    assert failed.exit_code in (1, 2)
    assert failed.stderr.count("\n") == 1
    assert words in failed.stderr
    assert "hunter2" not in failed.stderr
    ill = enter("doctor", **environ)
    assert ill.exit_code == 1
    assert "MINGA_DATABASE_URL" in ill.stdout


def test_settings_say_where_they_come_from_and_hide_secrets(run) -> None:
    told = {row["name"]: row for row in json.loads(run("settings", "--json").stdout)}
    assert told["MINGA_DATA_DIR"]["source"] == "environment"
    assert told["MINGA_SECRET_KEY"]["value"] == "(set, hidden)"


def test_keys_are_listed_and_rotated(run) -> None:
    [first] = json.loads(run("keys", "list", "--json").stdout)
    made = json.loads(run("keys", "rotate", "--json").stdout)
    assert made["state"] == "published, not yet signing"
    listed = json.loads(run("keys", "list", "--json").stdout)
    assert [key["kid"] for key in listed] == [first["kid"], made["kid"]]
    run("keys", "rotate", "--at-once")
    assert len(json.loads(run("keys", "list", "--json").stdout)) == 1


def test_doctor_prints_what_to_do(run_first) -> None:
    run = run_first
    ill = run("doctor", check=False)
    assert ill.exit_code == 1
    assert "lti-tool db upgrade" in ill.stdout
    run("db", "upgrade")
    well = run("doctor")
    assert "lti-tool invite" in well.stdout
    assert "module-4" in well.stdout
    reachable = run("doctor", check=False, MINGA_PUBLIC_URL="http://minga.example.org")
    assert "not HTTPS" in reachable.stdout


def test_doctor_reports_late_and_given_up_tasks(run, tmp_path: Path) -> None:
    put(tmp_path, "late")
    put(tmp_path, "hopeless", given_up_at=LONG_AGO)
    told = run("doctor").stdout
    assert "No worker runs" in told
    assert "Tasks that are due: 1, the oldest waiting since 2026-01-02 03:04 UTC" in told
    assert "Tasks that were given up: 1" in told


def test_tasks_are_listed_shown_and_retried(run, tmp_path: Path) -> None:
    put(tmp_path, "late")
    put(tmp_path, "hopeless", given_up_at=LONG_AGO, attempts=12, last_error="ValueError: a.py:1 f")
    put(tmp_path, "done", done_at=LONG_AGO)
    put(tmp_path, "running", leased_until="2999-01-01 00:00:00.000000")
    listed = json.loads(run("outbox", "list", "--json").stdout)
    assert [(row["key"], row["status"]) for row in listed] == [
        ("late", "waiting"),
        ("hopeless", "given up"),
        ("running", "running"),
    ]
    for status in ("waiting", "given-up", "running", "done"):
        rows = json.loads(run("outbox", "list", "--status", status, "--json").stdout)
        assert [row["status"] for row in rows] == [status.replace("-", " ")]
    assert "ValueError: a.py:1 f" in run("outbox", "list").stdout
    assert run("outbox", "list", "--kind", "other").stdout == ""
    shown = json.loads(run("outbox", "show", "2", "--json").stdout)
    assert shown["payload"] == {"post": 7}
    assert shown["given_up_at"] == "2026-01-02T03:04:00+00:00"
    assert "last_error:   ValueError: a.py:1 f" in run("outbox", "show", "2").stdout
    assert json.loads(run("outbox", "retry", "--given-up", "--json").stdout) == {"retried": [2]}
    [_, again, _] = json.loads(run("outbox", "list", "--json").stdout)
    assert (again["status"], again["attempts"]) == ("waiting", 0)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("show", "99"), "There is no task 99"),
        (("retry", "99"), "There is no task 99"),
        (("retry", "1"), "Task 1 is done"),
        (("retry", "2"), "Task 2 is running"),
        (("retry",), "numbers of tasks, or --given-up"),
        (("retry", "1", "--given-up"), "numbers of tasks, or --given-up"),
        (("list", "--status", "lost"), "'waiting', 'running', 'given-up', 'done'"),
        (("list", "--limit", "0"), "0 is not in the range"),
    ],
)
def test_a_mistake_with_tasks_is_told(
    run, tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    put(tmp_path, "done", done_at=LONG_AGO)
    put(tmp_path, "running", leased_until="2999-01-01 00:00:00.000000")
    failed = run("outbox", *arguments, check=False)
    assert failed.exit_code != 0
    assert words in failed.stderr


@pytest.mark.parametrize("command", ["", "list", "show", "retry"])
def test_help_of_outbox_fits_a_screen(run, command: str) -> None:
    text = run("outbox", *([command] if command else []), "--help").stdout
    assert len(text.splitlines()) <= 24
    assert max(map(len, text.splitlines())) <= 80


COMMANDS = [("worker",), ("doctor",), ("outbox", "list"), ("registrations", "list"), ("serve",),
            ("db", "upgrade")]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_a_database_that_is_newer_is_one_line(
    run, enter, tmp_path: Path, command: tuple[str]
) -> None:
    with sqlite3.connect(tmp_path / "data" / "minga.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    failed = enter(*command, MINGA_DATA_DIR=str(tmp_path / "data"))
    assert failed.exit_code == 1
    said = failed.stdout if command == ("doctor",) else failed.stderr
    assert "revision 9999) is newer than this program" in said
    assert "Traceback" not in failed.stderr
    if command != ("doctor",):
        assert said.count("\n") == 1


@pytest.mark.parametrize("command", COMMANDS[:-1])
def test_missing_tables_are_reported_as_that(enter, tmp_path: Path, command: tuple[str]) -> None:
    with postgresql_database() as url:
        failed = enter(*command, MINGA_DATA_DIR=str(tmp_path), MINGA_DATABASE_URL=url)
    assert failed.exit_code == 1
    assert "lti-tool db upgrade" in failed.stdout + failed.stderr
    assert "Traceback" not in failed.stderr


def test_the_doctor_tells_of_formats_that_cannot_be_built(run) -> None:
    missing = replace(
        registry.get("epub"), name="odd", title="Odd", unavailable=lambda: "No\n ink."
    )
    registry.register(missing)
    try:
        output = run("doctor").stdout
    finally:
        registry.unregister("odd")
    assert "Odd is not offered to instructors. No ink." in output
    assert "Odd" not in run("doctor").stdout


def test_only_the_owner_can_read_the_data_folder(run_first, tmp_path: Path) -> None:
    run_first("keys", "list")
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0
    for pem in (tmp_path / "data" / "keys").glob("*.pem"):
        assert pem.stat().st_mode & 0o077 == 0


OPERATORS_COMMANDS = (
    *("registrations", "deployments", "keys", "invite", "exchange", "users", "outbox", "mail"),
    "doctor",
)


def all_commands(name: str, command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for each in command.commands.values():
            yield from all_commands(f"{name} {each.name}", each)
    else:
        yield name, command


@pytest.mark.parametrize("name", OPERATORS_COMMANDS)
def test_operators_can_have_json_of_every_command(name: str) -> None:
    for found, command in all_commands(name, main.commands[name]):
        options = {option for each in command.params for option in each.opts}
        assert "--json" in options, found
