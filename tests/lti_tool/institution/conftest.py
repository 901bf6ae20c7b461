"""Fixture: a tool and an LMS that are registered with each other, on SQLite."""

from collections.abc import Iterator

import pytest

from tests.support.site import Site, site


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("institution")) as running:
        yield running
