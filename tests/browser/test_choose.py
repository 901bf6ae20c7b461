"""The list of modules, in the frame in which a platform shows it: its button is always in sight."""

import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from lti_tool.sessions.requests import COOKIE
from tests.browser.conftest import OpenPage
from tests.support.accessibility import violations
from tests.support.site import Site, site
from tests.support.tabs import Tab, opened

pytestmark = pytest.mark.browser

FOUR, WRITING = "module-4", "how-to-write-a-module"
SIZES = [(883, 580), (600, 420), (320, 480)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site(tmp_path_factory.mktemp("choosing")) as running:
        yield running


def tab(home: Site, way: str, link: str) -> Tab:
    """A page with the list: for deep linking, at the first launch, or to choose another module."""
    if way == "deep linking":
        browser = home.browser()
        page = browser.deep_link("maria", language="en")
        path = re.search(r"/l/[^/]+/", page.url)[0]
        token = page.text.split('name="minga-token" content="')[1].split('"')[0]
        return Tab(browser, page, path, token)
    custom = {"module": FOUR} if way == "another" else {}
    return opened(home, link, user="maria", custom=custom)


def shown(home: Site, page: Page, tab: Tab, language: str = "en") -> None:
    page.context.add_cookies([{"name": COOKIE, "value": tab.token, "url": home.tool.url}])
    page.goto(f"{home.tool.url}{tab.path}choose?lang={language}")


ABOVE = """number => {
  const input = document.querySelectorAll("form.choices input[name=module]")[number];
  const bar = document.querySelector("form.choices > .actions").getBoundingClientRect();
  const box = input.getBoundingClientRect();
  return input === document.activeElement && box.top >= 0 && box.bottom <= bar.top + 1;
}"""
"""Whether the choice with the focus is above the bar with the button, and in sight."""

WAYS = ["deep linking", "first", "another"]


@pytest.mark.parametrize(("language", "javascript"), [("en", False), ("ar", True)])
@pytest.mark.parametrize("way", WAYS)
def test_the_button_is_in_sight_and_hides_no_choice(
    home: Site, open_page: OpenPage, way: str, language: str, javascript: bool
) -> None:
    page = open_page(java_script_enabled=javascript)
    shown(home, page, tab(home, way, f"{way} {language} {javascript}"), language)
    button = page.locator("form.choices > .actions > .button").first
    inputs = page.locator("form.choices input[name=module]")
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        page.evaluate("scrollTo(0, 0)")
        expect(button).to_be_in_viewport(ratio=1)
        if folder := os.environ.get("MINGA_SCREENSHOTS"):
            page.screenshot(path=Path(folder) / f"choose-{way}-{width}x{height}-{language}.png")
        # By keyboard, the choice that has the focus is not under the button.
        for number in range(inputs.count()):
            page.evaluate("document.activeElement.blur()")
            inputs.nth(number).focus()
            end = time.monotonic() + 5  # the page may scroll smoothly
            while not page.evaluate(ABOVE, number) and time.monotonic() < end:
                page.wait_for_timeout(50)
            assert page.evaluate(ABOVE, number), (width, height)
            expect(button).to_be_in_viewport(ratio=1)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("way", WAYS)
def test_it_is_accessible(home: Site, open_page: OpenPage, way: str) -> None:
    page = open_page(viewport={"width": 883, "height": 580})
    shown(home, page, tab(home, way, f"axe {way}"))
    assert violations(page) == []


@pytest.mark.parametrize("way", ["deep linking", "another"])
def test_options_and_preview_fit_into_small_frames(
    home: Site, open_page: OpenPage, way: str
) -> None:
    page = open_page(viewport={"width": 320, "height": 480})
    shown(home, page, tab(home, way, f"options {way}"))
    page.locator(f"input[value={FOUR}]").check()
    preview, options = f"button[name=preview][value={FOUR}]", "button[value=options]"
    for button, heading in ((preview, "City-to-city"), (options, "More options")):
        page.locator(button).click()
        expect(page.locator("h1")).to_contain_text(heading)
        folded = page.locator("form.choices > details:not([open]) > summary")
        while folded.count():
            folded.first.click()
        expect(page.locator("form.choices > .actions > .button").first).to_be_in_viewport(ratio=1)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320
        assert violations(page) == []
        page.get_by_role("button", name="Back to the list").click()
        expect(page.locator(f"input[value={FOUR}]")).to_be_checked()


def test_the_way_back_leaves_the_module_as_it_is(home: Site, open_page: OpenPage) -> None:
    page = open_page(viewport={"width": 883, "height": 580}, java_script_enabled=False)
    another = tab(home, "another", "the way back")
    shown(home, page, another)
    expect(page.locator(f"input[value={FOUR}]")).to_be_checked()
    page.locator(f"input[value={WRITING}]").check()
    page.get_by_role("link", name="Cancel").click()
    expect(page.locator("h1")).to_contain_text("City-to-city cooperation")
    assert page.url.endswith(another.path)
