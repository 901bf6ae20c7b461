"""Fixtures: the small module and a package of it."""

from pathlib import Path

import pytest

from courseware.module import Module
from courseware.parser.reader import read
from scorm_builder.build import build
from tests.support.small_module import write_module


@pytest.fixture(scope="session")
def module(tmp_path_factory: pytest.TempPathFactory) -> Module:
    return read(write_module(tmp_path_factory.mktemp("modules")))


@pytest.fixture(scope="session")
def package(module: Module, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(module, tmp_path_factory.mktemp("packages")).path
