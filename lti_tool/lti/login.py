"""The login that a platform starts, and the request it is answered with.

A platform sends the browser here first (LTI Security Framework 1.0 §5.1.1.1,
https://www.imsglobal.org/spec/security/v1p0/#step-1-third-party-initiated-login); the tool
answers with an OpenID Connect authentication request (§5.1.1.2). Nothing is written for it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lti_tool.lti.refusal import Code, Refused
from lti_tool.lti.registration import Registration
from lti_tool.lti.sanitize import IDENTIFIER_LIMIT, is_storable
from lti_tool.lti.urls import URL_LIMIT, is_ours, with_query, without_query

LOGIN_HINT_LIMIT = 4096
MESSAGE_HINT_LIMIT = 8192
"""Characters. Hints are opaque; the longest seen are signed tokens of some two thousand."""

_FRAME_NAME = re.compile(r"[\w.:-]{1,100}", re.ASCII)


@dataclass(frozen=True, slots=True)
class LoginRequest:
    """A login as the platform started it."""

    issuer: str
    login_hint: str
    target_link_uri: str
    client_id: str | None
    message_hint: str | None
    deployment_id: str | None
    storage_target: str | None
    """The frame that keeps values for the tool where cookies are blocked (``_parent``, a name)."""


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
    """Refuse a target that is not a page of this tool: never redirect to somebody else's."""
    if not is_ours(target_link_uri, public_url):
        raise Refused(Code.WRONG_TARGET, target=without_query(target_link_uri), ours=public_url)


def authentication_parameters(
    registration: Registration, login: LoginRequest, *, redirect_uri: str, state: str, nonce: str
) -> dict[str, str]:
    """The parameters of the authentication request, for a redirect or for a form."""
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
    """The address to send the browser to; a query that the endpoint already has is kept."""
    return with_query(
        registration.authorization_endpoint,
        authentication_parameters(
            registration, login, redirect_uri=redirect_uri, state=state, nonce=nonce
        ),
    )


def storage_target(value: str | None) -> str | None:
    """``lti_storage_target`` where it can be the name of a frame, else None."""
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
