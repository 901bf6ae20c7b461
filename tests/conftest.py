"""Fixtures that tests of several rooms share."""

from collections.abc import Iterator

import pytest

from lti_tool.storage.database import Database
from tests.support import databases
from tests.support.chromium import chromium, open_page, playwright
from tests.support.site import Site, site

__all__ = ["chromium", "open_page", "playwright"]


@pytest.fixture(scope="session", params=databases.ENGINES)
def database_url(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a database of each engine, for the whole run."""
    if request.param == "sqlite":
        with databases.sqlite_database(tmp_path_factory.mktemp("database")) as url:
            yield url
    else:
        with databases.postgresql_database() as url:
            yield url


@pytest.fixture(scope="session")
def opened_database(database_url: str) -> Iterator[Database]:
    with databases.opened(database_url) as database:
        yield database


@pytest.fixture
def database(opened_database: Database) -> Database:
    """An empty database with all its tables: the test runs once on each engine."""
    return databases.emptied(opened_database)


@pytest.fixture(scope="module", params=databases.ENGINES)
def home(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Site]:
    """A tool and an LMS that know each other, on each engine, shared by the tests of a module."""
    folder = tmp_path_factory.mktemp("house")
    if request.param == "sqlite":
        with site(folder) as running:
            yield running
        return
    with databases.postgresql_database() as url, site(folder, database_url=url) as running:
        yield running
