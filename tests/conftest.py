"""Fixtures that the tests of several packages share."""

import gc
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from demo_lms import signing_keys as keys_of_the_lms
from lti_tool.lti import signing_keys as keys_of_the_tool
from lti_tool.storage.database import Database
from tests.support import databases, rsa_keys
from tests.support.chromium import chromium, open_page, playwright
from tests.support.site import Site, site

__all__ = ["chromium", "open_page", "playwright"]

OpenedDatabases = Callable[[str], Database]

# Machines are busy: no deadline, and slow examples are no fault. MINGA_TEST_EXAMPLES asks for more.
hypothesis_settings.register_profile(
    "suite",
    deadline=None,
    max_examples=int(os.environ.get("MINGA_TEST_EXAMPLES", "40")),
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.function_scoped_fixture,
        HealthCheck.differing_executors,  # a test runs once on each engine
    ],
)
hypothesis_settings.load_profile("suite")

# With Python's own thresholds the collector takes a third of the time in which pytest collects.
gc.set_threshold(20_000, 20, 20)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests marked ``early`` run first."""
    items.sort(key=lambda item: item.get_closest_marker("early") is None)


def pytest_collection_finish() -> None:
    """Let the garbage collector skip the modules and the tests: they stay until the end."""
    gc.freeze()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run tests marked ``both_engines`` once on each engine, and all others on SQLite."""
    if "engine" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("both_engines")
        engines = databases.ENGINES if both else ("sqlite",)
        metafunc.parametrize("engine", engines, scope="module")


@pytest.fixture(scope="session", autouse=True)
def _pooled_keys() -> Iterator[None]:
    with rsa_keys.used_by(keys_of_the_lms, keys_of_the_tool):
        yield


@pytest.fixture(scope="session")
def opened_databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenedDatabases]:
    """A function that returns the database of an engine, opened once for the whole run."""
    with ExitStack() as stack:

        @cache
        def of(engine: str) -> Database:
            folder = tmp_path_factory.mktemp("database")
            url = stack.enter_context(databases.new_database(engine, folder))
            return stack.enter_context(databases.opened(url))

        yield of


@pytest.fixture(scope="module")
def opened_database(engine: str, opened_databases: OpenedDatabases) -> Database:
    return opened_databases(engine)


@pytest.fixture(scope="module")
def database_url(opened_database: Database) -> str:
    """The URL of the database that ``database`` empties for each test."""
    return opened_database.engine.url.render_as_string(hide_password=False)


@pytest.fixture
def database(opened_database: Database) -> Database:
    """An empty database with all its tables."""
    return databases.emptied(opened_database)


@pytest.fixture(scope="module")
def home(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A tool and an LMS that know each other, shared by the tests of a module."""
    folder = tmp_path_factory.mktemp("site")
    with (
        databases.migrated_database(engine, folder) as url,
        site(folder, database_url=url) as running,
    ):
        yield running
