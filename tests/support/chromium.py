"""Fixtures: a Chromium for the whole test run, and a function that opens pages in it.

The browser is the one that MINGA_CHROMIUM names, else Debian's, else Playwright's. The headless
shell renders pages like the full browser in less than half the time, but has no preferences, so
tests that set some use the full browser.
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

STILL = {"reduced_motion": "reduce"}
"""Context options: drawing a smooth scroll takes a third of the time of loading a page."""

# Long, for busy machines: a page that is wrong stays wrong.
expect.set_options(timeout=20_000)


def shell() -> dict[str, Any]:
    """Launch options if no preferences are needed; empty for Playwright's browser."""
    named = os.environ.get("MINGA_CHROMIUM")
    found = [str(path) for path in (SHELL, WHOLE) if path.exists()]
    return {"executable_path": named or found[0]} if named or found else {}


def whole() -> dict[str, Any]:
    """Launch options of the full browser, for tests that set preferences, such as on cookies."""
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
        pytest.skip(f"Chromium is not available (set MINGA_CHROMIUM): {error}")
    yield browser
    browser.close()


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[OpenPage]:
    """A function that opens an empty page in a context of its own (options as Playwright's).

    Pages do not scroll smoothly, unless ``reduced_motion`` is ``no-preference``. With ``clock``,
    the test can advance the time of the page (``page.clock``).
    """
    contexts = []

    def opened(*, clock: bool = False, **options: Any) -> Page:
        context = chromium.new_context(**{**STILL, **options})
        contexts.append(context)
        if clock:
            context.clock.install()
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()
