"""Steps 1 and 2 of an LTI launch: third-party initiated login, and authentication request.

1. The platform sends the browser to the tool's login initiation URL with the issuer, a login hint
   and the target link URI. LTI Security Framework 1.0 §5.1.1.1
   (https://www.imsglobal.org/spec/security/v1p0/#step-1-third-party-initiated-login).
2. The tool redirects the browser to the platform's authorization endpoint with an OpenID Connect
   authentication request. §5.1.1.2
   (https://www.imsglobal.org/spec/security/v1p0/#step-2-authentication-request).

Nothing is stored: what both steps share is in the signed ``state``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lti_tool.lti.refusal import Code, Refused
from lti_tool.lti.registration import Registration
from lti_tool.lti.sanitize import IDENTIFIER_LIMIT, is_storable
from lti_tool.lti.urls import URL_LIMIT, is_tool_url, with_query, without_query

LOGIN_HINT_LIMIT = 4096
MESSAGE_HINT_LIMIT = 8192
"""Characters. Hints are opaque; signed tokens of about 2,000 characters occur."""

_OLD_MESSAGES = ("basic-lti-launch-request", "ContentItemSelectionRequest")
_FRAME_NAME = re.compile(r"[\w.:-]{1,100}", re.ASCII)


@dataclass(frozen=True, slots=True)
class LoginRequest:
    """The parameters of a third-party initiated login."""

    issuer: str
    login_hint: str
    target_link_uri: str
    client_id: str | None
    message_hint: str | None
    deployment_id: str | None
    storage_target: str | None
    """``lti_storage_target``: the frame with platform storage (``_parent``, or a frame name)."""


def check_version(values: Mapping[str, str]) -> None:
    """Raise Refused for a launch of LTI 1.0 or 1.1, at any URL.

    https://www.imsglobal.org/specs/ltiv1p1/implementation-guide
    """
    if "oauth_consumer_key" in values or values.get("lti_version", "").startswith("LTI-"):
        raise Refused(Code.LTI_1_1)
    if values.get("lti_message_type") in _OLD_MESSAGES:
        raise Refused(Code.LTI_1_1)


def parse_login(values: Mapping[str, str]) -> LoginRequest:
    """Read the form or query of a login. Raises Refused."""
    return LoginRequest(
        issuer=_required(values, "iss", IDENTIFIER_LIMIT),
        login_hint=_required(values, "login_hint", LOGIN_HINT_LIMIT),
        target_link_uri=_required(values, "target_link_uri", URL_LIMIT),
        client_id=_optional(values, "client_id", IDENTIFIER_LIMIT),
        message_hint=_optional(values, "lti_message_hint", MESSAGE_HINT_LIMIT),
        deployment_id=_optional(values, "lti_deployment_id", IDENTIFIER_LIMIT),
        storage_target=storage_target(values.get("lti_storage_target")),
    )


def check_target(target_link_uri: str, public_url: str) -> None:
    """Raise Refused for a target link URI outside of this tool (an open redirect)."""
    if not is_tool_url(target_link_uri, public_url):
        raise Refused(Code.WRONG_TARGET, target=without_query(target_link_uri), ours=public_url)


def authentication_parameters(
    registration: Registration, login: LoginRequest, *, redirect_uri: str, state: str, nonce: str
) -> dict[str, str]:
    """The parameters of the authentication request (step 2)."""
    parameters = {
        "response_type": "id_token",
        "response_mode": "form_post",
        "scope": "openid",
        "prompt": "none",
        "client_id": registration.client_id,
        "redirect_uri": redirect_uri,
        "login_hint": login.login_hint,
        "state": state,
        "nonce": nonce,
    }
    if login.message_hint is not None:
        parameters["lti_message_hint"] = login.message_hint
    return parameters


def authentication_request(
    registration: Registration, login: LoginRequest, *, redirect_uri: str, state: str, nonce: str
) -> str:
    """The URL of the authentication request; the endpoint may have a query."""
    return with_query(
        registration.authorization_endpoint,
        authentication_parameters(
            registration, login, redirect_uri=redirect_uri, state=state, nonce=nonce
        ),
    )


def storage_target(value: str | None) -> str | None:
    """``lti_storage_target`` if it can be the name of a frame, else None."""
    return value if value and _FRAME_NAME.fullmatch(value) else None


def _required(values: Mapping[str, str], name: str, limit: int) -> str:
    value = _optional(values, name, limit)
    if value is None:
        raise Refused(Code.MISSING_PARAMETER, parameter=name)
    return value


def _optional(values: Mapping[str, str], name: str, limit: int) -> str | None:
    value = values.get(name)
    if not value:
        return None
    if len(value) > limit:
        raise Refused(Code.TOO_LARGE, parameter=name)
    if not is_storable(value):
        raise Refused(Code.BAD_PARAMETER, parameter=name)
    return value
