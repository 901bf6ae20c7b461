"""The packages page in a browser: polling and accessibility."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Route, expect

from tests.browser import samples
from tests.browser.conftest import OpenPage
from tests.browser.sample_discussion import BASE
from tests.browser.sample_server import serve

pytestmark = pytest.mark.browser


def test_the_page_polls_until_all_builds_are_done(open_page: OpenPage) -> None:
    page = open_page()
    page.clock.install()
    serve(page, {"packages": samples.render("packages", "es")})
    responses = [("building", True), ("ready", False)]
    tokens: list[str | None] = []

    def answer(route: Route) -> None:
        tokens.append(route.request.headers.get("x-minga-token"))
        state, busy = responses[min(len(tokens), len(responses)) - 1]
        row = samples.package("scorm12", state, "es")
        html = samples.render_package("es", row)
        states = [{"id": "scorm12-waiting", "state": state, "html": html}]
        states.append({"id": "deleted", "state": state, "html": html})
        route.fulfill(json={"busy": busy, "states": states})

    page.route(f"**{BASE}packages/state", answer)
    page.goto(f"{samples.ORIGIN}/packages")
    row_element, link = page.locator("#scorm12-waiting"), page.locator("[data-refresh-link]")
    expect(link).to_be_visible()
    expect(row_element.locator("progress")).to_have_attribute("value", "1")
    for _ in range(2):
        page.clock.run_for(2000)
        page.wait_for_timeout(0)
    expect(row_element).to_have_attribute("data-state", "ready")
    expect(row_element.locator("a.button")).to_have_attribute("href", f"{BASE}packages/7")
    expect(link).to_be_hidden()
    page.clock.run_for(10_000)
    assert tokens == ["token-of-the-page"] * 2, "polling has stopped"


@pytest.mark.parametrize(("language", "scheme"), [("es", "light"), ("ar", "dark")])
def test_accessibility(open_page: OpenPage, language: str, scheme: str) -> None:
    page = open_page(viewport={"width": 320, "height": 800}, color_scheme=scheme)
    serve(page, {"packages": samples.render("packages", language)})
    page.goto(f"{samples.ORIGIN}/packages")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    found = Axe().run(page).response["violations"]
    assert found == [], json.dumps(found)[:2000]
