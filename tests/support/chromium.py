"""A real Chromium for tests, one for the whole run, and a way to open pages in it.

The browser is the one that MINGA_CHROMIUM names, else Debian's, else Playwright's own. The one
without a screen (headless shell) lays out and runs pages as the other does, in less than half the
time; but it keeps no preferences, so a test that needs some asks for the whole browser.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, Playwright, expect, sync_playwright

ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking"]
SHELL = Path("/usr/bin/chromium-headless-shell")
WHOLE = Path("/usr/bin/chromium")

OpenPage = Callable[..., Page]

# Patience, not a measure: a busy machine is slow, and a page that is wrong stays wrong.
expect.set_options(timeout=20_000)


def shell() -> dict[str, Any]:
    """What to launch where no preferences matter; empty is Playwright's own."""
    named = os.environ.get("MINGA_CHROMIUM")
    found = [str(path) for path in (SHELL, WHOLE) if path.exists()]
    return {"executable_path": named or found[0]} if named or found else {}


def whole() -> dict[str, Any]:
    """What to launch where a test sets preferences, for instance which cookies are blocked."""
    named = os.environ.get("MINGA_CHROMIUM")
    if named or WHOLE.exists():
        return {"executable_path": named or str(WHOLE)}
    return {"channel": "chromium"}


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    try:
        browser = playwright.chromium.launch(args=ARGUMENTS, **shell())
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
