"""A real Chromium for tests, one for the whole run, and a way to open pages in it.

The browser is the one that MINGA_CHROMIUM names, else /usr/bin/chromium, else Playwright's own.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, Playwright, expect, sync_playwright

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
SYSTEM = Path("/usr/bin/chromium")

OpenPage = Callable[..., Page]

# Patience, not a measure: a busy machine is slow, and a page that is wrong stays wrong.
expect.set_options(timeout=20_000)


def executable() -> str | None:
    """The browser to use; None is Playwright's own."""
    named = os.environ.get("MINGA_CHROMIUM")
    return named or (str(SYSTEM) if SYSTEM.exists() else None)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    try:
        browser = playwright.chromium.launch(executable_path=executable(), args=ARGUMENTS)
    except Error as error:
        if os.environ.get("MINGA_REQUIRE_SERVICES") == "1":
            raise
        pytest.skip(f"no Chromium here (set MINGA_CHROMIUM): {error}")
    yield browser
    browser.close()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[OpenPage]:
    """A function that opens an empty page in a context of its own (options as Playwright's)."""
    contexts = []

    def opened(**options: Any) -> Page:
        context = chromium.new_context(**options)
        contexts.append(context)
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()
