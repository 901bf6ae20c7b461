"""Launches over HTTP: which messages open a page. Invalid launches are in tests/hostile."""

import time
from urllib.parse import urlsplit

import pytest
import requests

from demo_lms.vocabulary import AGS_ENDPOINT, DATA_PRIVACY, SUBMISSION_REVIEW
from lti_tool.directory import registrations as directory
from lti_tool.lti.registration import Registration
from lti_tool.sessions.model import LaunchSession
from lti_tool.storage.database import now
from tests.support.site import Site


def test_a_data_privacy_launch_is_for_administrators(home: Site) -> None:
    for user, status in (("akua", 200), ("maria", 403)):
        page = home.browser().launch(user, message_type=DATA_PRIVACY, for_user="p-7302")
        assert page.status_code == status


def test_a_submission_review_of_an_unknown_person_opens_the_grades(home: Site) -> None:
    [graded] = [one for one in home.lms.state.resource_links.values() if one.line_item_id]
    page = home.browser().launch("maria", graded, message_type=SUBMISSION_REVIEW, for_user="p-7302")
    assert page.status_code == 200
    assert page.url.endswith("/grades")


def test_a_line_items_url_of_any_length_opens_the_page(home: Site) -> None:
    for length in (1999, 2000, 2001, 2048, 2049):

        def change(claims, length=length):
            start = "https://lms.example.org/"
            claims[AGS_ENDPOINT]["lineitems"] = start + "a" * (length - len(start))

        assert home.browser().launch("joao", mutate=change).status_code == 200


@pytest.mark.both_engines
@pytest.mark.parametrize("kept", ["every cookie", "no login cookie"])
@pytest.mark.parametrize("minutes", [0, 11])
@pytest.mark.parametrize("storage", [None, "_parent"])
def test_the_same_launch_sent_again_leads_to_the_session_that_it_opened(
    home: Site, monkeypatch: pytest.MonkeyPatch, kept: str, minutes: int, storage: str | None
) -> None:
    browser = home.browser()
    step = browser.login("joao", fields={"lti_storage_target": storage})
    form = browser.authorize(step)
    before = dict(browser.cookies)
    opened = urlsplit(browser.submit(form).url).path
    if kept == "every cookie":
        browser.cookies = {**before, **browser.cookies}
    later = time.time() + 60 * minutes
    monkeypatch.setattr("lti_tool.launches.views.time.time", lambda: later)
    again = browser.submit(form)
    assert again.status_code == 409
    assert "replayed" in again.text
    assert f'href="{opened}"' in again.text
    assert "data-section" in browser.get(opened).text
    stranger = home.browser()
    refused = stranger.submit(form)
    assert refused.status_code == 409
    assert stranger.get(opened).status_code == 403


def test_a_launch_whose_session_has_ended_is_opened_from_the_course_again(home: Site) -> None:
    browser = home.browser()
    form = browser.authorize(browser.login("joao", fields={"lti_storage_target": None}))
    opened = urlsplit(browser.submit(form).url).path.split("/")[2]
    with home.tool.database.write() as session:
        session.get_one(LaunchSession, opened).expires_at = now()
    again = browser.submit(form)
    assert again.status_code == 403
    assert opened not in again.text


def registered(home: Site, issuer: str, client_id: str, status: str = "active") -> None:
    directory.register(
        home.tool.database,
        Registration(
            issuer=issuer,
            client_id=client_id,
            authorization_endpoint=f"{issuer}/auth",
            token_endpoint=f"{issuer}/token",
            jwks_uri=f"{issuer}/jwks",
            status=status,
        ),
    )


def login_of(home: Site, issuer: str, **fields: str) -> requests.Response:
    target = {"login_hint": "7", "target_link_uri": f"{home.tool.url}/lti/launch"}
    url = f"{home.tool.url}/lti/login"
    return requests.post(
        url, {"iss": issuer, **target, **fields}, allow_redirects=False, timeout=30
    )


@pytest.mark.parametrize("client", [{}, {"client_id": "one"}])
@pytest.mark.parametrize(
    ("issuer", "similar"),
    [
        ("https://near.example.org/", True),
        ("https://near.example.org//", True),
        ("http://near.example.org", True),
        ("HTTPS://NEAR.example.org", True),
        ("https://near.example.org:443", True),
        ("near.example.org", True),
        ("https://near.example.org:8443", False),
        ("https://near.example.org/moodle", False),
        ("https://far.example.org", False),
        ("https://example.org", False),
    ],
)
def test_an_issuer_typed_otherwise_is_told_the_registered_one(
    home: Site, client: dict[str, str], issuer: str, similar: bool
) -> None:
    registered(home, "https://near.example.org", "one")
    page = login_of(home, issuer, **client)
    assert page.status_code == 403
    assert ("similar_issuer" if similar else "unknown_issuer") in page.text
    assert ("registered as https://near.example.org." in page.text) is similar


@pytest.mark.parametrize(
    ("statuses", "answer"),
    [
        (["active"], 200),
        (["active", "active"], "several_clients"),
        (["active", "disabled"], 200),
        (["disabled", "pending", "active"], 200),
        (["disabled", "pending"], "several_clients"),
        (["disabled"], "inactive_registration"),
    ],
)
def test_a_login_without_a_client_id(home: Site, statuses: list[str], answer: int | str) -> None:
    issuer = f"https://{'-'.join(statuses)}.example.org"
    for number, status in enumerate(statuses):
        registered(home, issuer, f"client {number}", status)
    page = login_of(home, issuer)
    if answer == 200:
        assert page.status_code == 302
        number = statuses.index("active")
        assert f"client_id=client+{number}" in page.headers["Location"]
    else:
        assert page.status_code == 403
        assert answer in page.text
        assert (f"registered {len(statuses)} times" in page.text) is (answer == "several_clients")


@pytest.mark.parametrize(
    "path",
    ["/lti/launch", "/lti/launch?module=a", "/lti/login", "/m/a", "/m/a/", "/lti/launch/m/a"],
)
@pytest.mark.parametrize(
    ("form", "old"),
    [
        ({"lti_message_type": "basic-lti-launch-request", "oauth_consumer_key": "key"}, True),
        ({"lti_message_type": "basic-lti-launch-request"}, True),
        ({"lti_message_type": "ContentItemSelectionRequest", "lti_version": "LTI-1p0"}, True),
        ({"lti_version": "LTI-1p0", "resource_link_id": "1"}, True),
        ({"oauth_consumer_key": ""}, True),
        ({"lti_version": "1.3.0"}, False),
        ({"resource_link_id": "1"}, False),
        ({}, False),
    ],
)
def test_a_launch_of_lti_1_1_is_told_so(
    home: Site, path: str, form: dict[str, str], old: bool
) -> None:
    headers = {"Accept-Language": "en"}
    page = requests.post(home.tool.url + path, form, headers=headers, timeout=10)
    assert 400 <= page.status_code < 500
    assert ("your platform used LTI 1.1" in page.text) is old
