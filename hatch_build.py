"""Hatch build hook: compile the message catalogs, so that wheels contain the .mo files."""

import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CatalogsHook(BuildHookInterface):  # type: ignore[type-arg]
    """Writes each .mo beside its .po below ``translations/``."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the catalogs before the files of the wheel are collected."""
        sys.path.insert(0, self.root)
        try:
            from courseware.i18n.catalogs import compile_all

            compile_all(Path(self.root) / "translations")
        finally:
            sys.path.remove(self.root)
