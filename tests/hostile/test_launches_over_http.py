"""The certification list, over real HTTP: what must be refused, and what must succeed.

Every refusal is a page that a person can read (4xx), says its code to the administrator, can be
read inside the platform's frame, and opens no session.
"""

import time
from collections.abc import Iterator

import pytest
import requests

from demo_lms.signing_keys import new_key
from lti_tool.directory import registrations as directory
from lti_tool.lti import claim_names
from lti_tool.lti.refusal import Code
from tests.lti_tool.forge import Forge
from tests.lti_tool.launch_cases import CASES, LaunchCase, default_claims
from tests.support.driver import Driver
from tests.support.site import Site, site


@pytest.fixture(scope="module")
def strict(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An institution that lets no guests in."""
    with site(tmp_path_factory.mktemp("strict")) as running:
        directory.change_registration(running.tool.database, running.registration_id, guests="none")
        yield running


@pytest.fixture(scope="module")
def open_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An institution that lets guests read."""
    with site(tmp_path_factory.mktemp("open")) as running:
        yield running


@pytest.fixture(scope="module")
def stranger():
    return new_key().private


def launched(home: Site, browser: Driver, case: LaunchCase, stranger) -> requests.Response:
    """Begin a login and answer it with the case's token."""
    step = browser.login("joao")
    signing = home.lms.state.keys.signing
    claims = default_claims(int(time.time()), step.nonce)
    claims |= {
        "iss": home.lms.url,
        "aud": step.asked["client_id"],
        claim_names.DEPLOYMENT_ID: step.fields["lti_deployment_id"],
        claim_names.TARGET_LINK_URI: step.fields["target_link_uri"],
    }
    token = case.token(Forge(signing.private, signing.kid, stranger), claims)
    return browser.post("/lti/launch", {"state": step.state, "id_token": token})


def sessions_of(browser: Driver) -> list[str]:
    return [cookie.path for cookie in browser.cookies.values() if cookie.path.startswith("/l/")]


def assert_refused(response: requests.Response, browser: Driver, code: Code) -> None:
    assert 400 <= response.status_code < 500, response.text[:500]
    assert "<h1>" in response.text
    assert f"<bdi>{code}</bdi>" in response.text, response.text
    assert sessions_of(browser) == []
    policy = response.headers["Content-Security-Policy"]
    assert "frame-ancestors" in policy
    assert browser.lms.url in policy or "frame-ancestors *" in policy


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_every_launch_of_the_list(
    case: LaunchCase, strict: Site, open_site: Site, stranger
) -> None:
    home = open_site if case.guests else strict
    browser = home.browser()
    response = launched(home, browser, case, stranger)
    if case.refused is not None:
        assert_refused(response, browser, case.refused)
        return
    assert response.status_code == 200, response.text[:800]
    [launch_session] = sessions_of(browser)
    chooser = browser.get(f"{launch_session}choose")
    assert chooser.status_code == (200 if case.instructor else 403)


def begun(home: Site, browser: Driver, user: str = "joao"):
    """A login and the platform's honest answer to it."""
    step = browser.login(user)
    return step, browser.authorize(step)


def test_a_token_opens_once(open_site: Site) -> None:
    browser = open_site.browser()
    _, form = begun(open_site, browser)
    kept = dict(browser.cookies)
    assert browser.submit(form).status_code == 200
    browser.cookies = kept
    again = browser.submit(form)
    assert_refused(again, browser, Code.REPLAYED)


def test_no_state(open_site: Site) -> None:
    browser = open_site.browser()
    _, form = begun(open_site, browser)
    assert_refused(browser.submit(form, state=None), browser, Code.STATE_MISSING)


@pytest.mark.parametrize("state", ["x", "e30.e30", "é", "a" * 20_000])
def test_a_state_that_we_did_not_make(open_site: Site, state: str) -> None:
    browser = open_site.browser()
    _, form = begun(open_site, browser)
    assert_refused(browser.submit(form, state=state), browser, Code.STATE_INVALID)


def test_the_state_of_one_login_with_the_token_of_another(open_site: Site) -> None:
    browser = open_site.browser()
    _, first = begun(open_site, browser)
    second, _ = begun(open_site, browser)
    response = browser.submit(first, state=second.state)
    assert_refused(response, browser, Code.WRONG_NONCE)


def test_another_browsers_launch(open_site: Site) -> None:
    mallory, victim = open_site.browser(), open_site.browser()
    _, form = begun(open_site, mallory)
    # The platform's storage is asked for the proof; it has none in the victim's browser.
    asking = victim.submit(form)
    assert sessions_of(victim) == []
    assert 'data-storage="get"' in asking.text
    assert_refused(victim.submit(form, proof=""), victim, Code.OTHER_BROWSER)


def test_another_browsers_launch_where_the_platform_has_no_storage(open_site: Site) -> None:
    mallory, victim = open_site.browser(), open_site.browser()
    step = mallory.login("joao", fields={"lti_storage_target": None})
    assert_refused(victim.submit(mallory.authorize(step)), victim, Code.OTHER_BROWSER)


def test_another_browsers_launch_with_a_proof_made_up(open_site: Site) -> None:
    mallory, victim = open_site.browser(), open_site.browser()
    _, form = begun(open_site, mallory)
    assert_refused(victim.submit(form, proof="guess"), victim, Code.OTHER_BROWSER)


def test_an_unknown_issuer(open_site: Site) -> None:
    browser = open_site.browser()
    response = browser.post(
        "/lti/login",
        {
            "iss": "https://unknown.example",
            "login_hint": "1",
            "target_link_uri": open_site.tool.url,
        },
    )
    assert_refused(response, browser, Code.UNKNOWN_ISSUER)
    assert "lti-tool registrations add" in response.text


def test_an_unknown_client(open_site: Site) -> None:
    browser = open_site.browser()
    response = browser.post(
        "/lti/login",
        {
            "iss": open_site.lms.url,
            "client_id": "another",
            "login_hint": "1",
            "target_link_uri": open_site.tool.url,
        },
    )
    assert_refused(response, browser, Code.UNKNOWN_CLIENT)


def test_a_login_without_client_id_where_there_is_one_registration(open_site: Site) -> None:
    browser = open_site.browser()
    form = browser.authorize(browser.login("joao", fields={"client_id": None}))
    assert browser.submit(form).status_code == 200


def test_a_login_by_get(open_site: Site) -> None:
    browser = open_site.browser()
    assert browser.launch("joao", method="GET").status_code == 200


@pytest.mark.parametrize("missing", ["iss", "login_hint", "target_link_uri"])
def test_a_login_that_lacks_a_parameter(open_site: Site, missing: str) -> None:
    browser = open_site.browser()
    fields = {
        "iss": open_site.lms.url,
        "login_hint": "1",
        "target_link_uri": open_site.tool.url,
    }
    del fields[missing]
    assert_refused(browser.post("/lti/login", fields), browser, Code.MISSING_PARAMETER)


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "http://[", "x"]
)
def test_a_login_with_a_foreign_target(open_site: Site, target: str) -> None:
    browser = open_site.browser()
    response = browser.post(
        "/lti/login",
        {"iss": open_site.lms.url, "login_hint": "1", "target_link_uri": target},
    )
    assert_refused(response, browser, Code.WRONG_TARGET)


def test_an_unknown_deployment_where_the_operator_adds_them(open_site: Site) -> None:
    database = open_site.tool.database
    directory.change_registration(database, open_site.registration_id, unknown_deployments="refuse")
    try:
        browser = open_site.browser()
        response = browser.launch(
            "joao",
            fields={"lti_deployment_id": None},
            mutate=lambda claims: claims | {claim_names.DEPLOYMENT_ID: "another"},
        )
        assert_refused(response, browser, Code.UNKNOWN_DEPLOYMENT)
        assert "another" in response.text
    finally:
        directory.change_registration(
            database, open_site.registration_id, unknown_deployments="accept"
        )


def test_a_platform_that_answers_the_login_with_an_error(open_site: Site) -> None:
    browser = open_site.browser()
    step = browser.login("joao")
    response = browser.post("/lti/launch", {"state": step.state, "error": "login_required"})
    assert_refused(response, browser, Code.LOGIN_REQUIRED)
    assert "login_required" in response.text


def test_a_refusal_speaks_the_readers_language(open_site: Site) -> None:
    browser = open_site.browser()
    pages = {
        language: browser.post("/lti/launch", {}, headers={"Accept-Language": language}).text
        for language in ("es", "fr", "pt", "ar", "en")
    }
    assert len(set(pages.values())) == 5
    assert '<html lang="ar" dir="rtl"' in pages["ar"]


def test_no_refusal_repeats_a_name_or_an_address(open_site: Site) -> None:
    browser = open_site.browser()
    response = browser.launch("joao", mutate=lambda claims: claims | {"exp": 1})
    assert response.status_code == 401
    assert "João" not in response.text
    assert "@" not in response.text
