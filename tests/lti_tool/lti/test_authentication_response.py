"""The platform's response to the authentication request."""

import pytest

from lti_tool.lti.authentication_response import parse_response
from lti_tool.lti.refusal import Code, Refused


def test_a_token_and_a_state() -> None:
    form = {"state": "s", "id_token": "t", "lti_storage_target": "_parent"}
    response = parse_response(form)
    assert (response.state, response.id_token, response.storage_target) == ("s", "t", "_parent")
    assert "'t'" not in repr(response)


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({}, Code.TOKEN_MISSING),
        ({"state": "s", "id_token": ""}, Code.TOKEN_MISSING),
        ({"id_token": "t" * 12_000_000}, Code.TOO_LARGE),
        ({"error": "login_required", "state": "s"}, Code.LOGIN_REQUIRED),
        ({"error": "interaction_required", "state": "s"}, Code.LOGIN_REQUIRED),
        ({"error": "launch_no_longer_valid", "state": "s"}, Code.LAUNCH_NO_LONGER_VALID),
        ({"error": "account_selection_required"}, Code.LOGIN_REQUIRED),
        ({"error": "consent_required"}, Code.LOGIN_REQUIRED),
        ({"error": "server_error"}, Code.PLATFORM_FAILED),
        ({"error": "temporarily_unavailable"}, Code.PLATFORM_FAILED),
        ({"error": "unauthorized_client"}, Code.PLATFORM_REFUSED),
        ({"error": "access_denied", "state": "s"}, Code.PLATFORM_REFUSED),
        ({"error": "Login_Required", "state": "s"}, Code.PLATFORM_REFUSED),
    ],
)
def test_what_is_refused(form: dict[str, str], code: Code) -> None:
    with pytest.raises(Refused) as caught:
        parse_response(form)
    assert caught.value.code is code


@pytest.mark.parametrize(
    ("sent", "told"), [("login_required", "login_required"), ("<b>María</b>", "unknown")]
)
def test_an_error_is_told_by_its_code(sent: str, told: str) -> None:
    with pytest.raises(Refused) as caught:
        parse_response({"error": sent, "error_description": "María"})
    assert caught.value.facts == {"error": told}
