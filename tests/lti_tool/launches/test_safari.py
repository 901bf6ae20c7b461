"""Launches in Safari: in a frame, where its cookies may be blocked or lost, and in a tab."""

from typing import Any

import pytest
import requests

from tests.support.driver import Driver
from tests.support.site import Site

AGENT = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/{} Safari/605.1.15"
)
NO_STORAGE = {"lti_storage_target": None}


class Safari(Driver):
    """A browser that says that it is Safari, in a frame or in a tab (``dest``)."""

    version = "18.5"
    dest = "iframe"

    def request(self, method: str, url: str, **more: Any) -> requests.Response:
        """Send one request; the login's test of a cookie is followed."""
        headers = {"User-Agent": AGENT.format(self.version), "Sec-Fetch-Dest": self.dest}
        response = super().request(method, url, headers=headers, **more)
        if response.headers.get("Location", "").startswith("/lti/login"):
            return self.request("GET", response.headers["Location"])
        return response

    def lose(self, prefix: str) -> None:
        """Lose the cookies whose name begins so."""
        lost = [key for key in self.cookies if key[0].startswith(prefix)]
        for key in lost:
            del self.cookies[key]


def safari(home: Site, version: str, dest: str = "iframe") -> Safari:
    browser = Safari(home.lms, home.tool.url)
    browser.version, browser.dest = version, dest
    return browser


@pytest.mark.parametrize(
    ("version", "redirects"), [("17.6", True), ("18.4", False), ("18.5", True), ("26.2", False)]
)
def test_where_cookies_may_be_lost_the_launch_is_answered_with_the_page(
    home: Site, version: str, redirects: bool
) -> None:
    browser = safari(home, version)
    page = browser.launch("joao", fields=NO_STORAGE)
    assert "João Araújo" in page.text
    assert ("/l/" in page.url) is redirects
    assert ('name="minga-cookieless"' in page.text) is not redirects


@pytest.mark.parametrize("version", ["18.4", "18.5", "26.2"])
def test_after_a_launch_that_lost_its_cookie_the_next_login_offers_a_tab(
    home: Site, version: str
) -> None:
    browser = safari(home, version)
    form = browser.authorize(browser.login("joao", fields=NO_STORAGE))
    browser.lose("minga-login-")
    refused = browser.submit(form)
    assert refused.status_code >= 400
    fields = {"iss": home.lms.url, "login_hint": "7", "target_link_uri": f"{home.tool.url}/"}
    offered = browser.request("POST", "/lti/login", data=fields)
    assert offered.status_code == 200
    assert 'target="_blank"' in offered.text
    # In the tab the cookies are those of a first party.
    browser.dest = "document"
    assert "João Araújo" in browser.launch("joao", fields=NO_STORAGE).text


def test_other_browsers_are_not_offered_a_tab(home: Site) -> None:
    browser = home.browser()
    form = browser.authorize(browser.login("joao", fields=NO_STORAGE))
    browser.cookies.clear()
    browser.submit(form)
    assert "João Araújo" in browser.launch("joao", fields=NO_STORAGE).text


@pytest.mark.parametrize("version", ["17.6", "18.5", "26.2"])
def test_in_a_tab_no_cookie_is_partitioned(home: Site, version: str) -> None:
    browser = safari(home, version, "document")
    step = browser.login("joao", fields=NO_STORAGE)
    page = browser.submit(browser.authorize(step))
    assert "João Araújo" in page.text
    assert 'name="minga-cookieless"' not in page.text
    [login] = step.cookies
    [session] = [each for each in browser.cookies.values() if each.name == "minga-tab"]
    assert login.name.startswith("minga-login-")
    assert login.name.endswith("-tab")
    assert login.attributes["samesite"] == "None", "the platform posts the launch from its site"
    assert "partitioned" not in login.attributes | session.attributes
    assert not any("partitioned" in each.attributes for each in browser.cookies.values())
