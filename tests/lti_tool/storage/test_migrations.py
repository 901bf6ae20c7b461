"""The migrations make exactly the tables of the models, on both engines, and once."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData, select, text
from sqlalchemy.exc import IntegrityError

from lti_tool.storage import migrations
from lti_tool.storage.database import Database, now
from tests.support import databases

pytestmark = pytest.mark.both_engines


@pytest.fixture
def empty(engine: str, tmp_path: Path) -> Iterator[Database]:
    with databases.new_database(engine, tmp_path) as url:
        database = Database(url)
        yield database
        database.close()


def test_the_tables_are_those_of_the_models(empty: Database) -> None:
    assert migrations.needs_upgrade(empty)
    migrations.upgrade(empty)
    assert not migrations.needs_upgrade(empty)
    assert migrations.differences(empty) == []


def test_the_names_of_the_files_are_the_revisions(empty: Database) -> None:
    scripts = ScriptDirectory(str(Path(migrations.__file__).parent)).walk_revisions()
    assert [script.revision for script in scripts] == list(reversed(migrations.revisions()))


def test_upgrading_twice_or_at_once_does_no_harm(empty: Database) -> None:
    faults: list[Exception] = []

    def upgrade() -> None:
        try:
            migrations.upgrade(empty)
        except Exception as error:
            faults.append(error)

    # Alembic's own state is of the process: two processes are two threads here, one after another.
    for _ in range(2):
        thread = threading.Thread(target=upgrade)
        thread.start()
        thread.join()
    assert faults == []
    assert migrations.differences(empty) == []


class Tables:
    """The tables as they are in the database, not as in the models."""

    def __init__(self, connection: Connection) -> None:
        self.connection, self.metadata = connection, MetaData()
        self.metadata.reflect(connection)

    def add(self, into: str, **values: object) -> None:
        table = self.metadata.tables[into]
        if "created_at" in table.c:
            values = {"created_at": now()} | values
        self.connection.execute(table.insert().values(**values))

    def column(self, name: str, column: str) -> list[object]:
        table = self.metadata.tables[name]
        return list(self.connection.scalars(select(table.c[column]).order_by(table.c.id)))


def fill(tables: Tables) -> None:
    """Two courses; the placement 1 is in the second one, and open in both."""
    tables.add(
        "registrations",
        **{"id": 1, "issuer": "https://lms.example.org", "client_id": "minga", "name": ""},
        **{"authorization_endpoint": "https://lms.example.org/auth", "guests": "read"},
        **{"jwks_uri": "https://lms.example.org/jwks", "status": "active", "scopes": ""},
        **{"unknown_deployments": "accept", "frame_origins": ""},
    )
    tables.add("deployments", id=1, registration_id=1, deployment_id="1", status="active")
    tables.add("persons", id=1, registration_id=1, subject="p", kind="person")
    for number in (1, 2):
        tables.add("courses", id=number, deployment_id=1, context_id=f"c{number}")
    for number, course in ((1, 2), (2, None)):
        link = {"deployment_id": 1, "resource_link_id": f"rl{number}", "course_id": course}
        tables.add("placements", id=number, module_id=f"module-{number}", **link)
        tables.add("discussions", id=number, placement_id=number, module_id=f"module-{number}")
        post = {"source": "Hola", "html": "", "renderer": "1", "draft_key": f"k{number}"}
        kind = {"author_role": "participant", "status": "published", "author_id": 1}
        counts = {"reply_count": 0, "revision": 0}
        tables.add("posts", id=number, discussion_id=number, **post, **kind, **counts)
        progress = {"placement_id": number, "person_id": 1, "module_id": "m", "seen": "a"}
        tables.add("progress", id=number, updated_at=now(), **progress)
    launches = {"a": (1, 1), "b": (1, 2), "c": (2, None), "d": (None, 1)}
    for visit, (placement, course) in launches.items():
        tables.add(
            "visits",
            **{"id": visit, "registration_id": 1, "deployment_id": 1, "course_id": course},
            **{"placement_id": placement, "message_type": "", "frame_ancestors": ""},
            **{"instructor": False, "administrator": False, "expires_at": now()},
        )


@pytest.fixture(scope="module")
def upgraded(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A database that was filled at an early revision, and upgraded."""
    with databases.new_database(engine, tmp_path_factory.mktemp("upgraded")) as url:
        database = Database(url)
        command.upgrade(migrations._config(database), "0002")
        with database.write_core() as connection:
            fill(Tables(connection))
        migrations.upgrade(database)
        yield database
        database.close()


def test_an_upgrade_keeps_every_row(upgraded: Database) -> None:
    assert migrations.differences(upgraded) == []
    with upgraded.read_core() as connection:
        tables = Tables(connection)
        for name in ("registrations", "deployments", "users"):
            assert tables.column(name, "id") == [1]
        for name in ("courses", "resource_links", "discussions", "posts", "progress"):
            assert tables.column(name, "id") == [1, 2], name
        assert tables.column("resource_links", "course_id") == [2, None]
        # The visit "a" was opened in another course than its placement is in now: it has ended.
        assert tables.column("launch_sessions", "id") == ["b", "c", "d"]
        assert tables.column("launch_sessions", "module_id") == ["module-1", "module-2", None]


@pytest.mark.parametrize(
    ("link", "course", "taken"),
    [("rl1", 2, True), ("rl2", None, True), ("rl1", 1, False), ("rl1", None, False),
     ("rl2", 1, False), ("rl2", 2, False)],
)  # fmt: skip
def test_a_resource_link_is_unique_in_its_course(
    upgraded: Database, link: str, course: int | None, taken: bool
) -> None:
    added = {"deployment_id": 1, "lti_resource_link_id": link, "course_id": course}
    refused = False
    with upgraded.write_core() as connection:
        tables = Tables(connection)
        attempt = connection.begin_nested()
        try:
            tables.add("resource_links", id=3, **added)
        except IntegrityError:
            refused = True
        attempt.rollback()
    assert refused is taken


def test_foreign_keys_are_checked_after_an_upgrade(upgraded: Database) -> None:
    with pytest.raises(IntegrityError), upgraded.write_core() as connection:
        Tables(connection).add("courses", id=7, deployment_id=9, context_id="c")


def test_what_was_tried_too_often_is_given_up_after_the_upgrade(empty: Database) -> None:
    command.upgrade(migrations._config(empty), "0005")
    then = now()
    with empty.write_core() as connection:
        tables = Tables(connection)
        for key, attempts, done_at in (("a", 0, None), ("b", 12, None), ("c", 12, then)):
            row = {"kind": "say", "key": key, "payload": "{}", "due_at": then}
            tables.add("outbox", **row, attempts=attempts, done_at=done_at)
    migrations.upgrade(empty)
    with empty.read_core() as connection:
        given_up = Tables(connection).column("outbox", "given_up_at")
        assert [each is not None for each in given_up] == [False, True, False]
        assert Tables(connection).column("outbox", "lease_token") == [0, 0, 0]


@pytest.mark.parametrize("action", [migrations.upgrade, migrations.needs_upgrade])
def test_tables_of_a_newer_version_are_left_alone(empty: Database, action) -> None:
    migrations.upgrade(empty)
    with empty.write_core() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(migrations.NewerDatabaseError, match="revision 9999"):
        action(empty)


COURSE_ROLE = "http://purl.imsglobal.org/vocab/lis/v2/membership"


def test_an_upgrade_reads_the_roles_of_members(empty: Database) -> None:
    roles = {
        1: ("Learner", "learner"),
        2: (f"{COURSE_ROLE}#Learner", "learner"),
        3: (f"{COURSE_ROLE}#Learner {COURSE_ROLE}#Instructor", "instructor"),
        4: (f"{COURSE_ROLE}/Instructor#TeachingAssistant Learner", "instructor"),
        5: ("http://evil.example/membership#Learner", "other"),
        6: (f"{COURSE_ROLE}#Mentor", "other"),
        7: ("", "other"),
        8: ("Learner", "test"),
        9: ("Learner http://purl.imsglobal.org/vocab/lti/system/person#TestUser", "test"),
        10: ("Learner", "learner"),
    }
    command.upgrade(migrations._config(empty), "0013")
    with empty.write_core() as connection:
        tables = Tables(connection)
        tables.add(
            "registrations",
            **{"id": 1, "issuer": "https://lms.example.org", "client_id": "minga", "name": ""},
            **{"authorization_endpoint": "https://lms.example.org/auth", "guests": "read"},
            **{"jwks_uri": "https://lms.example.org/jwks", "status": "active", "scopes": ""},
            **{"unknown_deployments": "accept", "frame_origins": ""},
        )
        tables.add("deployments", id=1, registration_id=1, deployment_id="1", status="active")
        tables.add("courses", id=1, deployment_id=1, context_id="c")
        for number, (uris, _) in roles.items():
            kind = "test" if number == 8 else "person"
            tables.add("users", id=number, registration_id=1, subject=str(number), kind=kind)
            ended = {"ended_at": now()} if number == 10 else {}
            tables.add("memberships", id=number, course_id=1, user_id=number, roles=uris, **ended)
    migrations.upgrade(empty)
    with empty.read_core() as connection:
        tables = Tables(connection)
        assert tables.column("memberships", "role") == [role for _, role in roles.values()]
        assert tables.column("courses", "learner_count") == [2]
