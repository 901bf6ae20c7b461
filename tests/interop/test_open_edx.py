"""Our tool, launched by Open edX' own LTI 1.3 consumer."""

from collections.abc import Callable

import pytest

from lti_tool.lti import claim_names
from lti_tool.lti.service_connector import PlatformConnector
from tests.interop.open_edx import OpenEdx
from tests.support.plain_browser import PlainBrowser, forms
from tests.support.tool import RunningTool

pytestmark = pytest.mark.interop


@pytest.mark.parametrize("role", ["student", "staff", "instructor"])
def test_all_roles_reach_the_module(edx: OpenEdx, anonymous_user: PlainBrowser, role: str) -> None:
    form = forms(anonymous_user.get(f"{edx.url}/launch/LtiResourceLinkRequest/{role}"))[0]
    page = anonymous_user.submit(form)
    assert page.status_code == 200
    assert "/l/" in page.url
    assert 'id="introduction"' in page.text


def test_the_redirect_uri_is_the_registered_one(
    edx: OpenEdx, tool: RunningTool, anonymous_user: PlainBrowser
) -> None:
    form = forms(anonymous_user.get(f"{edx.url}/launch/LtiResourceLinkRequest/student"))[0]
    assert form.action == tool.url + "/lti/launch"


def test_staff_choose_modules(edx: OpenEdx, anonymous_user: PlainBrowser) -> None:
    chooser = anonymous_user.submit(
        forms(anonymous_user.get(f"{edx.url}/launch/LtiDeepLinkingRequest/staff"))[0]
    )
    assert chooser.status_code == 200
    answer = anonymous_user.submit(forms(chooser)[0], module="module-4")
    sent = anonymous_user.submit(forms(answer)[0])
    assert "Chosen." in sent.text
    assert [item["type"] for item in edx.items] == ["ltiResourceLink"]
    assert edx.items[0]["custom"]["module"] == "module-4"


def test_a_participant_cannot_choose_modules(edx: OpenEdx, anonymous_user: PlainBrowser) -> None:
    start = anonymous_user.get(f"{edx.url}/launch/LtiDeepLinkingRequest/student")
    assert anonymous_user.submit(forms(start)[0]).status_code == 403


def test_an_access_token_is_issued_and_accepted(
    edx: OpenEdx, services_of: Callable[[str], PlatformConnector]
) -> None:
    services = services_of(edx.client_id)
    token = services.tokens.get(services.registration, [claim_names.MEMBERSHIP_SCOPE])
    assert token.scopes == (claim_names.MEMBERSHIP_SCOPE,)
    consumer = edx.consumer()
    assert consumer.check_token(token.value, [claim_names.MEMBERSHIP_SCOPE])
    assert not consumer.check_token(token.value, [claim_names.SCORE_SCOPE])
