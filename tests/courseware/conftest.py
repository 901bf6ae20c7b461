"""Fixtures: a small module in a temporary folder."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.courseware.small import Files, write_module

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write the small module, with changes."""

    def small(changes: Files | None = None, name: str = "small") -> Path:
        return write_module(tmp_path / name, changes)

    return small


@pytest.fixture
def small(write: Write) -> Path:
    """The folder of a valid module."""
    return write()
