"""The packages page in a browser: polling and accessibility."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Route, expect

from tests.browser import samples
from tests.browser.conftest import OpenPage
from tests.browser.sample_discussion import BASE

pytestmark = pytest.mark.browser


def test_the_page_polls_until_all_builds_are_done(open_page: OpenPage) -> None:
    page = open_page()
    page.clock.install()
    samples.serve(page, {"packages": samples.render("packages", "es")})
    told = [("building", True), ("ready", False)]
    asked: list[str | None] = []

    def answer(route: Route) -> None:
        asked.append(route.request.headers.get("x-minga-token"))
        state, busy = told[min(len(asked), len(told)) - 1]
        row = samples.package("scorm12", state, "es")
        html = samples.render_package("es", row)
        states = [{"id": "scorm12-waiting", "state": state, "html": html}]
        states.append({"id": "gone-meanwhile", "state": state, "html": html})
        route.fulfill(json={"busy": busy, "states": states})

    page.route(f"**{BASE}packages/state", answer)
    page.goto(f"{samples.ORIGIN}/packages")
    place, link = page.locator("#scorm12-waiting"), page.locator("[data-refresh-link]")
    expect(link).to_be_visible()
    expect(place.locator("progress")).to_have_attribute("value", "1")
    for _ in range(2):
        page.clock.run_for(2000)
        page.wait_for_timeout(0)
    expect(place).to_have_attribute("data-state", "ready")
    expect(place.locator("a.button")).to_have_attribute("href", f"{BASE}packages/7")
    expect(link).to_be_hidden()
    page.clock.run_for(10_000)
    assert asked == ["token-of-the-page"] * 2, "nothing is asked any more"


@pytest.mark.parametrize(("language", "scheme"), [("es", "light"), ("ar", "dark")])
def test_accessibility(open_page: OpenPage, language: str, scheme: str) -> None:
    page = open_page(viewport={"width": 320, "height": 800}, color_scheme=scheme)
    samples.serve(page, {"packages": samples.render("packages", language)})
    page.goto(f"{samples.ORIGIN}/packages")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    found = Axe().run(page).response["violations"]
    assert found == [], json.dumps(found)[:2000]
