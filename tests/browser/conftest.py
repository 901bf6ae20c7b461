"""The browser's fixtures stand in ``tests/conftest.py``; their names are at hand here, too."""

from tests.support.chromium import ARGUMENTS, OpenPage, executable

__all__ = ["ARGUMENTS", "OpenPage", "executable"]
