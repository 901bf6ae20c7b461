"""A launch session belongs to one launch in one browser.

Reading needs its cookie or page token; every change needs the page token.
"""

from urllib.parse import urlsplit

import pytest
from requests import Response
from sqlalchemy import select

from lti_tool.directory import registrations as directory
from lti_tool.directory.model import Course
from tests.support import tabs
from tests.support.driver import Driver, forms
from tests.support.site import Site


def opened(home: Site, user: str = "joao", course: str | None = None) -> tuple[Driver, str]:
    browser = home.browser()
    page = browser.launch(user, course)
    assert page.status_code == 200
    return browser, urlsplit(page.url).path


def token_in(page) -> str:
    return page.text.split('name="minga-token" content="')[1].split('"')[0]


def test_a_url_copied_into_another_browser_opens_nothing(home: Site) -> None:
    _, path = opened(home)
    for url in (path, f"{path}choose", f"{path}poll?after=0", f"{path}compose"):
        page = home.browser().get(url)
        assert page.status_code == 403
        assert "<h1>" in page.text
        assert "João" not in page.text


def test_an_unknown_session_is_refused(home: Site) -> None:
    assert home.browser().get("/l/nothing/").status_code == 403


def test_the_cookie_is_partitioned_limited_to_its_session_and_ends_with_the_browser(
    home: Site,
) -> None:
    browser, path = opened(home)
    [cookie] = [each for each in browser.cookies.values() if each.path.startswith("/l/")]
    assert (cookie.name, cookie.path) == ("minga", path)
    assert {"secure", "httponly", "partitioned"} <= set(cookie.attributes)
    assert cookie.attributes["samesite"].lower() == "none"
    assert not {"max-age", "expires"} & set(cookie.attributes)


@pytest.mark.both_engines
def test_two_activities_in_two_tabs_of_one_browser_do_not_mix(home: Site) -> None:
    browser = home.browser()
    first = browser.launch("joao", "coop-101")
    second = browser.launch("maria", "sse-201")
    again = browser.get(first.url)
    assert "João Araújo" in again.text
    assert "María Núñez" not in again.text
    assert "María Núñez" in browser.get(second.url).text
    # The token of one tab changes nothing in the other.
    response = browser.request(
        "POST",
        urlsplit(second.url).path + "post",
        data={"token": token_in(first), "text": "in the wrong tab", "draft_key": "d" * 20},
    )
    assert response.status_code == 403
    assert "in the wrong tab" in response.text, "what was typed is given back"


@pytest.mark.parametrize("token", [None, "", "x", "é" * 43])
def test_a_cookie_alone_changes_nothing(home: Site, token: str | None) -> None:
    browser, path = opened(home)
    fields = {"text": "Typed with care", "draft_key": "k" * 20}
    if token is not None:
        fields["token"] = token
    response = browser.request("POST", f"{path}post", data=fields)
    assert response.status_code == 403
    assert "Typed with care" in response.text
    assert "Typed with care" not in browser.get(path).text


LONG_FIELDS = {
    "post": "text",
    "discussion/announcement": "text",
    "moderation/1/edit": "text",
    "summaries/edit": "source",
    "post/1/report": "reason",
    "post/1/remove": "reason",
    "grades/1": "comment",
}
"""The forms in which people write at length."""


@pytest.mark.parametrize("path", LONG_FIELDS)
def test_what_was_typed_comes_back_with_each_refusal(home: Site, path: str) -> None:
    typed = {LONG_FIELDS[path]: "Typed with\n <care>"}
    usual = {"context": "typed", "sub": "typed", "custom": {"module": "module-4"}}
    tab = tabs.opened(home, "typed", role="Instructor", **usual)
    with_token = {"token": tab.token, **typed}

    def given_back(response: Response, status: int = 403) -> bool:
        assert response.status_code == status
        return "Typed with\n &lt;care&gt;</textarea>" in response.text

    assert given_back(tab.browser.request("POST", tab.path + path, data=typed))  # cookie alone
    assert given_back(home.browser().request("POST", tab.path + path, data=typed))
    assert given_back(tab.browser.request("POST", "/l/over/" + path, data=with_token))
    tabs.opened(home, "typed", role="Learner", **usual)
    if path not in ("post", "post/1/report"):
        assert given_back(tab.post(path, **typed))  # no longer an instructor
    directory.change_registration(home.tool.database, home.registration_id, status="paused")
    try:
        assert given_back(tab.post(path, **typed))
    finally:
        directory.change_registration(home.tool.database, home.registration_id, status="active")
    test_user = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"
    preview = tabs.opened(home, "typed", roles=[test_user, "Instructor"], **usual | {"sub": "test"})
    assert given_back(preview.post(path, **typed))


def test_a_page_without_cookies_is_opened_by_its_token(home: Site) -> None:
    browser = home.browser(keeps_cookies=False)
    step = browser.login("joao")
    # Without cookies the browser sends the value that the platform's storage has.
    proof = step.response.text.split('data-value="')[1].split('"')[0]
    page = browser.submit(browser.authorize(step), proof=proof)
    assert page.status_code == 200
    assert "João Araújo" in page.text
    base = page.text.split('name="minga-cookieless" content="')[1].split('"')[0]
    token = token_in(page)
    other = browser.post(f"{base}open", {"token": token, "to": f"{base}?lang=fr"})
    assert other.status_code == 200
    assert '<html lang="fr"' in other.text
    assert browser.post(f"{base}open", {"token": "guess", "to": base}).status_code == 403
    # A change answers with the page itself, for a redirect would lose the token.
    posted = browser.request(
        "POST", f"{base}post", data={"token": token, "text": "Sin cookies", "draft_key": "q" * 20}
    )
    assert posted.status_code == 200
    assert "Sin cookies" in posted.text


def test_a_new_tab_gets_its_own_cookie(home: Site) -> None:
    browser, path = opened(home)
    page = browser.get(path)
    [form] = [each for each in forms(page) if each.action.endswith("/open")]
    tab = home.browser()
    moved = tab.submit(form)
    assert moved.status_code == 200
    assert "João Araújo" in moved.text
    assert moved.url.endswith(path)
    [cookie] = [each for each in tab.cookies.values() if each.path == path]
    assert cookie.name == "minga-tab"
    assert "partitioned" not in cookie.attributes
    assert cookie.attributes["samesite"] == "Lax"
    assert not {"max-age", "expires"} & set(cookie.attributes)


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/l/other/", "/lti/jwks", "x", "", "é", "\0"]
)
def test_open_leads_to_pages_of_the_session_only(home: Site, to: str) -> None:
    browser, path = opened(home)
    token = token_in(browser.get(path))
    for more in ({}, {"tab": "1"}):
        page = browser.post(f"{path}open", {"token": token, "to": to, **more})
        assert page.status_code == 200
        assert "João Araújo" in page.text


@pytest.mark.parametrize(
    "to", ["http://[x", "{path}thread/€", "{path}?posts=€", "{path}\r\nX-Y: z", "{path}?a=\0"]
)
def test_open_with_an_invalid_url_leads_to_the_first_page(home: Site, to: str) -> None:
    browser, path = opened(home)
    token = token_in(browser.get(path))
    for more in ({}, {"tab": "1"}):
        page = browser.post(f"{path}open", {"token": token, "to": to.format(path=path), **more})
        assert page.status_code == 200
        assert "João Araújo" in page.text


def test_disabling_a_registration_closes_its_sessions(home: Site) -> None:
    browser, path = opened(home)
    directory.change_registration(home.tool.database, home.registration_id, status="disabled")
    try:
        assert browser.get(path).status_code == 403
    finally:
        directory.change_registration(home.tool.database, home.registration_id, status="active")
    assert browser.get(path).status_code == 200


def test_only_its_platform_may_frame_a_page(home: Site) -> None:
    browser, path = opened(home)
    policy = browser.get(path).headers["Content-Security-Policy"]
    [ancestors] = [part for part in policy.split("; ") if part.startswith("frame-ancestors")]
    assert ancestors == f"frame-ancestors 'self' {home.lms.url}"
    assert "script-src 'nonce-" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("url", ["/l/over/", "/l/over/choose", "/lti/launch", "/m/module-4"])
def test_the_page_without_a_session_is_readable_in_any_frame(home: Site, url: str) -> None:
    page = home.browser().get(url)
    assert page.status_code in (403, 405)
    assert "frame-ancestors *" in page.headers["Content-Security-Policy"]


def test_pages_are_never_cached(home: Site) -> None:
    browser, path = opened(home)
    assert browser.get(path).headers["Cache-Control"] == "no-store"


def test_a_course_title_of_an_earlier_version_is_shown_clean(home: Site) -> None:
    tab = tabs.opened(home, "titles", context="an old course", custom={"module": "module-4"})
    with home.tool.database.write() as session:
        course = session.scalars(select(Course).where(Course.context_id == "an old course")).one()
        course.title = "Cours \u202egnirB\u0007 \u200bA"
    page = tab.get().text
    assert "\u202e" not in page
    assert "\u0007" not in page
    assert "Cours gnirB" in page
