"""Which sites may frame the pages of a launch, and where their forms may lead."""

from urllib.parse import urlsplit

import pytest
import requests

from demo_lms.vocabulary import LTI
from tests.support.site import Site
from tests.support.tabs import opened

SAFARI = {
    "User-Agent": "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15",
    "Sec-Fetch-Dest": "iframe",
}


def directive(response: requests.Response, name: str) -> list[str]:
    policy = response.headers["Content-Security-Policy"]
    [found] = [part.split() for part in policy.split("; ") if part.startswith(f"{name} ")]
    return found[1:]


def login_storage(home: Site) -> requests.Response:
    return home.browser().login("joao", fields={"lti_storage_target": "_parent"}).response


def launch_storage(home: Site) -> requests.Response:
    browser = home.browser(keeps_cookies=False)
    form = browser.authorize(browser.login("joao", fields={"lti_storage_target": "_parent"}))
    return browser.submit(form)


def new_tab(home: Site) -> requests.Response:
    """A browser without cookies that follows the redirect of the cookie check."""
    form = {
        "iss": home.lms.url,
        "login_hint": "7",
        "target_link_uri": f"{home.tool.url}/lti/launch",
    }
    url = f"{home.tool.url}/lti/login"
    first = requests.post(url, form, headers=SAFARI, allow_redirects=False, timeout=10)
    again = f"{home.tool.url}{first.headers['Location']}"
    return requests.get(again, headers=SAFARI, allow_redirects=False, timeout=10)


def refused_login(home: Site) -> requests.Response:
    url = f"{home.tool.url}/lti/login"
    target = "https://elsewhere.example.org/"
    form = {"iss": home.lms.url, "login_hint": "7", "target_link_uri": target}
    return requests.post(url, form, timeout=10)


def refused_launch(home: Site) -> requests.Response:
    return home.browser().launch("joao", mutate=lambda claims: claims.update(nonce="other"))


def refused_by_the_platform(home: Site) -> requests.Response:
    browser = home.browser()
    form = browser.authorize(browser.login("joao", fields={"lti_storage_target": None}))
    return browser.submit(form, id_token=None, error="login_required")


def sent_again(home: Site) -> requests.Response:
    browser = home.browser()
    form = browser.authorize(browser.login("joao", fields={"lti_storage_target": None}))
    browser.submit(form)
    return browser.submit(form)


@pytest.mark.parametrize(
    "page",
    [
        login_storage,
        launch_storage,
        new_tab,
        refused_login,
        refused_launch,
        refused_by_the_platform,
        sent_again,
    ],
)
def test_a_page_before_the_session_can_be_framed_anywhere(home: Site, page) -> None:
    assert directive(page(home), "frame-ancestors") == ["*"]


def test_a_page_of_a_session_can_be_framed_by_its_platform_only(home: Site) -> None:
    school = {"return_url": "https://canvas.school.example/courses/1"}
    tab = opened(home, "framed", **{LTI + "launch_presentation": school})
    assert directive(tab.page, "frame-ancestors") == [
        "'self'",
        home.lms.url,
        "https://canvas.school.example",
    ]


def test_the_forms_that_lead_to_the_platform_may_be_redirected_there(home: Site) -> None:
    page = new_tab(home)
    assert "/lti/login" in page.text
    assert directive(page, "form-action") == ["'self'", home.lms.url, "https:"]
    assert directive(login_storage(home), "form-action") == ["'self'"]
    assert urlsplit(page.url).path == "/lti/login"
