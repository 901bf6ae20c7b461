"""New posts of others while a page is open, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.browser.live_pages import write
from tests.support.chromium import OpenPage
from tests.support.site import Site

pytestmark = pytest.mark.browser


def test_the_button_for_new_posts_shows_them(home: Site, open_page: OpenPage) -> None:
    page = open_page()
    resource_link = home.browser().resource_link()
    page.goto(
        f"{home.lms.url}/courses/{resource_link.course_id}/activities/{resource_link.id}"
        "?as=joao&in=es&target=window"
    )
    page.wait_for_url(f"{home.tool.url}/l/*/")
    # As in Safari, which does not keep the place of what is on the screen.
    page.evaluate("document.documentElement.style.overflowAnchor = 'none'")
    for text in ("Hola desde lejos", "Y otra vez"):  # the second time, the URL has an anchor
        write(home, "maria", text)
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        page.locator("[data-new] a").click()
        expect(page.locator("article.post", has_text=text)).to_be_focused()
        expect(page.locator("article.post:focus")).to_be_in_viewport(ratio=0.95)
    expect(page.locator("[data-new]")).to_be_hidden()
