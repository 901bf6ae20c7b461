"""A browser without cookies in frames continues the launch in a new tab.

The tab asks the LMS who it is, which answers a login once: nothing may be spent before, and no
policy of the frame's page may stop the tab on its way to the LMS.
"""

from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Playwright, Route, expect

from tests.support.site import Site

pytestmark = pytest.mark.browser

OLD_SAFARI = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/17.4 Safari/605.1.15"
)


def test_a_frame_without_cookies_offers_a_new_tab(
    home: Site, chromium: Browser, playwright: Playwright
) -> None:
    def without_cookies(route: Route) -> None:
        """Fetch a frame without storing its cookies."""
        if route.request.frame == route.request.frame.page.main_frame:
            route.continue_()
            return
        asking = playwright.request.new_context()  # route.fetch would store the cookies
        answer = asking.fetch(route.request, max_redirects=0)
        headers = {name: value for name, value in answer.headers.items() if name != "set-cookie"}
        route.fulfill(status=answer.status, headers=headers, body=answer.body())
        asking.dispose()

    lms = home.lms.state
    lms.faults = replace(lms.faults, storage_target=None)
    context = chromium.new_context(user_agent=OLD_SAFARI)
    page = context.new_page()
    page.route(f"{home.tool.url}/**", without_cookies)
    page.goto(home.lms.url)
    page.check("input[name=as][value=joao]")
    page.click("button[name=go][value=activity]")
    way = page.frame_locator("iframe").locator(".actions .button")
    with context.expect_page() as opened:
        way.click()
    tab = opened.value
    tab.wait_for_url(f"{home.tool.url}/l/*/")
    tab.fill("#composer textarea[name=text]", "Desde una pestaña propia")
    tab.click("[data-publish]")
    written = tab.locator("article.post", has_text="Desde una pestaña propia")
    expect(written.locator(".author")).to_have_text("João Araújo")
    context.close()
