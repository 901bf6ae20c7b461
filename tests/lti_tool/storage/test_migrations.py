"""The migrations make exactly the tables of the models, on both engines, and once."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from lti_tool.storage import migrations
from lti_tool.storage.database import Database
from tests.support import databases


@pytest.fixture(params=databases.ENGINES)
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    made = (
        databases.sqlite_database(tmp_path)
        if request.param == "sqlite"
        else databases.postgresql_database()
    )
    with made as address:
        database = Database(address)
        yield database
        database.close()


def test_the_tables_are_those_of_the_models(empty: Database) -> None:
    assert migrations.needs_upgrade(empty)
    migrations.upgrade(empty)
    assert not migrations.needs_upgrade(empty)
    assert migrations.differences(empty) == []


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
