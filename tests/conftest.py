"""Fixtures that tests of several rooms share."""

from collections.abc import Iterator

import pytest

from lti_tool.storage.database import Database
from tests.support import databases
from tests.support.chromium import chromium, open_page, playwright
from tests.support.house import House, house

__all__ = ["chromium", "open_page", "playwright"]


@pytest.fixture(scope="session", params=databases.ENGINES)
def database_address(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a database of each engine, for the whole run."""
    if request.param == "sqlite":
        with databases.sqlite_database(tmp_path_factory.mktemp("database")) as address:
            yield address
    else:
        with databases.postgresql_database() as address:
            yield address


@pytest.fixture(scope="session")
def opened_database(database_address: str) -> Iterator[Database]:
    with databases.opened(database_address) as database:
        yield database


@pytest.fixture
def database(opened_database: Database) -> Database:
    """An empty database with all its tables: the test runs once on each engine."""
    return databases.emptied(opened_database)


@pytest.fixture(scope="module", params=databases.ENGINES)
def home(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[House]:
    """A tool and an LMS that know each other, on each engine, shared by the tests of a module."""
    folder = tmp_path_factory.mktemp("house")
    if request.param == "sqlite":
        with house(folder) as running:
            yield running
        return
    with databases.postgresql_database() as address, house(folder, database_url=address) as running:
        yield running
