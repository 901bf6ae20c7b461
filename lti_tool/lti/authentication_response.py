"""Step 3 of an LTI launch: the platform's authentication response.

The platform makes the browser post a form to the tool's redirect URI, with the ``state`` of the
authentication request and an ``id_token``, or with an error.

LTI Security Framework 1.0 §5.1.1.3
(https://www.imsglobal.org/spec/security/v1p0/#step-3-authentication-response); errors are those of
OpenID Connect Core 1.0 §3.1.2.6 (https://openid.net/specs/openid-connect-core-1_0.html#AuthError)
and of OAuth 2.0 §4.1.2.1 (https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lti_tool.lti.login import storage_target
from lti_tool.lti.refusal import Code, Refused

TOKEN_LIMIT = 256 * 1024
"""Characters of an id_token. A launch typically has 6,000; a list of groups may add to it."""

_ERROR = re.compile(r"[a-z_]{1,60}")
_CODES = {
    "login_required": Code.LOGIN_REQUIRED,
    "interaction_required": Code.LOGIN_REQUIRED,
    "account_selection_required": Code.LOGIN_REQUIRED,
    "consent_required": Code.LOGIN_REQUIRED,
    "launch_no_longer_valid": Code.LAUNCH_NO_LONGER_VALID,
    "server_error": Code.PLATFORM_FAILED,
    "temporarily_unavailable": Code.PLATFORM_FAILED,
}


@dataclass(frozen=True, slots=True)
class AuthenticationResponse:
    """The form of a launch. ``id_token`` is left out of the repr."""

    state: str | None
    id_token: str = field(repr=False)
    storage_target: str | None


def parse_response(values: Mapping[str, str]) -> AuthenticationResponse:
    """Read the form of a launch, without checking the token. Raises Refused."""
    error = values.get("error")
    if error:
        name = error if _ERROR.fullmatch(error) else "unknown"
        raise Refused(_CODES.get(name, Code.PLATFORM_REFUSED), error=name)
    id_token = values.get("id_token")
    if not id_token:
        raise Refused(Code.TOKEN_MISSING)
    if len(id_token) > TOKEN_LIMIT:
        raise Refused(Code.TOO_LARGE, parameter="id_token")
    return AuthenticationResponse(
        values.get("state") or None, id_token, storage_target(values.get("lti_storage_target"))
    )
