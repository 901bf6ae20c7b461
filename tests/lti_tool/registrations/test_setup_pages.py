"""The public pages with which an administrator adds the tool to an LMS."""

import pytest
import requests

from demo_lms.register_tool import registration_url
from lti_tool.lti import claim_names
from lti_tool.lti.dynamic_registration import GRADE_SCOPES
from lti_tool.platforms import PROFILES
from tests.support.driver import forms
from tests.support.site import running_lms
from tests.support.tool import RunningTool, running_tool

ENGLISH = {"Accept-Language": "en"}


@pytest.fixture(scope="module")
def tool(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("tool")
    with running_tool(folder, contact="operator@example.org") as running:
        yield running


def test_the_front_page_has_steps_for_each_lms_and_all_values(tool: RunningTool) -> None:
    page = requests.get(tool.url, headers=ENGLISH, timeout=10).text
    for profile in PROFILES:
        assert f"<h3>{profile.display_name}</h3>" in page
        assert profile.add_steps
        assert profile.sketch is not None
        assert f'<p class="menus">{" › ".join(profile.sketch.path)}</p>' in page
    for path in ("/lti/login", "/lti/launch", "/lti/jwks", "/lti/config/canvas.json"):
        assert f'value="{tool.url}{path}"' in page
    assert "context_id_history=$Context.id.history" in page


def test_where_an_invitation_is_needed_the_front_page_says_whom_to_ask(tool: RunningTool) -> None:
    page = requests.get(tool.url, headers=ENGLISH, timeout=10).text
    assert 'href="mailto:operator@example.org"' in page
    assert f"{tool.url}/lti/register" not in page
    assert "<samp>https://…</samp>" in page


def test_where_anyone_may_register_the_front_page_has_the_url(tmp_path) -> None:
    with running_tool(tmp_path, registration="open") as tool:
        page = requests.get(tool.url, headers=ENGLISH, timeout=10).text
        assert f'value="{tool.url}/lti/register"' in page
        assert page.count(f"<samp>{tool.url}/lti/register</samp>") == 5, "Open edX has another way"


@pytest.mark.parametrize(
    ("query", "accepted", "language", "direction"),
    [("", "pt-BR,en;q=0.5", "pt", "ltr"), ("?lang=ar", "pt", "ar", "rtl"), ("", "xx", "en", "ltr")],
)
def test_the_language_of_the_front_page(
    tool: RunningTool, query: str, accepted: str, language: str, direction: str
) -> None:
    headers = {"Accept-Language": accepted}
    page = requests.get(f"{tool.url}/{query}", headers=headers, timeout=10).text
    assert f'<html lang="{language}" dir="{direction}"' in page
    for tag in ("en", "es", "fr", "pt", "ar"):
        assert f'href="/?lang={tag}"' in page


def test_the_configuration_for_canvas(tool: RunningTool) -> None:
    key = requests.get(f"{tool.url}/lti/config/canvas.json", timeout=10).json()
    assert key["oidc_initiation_url"] == f"{tool.url}/lti/login"
    assert key["target_link_uri"] == f"{tool.url}/lti/launch"
    assert key["public_jwk_url"] == f"{tool.url}/lti/jwks"
    assert set(key["scopes"]) == {*GRADE_SCOPES, claim_names.MEMBERSHIP_SCOPE}
    assert key["custom_fields"]["canvas_masquerading_user_id"] == "$Canvas.masqueradingUser.id"
    [extension] = key["extensions"]
    assert extension["domain"] == tool.url.partition("://")[2]
    assert extension["privacy_level"] == "public"
    placements = {each["placement"]: each for each in extension["settings"]["placements"]}
    assert {name: each["message_type"] for name, each in placements.items()} == {
        "assignment_selection": "LtiDeepLinkingRequest",
        "link_selection": "LtiDeepLinkingRequest",
        "account_navigation": "LtiResourceLinkRequest",
    }


@pytest.mark.parametrize(
    ("allowed", "claims", "scopes"),
    [
        (
            {"names", "emails", "roster", "grades"},
            {"name", "given_name", "family_name", "email"},
            {*GRADE_SCOPES, claim_names.MEMBERSHIP_SCOPE, claim_names.GROUP_SCOPE},
        ),
        ({"names", "grades"}, {"name", "given_name", "family_name"}, {*GRADE_SCOPES}),
        (
            {"roster"},
            set(),
            {claim_names.MEMBERSHIP_SCOPE, claim_names.GROUP_SCOPE},
        ),
        (set(), set(), set()),
    ],
)
def test_only_what_the_administrator_allows_is_asked_for(
    tool: RunningTool, allowed: set[str], claims: set[str], scopes: set[str]
) -> None:
    with running_lms() as lms:
        url = tool.invite()
        page = requests.get(registration_url(lms.state, url), timeout=10)
        [form] = [each for each in forms(page) if each.method == "post"]
        names = {"names", "emails", "roster", "grades"}
        assert names <= set(form.fields)
        fields = {name: value for name, value in form.fields.items() if name not in names - allowed}
        assert requests.post(url, data=fields, timeout=10).status_code == 200
        asked = next(entry for entry in lms.state.log if "registers itself" in entry.title)
        request = asked.detail["request"]
    tool_part = request["https://purl.imsglobal.org/spec/lti-tool-configuration"]
    assert set(tool_part["claims"]) - {"iss", "sub", "locale"} == claims
    assert set(request["scope"].split()) == scopes | {claim_names.NOTICE_SCOPE}
    assert request["contacts"] == ["operator@example.org"]


def test_an_administrator_is_warned_of_a_second_registration(tool: RunningTool) -> None:
    with running_lms() as lms:
        url = tool.invite(uses=2)
        first = requests.get(registration_url(lms.state, url), headers=ENGLISH, timeout=10)
        assert "is registered with this platform already" not in first.text
        [form] = [each for each in forms(first) if each.method == "post"]
        requests.post(url, data=form.fields, timeout=10)
        again = requests.get(registration_url(lms.state, url), headers=ENGLISH, timeout=10)
        assert "is registered with this platform already" in again.text
