"""The self-test: what it finds at a working LMS, and what it advises at others."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from lxml import html
from playwright.sync_api import expect
from sqlalchemy import update

from demo_lms import vocabulary as lti
from lti_tool.directory.model import RegistrationRow
from lti_tool.institution.self_test.checks import COLUMN
from lti_tool.lti import claim_names
from tests.support.site import Site
from tests.support.tabs import Tab, opened


@contextmanager
def as_product(home: Site, product: str | None) -> Iterator[None]:
    """Let the registration be one of this product."""
    with home.tool.database.write() as session:
        session.execute(update(RegistrationRow).values(product=product))
    yield
    with home.tool.database.write() as session:
        session.execute(update(RegistrationRow).values(product=None))


@pytest.fixture
def tab(home: Site) -> Tab:
    return opened(home, "tested", user="akua", roles=(lti.INSTITUTION_ADMINISTRATOR,))


def results(tab: Tab) -> dict[str, tuple[str, str]]:
    """State and text of each check, by its title."""
    page = tab.post("institution/self-test")
    assert page.status_code == 200
    rows = html.fromstring(page.text).xpath("//table//tbody/tr[not(@data-browser-check)]")
    found = {}
    for row in rows:
        title, cell = row
        state, text = (part.text_content().strip() for part in cell)
        found[title.text_content().strip()] = state, text
    return found


def test_at_an_lms_that_grants_everything_no_check_fails(home: Site, tab: Tab) -> None:
    found = results(tab)
    assert {state for state, _ in found.values()} <= {"Works", "Not known"}
    works = {title for title, (state, _) in found.items() if state == "Works"}
    assert works >= {
        "Key set of the LMS",
        "Clock of the LMS",
        "Key set of this tool",
        "Permission: write grades",
        "First page of the list of participants",
        "A test column in the gradebook",
    }
    assert "deleted again" in found["A test column in the gradebook"][1]
    assert COLUMN not in {item.label for item in home.lms.state.line_items.values()}


def test_the_report_has_no_personal_data_and_no_secret(home: Site, tab: Tab) -> None:
    page = tab.post("institution/self-test").text
    [report] = html.fromstring(page).xpath("//textarea")
    assert home.lms.url in report.text
    for secret in ("Akua", "p-7300", "akua.mensah", tab.token, "eyJ"):
        assert secret not in report.text
    assert "data:text/plain" in page


@pytest.mark.parametrize(
    ("product", "missing", "title", "advice"),
    [
        (
            "sakai",
            claim_names.SCORE_SCOPE,
            "Permission: write grades",
            "“Allow External Tool to create grade columns”",
        ),
        (
            "moodle",
            claim_names.MEMBERSHIP_SCOPE,
            "Permission: read the list of participants",
            "IMS LTI Names and Role Provisioning",
        ),
        (None, claim_names.LINE_ITEM_SCOPE, "Permission: create columns in the gradebook", "allow"),
    ],
)
def test_a_missing_permission_names_the_box_of_the_lms(
    home: Site, tab: Tab, product: str | None, missing: str, title: str, advice: str
) -> None:
    [client] = home.lms.state.tools.values()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(client, "scopes", [each for each in client.scopes if each != missing])
        with as_product(home, product):
            state, text = results(tab)[title]
    assert state == "Does not work"
    assert advice in text


def test_a_tool_that_is_not_accepted(home: Site, tab: Tab) -> None:
    state = home.lms.state
    [(client_id, client)] = state.tools.items()
    del state.tools[client_id]
    try:
        found = results(tab)
    finally:
        state.tools[client_id] = client
    assert found["Key set of the LMS"][0] == "Works"
    assert found["Access token"][0] == "Does not work"
    assert "invalid_client" in found["Access token"][1]
    assert f"{home.tool.url}/lti/jwks" in found["Access token"][1]
    assert "A test column in the gradebook" not in found


def test_without_a_course_services_are_not_tried(home: Site) -> None:
    tab = opened(
        home, "no course", user="akua", roles=(lti.INSTITUTION_ADMINISTRATOR,), context=None
    )
    assert results(tab)["First page of the list of participants"][0] == "Not known"


@pytest.mark.browser
def test_the_browser_reports_what_it_can_do(home: Site, open_page: Any, tab: Tab) -> None:
    page = open_page()
    page.goto(home.tool.url)
    page.context.add_cookies(
        [{"name": "minga", "value": tab.token, "domain": "localhost", "path": tab.path}]
    )
    page.goto(f"{home.tool.url}{tab.path}institution/self-test")
    rows = page.locator("[data-browser-check] td span:last-child")
    expect(rows.nth(2)).to_have_text(re.compile(r"\d+ × \d+"))
    expect(rows.nth(1)).to_contain_text("The LMS did not answer")
    expect(rows.nth(0)).not_to_contain_text("JavaScript")
