"""Fixtures of the browser tests; see also ``tests/conftest.py``."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright

from tests.support.chromium import ARGUMENTS, STILL, OpenPage, whole
from tests.support.site import Site, site

__all__ = ["OpenContext", "OpenPage"]

OpenContext = Callable[..., BrowserContext]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A tool and an LMS registered with each other, with SQLite only."""
    with site(tmp_path_factory.mktemp("site")) as running:
        yield running


@pytest.fixture
def open_context(
    playwright: Playwright, chromium: Browser, tmp_path: Path
) -> Iterator[OpenContext]:
    """Return a function that opens a context, or a browser with these preferences."""
    made: list[BrowserContext] = []

    def opened(preferences: dict[str, object] | None = None, **options: object) -> BrowserContext:
        options = {**STILL, **options}
        if preferences is None:
            made.append(chromium.new_context(**options))
            return made[-1]
        profile = tmp_path / f"profile-{len(made)}"
        (profile / "Default").mkdir(parents=True)
        (profile / "Default" / "Preferences").write_text(json.dumps(preferences))
        made.append(
            playwright.chromium.launch_persistent_context(
                profile, args=ARGUMENTS, **whole(), **options
            )
        )
        return made[-1]

    yield opened
    for context in made:
        context.close()
