"""A preview that cannot be loaded says so, and the text stays in its form."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.live_pages import BOX, enter_again
from tests.support.chromium import OpenPage
from tests.support.site import Site

pytestmark = pytest.mark.browser

ENDED = "[data-preview-href]", "data-ended"
FAILED = "[data-preview]", "data-failed"
PAGE = {"content_type": "text/html", "body": "<p>A page of a proxy</p>"}
FAILURES: dict[str, tuple[Callable[[Route], None], tuple[str, str] | str]] = {
    "no connection": (lambda route: route.abort(), FAILED),
    "a proxy without the tool": (lambda route: route.fulfill(status=502, **PAGE), FAILED),
    "another page": (
        lambda route: route.fulfill(status=302, headers={"Location": "/healthz"}),
        FAILED,
    ),
    "the session has ended": (lambda route: route.fulfill(status=403, **PAGE), ENDED),
    "a reason": (lambda route: route.fulfill(status=409, json={"error": "Cerrado."}), "Cerrado."),
}


def test_a_failed_preview_says_so_and_keeps_the_text(home: Site, open_page: OpenPage) -> None:
    """In the form for a new post, then in the one for its text."""
    page = open_page()
    enter_again(page, home)
    fail_each_way(page, BOX)
    page.click("[data-publish]")
    page.locator("article.post", has_text="largo").locator("a[href$='/edit']").click()
    fail_each_way(page, "#text")


def fail_each_way(page: Page, box: str) -> None:
    """Ask for a preview of a text, with each failure and then with none."""
    page.fill(box, "Un texto **largo**")
    for answer, said in FAILURES.values():
        page.route("**/preview*", answer)
        page.click("[data-preview-button]")
        words = said if isinstance(said, str) else page.locator(said[0]).get_attribute(said[1])
        expect(page.locator("form [data-error][role=alert]")).to_have_text(words or "missing")
        expect(page.locator(box)).to_have_value("Un texto **largo**")
        expect(page.locator("[data-preview]")).to_be_hidden()
        page.unroute("**/preview*")
    never_answers(page)
    page.click("[data-preview-button]")
    expect(page.locator("[data-preview] strong")).to_have_text("largo")
    expect(page.locator("form [data-error]")).to_be_empty()


def never_answers(page: Page) -> None:
    """The browser gives up waiting; it is not waited for here."""
    page.evaluate("window.patience = AbortSignal.timeout")
    page.evaluate("() => { AbortSignal.timeout = () => AbortSignal.abort(); }")
    page.click("[data-preview-button]")
    expect(page.locator("form [data-error]")).not_to_be_empty()
    page.evaluate("() => { AbortSignal.timeout = window.patience; }")
