"""A tool with one small module, whose folder the tests may change, for each database engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import databases
from tests.support.site import Site, site
from tests.support.small_module import write_module


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The content folder, with the module ``market`` only."""
    folder = tmp_path_factory.mktemp("content")
    write_module(folder)
    return folder


@pytest.fixture(scope="module")
def home(engine: str, tmp_path_factory: pytest.TempPathFactory, content: Path) -> Iterator[Site]:
    folder = tmp_path_factory.mktemp("site")
    with (
        databases.migrated_database(engine, folder) as url,
        site(folder, content_dir=str(content), database_url=url) as running,
    ):
        yield running
